/**
 * A processor: how far it is behind, as for a consumer; beside it what it has written and not
 * committed yet, as a bar that goes when the commit is there; and a pause while its group deals
 * partitions anew.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import type { Tokens } from '../theme/tokens.ts';
import { plural } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import type { Detail } from './detail.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import { drawPause } from './glyphs/pause.ts';
import type { Pen } from './glyphs/pen.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawLag, printReader, tracksTable } from './reader-marks.ts';

type LogProcessorView = ViewOf<'log-processor'>;

/** It stands so far out at the upper right, in parts of the radius. */
const PAUSE = 0.8;
const OPEN = { width: 30, height: 3, max: 256 } as const;

const drawOpen = (pen: Pen, tokens: Tokens, pending: number, y: number): void =>
  drawFillBar(pen, tokens, {
    x: -OPEN.width / 2,
    y,
    width: OPEN.width,
    height: OPEN.height,
    share: doublings(pending, OPEN.max),
    colour: tokens.accent,
  });

function draw(brush: Brush, node: NodeFrame, view: LogProcessorView | null): void {
  const { over, radius, tokens } = brush;
  drawClientBox(brush, node, brush.near ? -12 : -7);
  if (view === null) return;
  if (brush.near) brush.label(String(view.lag), 0, 1, { size: 11, colour: tokens.text });
  drawLag(over, tokens, view.lag, 9);
  if (view.pending > 0) drawOpen(over, tokens, view.pending, 18);
  if (view.member?.isRebalancing === true) {
    drawPause(over, tokens, { x: radius * PAUSE, y: -radius * PAUSE });
  }
  if (brush.near) printReader(brush, view);
}

function describe({ lag, outputs, pending, isCommitting, member }: LogProcessorView): string {
  const done = `processor: ${plural(outputs, 'record')} written, ${lag} behind`;
  const open = pending === 0 ? done : `${done}, ${pending} not committed`;
  if (member?.isRebalancing === true) return `${open}; its group rebalances`;
  return isCommitting ? `${open}; commits` : open;
}

const details = ({ fields, tracks }: LogProcessorView): readonly Detail[] => [
  { kind: 'fields', fields },
  tracksTable(tracks),
];

export const logProcessor = definePainter<LogProcessorView>({
  component: 'log-processor',
  draw,
  details,
  describe,
  legend: [
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawLag(pen, tokens, 30, -4) },
      text: 'Processor: below its name its lag in records; the bar grows with each doubling.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawOpen(pen, tokens, 16, -2) },
      text: 'Thin bar of a processor: records that it has written, and not committed yet.',
    },
  ],
});
