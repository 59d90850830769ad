/** A second request that races a slow first one. */
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from 'faultline';
import { ok, refused } from '../components/support/traffic-partners.ts';
import type { Act, Play } from '../components/support/traffic-partners.ts';
import { clientBench } from '../components/support/traffic-bench.ts';
import type { ClientBenchPlan, TrafficBench } from '../components/support/traffic-bench.ts';

const REQUEST = 'http.request';
const call = { timeoutMs: 500, hedge: { afterMs: 40 } };
const run = (plan: ClientBenchPlan, untilMs = 5_000): TrafficBench =>
  clientBench({ servers: 2, call, ...plan }).ms(untilMs);
/** By server: what it answers, always. */
const each =
  (...acts: Act[]): Play =>
  ({ server }) =>
    acts[server] ?? null;

describe('a hedge', () => {
  it('is sent exactly so long after the first, to another member', () => {
    const bench = run({ play: each(ok(200), ok(10)) });
    expect(bench.times(REQUEST)).toEqual([10, 50]);
    expect(bench.targets(REQUEST)).toEqual(['b1', 'b2']);
  });

  it('ends the call with its answer, and the late reply of the loser is counted', () => {
    const bench = run({ play: each(ok(200, 1), ok(10, 2)) });
    expect(bench.completed()).toMatchObject([
      { outcome: 'ok', output: 2, latencyMicros: 52_000, retries: 0, hedges: 1 },
    ]);
    expect(bench.upstream()).toMatchObject({ hedged: 1, retries: 0, ok: 1, running: 0 });
    expect(bench.lateReplies).toBe(1);
    expect(bench.upstream().backends.active).toEqual([0, 0]);
  });

  it('loses where the first answers before it', () => {
    const bench = run({ play: each(ok(60, 1), ok(100, 2)) });
    expect(bench.completed()).toMatchObject([{ output: 1, latencyMicros: 62_000 }]);
    expect(bench.lateReplies).toBe(1);
  });

  it('is not sent where the first answers in time', () => {
    const bench = run({ play: each(ok(30), ok()) });
    expect(bench.times(REQUEST)).toEqual([10]);
    expect(bench.upstream().hedged).toBe(0);
  });

  it('is not sent under its ablation', () => {
    const bench = run({ play: each(ok(200), ok(10)), ablations: ['traffic.hedge'] });
    expect(bench.times(REQUEST)).toEqual([10]);
  });

  it('is a request of its own to whoever receives it', () => {
    const bench = run({ play: each(ok(200), ok(10)) });
    const sent = bench.sent(REQUEST).map(({ message }) => (message as HttpRequest).attempt);
    expect(sent).toEqual([0, 1]);
  });

  it('comes as often as it may, each so long after the last', () => {
    const many = { timeoutMs: 500, hedge: { afterMs: 40, max: 2 } };
    const bench = run({ servers: 3, call: many, play: () => null });
    expect(bench.times(REQUEST)).toEqual([10, 50, 90]);
    expect(new Set(bench.targets(REQUEST)).size).toBe(3);
  });

  it('goes to the only member where there is no other', () => {
    expect(run({ servers: 1, play: () => null }).targets(REQUEST)).toEqual(['b1', 'b1']);
  });

  it('is still waited for when the first fails', () => {
    const bench = run({ play: each(refused('overloaded', 60), ok(100)) });
    expect(bench.completed()).toMatchObject([{ outcome: 'ok', latencyMicros: 142_000 }]);
  });

  it('needs a place in the bulkhead, and goes without where there is none', () => {
    const tight = { ...call, maxConcurrentCalls: 1 };
    const bench = run({ call: tight, play: each(ok(200), ok(10)) });
    expect(bench.times(REQUEST)).toEqual([10]);
    expect(bench.completed()).toMatchObject([{ outcome: 'ok' }]);
  });

  it('of a write makes it unknown where one of the two got no answer', () => {
    const bench = run({ write: true, play: each(null, refused('overloaded', 600)) });
    expect(bench.completed()).toMatchObject([{ outcome: 'unknown' }]);
  });
});

describe('a hedge by percentile', () => {
  /** Every twentieth answer takes long, the others from 1 to 19 ms. */
  const play: Play = ({ nth }) => (nth % 20 === 19 ? ok(150) : ok(1 + (nth % 20)));
  const times = Array.from({ length: 400 }, (_, i) => 10 + i * 200);
  const hedged = (hedge: object, ablations: readonly string[] = []) =>
    run({ servers: 1, times, play, call: { timeoutMs: 500, hedge }, ablations }, 90_000);

  it('is sent after the fixed time until enough answers are known', () => {
    const bench = hedged({ afterMs: 100, percentile: 0.8 });
    const again = bench
      .sent(REQUEST)
      .filter(({ message }) => (message as HttpRequest).attempt === 1)
      .map(({ atMicros }) => (atMicros / 1_000 - 10) % 200);
    // The twentieth call is the first slow one; from then on sixteen of twenty take up to 18 ms.
    expect(again[0]).toBe(100);
    for (const ms of again.slice(1)) expect(ms).toBeLessThan(25);
  });

  it('is sent for the share of calls that is left, although it hides how slow they are', () => {
    for (const percentile of [0.8, 0.9]) {
      const { hedged: count } = hedged({ afterMs: 100, percentile }).upstream();
      expect(count / 400).toBeGreaterThan((1 - percentile) * 0.5);
      expect(count / 400).toBeLessThan((1 - percentile) * 1.5);
    }
  });

  it('is not sent without afterMs, nor under its ablation', () => {
    expect(hedged({ percentile: 0.8 }).upstream().hedged).toBe(0);
    const off = hedged({ afterMs: 100, percentile: 0.8 }, ['traffic.hedge']).upstream();
    expect([off.hedged, off.latencies]).toEqual([0, undefined]);
  });
});

describe('a write that must not be done twice', () => {
  const once = { ...call, maxAttempts: 3, retryUnknown: false };

  it('is not hedged: the fate of the first is not known then', () => {
    const bench = run({ write: true, call: once, play: each(ok(200), ok(10)) });
    expect(bench.times(REQUEST)).toEqual([10]);
    expect(run({ call: once, play: each(ok(200), ok(10)) }).times(REQUEST)).toEqual([10, 50]);
  });
});

describe('breaker permissions', () => {
  it('that a given-up request held go back', () => {
    const circuitBreaker = {
      enabled: true,
      slidingWindowSize: 2,
      minimumNumberOfCalls: 2,
      waitDurationInOpenStateMs: 100,
      permittedNumberOfCallsInHalfOpenState: 2,
    };
    // Two fail and open it; then the first is slow, its hedge wins, and one more result is needed.
    const play: Play = ({ nth, server }) => {
      if (nth < 1) return refused('overloaded');
      return server === 0 ? ok(300) : ok(10);
    };
    const times = [10, 20, 200, 300];
    const bench = clientBench({ servers: 2, times, play, call: { ...call, circuitBreaker } });
    bench.ms(199);
    expect(bench.upstream().breaker.state).toBe('open');
    bench.ms(245);
    // Both permissions are taken by the first and its hedge.
    expect(bench.upstream().breaker).toMatchObject({ state: 'half-open', permits: 0 });
    bench.ms(290);
    expect(bench.upstream().breaker).toMatchObject({ state: 'half-open', permits: 1 });
    bench.ms(1_000);
    expect(bench.upstream().breaker.state).toBe('closed');
    expect(bench.completed().map(({ outcome }) => outcome)).toEqual(['fail', 'fail', 'ok', 'ok']);
  });
});
