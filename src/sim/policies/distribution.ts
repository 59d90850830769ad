/**
 * Distributions of times and sizes, as data.
 *
 * Source: textbook forms; Pareto, log-normal and mixtures as used by the PBS measurements
 * (Bailis et al., VLDB 2012). Times are in milliseconds because people write them; a sample is in
 * microseconds, rounded to nearest by whoever schedules it, never floored.
 *
 * Differs: a sample is at most the longest delay there is (`LONGEST_MS`), where a heavy tail has no
 * end: no run would see the difference.
 */
import { exp, ln } from '../kernel/maths.ts';
import { LONGEST_MICROS } from '../kernel/time.ts';
import type { Stream } from '../kernel/random.ts';
import { InvariantError } from '../kernel/errors.ts';

export type Distribution =
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  /** `minMs` plus an exponential of mean `meanMs - minMs`. */
  | { readonly kind: 'exponential'; readonly meanMs: number; readonly minMs?: number }
  /** Normal, redrawn until it is at least `minMs` (default 0). */
  | {
      readonly kind: 'normal';
      readonly meanMs: number;
      readonly sdMs: number;
      readonly minMs?: number;
    }
  /** Density alpha * scale^alpha / x^(alpha+1) for x >= scale. */
  | { readonly kind: 'pareto'; readonly scaleMs: number; readonly alpha: number }
  /** exp(N(ln medianMs, sigma)). */
  | { readonly kind: 'log-normal'; readonly medianMs: number; readonly sigma: number }
  | {
      readonly kind: 'mixture';
      readonly parts: readonly { readonly weight: number; readonly of: Distribution }[];
    };

/** One sample in microseconds, as a double. A constant draws nothing. */
export function sampleMicros(distribution: Distribution, stream: Stream): number {
  switch (distribution.kind) {
    case 'constant':
      return distribution.ms * 1_000;
    case 'uniform': {
      const width = distribution.maxMs - distribution.minMs;
      return (distribution.minMs + width * stream.open01()) * 1_000;
    }
    case 'exponential': {
      const min = distribution.minMs ?? 0;
      return cut((min + stream.exponential(distribution.meanMs - min)) * 1_000);
    }
    case 'normal':
      return cut(truncatedNormalMs(distribution, stream) * 1_000);
    case 'pareto':
      return cut(distribution.scaleMs * exp(-ln(stream.open01()) / distribution.alpha) * 1_000);
    case 'log-normal':
      return cut(distribution.medianMs * exp(distribution.sigma * stream.normal()) * 1_000);
    case 'mixture':
      return sampleMicros(choosePart(distribution.parts, stream), stream);
  }
}

const cut = (micros: number): number => Math.min(micros, LONGEST_MICROS);

const REDRAWS_MAX = 1_000;

function truncatedNormalMs(
  d: { readonly meanMs: number; readonly sdMs: number; readonly minMs?: number },
  stream: Stream,
): number {
  const min = d.minMs ?? 0;
  for (let i = 0; i < REDRAWS_MAX; i++) {
    const x = d.meanMs + d.sdMs * stream.normal();
    if (x >= min) return x;
  }
  // A mean so far below the bound that a thousand draws missed it: the bound is the answer.
  return min;
}

function choosePart(
  parts: readonly { readonly weight: number; readonly of: Distribution }[],
  stream: Stream,
): Distribution {
  let total = 0;
  for (const part of parts) total += part.weight;
  let left = stream.open01() * total;
  for (const part of parts) {
    left -= part.weight;
    if (left <= 0) return part.of;
  }
  const last = parts[parts.length - 1];
  if (last === undefined) throw new InvariantError('a mixture has no parts');
  return last.of;
}

/**
 * The mean in milliseconds, or null where it is infinite. For documents and pre-flight warnings: of
 * a normal it is the mean before values below its minimum are redrawn.
 */
export function meanMs(distribution: Distribution): number | null {
  switch (distribution.kind) {
    case 'constant':
      return distribution.ms;
    case 'uniform':
      return (distribution.minMs + distribution.maxMs) / 2;
    case 'exponential':
    case 'normal':
      return distribution.meanMs;
    case 'pareto':
      return distribution.alpha <= 1
        ? null
        : (distribution.alpha * distribution.scaleMs) / (distribution.alpha - 1);
    case 'log-normal':
      return distribution.medianMs * exp((distribution.sigma * distribution.sigma) / 2);
    case 'mixture':
      return meanOfMixture(distribution.parts);
  }
}

function meanOfMixture(
  parts: readonly { readonly weight: number; readonly of: Distribution }[],
): number | null {
  let total = 0;
  let sum = 0;
  for (const part of parts) {
    const mean = meanMs(part.of);
    if (mean === null) return null;
    total += part.weight;
    sum += part.weight * mean;
  }
  return sum / total;
}
