/** Who puts messages into queues, and who takes them out: boxes of clients with a number. */
import type { NodeFrame, ViewOf } from '../../sim/index.ts';
import { drawClientBox } from './client-box.ts';
import { drawTally } from './glyphs/tally-bar.ts';
import { definePainter } from './painter.ts';
import type { Brush, Tally } from './painter.ts';

/** `count` is told from near only; `tally` is how what it did ended. */
export function drawCounted(brush: Brush, node: NodeFrame, count: string, tally: Tally): void {
  const { over, tokens } = brush;
  drawClientBox(brush, node, brush.near ? -12 : -7);
  if (node.view === null) return;
  if (brush.near) brush.label(count, 0, 1, { size: 11, colour: tokens.text });
  drawTally(over, tokens, tally, { x: -15, y: 9, width: 30 });
}

const NOTHING: Tally = { ok: 0, fail: 0, unknown: 0 };

export const queueProducer = definePainter<ViewOf<'queue-producer'>>({
  component: 'queue-producer',
  draw: (brush, node, view) => drawCounted(brush, node, `${view?.open ?? 0}`, view ?? NOTHING),
  isBusy: ({ open }) => open > 0,
  tallyOf: ({ ok, fail, unknown }) => ({ ok, fail, unknown }),
  describe: ({ open, ok, fail, unknown }) =>
    `producer: ${open} not confirmed yet, ${ok} confirmed, ${fail} refused, ${unknown} unknown`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Producer: messages that are not confirmed yet, and how those before ended.',
    },
  ],
});

type QueueConsumerView = ViewOf<'queue-consumer'>;

const outcomeOf = (view: QueueConsumerView | null): Tally =>
  view === null ? NOTHING : { ok: view.done, fail: view.failed, unknown: 0 };

export const queueConsumer = definePainter<QueueConsumerView>({
  component: 'queue-consumer',
  draw(brush, node, view) {
    const held = view === null ? 0 : view.working + view.waiting;
    drawCounted(brush, node, view?.isConnected === false ? 'off' : `${held}`, outcomeOf(view));
  },
  isBusy: ({ working }) => working > 0,
  describe: ({ isConnected, working, waiting, done, failed }) =>
    `consumer${isConnected ? '' : ', not connected'}: works on ${working}, ` +
    `holds ${waiting} more, ${done} done, ${failed} failed`,
  legend: [
    {
      mark: { shape: 'rounded' },
      text: 'Consumer: messages that it holds, and how those before ended. Off: not connected.',
    },
  ],
});

type QueuePollerView = ViewOf<'queue-poller'>;

export const queuePoller = definePainter<QueuePollerView>({
  component: 'queue-poller',
  draw(brush, node, view) {
    const word = view?.isWorking === true ? 'works' : 'asks';
    drawCounted(brush, node, word, { ...NOTHING, ok: view?.done ?? 0 });
  },
  isBusy: ({ isWorking }) => isWorking,
  describe: ({ isWorking, done }) => `worker: ${isWorking ? 'works' : 'asks'}, ${done} done`,
  legend: [
    { mark: { shape: 'rounded' }, text: 'Worker: asks for messages, and works on what it gets.' },
  ],
});
