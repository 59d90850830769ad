/** Limiters that share a store: what each way of counting lets through too much, exactly. */
import { describe, expect, it } from 'vitest';
import type { LimitStoreState } from '../../../../src/sim/components/limit-store/limit-store.ts';
import type { Limited } from './support/limited.ts';
import { limited } from './support/limited.ts';
import { request } from '../support/traffic-bench.ts';

/** So many requests at once, each at a limiter of its own in turn. */
function burst(bench: Limited, count: number, limiters: number, at = 100): number[] {
  return Array.from({ length: count }, (_, i) =>
    bench.requestAt(at, request(), `r${(i % limiters) + 1}`),
  );
}
const window = { ratePerSecond: 10, windowMs: 10_000 };

describe('a store that decides', () => {
  it.each(['token-bucket', 'gcra', 'fixed-window', 'sliding-log'])(
    'never lets through more than its limit, whoever asks at once: %s',
    (policy) => {
      const store = { policy, ratePerSecond: 1, burst: policy === 'gcra' ? 9 : 10 };
      const bench = limited({
        limiters: 4,
        store: { ...store, windowMs: 10_000 },
        config: { where: 'store-atomic' },
      });
      const tags = burst(bench, 40, 4);
      bench.ms(500);
      expect(bench.ended(tags, 'ok')).toBe(10);
      expect(bench.ended(tags, 'rate-limited')).toBe(30);
      expect(bench.heard()).toHaveLength(10);
    },
  );

  it('says after how long to come back', () => {
    const bench = limited({
      store: { policy: 'gcra', ratePerSecond: 2, burst: 0 },
      config: { where: 'store-atomic' },
    });
    const tags = burst(bench, 2, 1);
    bench.ms(500);
    expect(bench.retryAfter(tags[1] as number)).toBe(500);
  });

  it('takes a round trip to the store for each request', () => {
    const bench = limited({ store: {}, config: { where: 'store-atomic' } });
    const [tag] = burst(bench, 1, 1) as [number];
    bench.ms(500);
    // Client, limiter, store, limiter, server, limiter, client: six ways of a millisecond.
    expect(bench.at(tag)).toBe(106);
    expect(bench.seen().storeCalls).toBe(1);
  });
});

describe('reading the count and then writing it', () => {
  it.each([1, 2, 5, 20])(
    'of %i at once at the last place lets all through: n - 1 too many',
    (n) => {
      const limit = 10;
      const bench = limited({
        limiters: n,
        store: { ratePerSecond: 1, windowMs: 10_000 },
        config: { where: 'store-read-then-write', ratePerSecond: 1, windowMs: 10_000 },
      });
      // One after the other, up to one below the limit.
      const before = Array.from({ length: limit - 1 }, (_, i) =>
        bench.requestAt(20 * (i + 1), request(), 'r1'),
      );
      const race = burst(bench, n, n, 500);
      const after = bench.requestAt(600, request(), 'r1');
      bench.ms(1_000);
      expect(bench.ended(before, 'ok')).toBe(limit - 1);
      expect(bench.ended(race, 'ok')).toBe(n);
      expect(bench.heard().length - limit).toBe(n - 1);
      // All of them wrote the same count.
      expect(bench.code(after)).toBe('rate-limited');
    },
  );

  it('one after the other lets exactly the limit through', () => {
    const bench = limited({
      store: { ratePerSecond: 1, windowMs: 10_000 },
      config: { where: 'store-read-then-write', ratePerSecond: 1, windowMs: 10_000 },
    });
    const tags = Array.from({ length: 30 }, (_, i) => bench.requestAt(20 * i, request(), 'r1'));
    bench.ms(1_000);
    expect(bench.ended(tags, 'ok')).toBe(10);
    // The window ends at ten seconds of the limiter's own clock.
    expect(bench.retryAfter(tags[29] as number)).toBe(10_000 - (580 + 1 + 2));
  });

  it('asks the store once for who is refused and twice for who passes', () => {
    const bench = limited({
      store: { ratePerSecond: 1, windowMs: 2_000 },
      config: { where: 'store-read-then-write', ratePerSecond: 1, windowMs: 2_000 },
    });
    for (let i = 0; i < 5; i++) bench.requestAt(20 * i, request(), 'r1');
    bench.ms(500);
    expect(bench.sent('limit.write')).toHaveLength(2);
    expect(bench.sent('limit.read')).toHaveLength(5);
    expect(bench.seen().storeCalls).toBe(7);
  });
});

describe('counting here and telling the store at times', () => {
  it.each([
    [1, 50],
    [2, 50],
    [4, 50],
    [4, 200],
    [8, 100],
  ])('%i nodes, told every %i ms, let through too much, but within the bound', (nodes, syncMs) => {
    const perNodePerMs = 0.5;
    const bench = limited({
      limiters: nodes,
      store: window,
      config: { where: 'local-sync', syncMs, ...window },
    });
    const tags: number[] = [];
    for (let at = 1; at <= 1_000; at += 1 / perNodePerMs) {
      for (let r = 1; r <= nodes; r++) tags.push(bench.requestAt(at, request(), `r${r}`));
    }
    bench.ms(2_000);
    const limit = 100;
    const passed = bench.ended(tags, 'ok');
    // A node knows what the others did a sync, a round trip of 2 ms and their own sync ago.
    const bound = nodes * perNodePerMs * (syncMs + 2);
    expect(passed).toBeGreaterThanOrEqual(limit);
    expect(passed - limit).toBeLessThanOrEqual(bound);
    if (nodes === 1) expect(passed).toBe(limit);
    else expect(passed).toBeGreaterThan(limit);
    expect(bench.heard()).toHaveLength(passed);
  });

  it('asks the store only at times, and answers without waiting', () => {
    const bench = limited({
      store: window,
      config: { where: 'local-sync', syncMs: 100, ...window },
    });
    const tags = Array.from({ length: 50 }, (_, i) => bench.requestAt(1 + i, request(), 'r1'));
    bench.ms(1_050);
    expect(bench.at(tags[0] as number)).toBe(5);
    // At 100, 200, ... 1000 ms, the one key.
    expect(bench.seen().storeCalls).toBe(10);
  });

  it('begins anew with each window, and loses what an old window did not tell', () => {
    const own = { ratePerSecond: 10, windowMs: 1_000 };
    const bench = limited({ store: own, config: { where: 'local-sync', syncMs: 100, ...own } });
    const first = burst(bench, 20, 1, 500);
    const second = burst(bench, 20, 1, 1_500);
    bench.ms(2_000);
    expect([bench.ended(first, 'ok'), bench.ended(second, 'ok')]).toEqual([10, 10]);
  });

  it('tells again what a lost report did not tell', () => {
    const bench = limited({
      store: window,
      config: { where: 'local-sync', syncMs: 100, storeCall: { timeoutMs: 20 }, ...window },
    });
    burst(bench, 60, 1, 20);
    const count = (): number | undefined => {
      const { counts } = bench.node('k1').state as LimitStoreState;
      return counts.get(0)?.count;
    };
    bench.ms(30).inject('cut', { type: 'partition', groups: [['k1']] });
    expect(bench.ms(450).seen().isStoreLost).toBe(true);
    expect(count()).toBeUndefined();
    bench.undo('cut').ms(550);
    expect(bench.seen().isStoreLost).toBe(false);
    expect(count()).toBe(60);
  });

  it('learns of the others with its next report', () => {
    const bench = limited({
      limiters: 2,
      store: window,
      config: { where: 'local-sync', syncMs: 100, ...window },
    });
    burst(bench, 99, 1, 10);
    // The other one knows nothing yet: it lets its first request through, and tells of it.
    const first = bench.requestAt(120, request(), 'r2');
    const second = bench.requestAt(300, request(), 'r2');
    bench.ms(500);
    expect([bench.code(first), bench.code(second)]).toEqual(['ok', 'rate-limited']);
  });
});

describe('without a store that answers', () => {
  const dead = (onStoreFailure: 'open' | 'closed', where: string, enforce = true) => {
    const bench = limited({
      store: window,
      config: { where, onStoreFailure, enforce, storeCall: { timeoutMs: 20 }, syncMs: 50 },
    });
    bench.ms(1).inject('crash', { type: 'crash', target: 'k1' });
    return bench;
  };

  it.each(['store-atomic', 'store-read-then-write'])(
    'open lets everything through: %s',
    (where) => {
      const bench = dead('open', where);
      const tags = burst(bench, 30, 1);
      bench.ms(500);
      expect(bench.ended(tags, 'ok')).toBe(30);
      expect(bench.seen()).toMatchObject({ undecided: 30, admitted: 0, refused: 0 });
    },
  );

  it.each(['store-atomic', 'store-read-then-write'])('closed lets nothing through: %s', (where) => {
    const bench = dead('closed', where);
    const tags = burst(bench, 30, 1);
    bench.ms(500);
    expect(bench.ended(tags, 'unavailable')).toBe(30);
    expect(bench.heard()).toEqual([]);
  });

  it('shadow mode lets everything through, also when closed', () => {
    const bench = dead('closed', 'store-atomic', false);
    const tags = burst(bench, 5, 1);
    bench.ms(500);
    expect(bench.ended(tags, 'ok')).toBe(5);
  });

  it('says so, and when it answers again', () => {
    const bench = dead('open', 'store-atomic');
    burst(bench, 2, 1);
    bench.ms(300).undo('crash');
    burst(bench, 1, 1, 400);
    bench.ms(500);
    const told = (type: string) => bench.told(type).map(({ atMicros }) => atMicros / 1e3);
    expect(told('limiter.store-lost')).toEqual([121]);
    expect(told('limiter.store-back')).toEqual([403]);
  });

  it('a limiter that counts here goes on by its own count where it is open', () => {
    const bench = dead('open', 'local-sync');
    const first = burst(bench, 1, 1, 10);
    const tags = burst(bench, 150, 1, 400);
    bench.ms(600);
    // Its own settings: 100 a second in a window of one second.
    expect(bench.ended([...first, ...tags], 'ok')).toBe(100);
  });

  it('and turns everything away where it is closed', () => {
    const bench = dead('closed', 'local-sync');
    const first = burst(bench, 1, 1, 10);
    const tags = burst(bench, 20, 1, 400);
    bench.ms(600);
    expect(bench.ended(first, 'ok')).toBe(1);
    expect(bench.ended(tags, 'unavailable')).toBe(20);
  });
});
