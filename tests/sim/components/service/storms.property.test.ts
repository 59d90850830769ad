/** Random services under random faults: nobody gets lost, and nothing is left behind. */
import { describe, expect, it } from 'vitest';
import type { CacheGetMany, CacheValues, GroupPlan } from 'faultline';
import { lawBroken } from '../../../../src/sim/check/conservation.ts';
import type { HttpClientState } from '../../../../src/sim/components/http-client/http-client.ts';
import type { ServiceState } from '../../../../src/sim/components/service/state.ts';
import type { Upstream } from '../../../../src/sim/traffic/upstream.ts';
import { waitingIn } from '../../../../src/sim/traffic/upstream-view.ts';
import { forSeeds } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';
import { cacheValue, connected, ok, refused, rows, stored } from '../support/traffic-partners.ts';
import type { Act, Heard } from '../support/traffic-partners.ts';
import { TrafficBench } from '../support/traffic-bench.ts';

const LOAD_MS = 600;
const END_MS = 8_000;

/** A third of the objects are missing. */
const cacheValues = ({ keys }: CacheGetMany, nth: number): CacheValues => ({
  type: 'cache.values',
  versions: keys.map((key) => ((key + nth) % 3 === 0 ? null : nth)),
});

/** Misses, hits, is slow, silent or refuses, by the number of the message. */
function play({ message, nth }: Heard): Act {
  const act = (reply: Act & object): Act => {
    if (nth % 13 === 5) return null;
    if (nth % 11 === 3) return refused('overloaded');
    return { ...reply, afterMs: nth % 7 };
  };
  switch (message.type) {
    case 'sql.connect':
      return nth % 17 === 4 ? refused('too-many-connections') : { reply: connected };
    case 'sql.query':
      return act({ reply: rows(nth) });
    case 'cache.get':
      return act({
        reply: cacheValue(
          (['hit', 'miss', 'stale', 'miss', 'wait'] as const)[nth % 5] ?? 'hit',
          nth,
          nth,
        ),
      });
    case 'cache.get-many':
      return act({ reply: cacheValues(message as CacheGetMany, nth) });
    case 'http.request':
      return act(ok(1, nth) as Act & object);
    default:
      return { reply: stored };
  }
}

const time = (random: Random) =>
  random.pick([
    { kind: 'constant', ms: random.between(0, 6) },
    { kind: 'exponential', meanMs: 3 },
  ]);

/** What may be done for one object and for several. */
const page = (random: Random): object =>
  random.pick([
    { do: 'cached', in: 'to', miss: [{ do: 'query', to: 'db', write: false }] },
    { do: 'query', to: 'db', write: false, otherwise: [] },
    { do: 'wait', time: time(random) },
  ]);

function step(random: Random, depth: number): object {
  const list = () => (depth > 2 ? [] : steps(random, depth + 1));
  const otherwise = () => (random.chance(50) ? { otherwise: list() } : {});
  const kinds: (() => object)[] = [
    () => ({ do: 'work', time: time(random) }),
    () => ({ do: 'wait', time: time(random) }),
    () => ({ do: 'call', to: 'to', ...otherwise() }),
    () => ({ do: 'call', to: 'to', every: true, need: random.between(1, 2), ...otherwise() }),
    () => ({ do: 'query', to: 'db', times: random.between(1, 2), ...otherwise() }),
    () => ({
      do: 'cached',
      in: 'to',
      ...(random.chance(80) ? { miss: list() } : {}),
      singleFlight: random.chance(50),
      staleWhileRevalidate: random.chance(50),
      setInBackground: random.chance(50),
      ...(random.chance(30) ? { near: { capacity: 3, ttlMs: 20 } } : {}),
    }),
    () => ({ do: 'put', in: 'to' }),
    () => ({ do: 'invalidate', in: 'to', by: random.pick(['delete', 'version', 'event']) }),
    () => ({ do: 'parallel', branches: [list(), list()], need: random.between(1, 2) }),
    () => ({ do: 'either', share: 0.5, then: list(), otherwise: list() }),
    () => ({ do: 'fail', share: 0.1 }),
    () => ({
      do: 'list',
      size: random.between(1, 4),
      of: 6,
      how: random.pick(['one-by-one', 'at-once', 'together']),
      steps: [page(random)],
    }),
    () => ({ do: 'batch', maxSize: random.between(1, 4), maxDelayMs: 5, steps: list() }),
  ];
  return random.pick(kinds)();
}
const steps = (random: Random, depth = 0): object[] =>
  Array.from({ length: random.between(depth === 0 ? 1 : 0, 3) }, () => step(random, depth));

function policy(random: Random): object {
  return {
    timeoutMs: random.between(5, 40),
    deadlineMs: random.pick([0, 30, 100]),
    propagateDeadline: random.chance(50),
    maxAttempts: random.between(1, 4),
    retryUnknown: random.chance(50),
    backoff: {
      policy: random.pick(['none', 'constant', 'full-jitter', 'decorrelated-jitter']),
      baseMs: 3,
      capMs: 20,
    },
    retryBudget: { kind: random.pick(['none', 'finagle', 'envoy']) },
    hedge: { afterMs: random.pick([0, 0, 4]), max: random.between(1, 2) },
    circuitBreaker: {
      enabled: random.chance(40),
      slidingWindowSize: 10,
      minimumNumberOfCalls: 5,
      waitDurationInOpenStateMs: 50,
      permittedNumberOfCallsInHalfOpenState: 3,
      maxWaitDurationInHalfOpenStateMs: random.pick([0, 20]),
    },
    maxConcurrentCalls: random.pick([0, 0, 3]),
    maxWaitMs: random.pick([0, 10]),
    throttleK: random.pick([0, 0, 2]),
    balance: { policy: random.pick(['round-robin', 'random', 'power-of-d', 'least-connections']) },
  };
}

function service(random: Random): Readonly<Record<string, unknown>> {
  return {
    steps: steps(random),
    upstreams: [
      { to: 'to', ...policy(random) },
      {
        to: 'db',
        ...policy(random),
        pool: {
          maxOpen: random.between(2, 4),
          maxIdle: random.between(0, 2),
          maxLifetimeMs: random.pick([0, 60]),
          waitTimeoutMs: random.pick([0, 15]),
        },
      },
    ],
    admission: {
      concurrencyLimit: random.pick([0, 3, 8]),
      limitPolicy: random.pick(['fixed', 'aimd', 'vegas', 'gradient2']),
      maxQueue: random.pick([0, 3, 50]),
      discipline: random.pick(['fifo', 'lifo', 'priority']),
      codel: random.chance(30),
      dropExpired: random.chance(50),
      shedAbove: random.pick([[], [3, 1.5]]),
    },
    requestTimeoutMs: random.pick([0, 25]),
    propagateDeadline: random.chance(50),
    gc: { everyMs: random.pick([0, 200]), pauseMs: 10 },
    memory: random.pick([{}, { baseMb: 10, perRequestMb: 5, limitMb: 90, restartMs: 60 }]),
    startupMs: random.pick([0, 30]),
  };
}

function groupsOf(random: Random): GroupPlan[] {
  const client = (name: string, config: object): GroupPlan => ({
    name,
    component: 'http-client',
    count: 1,
    links: { target: 's' },
    config: {
      routes: [{ write: true, priority: 0 }, { priority: 3 }],
      popularity: { keys: 5 },
      stopMs: LOAD_MS,
      call: policy(random),
      ...config,
    },
  });
  return [
    { name: 'b', component: 'scripted-server', count: 2 },
    { name: 'd', component: 'scripted-server', count: 1 },
    {
      name: 's',
      component: 'service',
      count: 2,
      cores: random.between(1, 3),
      links: { to: 'b', db: 'd' },
      config: service(random),
    },
    client('c', { arrivals: { kind: 'poisson', ratePerSecond: random.pick([50, 300]) } }),
    client('u', { load: 'closed', users: 5, thinkMs: 5 }),
  ];
}

function strike(bench: TrafficBench, random: Random): void {
  for (let i = 0; i < 4; i++) {
    const target = random.pick(['s1', 's2', 'b1', 'd1']);
    const fault = random.pick([
      { type: 'crash', target },
      { type: 'pause', target },
      { type: 'partition', groups: [[target, 'c1']] },
      { type: 'slow-cpu', target, factor: 5 },
      { type: 'clock-drift', target: random.pick(['s1', 'c1']), ppm: 200_000 },
    ]);
    bench.after(random.between(20, 200)).inject(`f${i}`, fault as never);
    bench.after(random.between(10, 150)).undo(`f${i}`);
  }
}

/** Nothing is under way, nothing waits, and every slot is free. */
function expectQuiet(up: Upstream): void {
  const { flow, calls, freeCalls, tries, freeTries, running, ended, pool } = up;
  expect({ inside: flow.inside, running, waiting: waitingIn(up), ended }).toEqual({
    inside: 0,
    running: 0,
    waiting: 0,
    ended: [],
  });
  expect([freeCalls.length, freeTries.length]).toEqual([calls.length, tries.length]);
  expect(new Set(freeCalls).size).toBe(calls.length);
  expect(new Set(freeTries).size).toBe(tries.length);
  expect(up.backends.active.every((n) => n === 0)).toBe(true);
  expect(pool.opened - pool.closed).toBe(pool.idle.length);
  expect(pool.idle.length).toBeLessThanOrEqual(pool.maxIdle);
}

describe('a service under random faults', () => {
  it('loses nobody, answers everybody once, and leaves nothing behind', () => {
    let passed = 0;
    forSeeds(60, import.meta.url, (seed, random) => {
      const bench = new TrafficBench({ groups: groupsOf(random), play, seed });
      strike(bench, random);
      bench.ms(END_MS);
      const begun = bench.told<{ type: string; op: number }>('client.invoked');
      const ended = bench.completed().map(({ op }) => op);
      expect(new Set(ended).size).toBe(ended.length);
      expect(ended.toSorted((a, b) => a - b)).toEqual(begun.map(({ fact }) => fact.op));
      passed += ended.length;
      for (const { behaviour, identity, state, status, timers } of bench.parts.host.nodes) {
        expect(status).toBe('up');
        for (const flow of behaviour.flows?.(state) ?? []) {
          expect(`${identity.name}: ${lawBroken(flow) ?? 'sound'}`).toBe(`${identity.name}: sound`);
          expect(`${identity.name}, ${flow.name}: ${flow.inside}`).toBe(
            `${identity.name}, ${flow.name}: 0`,
          );
        }
        if (behaviour.component === 'http-client') {
          const { upstream, asked, free } = state as HttpClientState;
          expectQuiet(upstream);
          expect(free).toHaveLength(asked.length);
          expect(timers.size).toBe(0);
        }
        if (behaviour.component !== 'service') continue;
        const { jobs, freeJobs, threads, freeThreads, flights, batches, admission, upstreams } =
          state as ServiceState;
        expect([freeJobs.length, freeThreads.length]).toEqual([jobs.length, threads.length]);
        expect(new Set(freeJobs).size).toBe(jobs.length);
        expect(new Set(freeThreads).size).toBe(threads.length);
        expect([flights.size, batches.size]).toEqual([0, 0]);
        expect([admission.inside, admission.waiting]).toEqual([0, 0]);
        upstreams.forEach(expectQuiet);
      }
    });
    expect(passed).toBeGreaterThan(100);
  });
});
