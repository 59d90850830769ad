/**
 * What a fluid model says of consumers that fall behind: lag, its drain, and what retention takes.
 *
 * Rates are records per second. Source: arithmetic; Little's law for the age.
 */

/** The lag after so long: L0 + (in - out) t, and never less than nothing. */
export function lagAfter(lag: number, inRate: number, outRate: number, seconds: number): number {
  return Math.max(0, lag + (inRate - outRate) * seconds);
}

/** How long until nothing is left: L0 / (out - in); Infinity if it does not shrink. */
export function drainSeconds(lag: number, inRate: number, outRate: number): number {
  if (lag === 0) return 0;
  return outRate > inRate ? lag / (outRate - inRate) : Infinity;
}

/**
 * How fast the backlog of the partition of a hot key grows, however many partitions there are:
 * share * rate - capacity of the one consumer that reads it.
 */
export function hotKeyGrowth(rate: number, share: number, capacity: number): number {
  return Math.max(0, share * rate - capacity);
}

/**
 * How long until the oldest unread record is as old as retention keeps it; Infinity: never.
 *
 * With no lag to begin with the consumer is at record out * t after t, which came at out * t / in:
 * its age is t (1 - out / in).
 */
export function lossAfterSeconds(
  inRate: number,
  outRate: number,
  retentionSeconds: number,
): number {
  return outRate >= inRate ? Infinity : retentionSeconds / (1 - outRate / inRate);
}
