/**
 * Functions of the limit as data, so that a scenario can say them: see `LimitScale`.
 *
 * Source: Netflix/concurrency-limits at 78a74b98, `Log10RootFunction`.
 */
import type { LimitScale } from './concurrency-limit.ts';

/** The whole part of the decimal logarithm, and 1 where that would be less. */
export function log10Root(limit: number): number {
  let digits = 1;
  for (let power = 100; power <= limit; power *= 10) digits++;
  return digits;
}

export function scaled({ times, log10Times, plus }: LimitScale, limit: number): number {
  const root = log10Times === 0 ? 0 : log10Times * log10Root(Math.floor(limit));
  return times * limit + root + plus;
}
