/** A producer: how many records are under way, and how those before ended. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import { drawTally } from './glyphs/tally-bar.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';

type LogProducerView = ViewOf<'log-producer'>;

function draw(brush: Brush, node: NodeFrame, view: LogProducerView | null): void {
  const { over, tokens } = brush;
  drawClientBox(brush, node, brush.near ? -12 : -7);
  if (view === null) return;
  if (brush.near) brush.label(String(view.waiting), 0, 1, { size: 11, colour: tokens.text });
  drawTally(over, tokens, view, { x: -15, y: 9, width: 30 });
}

export const logProducer = definePainter<LogProducerView>({
  component: 'log-producer',
  draw,
  isBusy: ({ waiting }) => waiting > 0,
  tallyOf: ({ ok, fail, unknown }) => ({ ok, fail, unknown }),
  describe: ({ waiting, ok, fail, unknown }) =>
    `producer: ${waiting} under way, ${ok} acknowledged, ${fail} failed, ${unknown} unknown`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Producer: below its name the records under way, and how those before ended.',
    },
  ],
});
