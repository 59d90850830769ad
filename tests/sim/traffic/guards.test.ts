/** What holds calls back: retry budget, circuit breaker, bulkhead, throttle. */
import { describe, expect, it } from 'vitest';
import type { BreakerChanged } from '../../../src/sim/traffic/facts.ts';
import { waitingIn } from '../../../src/sim/traffic/upstream-view.ts';
import { ok, refused } from '../components/support/traffic-partners.ts';
import type { Act, Play } from '../components/support/traffic-partners.ts';
import { clientBench } from '../components/support/traffic-bench.ts';
import type { ClientBenchPlan, TrafficBench } from '../components/support/traffic-bench.ts';

const REQUEST = 'http.request';
const run = (plan: ClientBenchPlan, untilMs = 20_000): TrafficBench =>
  clientBench(plan).ms(untilMs);
const times = (count: number, every: number): number[] =>
  Array.from({ length: count }, (_, i) => 10 + i * every);

describe('a retry budget', () => {
  const asked = times(500, 10);
  const call = (retryBudget: object) => ({
    maxAttempts: 4,
    backoff: { policy: 'constant', baseMs: 5, capMs: 5 },
    retryBudget,
  });
  const amplification = (retryBudget: object, ablations: string[] = []) => {
    const bench = run({
      times: asked,
      call: call(retryBudget),
      play: () => refused('overloaded'),
      ablations,
    });
    return { bench, factor: bench.times(REQUEST).length / asked.length };
  };

  it('is missed where there is none: each request is tried to the last', () => {
    expect(amplification({ kind: 'none' }).factor).toBe(4);
  });

  it('like finagle bounds retries by a share of the requests', () => {
    const budget = { kind: 'finagle', minRetriesPerSec: 0, percentCanRetry: 0.2 };
    const { factor, bench } = amplification(budget);
    expect(factor).toBeGreaterThan(1.19);
    expect(factor).toBeLessThanOrEqual(1.2);
    const { retries, outOfBudget, ok: good, failed } = bench.upstream();
    expect(retries).toBe(100);
    expect([good, failed]).toEqual([0, 500]);
    // Each call ends by the budget or by its last attempt.
    expect(outOfBudget).toBe(500 - bench.completed().filter((end) => end.retries === 3).length);
  });

  it('like envoy bounds those under way', () => {
    const budget = { kind: 'envoy', budgetPercent: 0, minRetryConcurrency: 1 };
    const slow = (retryBudget: object) =>
      run({
        times: times(10, 0),
        call: { ...call(retryBudget), maxAttempts: 2 },
        play: () => refused('overloaded', 50),
      });
    expect(slow(budget).upstream()).toMatchObject({ retries: 1, outOfBudget: 9 });
    const three = { ...budget, minRetryConcurrency: 3 };
    expect(slow(three).upstream()).toMatchObject({ retries: 3, outOfBudget: 7 });
    const half = { ...budget, budgetPercent: 50 };
    expect(slow(half).upstream()).toMatchObject({ retries: 5, outOfBudget: 5 });
  });

  it('like envoy gets its retries back when they end', () => {
    const budget = { kind: 'envoy', budgetPercent: 0, minRetryConcurrency: 1 };
    const { factor, bench } = amplification(budget);
    expect(factor).toBeGreaterThan(1.5);
    expect(bench.upstream().budget).toEqual({ requests: 0, retries: 0 });
  });

  it('is broken by its ablation', () => {
    const budget = { kind: 'finagle', minRetriesPerSec: 0 };
    expect(amplification(budget, ['traffic.retry-budget']).factor).toBe(4);
  });
});

describe('a circuit breaker', () => {
  const breaker = {
    enabled: true,
    slidingWindowSize: 4,
    minimumNumberOfCalls: 4,
    failureRateThreshold: 50,
    waitDurationInOpenStateMs: 1_000,
    permittedNumberOfCallsInHalfOpenState: 2,
  };
  const call = { circuitBreaker: breaker };
  /** Fails until this many milliseconds. */
  const until =
    (ms: number): Play =>
    ({ micros }) =>
      micros < ms * 1_000 ? refused('internal-error') : ok();
  const changes = (bench: TrafficBench) =>
    bench
      .told<BreakerChanged>('breaker.changed')
      .map(({ atMicros, fact }) => `${atMicros / 1_000} ${fact.from} > ${fact.state}`);

  it('opens with the call that reaches the threshold, and refuses the next at once', () => {
    const bench = run({ times: times(6, 10), call, play: until(Infinity) });
    expect(bench.times(REQUEST)).toEqual([10, 20, 30, 40]);
    expect(changes(bench)).toEqual(['42 closed > open']);
    expect(bench.completed()[4]).toMatchObject({
      outcome: 'fail',
      error: 'circuit-open',
      latencyMicros: 0,
      retries: 0,
    });
    expect(bench.upstream().heldBack).toBe(2);
  });

  it('does not open below the threshold', () => {
    const play: Play = ({ nth }) => (nth % 4 === 0 ? refused('internal-error') : ok());
    expect(changes(run({ times: times(12, 10), call, play }))).toEqual([]);
  });

  it('lets a few through after its wait, and closes when they are well', () => {
    const at = [10, 20, 30, 40, 1_042, 1_043, 1_043.5, 1_050];
    const bench = run({ times: at, call, play: until(100) });
    // At 1,042 it is still open: strictly later, as in the source.
    expect(bench.times(REQUEST)).toEqual([10, 20, 30, 40, 1_043, 1_043.5, 1_050]);
    expect(changes(bench)).toEqual([
      '42 closed > open',
      '1043 open > half-open',
      '1045.5 half-open > closed',
    ]);
  });

  it('lets no more through than are permitted, and opens again when they fail', () => {
    const at = [10, 20, 30, 40, 1_100, 1_100, 1_100, 1_110];
    const bench = run({ times: at, call, play: until(Infinity) });
    expect(bench.times(REQUEST)).toEqual([10, 20, 30, 40, 1_100, 1_100]);
    expect(changes(bench).at(-1)).toBe('1102 half-open > open');
    expect(bench.upstream().heldBack).toBe(2);
  });

  it('counts slow calls', () => {
    const slow = { ...breaker, slowCallDurationThresholdMs: 20, slowCallRateThreshold: 50 };
    const bench = run({ times: times(4, 100), call: { circuitBreaker: slow }, play: () => ok(30) });
    expect(changes(bench)).toEqual(['342 closed > open']);
  });

  it('gives back the permission of a call that found no place', () => {
    const at = [10, 20, 30, 40, 1_100, 1_100, 1_200];
    const both = { ...call, maxConcurrentCalls: 1 };
    const bench = run({ times: at, call: both, play: until(100) });
    // The second of 1,100 found the bulkhead full: its permission is there for the last.
    expect(
      bench
        .completed()
        .map(({ error }) => error)
        .slice(4),
    ).toEqual(['bulkhead-full', undefined, undefined]);
    expect(bench.upstream().breaker.state).toBe('closed');
  });

  it('gives back the permission of a call that waited for a place in vain', () => {
    const at = [10, 20, 30, 40, 1_100, 1_100, 1_200];
    const both = { ...call, maxConcurrentCalls: 1, maxWaitMs: 20 };
    const play: Play = ({ micros }) =>
      micros < 100_000 ? refused('internal-error') : micros < 1_150_000 ? ok(50) : ok();
    const bench = run({ times: at, call: both, play });
    expect(bench.upstream().breaker.state).toBe('closed');
  });

  it('is switched off by its ablation', () => {
    const plan = { times: times(6, 10), call, play: until(Infinity) };
    expect(run({ ...plan, ablations: ['traffic.circuit-breaker'] }).times(REQUEST)).toHaveLength(6);
  });
});

describe('a bulkhead', () => {
  const call = { maxConcurrentCalls: 2 };
  const play = (): Act => ok(48);

  it('lets so many through at once and refuses the next', () => {
    const bench = run({ times: [10, 11, 12, 59.999, 60], call, play });
    expect(bench.times(REQUEST)).toEqual([10, 11, 60]);
    const ends = bench.completed().filter(({ outcome }) => outcome === 'fail');
    expect(ends).toMatchObject([
      { error: 'bulkhead-full', latencyMicros: 0 },
      { error: 'bulkhead-full', latencyMicros: 0 },
    ]);
    expect(bench.upstream().heldBack).toBe(2);
  });

  it('lets wait for a place, in turn', () => {
    const bench = run({ times: [10, 11, 12, 13], call: { ...call, maxWaitMs: 100 }, play });
    expect(bench.times(REQUEST)).toEqual([10, 11, 60, 61]);
    expect(bench.completed().map(({ latencyMicros }) => latencyMicros)).toEqual([
      50_000, 50_000, 98_000, 98_000,
    ]);
  });

  it('lets wait for so long exactly', () => {
    const bench = run({ times: [10, 11, 12], call: { ...call, maxWaitMs: 20 }, play });
    expect(bench.completed()[0]).toMatchObject({ error: 'bulkhead-full', latencyMicros: 20_000 });
    expect(waitingIn(bench.upstream())).toBe(0);
  });

  it('is switched off by its ablation', () => {
    const bench = run({ times: [10, 11, 12], call, play, ablations: ['traffic.bulkhead'] });
    expect(bench.times(REQUEST)).toHaveLength(3);
  });
});

describe('an adaptive throttle', () => {
  const asked = times(2_000, 5);
  const sent = (throttleK: number, play: Play, ablations: string[] = []) =>
    run({ times: asked, call: { throttleK }, play, ablations }).times(REQUEST).length / 2_000;

  it('holds nothing back from a backend that answers', () => {
    expect(sent(2, () => ok())).toBe(1);
  });

  it('holds most back from one that refuses all', () => {
    expect(sent(2, () => refused('overloaded'))).toBeLessThan(0.02);
  });

  it('holds back what exceeds K times what is accepted', () => {
    // One of five is accepted: of 2,000 it sends K times what is accepted, x = K * x / 5 or less.
    const fifth: Play = ({ nth }) => (nth % 5 === 0 ? ok() : refused('overloaded'));
    const [k2, k8] = [sent(2, fifth), sent(8, fifth)];
    expect(k2).toBeLessThan(0.2);
    expect(k8).toBe(1);
  });

  it('fails at once, without a request, and says so', () => {
    const bench = run({ times: asked, call: { throttleK: 2 }, play: () => refused('overloaded') });
    const held = bench.completed().filter(({ error }) => error === 'throttled');
    expect(held.length).toBe(bench.upstream().heldBack);
    expect(held.length + bench.times(REQUEST).length).toBe(2_000);
    expect(held[0]).toMatchObject({ outcome: 'fail', latencyMicros: 0, retries: 0 });
  });

  it('is switched off by its ablation', () => {
    expect(sent(2, () => refused('overloaded'), ['traffic.throttle'])).toBe(1);
  });
});
