/**
 * The newest intervals between two signs of life, with their mean and deviation.
 *
 * Invariant: the sums are those of what the ring holds. Squares of microseconds leave the range in
 * which a double is exact, and what is added and taken away leaves a rest; so the sums are made
 * anew each time that the ring has gone round, at the cost of one addition for each interval.
 */

export interface Intervals {
  /** A ring of at most `windowSize` intervals, whole microseconds. */
  readonly ring: number[];
  /** The place that the next one takes. */
  next: number;
  sumMicros: number;
  sumSquares: number;
}

export const newIntervals = (): Intervals => ({ ring: [], next: 0, sumMicros: 0, sumSquares: 0 });

/** Remembers an interval and forgets the oldest where there are too many. */
export function addInterval(intervals: Intervals, windowSize: number, micros: number): void {
  const { ring, next } = intervals;
  const oldest = ring[next] ?? 0;
  ring[next] = micros;
  intervals.next = (next + 1) % windowSize;
  intervals.sumMicros += micros - oldest;
  intervals.sumSquares += micros * micros - oldest * oldest;
  if (intervals.next === 0) sumAnew(intervals);
}

function sumAnew(intervals: Intervals): void {
  let sum = 0;
  let squares = 0;
  for (const micros of intervals.ring) {
    sum += micros;
    squares += micros * micros;
  }
  intervals.sumMicros = sum;
  intervals.sumSquares = squares;
}

export const meanOf = ({ ring, sumMicros }: Intervals): number =>
  ring.length === 0 ? 0 : sumMicros / ring.length;

/** Of the population, as Akka takes it. */
export function varianceOf(intervals: Intervals): number {
  const { ring, sumSquares } = intervals;
  if (ring.length === 0) return 0;
  const mean = meanOf(intervals);
  return Math.max(0, sumSquares / ring.length - mean * mean);
}
