/** A consumer: how far it is behind, as a bar that is full from a thousand records on. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import type { Detail } from './detail.ts';
import { doublings, drawFillBar } from './glyphs/fill-bar.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import type { Tokens } from '../theme/tokens.ts';
import type { Pen } from './glyphs/pen.ts';

type LogConsumerView = ViewOf<'log-consumer'>;

const LAG_MAX = 1_024;
const BAR = { width: 30, height: 7 } as const;

const drawLag = (pen: Pen, tokens: Tokens, lag: number, at: { x: number; y: number }): void =>
  drawFillBar(pen, tokens, {
    ...at,
    ...BAR,
    share: doublings(lag, LAG_MAX),
    colour: tokens.warning,
  });

function draw(brush: Brush, node: NodeFrame, view: LogConsumerView | null): void {
  const { over, tokens } = brush;
  drawClientBox(brush, node, brush.near ? -12 : -7);
  if (view === null) return;
  if (brush.near) brush.label(String(view.lag), 0, 1, { size: 11, colour: tokens.text });
  drawLag(over, tokens, view.lag, { x: -BAR.width / 2, y: 9 });
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
  describe: ({ records, lag }) => `consumer: ${records} records read, ${lag} behind`,
  legend: [
    {
      mark: {
        shape: 'glyph',
        draw: (pen, tokens) => drawLag(pen, tokens, 30, { x: -BAR.width / 2, y: -4 }),
      },
      text: 'Consumer: below its name its lag in records; the bar grows with each doubling.',
    },
  ],
});
