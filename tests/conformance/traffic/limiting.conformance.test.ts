/** The rate limiter rows of `ratelimit_cases.json`: GCRA step by step, the sliding counter. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gcra } from '../../../src/sim/policies/limiting/gcra.ts';
import { slidingEstimate } from '../../../src/sim/policies/limiting/sliding-counter.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

interface Cases {
  readonly quota: {
    readonly ratePerSec: number;
    readonly maxBurst: number;
    readonly limit: number;
  };
  /** atMs, volume, remaining, resetAfterMs, retryAfterMs (-1 none), limited. */
  readonly cases: readonly (readonly [number, number, number, number, number, boolean])[];
  readonly sliding_window_cases: readonly {
    readonly prev: number;
    readonly cur: number;
    readonly window_s: number;
    readonly elapsed_s: number;
    readonly est: number;
  }[];
}
const file = JSON.parse(readFileSync(join(folder, 'ratelimit_cases.json'), 'utf8')) as Cases;

describe('GCRA, one key, one after another (throttled, redis-cell)', () => {
  const settings = {
    ratePerSecond: file.quota.ratePerSec,
    burst: file.quota.maxBurst,
    windowMicros: 0,
  };
  const state = gcra.start(settings);

  it('has the limit of the quota', () => {
    expect(gcra.limit(settings)).toBe(file.quota.limit);
  });

  it.each(file.cases.map((row, i) => [i + 1, row] as const))('row %i: %o', (_, row) => {
    const [atMs, volume, remaining, resetAfterMs, retryAfterMs, limited] = row;
    const now = atMs * 1_000;
    const retryAfter = gcra.retryAfterMicros(state, settings, now, volume);
    expect(gcra.decide(state, settings, now, volume)).toBe(!limited);
    expect(gcra.remaining(state, settings, now)).toBe(remaining);
    expect(gcra.resetAfterMicros(state, settings, now)).toBe(resetAfterMs * 1_000);
    // The source gives -1 both where no wait is needed and where none would help.
    const wait = retryAfter === 0 || retryAfter === Infinity ? -1 : retryAfter / 1_000;
    expect(wait).toBe(retryAfterMs);
  });
});

describe('the sliding counter (Cloudflare)', () => {
  it.each(file.sliding_window_cases)('%o', ({ prev, cur, window_s, elapsed_s, est }) => {
    const settings = { ratePerSecond: 1, burst: 0, windowMicros: window_s * 1_000_000 };
    const state = { window: 7, current: cur, previous: prev };
    const now = (7 * window_s + elapsed_s) * 1_000_000;
    expect(slidingEstimate(state, settings, now)).toBe(est);
  });
});
