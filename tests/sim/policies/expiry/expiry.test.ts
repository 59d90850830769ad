import { describe, expect, it } from 'vitest';
import { exp } from '../../../../src/sim/kernel/maths.ts';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { EARLY_REFRESHES, ttlMicros } from '../../../../src/sim/policies/expiry/index.ts';

const value = { expiryMicros: 10_000, deltaMicros: 1_000 };

/** By policy: now, beta, draw, and whether the value is due. */
const ROWS: Readonly<Record<string, readonly (readonly [number, number, number, boolean])[]>> = {
  'at-expiry': [
    [9_999, 1, 1e-9, false],
    [10_000, 1, 0.999, true],
  ],
  // One delta before the expiry the bound on the draw is 1/e.
  xfetch: [
    [9_000, 1, exp(-1) * (1 - 1e-9), true],
    [9_000, 1, exp(-1) * (1 + 1e-9), false],
    [9_000, 2, exp(-0.5) * (1 - 1e-9), true],
    [9_000, 2, exp(-0.5) * (1 + 1e-9), false],
    [9_000, 0, 1e-9, false],
    [10_000, 1, 1 - 2 ** -53, true],
    [12_000, 0, 0.5, true],
  ],
};

describe('early refresh', () => {
  it('each has rows', () => {
    expect(Object.keys(ROWS)).toEqual(EARLY_REFRESHES.map((policy) => policy.name));
  });

  it.each(EARLY_REFRESHES.map((policy) => [policy.name, policy] as const))('%s', (name, policy) => {
    for (const [now, beta, draw, isDue] of ROWS[name]!) {
      expect(policy.isDue(now, value, beta, draw), `${now}, ${beta}, ${draw}`).toBe(isDue);
    }
  });
});

describe('time to live', () => {
  it('stays within its jitter, and without any is itself', () => {
    expect(ttlMicros(1_000_000, 0, 0.123)).toBe(1_000_000);
    expect(ttlMicros(1_000_000, 0.1, 2 ** -53)).toBe(900_000);
    expect(ttlMicros(1_000_000, 0.1, 0.5)).toBe(1_000_000);
    expect(ttlMicros(1_000_000, 0.1, 1 - 2 ** -53)).toBe(1_100_000);
    expect(ttlMicros(10, 2, 0.01)).toBe(0);
    expect(ttlMicros(3, 0.5, 0.999)).toBe(4);
  });

  it('is on average what was asked for, and spreads as a uniform law', () => {
    const stream = new StreamBank(1).stream('ttl');
    const n = 20_000;
    let sum = 0;
    let squares = 0;
    for (let i = 0; i < n; i++) {
      const off = ttlMicros(1_000_000, 0.2, stream.open01()) / 1_000_000 - 1;
      sum += off;
      squares += off * off;
    }
    // The standard deviation of a uniform law of half-width 0.2 is 0.2 / sqrt 3.
    expect(Math.abs(sum / n)).toBeLessThan((5 * 0.2) / Math.sqrt(3 * n));
    expect(Math.sqrt(squares / n)).toBeCloseTo(0.2 / Math.sqrt(3), 2);
  });
});
