/**
 * A consumer: how far it is behind, as a bar that is full from a thousand records on; below it the
 * partitions that it reads and where; and a pause while its group deals them anew.
 */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { plural } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import type { Detail } from './detail.ts';
import { drawPause } from './glyphs/pause.ts';
import { definePainter } from './painter.ts';
import type { Brush } from './painter.ts';
import { drawLag, failingText, printReader, tracksTable } from './reader-marks.ts';

type LogConsumerView = ViewOf<'log-consumer'>;

/** It stands so far out at the upper right, in parts of the radius. */
const PAUSE = 0.8;

function draw(brush: Brush, node: NodeFrame, view: LogConsumerView | null): void {
  const { over, radius, tokens } = brush;
  drawClientBox(brush, node, brush.near ? -12 : -7);
  if (view === null) return;
  if (brush.near) brush.label(String(view.lag), 0, 1, { size: 11, colour: tokens.text });
  drawLag(over, tokens, view.lag, 9);
  if (view.member?.isRebalancing === true) {
    drawPause(over, tokens, { x: radius * PAUSE, y: -radius * PAUSE });
  }
  if (brush.near) printReader(brush, view);
}

function describe({ records, lag, member, tracks, failing }: LogConsumerView): string {
  const read = `consumer: ${plural(records, 'record')} read, ${lag} behind`;
  if (member === null) return read;
  if (failing !== null) return `${read}; cannot work on ${failingText(failing)}`;
  if (member.isRebalancing) return `${read}; its group rebalances`;
  const count = tracks.length === 1 ? '1 partition' : `${tracks.length} partitions`;
  return `${read}; ${count} of generation ${member.generation}`;
}

const details = ({ fields, tracks }: LogConsumerView): readonly Detail[] => [
  { kind: 'fields', fields },
  tracksTable(tracks),
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
        draw: (pen, tokens) => drawLag(pen, tokens, 30, -4),
      },
      text:
        'Consumer: below its name its lag in records; the bar grows with each doubling. Under ' +
        'it: its partitions and where it is in each, 0:44, and how many more; or the record that ' +
        'it cannot work on, and how often it has tried, 0:44 ×3.',
    },
    {
      mark: { shape: 'glyph', draw: (pen, tokens) => drawPause(pen, tokens, { x: 0, y: 0 }) },
      text: 'Pause: the group of the consumer deals its partitions anew.',
    },
  ],
});
