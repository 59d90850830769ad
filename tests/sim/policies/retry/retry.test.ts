import { describe, expect, it } from 'vitest';
import { RETRY_POLICIES } from '../../../../src/sim/policies/retry/index.ts';

/** Pauses before tries 2 to 6 with base 100, cap 1000 and a draw of 0.5. */
const VECTORS: readonly (readonly [string, readonly number[]])[] = [
  ['none', [0, 0, 0, 0, 0]],
  ['constant', [100, 100, 100, 100, 100]],
  ['exponential', [100, 200, 400, 800, 1_000]],
  ['equal-jitter', [75, 150, 300, 600, 750]],
  ['full-jitter', [50, 100, 200, 400, 500]],
  ['decorrelated-jitter', [200, 350, 575, 913, 1_000]],
];

describe('retry policies', () => {
  it('each has a vector', () => {
    expect(VECTORS.map(([name]) => name)).toEqual(RETRY_POLICIES.map((p) => p.name));
  });

  it.each(VECTORS)('%s waits as its vector says', (name, expected) => {
    const policy = RETRY_POLICIES.find((p) => p.name === name);
    let previousMicros = 100;
    const pauses = [1, 2, 3, 4, 5].map((attempt) => {
      const retry = { attempt, previousMicros, baseMicros: 100, capMicros: 1_000 };
      previousMicros = policy?.pauseMicros(retry, 0.5) ?? Number.NaN;
      return previousMicros;
    });
    expect(pauses).toEqual(expected);
  });

  it('equal jitter waits from half to the whole pause, and no other time', () => {
    const policy = RETRY_POLICIES.find((p) => p.name === 'equal-jitter');
    const retry = { attempt: 3, previousMicros: 0, baseMicros: 101, capMicros: 1_000 };
    expect(policy?.pauseMicros(retry, 0)).toBe(202);
    expect(policy?.pauseMicros(retry, 1 - 2 ** -30)).toBe(404);
  });

  it('full jitter reaches nothing and the whole pause, and never more', () => {
    const policy = RETRY_POLICIES.find((p) => p.name === 'full-jitter');
    const retry = { attempt: 3, previousMicros: 0, baseMicros: 100, capMicros: 1_000 };
    expect(policy?.pauseMicros(retry, 0)).toBe(0);
    expect(policy?.pauseMicros(retry, 1 - 2 ** -30)).toBe(400);
  });
});
