import { describe, expect, it } from 'vitest';
import { RETRY_POLICIES } from '../../../../src/sim/policies/retry/index.ts';

/** Pauses before tries 2 to 6 with base 100, cap 1000 and a draw of 0.5. */
const VECTORS: readonly (readonly [string, readonly number[]])[] = [
  ['constant', [100, 100, 100, 100, 100]],
  ['exponential', [100, 200, 400, 800, 1_000]],
  ['full-jitter', [50, 100, 200, 400, 500]],
];

describe('retry policies', () => {
  it('each has a vector', () => {
    expect(VECTORS.map(([name]) => name)).toEqual(RETRY_POLICIES.map((p) => p.name));
  });

  it.each(VECTORS)('%s waits as its vector says', (name, expected) => {
    const policy = RETRY_POLICIES.find((p) => p.name === name);
    const pauses = [1, 2, 3, 4, 5].map((n) => policy?.pauseMicros(n, 100, 1_000, 0.5));
    expect(pauses).toEqual(expected);
  });

  it('full jitter reaches nothing and the whole pause, and never more', () => {
    const policy = RETRY_POLICIES.find((p) => p.name === 'full-jitter');
    expect(policy?.pauseMicros(3, 100, 1_000, 0)).toBe(0);
    expect(policy?.pauseMicros(3, 100, 1_000, 1 - 2 ** -30)).toBe(400);
  });
});
