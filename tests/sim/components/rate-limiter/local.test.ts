/** A limiter that counts by itself: who passes, what the others are told, what people see. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { gcra } from '../../../../src/sim/policies/limiting/gcra.ts';
import type { GcraState } from '../../../../src/sim/policies/limiting/gcra.ts';
import { request } from '../support/traffic-bench.ts';
import { ok, refused } from '../support/traffic-partners.ts';
import { limited } from './support/limited.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

describe('a local limiter', () => {
  interface Cases {
    readonly quota: { readonly ratePerSec: number; readonly maxBurst: number };
    readonly cases: readonly (readonly [number, number, number, number, number, boolean])[];
  }
  it('decides on real requests as the published table of throttled says', () => {
    const { quota, cases } = JSON.parse(
      readFileSync(join(folder, 'ratelimit_cases.json'), 'utf8'),
    ) as Cases;
    const bench = limited({
      config: { policy: 'gcra', ratePerSecond: quota.ratePerSec, burst: quota.maxBurst },
    });
    // A request costs 1: the first row, of a cost of 6, is for the policy's own test.
    const rows = cases.filter(([, volume]) => volume === 1);
    expect(rows).toHaveLength(9);
    for (const atMs of new Set(rows.map(([at]) => at))) {
      const together = rows.filter(([at]) => at === atMs);
      const tags = together.map(() => bench.requestAt(10 + atMs, request(), 'r1'));
      together.forEach(([, , remaining, resetAfterMs, retryAfterMs, isLimited], i) => {
        const tag = tags[i] as number;
        // Event by event: each is decided in its turn, a millisecond later.
        bench.until(() => bench.limiter().admitted + bench.limiter().refused > tag);
        const now = bench.run.now;
        const { limiters, settings, marks } = bench.limiter();
        const state = limiters.get(0) as GcraState;
        expect(now).toBe((11 + atMs) * 1_000);
        expect(gcra.remaining(state, settings, now)).toBe(remaining);
        expect(gcra.resetAfterMicros(state, settings, now)).toBe(resetAfterMs * 1e3);
        expect(marks.at(-1)?.admitted).toBe(!isLimited);
        expect(retryAfterMs).toBe(isLimited ? 1_000 : -1);
      });
    }
    bench.ms(6_000);
    const limitedTags = rows.flatMap(([, , , , , is], tag) => (is ? [tag] : []));
    expect(limitedTags.map((tag) => [bench.code(tag), bench.retryAfter(tag)])).toEqual([
      ['rate-limited', 1_000],
    ]);
  });

  it.each(['token-bucket', 'leaky-bucket', 'fixed-window', 'sliding-log', 'sliding-counter'])(
    'lets ten of thirty pass at once: %s',
    (policy) => {
      const config = { policy, ratePerSecond: 10, burst: 10, windowMs: 1_000 };
      const bench = limited({ config });
      const tags = Array.from({ length: 30 }, () => bench.requestAt(1, request(), 'r1'));
      bench.ms(50);
      expect(bench.ended(tags, 'ok')).toBe(10);
      expect(bench.ended(tags, 'rate-limited')).toBe(20);
      expect(bench.heard()).toHaveLength(10);
    },
  );

  it('changes nothing by refusing: whoever knocks is let in as soon as who waits', () => {
    const config = { policy: 'token-bucket', ratePerSecond: 1, burst: 1 };
    const at = (knocks: number): string | undefined => {
      const bench = limited({ config });
      bench.requestAt(10, request(), 'r1');
      for (let i = 0; i < knocks; i++) bench.requestAt(20 + i, request(), 'r1');
      const tag = bench.requestAt(1_010, request(), 'r1');
      bench.ms(2_000);
      expect(bench.seen().refused).toBe(knocks);
      return bench.code(tag);
    };
    expect(at(0)).toBe('ok');
    expect(at(900)).toBe('ok');
  });

  it.each([
    ['all', 1],
    ['session', 3],
    ['key', 2],
  ])('has a limit for each of: %s', (per, limits) => {
    const bench = limited({ config: { ratePerSecond: 1, burst: 1, per } });
    const tags = Array.from({ length: 12 }, (_, i) =>
      bench.requestAt(1, request({ session: i % 3, key: i % 2 }), 'r1'),
    );
    bench.ms(50);
    expect(bench.ended(tags, 'ok')).toBe(limits);
  });

  it('forgets the key that was idle longest when there are too many', () => {
    const config = { ratePerSecond: 0.001, burst: 1, per: 'key', maxKeys: 2 };
    const bench = limited({ config });
    const tags = [1, 2, 1, 3, 1, 2].map((key, i) => bench.requestAt(i + 1, request({ key }), 'r1'));
    bench.ms(50);
    // 3 drives out 2, which is new again; 1 was used after 2 and is remembered.
    expect(tags.map((tag) => bench.code(tag))).toEqual([
      'ok',
      'ok',
      'rate-limited',
      'ok',
      'rate-limited',
      'ok',
    ]);
    expect(bench.limiter().limiters.size).toBe(2);
  });

  it('gives each node of a group the whole limit', () => {
    const bench = limited({ limiters: 3, config: { ratePerSecond: 1, burst: 5 } });
    const tags = Array.from({ length: 30 }, (_, i) =>
      bench.requestAt(1, request(), `r${(i % 3) + 1}`),
    );
    bench.ms(50);
    expect(bench.ended(tags, 'ok')).toBe(15);
  });

  it('passes on what the target answers', () => {
    const detail = { retryAfterMs: 70 };
    const bench = limited({
      config: { ratePerSecond: 1_000, burst: 100, call: { timeoutMs: 20 } },
      play: ({ nth }) =>
        [ok(0, 5), refused('overloaded'), null, { refuse: 'rate-limited', detail }][nth] ?? null,
    });
    const tags = [1, 2, 3, 4].map((at) => bench.requestAt(at, request({ write: true }), 'r1'));
    bench.ms(100);
    expect(tags.map((tag) => bench.code(tag))).toEqual([
      'ok',
      'overloaded',
      'gateway-timeout',
      'rate-limited',
    ]);
    expect(bench.value(0)).toEqual({ type: 'http.response', version: 5, degraded: false });
    expect(bench.retryAfter(3)).toBe(70);
  });

  it('in shadow mode only counts what it would refuse', () => {
    const bench = limited({ config: { ratePerSecond: 1, burst: 2, enforce: false } });
    const tags = Array.from({ length: 6 }, () => bench.requestAt(1, request(), 'r1'));
    bench.ms(50);
    expect(bench.ended(tags, 'ok')).toBe(6);
    expect(bench.seen()).toMatchObject({ admitted: 2, refused: 4 });
    expect(bench.told('limiter.refusing').map(({ fact }) => fact)).toEqual([
      { type: 'limiter.refusing', isEnforced: false },
    ]);
  });

  it('tells when a burst of refusals begins and when it is over', () => {
    const bench = limited({ config: { ratePerSecond: 1, burst: 1 } });
    for (const at of [10, 20, 30, 700, 5_000, 5_010]) bench.requestAt(at, request(), 'r1');
    bench.ms(20_000);
    const told = (type: string) => bench.told(type).map(({ atMicros }) => atMicros / 1e3);
    // Calm is a second without a refusal: the last ones arrive at 701 and 5011 ms.
    expect(told('limiter.refusing')).toEqual([21, 5_011]);
    expect(told('limiter.admitting')).toEqual([1_701, 6_011]);
    expect(bench.told('limiter.admitting').map(({ fact }) => fact)).toEqual([
      { type: 'limiter.admitting', refused: 3 },
      { type: 'limiter.admitting', refused: 1 },
    ]);
  });

  it('shows a level that fills and drains, and the newest decisions', () => {
    const bench = limited({ config: { ratePerSecond: 10, burst: 10 } });
    expect(bench.ms(0.5).seen().level).toBeNull();
    for (let i = 0; i < 5; i++) bench.requestAt(1, request(), 'r1');
    expect(bench.ms(10).seen()).toMatchObject({ level: 0.5, levelAtMicros: 2_000 });
    bench.requestAt(401, request(), 'r1');
    // Four tokens came back, one was taken.
    expect(bench.ms(410).seen().level).toBeCloseTo(0.2, 9);
    for (let i = 0; i < 30; i++) bench.requestAt(420, request(), 'r1');
    const { marks, level } = bench.ms(450).seen();
    expect(level).toBeCloseTo(1, 1);
    expect(marks).toHaveLength(24);
    expect(marks.at(-1)).toEqual({ atMicros: 421_000, admitted: false });
  });

  it('shows the level of the busiest key', () => {
    const bench = limited({ config: { ratePerSecond: 0.001, burst: 4, per: 'key' } });
    for (const key of [1, 1, 1, 2]) bench.requestAt(1, request({ key }), 'r1');
    expect(bench.ms(10).seen().level).toBeCloseTo(0.75, 4);
  });

  it('starts anew after a crash', () => {
    const bench = limited({ config: { ratePerSecond: 0.001, burst: 1 } });
    const first = bench.requestAt(1, request(), 'r1');
    bench.ms(10).inject('crash', { type: 'crash', target: 'r1' });
    bench.ms(20).undo('crash');
    const second = bench.requestAt(30, request(), 'r1');
    bench.ms(50);
    expect([bench.code(first), bench.code(second)]).toEqual(['ok', 'ok']);
  });
});

describe('a client that is told when to come back', () => {
  const client = (respectRetryAfter: boolean) => {
    const bench = limited({
      config: { policy: 'token-bucket', ratePerSecond: 20, burst: 5 },
      more: [
        {
          name: 'c',
          component: 'http-client',
          count: 1,
          links: { target: 'r' },
          config: {
            arrivals: { kind: 'replay', timesMs: Array.from({ length: 8 }, () => 10) },
            call: {
              maxAttempts: 12,
              respectRetryAfter,
              backoff: { policy: 'full-jitter', baseMs: 5, capMs: 10 },
            },
          },
        },
      ],
    });
    bench.ms(20_000);
    return bench.seen();
  };

  it('and waits is refused less often than one that does not', () => {
    const polite = client(true);
    const pushy = client(false);
    // Three of eight are over the limit; a token comes every 50 ms: 3 + 2 + 1 refusals.
    expect([polite.admitted, polite.refused]).toEqual([8, 6]);
    expect(pushy.refused).toBeGreaterThan(2 * polite.refused);
    expect(pushy.admitted).toBeLessThanOrEqual(polite.admitted);
  });
});
