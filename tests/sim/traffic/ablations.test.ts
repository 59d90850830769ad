/**
 * Each mechanism that keeps a failure small, with and without it: the property that it is for holds
 * with it and breaks without. The same run twice, but for the mechanism.
 */
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from 'faultline';
import { TRAFFIC_RULES } from '../../../src/sim/traffic/rules.ts';
import { ok, refused } from '../components/support/traffic-partners.ts';
import type { Play } from '../components/support/traffic-partners.ts';
import { clientBench, request, serviceBench } from '../components/support/traffic-bench.ts';
import type { TrafficBench } from '../components/support/traffic-bench.ts';

const REQUEST = 'http.request';
/** So many requests, one every 20 ms. */
const CALLS = 200;
const times = Array.from({ length: CALLS }, (_, i) => 10 + i * 20);

/** Of a client with this policy: what the rule is for, as a number that should be small. */
interface Case {
  readonly rule: string;
  readonly what: string;
  readonly call: object;
  readonly play: Play;
  readonly measure: (bench: TrafficBench) => number;
  /** At most with it, and at least without. */
  readonly most: number;
  readonly least: number;
  /** Where no rule switches it off: the policy without it. */
  readonly without?: object;
}

const dead: Play = () => null;
const failing: Play = () => refused('internal-error');
const slow: Play = () => ok(100);
const sent = (bench: TrafficBench): number => bench.times(REQUEST).length / CALLS;
const slowest = (bench: TrafficBench): number =>
  Math.max(...bench.completed().map(({ latencyMicros }) => latencyMicros / 1_000));
/** The most requests that were sent within one millisecond of each other. */
const crowd = (bench: TrafficBench): number => {
  const at = bench.times(REQUEST);
  return Math.max(...at.map((ms) => at.filter((other) => other >= ms && other < ms + 1).length));
};
const breaker = {
  enabled: true,
  minimumNumberOfCalls: 10,
  slidingWindowSize: 10,
  waitDurationInOpenStateMs: 1_000,
  permittedNumberOfCallsInHalfOpenState: 2,
};
const retry = (backoff: object, more: object = {}) => ({ maxAttempts: 4, backoff, ...more });
const BACK = { baseMs: 40, capMs: 1_000 };

const CASES: readonly Case[] = [
  {
    rule: 'traffic.circuit-breaker',
    what: 'a window of calls: what fails is left alone',
    call: { circuitBreaker: breaker },
    play: failing,
    measure: sent,
    most: 0.1,
    least: 1,
  },
  {
    rule: 'traffic.circuit-breaker',
    what: 'a window of seconds: what fails is left alone',
    call: { circuitBreaker: { ...breaker, slidingWindowType: 'time-based' } },
    play: failing,
    measure: sent,
    most: 0.1,
    least: 1,
  },
  {
    rule: 'traffic.circuit-breaker',
    what: 'slow calls: what is slow is left alone, although it answers',
    call: {
      circuitBreaker: { ...breaker, slowCallDurationThresholdMs: 50, slowCallRateThreshold: 80 },
    },
    play: slow,
    measure: sent,
    most: 0.15,
    least: 1,
  },
  {
    rule: 'half-open',
    what: 'few trials: what fails still is tried by two calls, not by ten at once',
    call: { circuitBreaker: breaker },
    without: { circuitBreaker: { ...breaker, permittedNumberOfCallsInHalfOpenState: 50 } },
    play: () => refused('internal-error', 500),
    measure: (bench) => bench.times(REQUEST).filter((ms) => ms > 1_500).length,
    most: 4,
    least: 30,
  },
  {
    rule: 'traffic.timeout',
    what: 'nobody waits for what never answers',
    call: { timeoutMs: 100 },
    play: dead,
    measure: (bench) => CALLS - bench.completed().length,
    most: 0,
    least: CALLS,
  },
  {
    rule: 'traffic.bulkhead',
    what: 'what hangs holds only so many calls',
    call: { timeoutMs: 5_000, maxConcurrentCalls: 10 },
    play: dead,
    measure: (bench) => bench.upstream().running,
    most: 10,
    least: 100,
  },
  {
    rule: 'traffic.hedge',
    what: 'one slow answer in twenty is not the slowest that anybody waits for',
    call: { hedge: { afterMs: 20 } },
    play: ({ nth }) => ok(nth % 20 === 7 ? 400 : 5),
    measure: slowest,
    most: 40,
    least: 400,
  },
  {
    rule: 'traffic.hedge',
    what: 'nor where the time of the hedge is a percentile',
    call: { hedge: { afterMs: 50, percentile: 0.9 } },
    play: ({ nth }) => ok(nth % 20 === 7 ? 400 : 5),
    measure: slowest,
    most: 70,
    least: 400,
  },
  ...(['finagle', 'envoy'] as const).map((kind) => ({
    rule: 'traffic.retry-budget',
    what: `by ${kind}: an outage does not multiply the load`,
    call: retry(
      { policy: 'constant', baseMs: 5, capMs: 5 },
      { retryBudget: { kind, minRetriesPerSec: 0, minRetryConcurrency: 1 } },
    ),
    play: () => refused('internal-error', 30),
    measure: sent,
    most: kind === 'finagle' ? 1.2 : 2.2,
    least: 3.9,
  })),
  {
    rule: 'traffic.throttle',
    what: 'what refuses everything is not asked for it',
    call: { throttleK: 2 },
    play: () => refused('overloaded'),
    measure: sent,
    most: 0.2,
    least: 1,
  },
];
/** Kinds of jitter: a hundred that fail at once do not come back at once. */
const JITTERS = ['full-jitter', 'equal-jitter', 'decorrelated-jitter'] as const;

function benchOf(call: object, play: Play, ablations: readonly string[], at = times) {
  return clientBench({ times: at, call, play, ablations, servers: 1 }).ms(4_100);
}

describe('with it and without it', () => {
  it.each(CASES.map((one) => [one.rule, one.what, one] as const))('%s, %s', (rule, _what, c) => {
    const held = c.measure(benchOf(c.call, c.play, []));
    const broken = c.measure(benchOf(c.without ?? c.call, c.play, c.without ? [] : [rule]));
    expect(held).toBeLessThanOrEqual(c.most);
    expect(broken).toBeGreaterThanOrEqual(c.least);
  });

  it.each(JITTERS)(
    'traffic.retry-jitter, %s: those who failed at once come back apart',
    (policy) => {
      const crowded = Array.from({ length: 100 }, () => 10);
      const play: Play = ({ message }) =>
        (message as HttpRequest).attempt === 0 ? refused('unavailable') : ok();
      const call = retry({ policy, ...BACK });
      const later = (ablations: readonly string[]) => {
        const bench = benchOf(call, play, ablations, crowded);
        const at = bench.times(REQUEST).filter((ms) => ms > 11);
        expect(at).toHaveLength(100);
        return Math.max(...at.map((ms) => at.filter((x) => x >= ms && x < ms + 1).length));
      };
      expect(later([])).toBeLessThanOrEqual(20);
      expect(later(['traffic.retry-jitter'])).toBe(100);
      // All came at once in the first place.
      expect(crowd(benchOf(call, play, [], crowded))).toBe(100);
    },
  );

  it('traffic.retry-backoff: a failure is not answered with more load at once', () => {
    const call = retry({ policy: 'constant', baseMs: 500, capMs: 500 });
    const soon = (ablations: readonly string[]) =>
      benchOf(call, failing, ablations, [10])
        .times(REQUEST)
        .filter((ms) => ms < 100).length;
    expect([soon([]), soon(['traffic.retry-backoff'])]).toEqual([1, 4]);
  });

  it('traffic.fallback: what is only nice to have does not fail the request', () => {
    const answer = (ablations: readonly string[]) => {
      const steps = [{ do: 'query', to: 'to', otherwise: [] }];
      const play: Play = () => refused('lock-timeout');
      const bench = serviceBench({ steps, play, ablations });
      const tag = bench.requestAt(9, request());
      bench.ms(100);
      return [bench.code(tag), bench.service().degraded];
    };
    expect(answer([])).toEqual(['ok', 1]);
    expect(answer(['traffic.fallback'])).toEqual(['unavailable', 0]);
  });
});

interface Arrival {
  readonly at: number;
  readonly priority: number;
}
const every = (ms: number, count: number, priority = (_i: number) => 0): readonly Arrival[] =>
  Array.from({ length: count }, (_, i) => ({ at: 9 + i * ms, priority: priority(i) }));

/** A service with this door, asked at these moments. */
function door(admission: object, arrivals: readonly Arrival[], ablations: readonly string[]) {
  const bench = serviceBench({
    steps: [{ do: 'work', time: { kind: 'constant', ms: 10 } }],
    config: { admission },
    ablations,
  });
  const tags = arrivals.map(({ at, priority }) => bench.requestAt(at, request({ priority })));
  /** Of those that `which` chooses: how many were answered well within so many milliseconds. */
  const inTime = (ms: number, which = (_one: Arrival) => true): number =>
    arrivals.filter((one, i) => {
      const tag = tags[i] as number;
      const isAnswered = bench.code(tag) === 'ok' && (bench.at(tag) ?? Infinity) - one.at <= ms;
      return which(one) && isAnswered;
    }).length;
  return { bench, tags, inTime };
}

describe('the door of a service, with its rules and without', () => {
  const limited = { concurrencyLimit: 5, maxQueue: 10 };

  it('traffic.backpressure: no more is inside than the places and the queue', () => {
    const inside = (admission: object, ablations: readonly string[]) => {
      const { bench, tags } = door(admission, every(0.1, 50), ablations);
      bench.ms(18);
      const refusals = tags.filter((tag) => bench.code(tag) === 'overloaded').length;
      return [bench.service().flow.inside, refusals];
    };
    expect(inside(limited, [])).toEqual([15, 35]);
    expect(inside(limited, ['traffic.backpressure'])).toEqual([50, 0]);
    // As without a limit: a limit that moves says no more than one that does not.
    const moving = { ...limited, limitPolicy: 'vegas', codel: true, discipline: 'priority' };
    expect(inside(moving, ['traffic.backpressure'])).toEqual([50, 0]);
  });

  // Twice as many as it can do; one in five is important.
  const rush = every(5, 400, (i) => (i % 5 === 0 ? 0 : 3));
  const isImportant = ({ priority }: Arrival): boolean => priority === 0;

  it.each([
    ['by its queue', { concurrencyLimit: 1, maxQueue: 10, discipline: 'priority' }],
    ['by utilisation', { concurrencyLimit: 1, maxQueue: 10, shedAbove: [11, 11, 2, 2] }],
  ])('traffic.load-shedding, %s: the important are all served', (_how, admission) => {
    const served = (ablations: readonly string[]): number => {
      const { bench, inTime } = door(admission, rush, ablations);
      bench.ms(3_000);
      return inTime(200, isImportant) / rush.filter(isImportant).length;
    };
    expect(served([])).toBe(1);
    expect(served(['traffic.load-shedding'])).toBeLessThan(0.7);
  });

  it('traffic.load-shedding leaves the newest first where that is who is next', () => {
    const order = (ablations: readonly string[]) => {
      const { bench, tags } = door({ concurrencyLimit: 1, discipline: 'lifo' }, rush, ablations);
      bench.ms(6_000);
      return tags.map((tag) => bench.at(tag));
    };
    expect(order(['traffic.load-shedding'])).toEqual(order([]));
  });

  it('traffic.codel: a queue that stands is dropped from, and waits stay short', () => {
    const admission = { concurrencyLimit: 1, maxQueue: 1_000, codel: true };
    const waits = (ablations: readonly string[]) => {
      const { bench, inTime } = door(admission, every(8, 600), ablations);
      bench.ms(10_000);
      return [inTime(400) / 600, bench.service().admission.shed] as const;
    };
    const [held, dropped] = waits([]);
    expect(held).toBeGreaterThan(0.7);
    expect(dropped).toBeGreaterThan(20);
    const [broken, none] = waits(['traffic.codel']);
    expect(broken).toBeLessThan(0.4);
    expect(none).toBe(0);
  });

  it('traffic.drop-expired: what nobody waits for is not begun, the others are served', () => {
    const admission = { concurrencyLimit: 1, maxQueue: 1_000, dropExpired: true };
    const answers = (ablations: readonly string[]) => {
      const bench = serviceBench({
        steps: [{ do: 'work', time: { kind: 'constant', ms: 10 } }],
        config: { admission },
        ablations,
      });
      // Twice as many as it can do; every second one waits for a second, the others leave soon.
      const patience = (i: number): number => (i % 2 === 0 ? 1_000 : 20);
      const tags = every(5, 800).map(({ at }, i) =>
        bench.requestAt(at, request(), undefined, patience(i)),
      );
      bench.ms(12_000);
      const served = tags.filter((tag, i) => i % 2 === 0 && bench.code(tag) === 'ok').length;
      return [served / 400, bench.service().admission.expired] as const;
    };
    const [held, expired] = answers([]);
    expect(held).toBeGreaterThan(0.9);
    expect(expired).toBeGreaterThan(100);
    // Whether deadlines are handed on is another matter: nothing is called here.
    expect(answers(['traffic.deadline-propagation'])).toEqual([held, expired]);
    const [broken, none] = answers(['traffic.drop-expired']);
    expect(broken).toBeLessThan(0.6);
    expect(none).toBe(0);
  });
});

describe('every rule of request traffic', () => {
  /** Shown here; the others by the scenario or the test that is named. */
  const ELSEWHERE: readonly string[] = [
    'traffic.retry-after', // scenarios/rate-limiter/retrying-clients, variant ignored
    'traffic.deadline-propagation', // scenarios/patterns/deadlines, variant not-handed-on
    'traffic.single-flight', // scenarios/caching/stampede, variant no-single-flight
  ];

  it('is switched off here, or where it is said', () => {
    const calls = ['retry-jitter', 'retry-backoff', 'fallback'];
    const doors = ['backpressure', 'load-shedding', 'codel', 'drop-expired'];
    const here = [...calls, ...doors].map((name) => `traffic.${name}`);
    const shown = [...CASES.map(({ rule }) => rule), ...here, ...ELSEWHERE];
    expect(TRAFFIC_RULES.map(({ id }) => id).filter((id) => !shown.includes(id))).toEqual([]);
  });
});
