/**
 * The rate limiter rows of `ratelimit_cases.json` through a running rate limiter: real requests at
 * the times of the table, each decided in its turn.
 *
 * A request costs 1, so the row of a cost of 6 is left to the policy.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { RateLimiterState } from '../../../src/sim/components/rate-limiter/state.ts';
import { gcra } from '../../../src/sim/policies/limiting/gcra.ts';
import type { GcraState } from '../../../src/sim/policies/limiting/gcra.ts';
import { slidingEstimate } from '../../../src/sim/policies/limiting/sliding-counter.ts';
import type { SlidingCounterState } from '../../../src/sim/policies/limiting/sliding-counter.ts';
import { Live, group } from './support/live.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

interface Cases {
  readonly quota: { readonly ratePerSec: number; readonly maxBurst: number };
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

const limitedAt = (timesMs: readonly number[], config: object): Live =>
  new Live({
    groups: [
      group(
        'clients',
        'http-client',
        { arrivals: { kind: 'replay', timesMs } },
        { target: 'limiter' },
      ),
      group('limiter', 'rate-limiter', config, { target: 'app' }),
      group('app', 'service', {}),
    ],
  });
const limiter = (live: Live) => live.state<RateLimiterState>('limiter1');

describe('GCRA in a running limiter (throttled, redis-cell)', () => {
  it('decides, and knows what is left, as the table says', () => {
    const rows = file.cases.filter(([, volume]) => volume === 1);
    expect(rows).toHaveLength(file.cases.length - 1);
    // Nothing can come before a run has begun.
    const startMs = 10;
    const { ratePerSec: ratePerSecond, maxBurst: burst } = file.quota;
    const timesMs = rows.map(([atMs]) => startMs + atMs);
    const live = limitedAt(timesMs, { policy: 'gcra', ratePerSecond, burst });
    live.to(0);
    const lines: string[] = [];
    for (const [i, [atMs, , remaining, resetAfterMs, , isLimited]] of rows.entries()) {
      live.until(() => limiter(live).admitted + limiter(live).refused > i, 1e6);
      const { limiters, settings, admitted, refused } = limiter(live);
      const now = live.session.nowMicros;
      const state = limiters.get(0) as GcraState;
      const wasLimited = rows.slice(0, i + 1).filter((row) => row[5]).length;
      lines.push(
        `at ${atMs} ms: ${remaining} left, full in ${resetAfterMs} ms` +
          `${isLimited ? ', limited' : ''} expected; ${gcra.remaining(state, settings, now)}, ` +
          `${gcra.resetAfterMicros(state, settings, now) / 1e3} measured`,
      );
      expect(now).toBe((startMs + atMs) * 1_000);
      expect({ admitted, refused }).toEqual({ admitted: i + 1 - wasLimited, refused: wasLimited });
      expect(gcra.remaining(state, settings, now)).toBe(remaining);
      expect(gcra.resetAfterMicros(state, settings, now)).toBe(resetAfterMs * 1_000);
    }
    console.info(lines.join('\n'));
    live.to(20_000);
    // Who asked is told so; a refusal is the shorter way, so the order may differ.
    const errors = live.answered.map(({ error }) => error ?? 'ok');
    const codes = rows.map((row) => (row[5] ? 'rate-limited' : 'ok'));
    expect(errors.sort()).toEqual(codes.sort());
  });

  it('tells who is limited when to come back: a client that waits so long is let in', () => {
    const [row] = file.cases.filter(([, volume, , , , limited]) => volume === 1 && limited);
    const { ratePerSec: ratePerSecond, maxBurst: burst } = file.quota;
    const live = new Live({
      groups: [
        group(
          'clients',
          'http-client',
          {
            arrivals: { kind: 'replay', timesMs: Array.from({ length: burst + 2 }, () => 10) },
            call: { timeoutMs: 60_000, maxAttempts: 2, backoff: { policy: 'none' } },
          },
          { target: 'limiter' },
        ),
        group(
          'limiter',
          'rate-limiter',
          { policy: 'gcra', ratePerSecond, burst },
          { target: 'app' },
        ),
        group('app', 'service', {}),
      ],
    });
    live.to(60_000);
    expect(live.answered.map(({ outcome }) => outcome)).toEqual(live.answered.map(() => 'ok'));
    expect(live.answered.at(-1)).toMatchObject({
      retries: 1,
      latencyMicros: (row?.[4] as number) * 1_000,
    });
  });
});

describe('the sliding counter in a running limiter (Cloudflare)', () => {
  it.each(file.sliding_window_cases)('%o', ({ prev, cur, window_s, elapsed_s, est }) => {
    const windowMs = window_s * 1_000;
    // The window before gets its requests late in it, this one as it begins.
    const before = Array.from({ length: prev }, (_, i) => windowMs + 30_000 + i);
    const now = Array.from({ length: cur }, (_, i) => 2 * windowMs + 100 + i);
    const roomy = { policy: 'sliding-counter', ratePerSecond: 1_000, windowMs };
    const live = limitedAt([...before, ...now], roomy);
    live.to(2 * windowMs + elapsed_s * 1_000);
    const { limiters, settings, admitted } = limiter(live);
    const state = limiters.get(0) as SlidingCounterState;
    const found = slidingEstimate(state, settings, live.session.nowMicros);
    console.info(`${prev} before, ${cur} now, ${elapsed_s} s gone: ${est} expected, ${found}`);
    expect(admitted).toBe(prev + cur);
    expect(found).toBe(est);
  });

  it('refuses what the estimate does not allow: 49.5 of 50 leaves no room for one', () => {
    const { prev, cur, window_s, elapsed_s, est } = file.sliding_window_cases[0]!;
    const windowMs = window_s * 1_000;
    const before = Array.from({ length: prev }, (_, i) => windowMs + 30_000 + i);
    const now = Array.from({ length: cur - 1 }, (_, i) => 2 * windowMs + 14_000 + i);
    const atMs = 2 * windowMs + elapsed_s * 1_000;
    // With the one at that moment the estimate is that of the row; the next one is too much.
    const limit = Math.ceil(est);
    const config = { policy: 'sliding-counter', ratePerSecond: limit / window_s, windowMs };
    const live = limitedAt([...before, ...now, atMs, atMs], config);
    live.to(atMs + 100);
    expect(limiter(live)).toMatchObject({ admitted: prev + cur, refused: 1 });
  });
});
