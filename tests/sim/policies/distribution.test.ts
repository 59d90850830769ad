/**
 * Samples follow their distributions: the empirical distribution function stays within the
 * Kolmogorov-Smirnov bound of the closed form, and the mean within four standard errors.
 */
import { describe, expect, it } from 'vitest';
import { meanMs } from 'faultline';
import type { Distribution } from 'faultline';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { sampleMicros } from '../../../src/sim/policies/distribution.ts';

const COUNT = 20_000;
/** Exceeded by chance once in a thousand; the seeds are fixed, so that chance was taken once. */
const KS_BOUND = 1.95 / Math.sqrt(COUNT);

function samplesMs(distribution: Distribution, seed = 1): number[] {
  const stream = new StreamBank(seed).stream('test');
  return Array.from({ length: COUNT }, () => sampleMicros(distribution, stream) / 1_000);
}

const meanOf = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The largest distance between the samples' distribution function and `cdf`. */
function distance(values: readonly number[], cdf: (x: number) => number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted.reduce((worst, x, i) => {
    const p = cdf(x);
    return Math.max(worst, Math.abs(p - i / COUNT), Math.abs(p - (i + 1) / COUNT));
  }, 0);
}

/** Abramowitz & Stegun 7.1.26, good to 1.5e-7: far below the bound. */
function normalCdf(x: number): number {
  const z = Math.abs(x) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * z);
  const poly =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  const erf = 1 - poly * Math.exp(-z * z);
  return x >= 0 ? (1 + erf) / 2 : (1 - erf) / 2;
}

const above = (min: number, cdf: (x: number) => number) => (x: number) => (x < min ? 0 : cdf(x));

const CASES: readonly { of: Distribution; cdf: (x: number) => number; mean: number; sd: number }[] =
  [
    {
      of: { kind: 'uniform', minMs: 2, maxMs: 6 },
      cdf: (x) => Math.min(1, Math.max(0, (x - 2) / 4)),
      mean: 4,
      sd: 4 / Math.sqrt(12),
    },
    {
      of: { kind: 'exponential', meanMs: 5 },
      cdf: above(0, (x) => 1 - Math.exp(-x / 5)),
      mean: 5,
      sd: 5,
    },
    {
      of: { kind: 'exponential', meanMs: 5, minMs: 2 },
      cdf: above(2, (x) => 1 - Math.exp(-(x - 2) / 3)),
      mean: 5,
      sd: 3,
    },
    {
      of: { kind: 'normal', meanMs: 10, sdMs: 2 },
      cdf: (x) => normalCdf((x - 10) / 2),
      mean: 10,
      sd: 2,
    },
    {
      of: { kind: 'pareto', scaleMs: 3, alpha: 4 },
      cdf: above(3, (x) => 1 - Math.pow(3 / x, 4)),
      mean: 4,
      sd: 3 * Math.sqrt(4 / (9 * 2)),
    },
    {
      of: { kind: 'log-normal', medianMs: 4, sigma: 0.5 },
      cdf: above(0, (x) => normalCdf(Math.log(x / 4) / 0.5)),
      mean: 4 * Math.exp(0.125),
      sd: 4 * Math.sqrt((Math.exp(0.25) - 1) * Math.exp(0.25)),
    },
    {
      // Ninety-one per cent fast, the rest slow: the shape of the published write latencies.
      of: {
        kind: 'mixture',
        parts: [
          { weight: 91, of: { kind: 'uniform', minMs: 0, maxMs: 1 } },
          { weight: 9, of: { kind: 'exponential', meanMs: 30, minMs: 10 } },
        ],
      },
      cdf: (x) =>
        0.91 * Math.min(1, Math.max(0, x)) + (x < 10 ? 0 : 0.09 * (1 - Math.exp(-(x - 10) / 20))),
      mean: 0.91 * 0.5 + 0.09 * 30,
      sd: Math.sqrt(0.91 / 3 + 0.09 * (900 + 400) - (0.455 + 2.7) ** 2),
    },
  ];

describe.each(CASES.map((one) => [one.of.kind, one] as const))('%s', (_kind, one) => {
  it.each([1, 2])('follows its distribution function with seed %i', (seed) => {
    const samples = samplesMs(one.of, seed);
    expect(distance(samples, one.cdf)).toBeLessThan(KS_BOUND);
    const error = Math.abs(meanOf(samples) - one.mean);
    expect(error).toBeLessThan((4 * one.sd) / Math.sqrt(COUNT));
  });

  it('knows its mean', () => {
    expect(meanMs(one.of)).toBeCloseTo(one.mean, 10);
  });
});

describe('a sample', () => {
  it('of a constant is the constant, and draws nothing', () => {
    const bank = new StreamBank(1);
    const stream = bank.stream('a');
    expect(sampleMicros({ kind: 'constant', ms: 1.5 }, stream)).toBe(1_500);
    expect(stream.uint32()).toBe(new StreamBank(1).stream('a').uint32());
  });

  it('of a normal is drawn again until it is at least its minimum', () => {
    // Half of the mass lies below the minimum: what is left is half a normal.
    const samples = samplesMs({ kind: 'normal', meanMs: 5, sdMs: 3, minMs: 5 });
    expect(Math.min(...samples)).toBeGreaterThanOrEqual(5);
    const folded = above(5, (x) => 2 * normalCdf((x - 5) / 3) - 1);
    expect(distance(samples, folded)).toBeLessThan(KS_BOUND);
  });

  it('of a normal never falls below 0 unless it is told so', () => {
    expect(Math.min(...samplesMs({ kind: 'normal', meanMs: 1, sdMs: 2 }))).toBeGreaterThanOrEqual(
      0,
    );
    const free = samplesMs({ kind: 'normal', meanMs: 0, sdMs: 2, minMs: -100 });
    expect(Math.min(...free)).toBeLessThan(-4);
  });

  it('of a normal far below its minimum is the minimum', () => {
    const stream = new StreamBank(1).stream('a');
    const hopeless: Distribution = { kind: 'normal', meanMs: -1_000, sdMs: 1 };
    expect(sampleMicros(hopeless, stream)).toBe(0);
  });

  it('of a mixture of one part is that part', () => {
    const part: Distribution = { kind: 'constant', ms: 7 };
    const samples = samplesMs({ kind: 'mixture', parts: [{ weight: 3, of: part }] });
    expect(new Set(samples)).toEqual(new Set([7]));
  });
});

describe('the mean', () => {
  it('of a heavy tail is infinite, and said so', () => {
    expect(meanMs({ kind: 'pareto', scaleMs: 1, alpha: 1 })).toBeNull();
    const part: Distribution = { kind: 'pareto', scaleMs: 1, alpha: 0.5 };
    expect(meanMs({ kind: 'mixture', parts: [{ weight: 1, of: part }] })).toBeNull();
  });
});
