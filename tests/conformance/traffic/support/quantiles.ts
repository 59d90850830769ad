/**
 * Quantiles of times. In the short form a quantile is read off. In the long form, whose runs are
 * averaged, it is the other way about: the share of times above the value that theory gives is
 * measured, whose mean over runs of any length is exactly what the quantile says. The mean of
 * quantiles that are read off is not theirs: in a run that is short beside its queue's memory the
 * tail is too thin, and of the 0.999 of M/M/1 at 0.9 a tenth was missing.
 */
import { LONG } from './compare.ts';
import type { Quantity } from './compare.ts';
import type { Measured } from './station.ts';
import { orderStatistic } from './statistics.ts';

export interface QuantileParts {
  readonly name: string;
  readonly q: number;
  readonly expected: number;
  /** Rising. */
  readonly times: (measured: Measured) => Float64Array;
  /** What a unit of these times is; default 1. */
  readonly unit?: number;
  readonly isLongOnly?: boolean;
  /** Relaxation times that all runs of a row measure: so often the queue begins anew. */
  readonly memories?: number;
}

/** Of so few stretches above a value no interval can be made: their lengths differ too much. */
const STRETCHES_MIN = 8;

export function quantile(parts: QuantileParts): Quantity {
  const { name, q, expected, times, unit = 1, isLongOnly = false, memories = Infinity } = parts;
  if (!LONG) {
    return { name, expected, of: (m) => orderStatistic(times(m), q) * unit, isLongOnly };
  }
  const isSeldom = memories * (1 - q) < STRETCHES_MIN;
  return {
    name: `${name}, share above ${expected.toPrecision(4)}`,
    expected: 1 - q,
    of: (m) => shareAbove(times(m), expected / unit),
    ...(isSeldom ? { unasserted: 'too seldom for an interval' } : {}),
  };
}

function shareAbove(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as number) > value) high = middle;
    else low = middle + 1;
  }
  return (sorted.length - low) / sorted.length;
}
