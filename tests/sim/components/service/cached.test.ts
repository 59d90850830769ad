/** Steps that use a cache: look-ups, fills, flights, refreshes, near caches, invalidation. */
import { describe, expect, it } from 'vitest';
import type { CacheDelete, CacheSet, HttpRequest, HttpResponse } from 'faultline';
import { cacheValue, connected, refused, rows, stored } from '../support/traffic-partners.ts';
import type { Act, Heard, Play } from '../support/traffic-partners.ts';
import { GAUGES as serviceGauges } from '../../../../src/sim/components/service/show.ts';
import { request, serviceBench } from '../support/traffic-bench.ts';
import type { ServiceBenchPlan, TrafficBench } from '../support/traffic-bench.ts';

const query = { do: 'query', to: 'to' };
const work = (ms: number) => ({ do: 'work', time: { kind: 'constant', ms } });
const cached = (more: object = {}, miss: unknown[] = [query]) => ({
  do: 'cached',
  in: 'to',
  miss,
  ...more,
});

interface Partner {
  readonly get?: Act | ((heard: Heard) => Act);
  readonly query?: Act | ((heard: Heard) => Act);
  readonly set?: Act;
  readonly remove?: Act;
}
const acted = (act: Act | ((heard: Heard) => Act) | undefined, heard: Heard, other: Act): Act =>
  act === undefined ? other : typeof act === 'function' ? act(heard) : act;

/** A cache that misses (under lease 5) and a database whose row is in version 3. */
const partner =
  (does: Partner = {}): Play =>
  (heard) => {
    switch (heard.message.type) {
      case 'cache.get':
        return acted(does.get, heard, { reply: cacheValue('miss', -1, 5) });
      case 'cache.set':
        return acted(does.set, heard, { reply: stored });
      case 'cache.delete':
        return acted(does.remove, heard, { reply: stored });
      case 'sql.query':
        return acted(does.query, heard, { reply: rows(3) });
      default:
        return { reply: connected };
    }
  };

interface Asked extends Omit<ServiceBenchPlan, 'play'> {
  readonly does?: Partner;
  readonly times?: readonly number[];
  readonly fields?: (nth: number) => Partial<HttpRequest>;
}
function ask({ does, times = [9], fields, ...plan }: Asked, untilMs = 2_000) {
  const bench = serviceBench({ ...plan, play: partner(does) });
  const tags = times.map((ms, i) => bench.requestAt(ms, request(fields?.(i) ?? {})));
  bench.ms(untilMs);
  return {
    bench,
    codes: tags.map((tag) => bench.code(tag)),
    at: tags.map((tag) => bench.at(tag)),
    versions: tags.map((tag) => bench.value<HttpResponse>(tag)?.version),
  };
}
const sets = (bench: TrafficBench) =>
  bench.sent('cache.set').map(({ message }) => message as CacheSet);
const counts = (bench: TrafficBench) => {
  const { cacheHits, cacheMisses } = bench.service();
  return [cacheHits, cacheMisses];
};

describe('a look-up', () => {
  it('that hits answers with what the cache has', () => {
    const does = { get: { reply: cacheValue('hit', 7) } };
    const { bench, at, versions } = ask({ steps: [cached()], does });
    expect([at[0], versions[0]]).toEqual([13, 7]);
    expect(bench.sent('sql.query')).toEqual([]);
    expect(counts(bench)).toEqual([1, 0]);
  });

  it('that misses makes the object, sets it under its lease, and waits for that', () => {
    const { bench, at, versions } = ask({
      steps: [cached()],
      does: { query: { reply: rows(3), afterMs: 8 } },
    });
    // There 10, missed 12, made 22, set 24, answered 25.
    expect([at[0], versions[0]]).toEqual([25, 3]);
    expect(sets(bench)).toMatchObject([{ key: 1, version: 3, lease: 5, costMs: 10 }]);
    expect(counts(bench)).toEqual([0, 1]);
  });

  it('does not wait for the set where that is done in the background', () => {
    const { bench, at } = ask({ steps: [cached({ setInBackground: true })] });
    expect(at[0]).toBe(15);
    expect(sets(bench)).toHaveLength(1);
  });

  it('goes on when the cache does not take the object', () => {
    expect(ask({ steps: [cached()], does: { set: refused('origin-failed') } }).codes).toEqual([
      'ok',
    ]);
  });

  it('whose cache fails makes the object and does not try to set it', () => {
    const config = { upstreams: [{ to: 'to', timeoutMs: 30 }] };
    for (const get of [null, refused('origin-failed')]) {
      const { bench, codes, versions } = ask({ steps: [cached()], config, does: { get } });
      expect([codes[0], versions[0]]).toEqual(['ok', 3]);
      expect(sets(bench)).toEqual([]);
    }
  });

  it('fails where the object cannot be made, and sets nothing', () => {
    const { bench, codes } = ask({ steps: [cached()], does: { query: refused('lock-timeout') } });
    expect(codes).toEqual(['unavailable']);
    expect(sets(bench)).toEqual([]);
  });

  it('keeps that there is no object only where it is negative', () => {
    const does = { query: { reply: rows(-1) } };
    expect(sets(ask({ steps: [cached()], does }).bench)).toEqual([]);
    expect(sets(ask({ steps: [cached({ negative: true })], does }).bench)).toMatchObject([
      { version: -1, lease: 5 },
    ]);
  });

  it('waits where another one fetches it, and asks again', () => {
    let asked = 0;
    const get = (): Act => ({ reply: cacheValue(asked++ < 2 ? 'wait' : 'hit', 4) });
    const { bench, at, versions } = ask({ steps: [cached()], does: { get } });
    expect(bench.times('cache.get')).toEqual([10, 22, 34]);
    expect([at[0], versions[0]]).toEqual([37, 4]);
  });

  it('without steps for a miss takes what the cache says, and fails without the cache', () => {
    const steps = [{ do: 'cached', in: 'to' }];
    expect(ask({ steps }).versions).toEqual([-1]);
    expect(ask({ steps, does: { get: { reply: cacheValue('stale', 2) } } }).versions).toEqual([2]);
    expect(ask({ steps, does: { get: refused('origin-failed') } }).codes).toEqual(['bad-gateway']);
  });

  it('goes on with the steps behind it', () => {
    expect(ask({ steps: [cached(), work(5)] }).at).toEqual([22]);
    const does = { get: { reply: cacheValue('hit', 7) } };
    expect(ask({ steps: [cached(), work(5)], does }).at).toEqual([18]);
  });
});

describe('what is expired', () => {
  const stale = { get: { reply: cacheValue('stale', 2, 6) } };

  it('is made anew before the answer', () => {
    const { at, versions } = ask({ steps: [cached()], does: stale });
    expect([at[0], versions[0]]).toEqual([17, 3]);
  });

  it('is used where it may be refreshed behind the back', () => {
    const steps = [cached({ staleWhileRevalidate: true })];
    const { bench, at, versions } = ask({ steps, does: stale });
    expect([at[0], versions[0]]).toEqual([13, 2]);
    expect(sets(bench)).toMatchObject([{ version: 3, lease: 6 }]);
    expect(counts(bench)).toEqual([1, 0]);
  });

  it('is refreshed without the steps behind the look-up', () => {
    const steps = [cached({ staleWhileRevalidate: true }), { do: 'put', in: 'to' }, work(5)];
    const { bench } = ask({ steps, does: stale });
    // One set by the refresh, one by the step behind.
    expect(
      sets(bench)
        .map(({ version }) => version)
        .sort(),
    ).toEqual([2, 3]);
    const { jobs, freeJobs, threads, freeThreads } = bench.service();
    expect([freeJobs.length, freeThreads.length]).toEqual([jobs.length, threads.length]);
  });

  it('is refreshed although whoever asked no longer waits', () => {
    const steps = [cached({ staleWhileRevalidate: true }, [work(50), query])];
    const bench = serviceBench({
      steps,
      play: partner(stale),
      config: { propagateDeadline: true },
    });
    bench.requestAt(9, request(), 's1', 20);
    bench.ms(500);
    expect(sets(bench)).toHaveLength(1);
  });

  it('stays where the refresh fails', () => {
    const steps = [cached({ staleWhileRevalidate: true })];
    const does = { ...stale, query: refused('lock-timeout') };
    const { bench, codes } = ask({ steps, does });
    expect(codes).toEqual(['ok']);
    expect(sets(bench)).toEqual([]);
    expect(bench.service().freeThreads).toHaveLength(2);
  });
});

describe('a single flight', () => {
  const steps = [cached({ singleFlight: true })];
  const does = { query: { reply: rows(3), afterMs: 50 } };
  const times = [9, 10, 11, 12];

  it('makes an object once for all that miss it at the same time', () => {
    const { bench, codes, versions } = ask({ steps, does, times });
    expect(bench.sent('sql.query')).toHaveLength(1);
    expect(sets(bench)).toHaveLength(1);
    expect(codes).toEqual(['ok', 'ok', 'ok', 'ok']);
    expect(versions).toEqual([3, 3, 3, 3]);
    expect(bench.service().flights.size).toBe(0);
  });

  it('makes each object by itself', () => {
    const fields = (nth: number) => ({ key: nth % 2 });
    expect(ask({ steps, does, times, fields }).bench.sent('sql.query')).toHaveLength(2);
  });

  it('is over when the object is made: a later miss makes it again', () => {
    expect(ask({ steps, does, times: [9, 200] }).bench.sent('sql.query')).toHaveLength(2);
  });

  it('that fails fails all who wait for it', () => {
    const bad = { query: { refuse: 'lock-timeout', afterMs: 50 } };
    const { codes, bench } = ask({ steps, does: bad, times });
    expect(codes).toEqual(['unavailable', 'unavailable', 'unavailable', 'unavailable']);
    expect(bench.service().flights.size).toBe(0);
  });

  it('whose failure has an `otherwise` lands for all', () => {
    const safe = [cached({ singleFlight: true }, [{ ...query, otherwise: [work(5)] }])];
    const bad = { query: { refuse: 'lock-timeout', afterMs: 50 } };
    expect(ask({ steps: safe, does: bad, times }).codes).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('is not without the step, nor under its ablation', () => {
    expect(ask({ steps: [cached()], does, times }).bench.sent('sql.query')).toHaveLength(4);
    const ablations = ['traffic.single-flight'];
    expect(ask({ steps, does, times, ablations }).bench.sent('sql.query')).toHaveLength(4);
  });
});

describe('a cache behind a cache', () => {
  const steps = [cached({ singleFlight: true }, [cached({ singleFlight: true })])];

  it('gets what was made, and the one in front gets it under its own lease', () => {
    let asked = 0;
    const get = (): Act => ({ reply: cacheValue('miss', -1, 10 + asked++) });
    const does = { get, query: { reply: rows(3), afterMs: 8 } };
    const { bench, codes } = ask({ steps, does });
    expect(codes).toEqual(['ok']);
    // The inner one was asked second; made when the statement had run, then set, each in turn.
    expect(sets(bench)).toMatchObject([
      { lease: 11, costMs: 10, version: 3 },
      { lease: 10, costMs: 14, version: 3 },
    ]);
  });

  it('lands the flights of both', () => {
    const does = { query: { reply: rows(3), afterMs: 50 } };
    const good = ask({ steps, does, times: [9, 10, 11] });
    expect(good.codes).toEqual(['ok', 'ok', 'ok']);
    expect(good.bench.sent('sql.query')).toHaveLength(1);
    const bad = ask({ steps, does: { query: refused('lock-timeout', 50) }, times: [9, 10, 11] });
    expect(bad.codes).toEqual(['unavailable', 'unavailable', 'unavailable']);
    expect(bad.bench.service().flights.size).toBe(0);
  });
});

describe('a near cache', () => {
  const near = (capacity: number, ttlMs: number) => [cached({ near: { capacity, ttlMs } })];
  const hit = { get: (): Act => ({ reply: cacheValue('hit', 7) }) };

  it('answers for its time to live, and not a microsecond longer', () => {
    // Filled when the answer is there, at 12.
    const plan = { steps: near(10, 100), does: hit };
    const { bench, at } = ask({ ...plan, times: [9, 50, 110.999, 111] });
    expect(at).toEqual([13, 52, 112.999, 115]);
    expect(bench.times('cache.get')).toEqual([10, 112]);
    expect(counts(bench)).toEqual([4, 0]);
  });

  it('counts what it found, beside what the far cache did', () => {
    const { bench } = ask({ steps: near(10, 100), does: hit, times: [9, 50, 90, 200] });
    const shareOf = (title: string): readonly number[] => {
      const gauge = serviceGauges.find((one) => one.title === title);
      if (gauge?.kind !== 'share') throw new Error(`${title} is no share`);
      return [gauge.of(bench.service()), gauge.outOf(bench.service())];
    };
    expect(shareOf('Near hit ratio')).toEqual([2, 4]);
    expect(shareOf('Hit ratio')).toEqual([4, 4]);
  });

  it('keeps the objects that were used last', () => {
    const keys = [1, 2, 1, 3, 1, 2];
    const fields = (nth: number) => ({ key: keys[nth] as number });
    const times = keys.map((_, i) => 9 + i * 10);
    const { bench } = ask({ steps: near(2, 1_000), does: hit, times, fields });
    const asked = bench.sent('cache.get').map(({ message }) => (message as { key?: number }).key);
    expect(asked).toEqual([1, 2, 3, 2]);
  });

  it('gets what was made after a miss, too', () => {
    const { bench, versions } = ask({ steps: near(10, 100), times: [9, 50] });
    expect(bench.times('cache.get')).toEqual([10]);
    expect(versions).toEqual([3, 3]);
  });
});

describe('putting and taking out', () => {
  const remove = (by?: string) => ({
    do: 'invalidate',
    in: 'to',
    ...(by === undefined ? {} : { by }),
  });
  const write = { fields: () => ({ write: true, key: 4 }) };

  it('puts the version at hand, without a lease', () => {
    const { bench, at } = ask({ steps: [query, { do: 'put', in: 'to' }], ...write });
    expect(sets(bench)).toMatchObject([{ key: 4, version: 3, lease: 0 }]);
    expect(at).toEqual([15]);
  });

  it('deletes whatever is there, or what is older than the version at hand', () => {
    const deleted = (by?: string) =>
      ask({ steps: [query, remove(by)], ...write }).bench.sent('cache.delete')[0]
        ?.message as CacheDelete;
    expect(deleted()).toMatchObject({ key: 4, version: -1 });
    expect(deleted('delete')).toMatchObject({ key: 4, version: -1 });
    expect(deleted('version')).toMatchObject({ key: 4, version: 3 });
  });

  it('tells an event without waiting', () => {
    const { bench, at } = ask({ steps: [query, remove('event')], ...write });
    expect(bench.sent('cache.invalidate')[0]?.message).toMatchObject({ key: 4, version: 3 });
    expect(bench.sent('cache.delete')).toEqual([]);
    expect(at).toEqual([13]);
  });

  it('goes on although the cache does not answer', () => {
    const config = { upstreams: [{ to: 'to', timeoutMs: 30 }] };
    const does = { remove: null, set: null };
    const { codes } = ask({ steps: [query, remove(), { do: 'put', in: 'to' }], config, does });
    expect(codes).toEqual(['ok']);
  });

  it('takes the object out of the near cache at once', () => {
    const routes = [{ route: 'PUT /x', steps: [remove('event')] }];
    const fields = (nth: number) => ({ route: nth === 1 ? 'PUT /x' : 'GET /x' });
    const steps = [cached({ near: { capacity: 5, ttlMs: 1_000 } })];
    const { bench } = ask({ steps, config: { routes }, times: [9, 50, 90], fields });
    expect(bench.times('cache.get')).toEqual([10, 91]);
  });
});
