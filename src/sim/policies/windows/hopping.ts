/**
 * Windows that overlap, or leave gaps: every `advance` one of `size` begins. Flink calls them
 * sliding.
 *
 * Differs: Kafka Streams lets no window begin before 0; here, as in Flink, they may.
 */
import { startBefore } from './window.ts';
import type { TimeWindow, WindowAssigner } from './window.ts';

export const hoppingWindows: WindowAssigner = {
  name: 'hopping',
  about: 'Windows of one size that begin at regular distances, and may overlap.',
  source: 'Flink, SlidingEventTimeWindows; Kafka Streams, TimeWindows.advanceBy',
  merges: false,
  windowsOf(at, { size, advance, offset }) {
    const windows: TimeWindow[] = [];
    const last = startBefore(at, offset, advance);
    for (let start = last; start > at - size; start -= advance) {
      windows.unshift({ start, end: start + size });
    }
    return windows;
  },
};
