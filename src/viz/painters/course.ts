/** The level of a limit at any moment, from the course that its view tells. */
import type { ViewOf } from '../../sim/index.ts';

type Course = ViewOf<'rate-limiter'>['course'];

/** On the lines between the points, and as the last of them after it; null: nobody knows. */
export function levelAt(course: Course, micros: number): number | null {
  const next = course.findIndex(({ atMicros }) => atMicros > micros);
  if (next < 0) return course.at(-1)?.level ?? null;
  const to = course[next]!;
  const from = course[next - 1] ?? to;
  const span = to.atMicros - from.atMicros;
  if (span === 0) return to.level;
  return from.level + ((to.level - from.level) * (micros - from.atMicros)) / span;
}

/** Smaller changes are not seen on a bucket: it is drawn anew for this part of its height. */
const STEPS = 64;

export const levelStep = (course: Course, micros: number): number =>
  Math.round((levelAt(course, micros) ?? -1) * STEPS);
