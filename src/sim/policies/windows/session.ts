/**
 * A session: records of a key that are no further apart than the gap. One record makes a window
 * from itself to the gap behind it, and windows that overlap or touch become one.
 */
import type { TimeWindow, WindowAssigner } from './window.ts';

export const sessionWindows: WindowAssigner = {
  name: 'session',
  about: 'One window for all records of a key that follow each other within the gap.',
  source: 'Flink, EventTimeSessionWindows; Kafka Streams, SessionWindows',
  merges: true,
  windowsOf: (at, { gap }) => [{ start: at, end: at + gap }],
};

export function isTouching(a: TimeWindow, b: TimeWindow): boolean {
  return a.start <= b.end && b.start <= a.end;
}

export function union(a: TimeWindow, b: TimeWindow): TimeWindow {
  return { start: Math.min(a.start, b.start), end: Math.max(a.end, b.end) };
}
