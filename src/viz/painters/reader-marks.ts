/** What readers of a log have in common: a bar of their lag, and where they are in partitions. */
import type { ViewOf } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';
import type { Detail } from './detail.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import type { Pen } from './glyphs/pen.ts';
import type { Brush } from './painter.ts';

type Readers = ViewOf<'log-consumer'>;

const LAG_MAX = 1_024;
/** Members of a group stand close together: one short line below each. */
const SHOWN_MAX = 2;
const PRINT = { below: 7, size: 10, room: 56 } as const;
const BAR = { width: 30, height: 7 } as const;

/** Full from a thousand records on. */
export const drawLag = (pen: Pen, tokens: Tokens, lag: number, y: number): void =>
  drawFillBar(pen, tokens, {
    x: -BAR.width / 2,
    y,
    ...BAR,
    share: doublings(lag, LAG_MAX),
    colour: tokens.warning,
  });

/** The record that it cannot work on, and how often it has tried: `0:44 ×3`. */
export const failingText = ({ partition, offset, attempts }: NonNullable<Readers['failing']>) =>
  `${partition}:${offset} ×${attempts}`;

/** Which partitions it reads, and where it is in each: `0:44 1:31 +6`. */
function printOf({ tracks, member }: Pick<Readers, 'tracks' | 'member'>): string {
  if (tracks.length === 0) return member === null ? '' : 'no partition';
  const shown = tracks.slice(0, SHOWN_MAX).map(({ partition, position }) => {
    return `${partition}:${position < 0 ? '…' : position}`;
  });
  const more = tracks.length - shown.length;
  return [...shown, ...(more > 0 ? [`+${more}`] : [])].join(' ');
}

export function printReader(
  brush: Brush,
  view: Pick<Readers, 'tracks' | 'member'> & Partial<Pick<Readers, 'failing'>>,
): void {
  const { failing = null } = view;
  const text = failing === null ? printOf(view) : failingText(failing);
  if (text === '') return;
  const { radius, tokens } = brush;
  const colour = failing === null ? tokens.muted : tokens.warning;
  const { below, size, room } = PRINT;
  const plate = { fill: tokens.stage };
  brush.label(text, 0, radius + below, { size, colour, room, plate });
}

export const tracksTable = (tracks: Readers['tracks']): Detail => ({
  kind: 'table',
  title: 'Its partitions',
  head: ['Partition', 'Position', 'High watermark', 'Lag'],
  rows: tracks.map(({ partition, position, highWatermark }) => [
    partition,
    position,
    highWatermark,
    Math.max(0, highWatermark - position),
  ]),
  empty: 'It reads no partition.',
});
