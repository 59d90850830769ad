/**
 * A consumer: how far it is behind, as a bar that is full from a thousand records on; below it the
 * partitions that it reads and where; and a pause while its group deals them anew.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import type { Detail } from './detail.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import { drawPause } from './glyphs/pause.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import type { Tokens } from '../theme/tokens.ts';
import type { Pen } from './glyphs/pen.ts';

type LogConsumerView = ViewOf<'log-consumer'>;

const LAG_MAX = 1_024;
/** Members of a group stand close together: one short line below each. */
const SHOWN_MAX = 2;
const PRINT = { below: 7, size: 10, room: 56 } as const;
/** It stands so far out at the upper right, in parts of the radius. */
const PAUSE = 0.8;
const BAR = { width: 30, height: 7 } as const;

const drawLag = (pen: Pen, tokens: Tokens, lag: number, at: { x: number; y: number }): void =>
  drawFillBar(pen, tokens, {
    ...at,
    ...BAR,
    share: doublings(lag, LAG_MAX),
    colour: tokens.warning,
  });

function draw(brush: Brush, node: NodeFrame, view: LogConsumerView | null): void {
  const { over, radius, tokens } = brush;
  drawClientBox(brush, node, brush.near ? -12 : -7);
  if (view === null) return;
  if (brush.near) brush.label(String(view.lag), 0, 1, { size: 11, colour: tokens.text });
  drawLag(over, tokens, view.lag, { x: -BAR.width / 2, y: 9 });
  if (view.member?.isRebalancing === true) {
    drawPause(over, tokens, { x: radius * PAUSE, y: -radius * PAUSE });
  }
  const text = printOf(view);
  if (brush.near && text !== '') {
    const plate = { fill: tokens.stage };
    const { below, size, room } = PRINT;
    brush.label(text, 0, radius + below, { size, colour: tokens.muted, room, plate });
  }
}

/** Which partitions it reads, and where it is in each: `0:44 1:31 +6`. */
function printOf({ tracks, member }: LogConsumerView): string {
  if (tracks.length === 0) return member === null ? '' : 'no partition';
  const shown = tracks.slice(0, SHOWN_MAX).map(({ partition, position }) => {
    return `${partition}:${position < 0 ? '…' : position}`;
  });
  const more = tracks.length - shown.length;
  return [...shown, ...(more > 0 ? [`+${more}`] : [])].join(' ');
}

function describe({ records, lag, member, tracks }: LogConsumerView): string {
  const read = `consumer: ${records} records read, ${lag} behind`;
  if (member === null) return read;
  if (member.isRebalancing) return `${read}; its group rebalances`;
  const count = tracks.length === 1 ? '1 partition' : `${tracks.length} partitions`;
  return `${read}; ${count} of generation ${member.generation}`;
}

const details = ({ fields, tracks }: LogConsumerView): readonly Detail[] => [
  { kind: 'fields', fields },
  {
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
  },
];

export const logConsumer = definePainter<LogConsumerView>({
  component: 'log-consumer',
  draw,
  details,
  describe,
  legend: [
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => drawLag(pen, tokens, 30, { x: -BAR.width / 2, y: -4 }),
      },
      text:
        'Consumer: below its name its lag in records; the bar grows with each doubling. Under ' +
        'it: its partitions and where it is in each, 0:44, and how many more.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawPause(pen, tokens, { x: 0, y: 0 }) },
      text: 'Pause: the group of the consumer deals its partitions anew.',
    },
  ],
});
