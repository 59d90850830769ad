/** Windows side by side: each record belongs to exactly one. */
import { startBefore } from './window.ts';
import type { WindowAssigner } from './window.ts';

export const tumblingWindows: WindowAssigner = {
  name: 'tumbling',
  about: 'Windows of one size side by side.',
  source: 'Flink, TumblingEventTimeWindows; Kafka Streams, TimeWindows',
  merges: false,
  windowsOf(at, { size, offset }) {
    const start = startBefore(at, offset, size);
    return [{ start, end: start + size }];
  },
};
