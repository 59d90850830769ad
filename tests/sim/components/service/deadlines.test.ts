/** By whose deadline a thread works: its own request's, or none where it works for others. */
import { describe, expect, it } from 'vitest';
import { cacheValue, connected, rows, stored } from '../support/traffic-partners.ts';
import type { Play } from '../support/traffic-partners.ts';
import { request, serviceBench } from '../support/traffic-bench.ts';
import type { TrafficBench } from '../support/traffic-bench.ts';

const work = (ms: number) => ({ do: 'work', time: { kind: 'constant', ms } });
const query = { do: 'query', to: 'to' };

/** A cache that answers in this way, and a statement that takes so long. */
const partner =
  (found: 'miss' | 'stale', queryMs: number): Play =>
  ({ message }) => {
    if (message.type === 'cache.get')
      return { reply: cacheValue(found, found === 'miss' ? -1 : 2, 5) };
    if (message.type === 'cache.set') return { reply: stored };
    if (message.type === 'sql.query') return { reply: rows(3), afterMs: queryMs };
    return { reply: connected };
  };

interface Asked {
  readonly steps: readonly unknown[];
  readonly found?: 'miss' | 'stale';
  readonly queryMs?: number;
  /** How long each of those who ask waits, the first first; they come a millisecond apart. */
  readonly patienceMs: readonly number[];
  readonly keys?: readonly number[];
}
function ask({ steps, found = 'miss', queryMs = 60, patienceMs, keys = [] }: Asked): {
  readonly bench: TrafficBench;
  readonly codes: readonly (string | undefined)[];
} {
  const bench = serviceBench({
    steps,
    cores: 4,
    play: partner(found, queryMs),
    config: { propagateDeadline: true, upstreams: [{ to: 'to', propagateDeadline: true }] },
  });
  const tags = patienceMs.map((ms, i) =>
    bench.requestAt(9 + i, request({ key: keys[i] ?? 1 }), 's1', ms),
  );
  bench.ms(2_000);
  const { jobs, freeJobs, threads, freeThreads } = bench.service();
  expect([freeJobs.length, freeThreads.length]).toEqual([jobs.length, threads.length]);
  return { bench, codes: tags.map((tag) => bench.code(tag)) };
}
const asked = (bench: TrafficBench): number => bench.sent('sql.query').length;
const sets = (bench: TrafficBench): number => bench.sent('cache.set').length;

describe('a flight', () => {
  const flight = (miss: readonly unknown[]) => [
    { do: 'cached', in: 'to', singleFlight: true, miss },
  ];

  it('is not ended by the deadline of whoever came first, in a call', () => {
    const { bench, codes } = ask({ steps: flight([query]), patienceMs: [20, 1_000] });
    expect(codes).toEqual(['timeout', 'ok']);
    expect([asked(bench), sets(bench)]).toEqual([1, 1]);
  });

  it('is not ended by it between two steps', () => {
    const steps = flight([work(40), query]);
    const { bench, codes } = ask({ steps, patienceMs: [20, 1_000, 25] });
    expect(codes).toEqual(['timeout', 'ok', 'timeout']);
    expect(asked(bench)).toBe(1);
  });

  it('is not ended by it in branches either', () => {
    const branches = [[work(40), query], [query]];
    const { bench, codes } = ask({
      steps: flight([{ do: 'parallel', branches }]),
      patienceMs: [20, 1_000],
    });
    expect(codes).toEqual(['timeout', 'ok']);
    expect(asked(bench)).toBe(2);
  });

  it('is given up between two steps when nobody waits any more', () => {
    const steps = flight([work(40), query]);
    const { bench, codes } = ask({ steps, patienceMs: [20, 30] });
    expect(codes).toEqual(['timeout', 'timeout']);
    expect(asked(bench)).toBe(0);
    expect(bench.service().flights.size).toBe(0);
  });

  it('is by oneself without the step: each fails by its own deadline', () => {
    const steps = [{ do: 'cached', in: 'to', miss: [query] }];
    const { bench, codes } = ask({ steps, patienceMs: [20, 1_000] });
    expect(codes).toEqual(['timeout', 'ok']);
    expect([asked(bench), sets(bench)]).toEqual([2, 1]);
  });
});

describe('a batch', () => {
  it('is not ended by the deadline of the first in it', () => {
    const batch = (steps: readonly unknown[]) => [
      { do: 'batch', maxSize: 2, maxDelayMs: 100, steps },
    ];
    const plan = { patienceMs: [20, 1_000], keys: [1, 2] };
    expect(ask({ steps: batch([query]), ...plan }).codes).toEqual(['timeout', 'ok']);
    expect(ask({ steps: batch([work(40), query]), ...plan }).codes).toEqual(['timeout', 'ok']);
  });
});

describe('a refresh behind the back', () => {
  const refreshed = (miss: readonly unknown[]) => [
    { do: 'cached', in: 'to', staleWhileRevalidate: true, miss },
  ];

  it('is not ended by the deadline of whoever caused it', () => {
    // The asker is answered at once, and would have waited for 20 ms; the statement takes 60.
    for (const miss of [[query], [work(40), query]]) {
      const steps = refreshed(miss);
      const { bench, codes } = ask({ steps, found: 'stale', patienceMs: [20] });
      expect(codes).toEqual(['ok']);
      expect([asked(bench), sets(bench)]).toEqual([1, 1]);
    }
  });

  it('is not ended by it in branches either', () => {
    const branches = [[work(40), query], [query]];
    const steps = refreshed([{ do: 'parallel', branches }]);
    const { bench } = ask({ steps, found: 'stale', patienceMs: [20] });
    expect([asked(bench), sets(bench)]).toEqual([2, 1]);
  });
});
