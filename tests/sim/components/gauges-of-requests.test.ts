/** The numbers that services and their clients offer to charts and checks are what happened. */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { CheckPlan, Plan } from 'faultline';
import { specOf } from '../../support/plans.ts';

const exactly = (group: string, gauge: string, n: number): CheckPlan => ({
  id: `${group} ${gauge}`,
  use: 'gauge',
  args: { group, gauge, measure: 'total', atLeast: n, atMost: n },
});

/** Ten at once: one is worked on, two wait, seven go; then one fails, and four are not sent. */
const plan: Plan = {
  title: 'Counted',
  summary: 'Requests of every fate.',
  durationMs: 1_000,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    {
      name: 'app',
      component: 'service',
      count: 1,
      config: {
        steps: [{ do: 'work', time: { kind: 'constant', ms: 10 } }],
        routes: [{ route: 'GET /broken', steps: [{ do: 'fail', share: 1 }] }],
        admission: { concurrencyLimit: 1, maxQueue: 2 },
      },
    },
    {
      name: 'many',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: { arrivals: { kind: 'replay', timesMs: Array.from({ length: 10 }, () => 100) } },
    },
    {
      name: 'unlucky',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: {
        arrivals: { kind: 'replay', timesMs: [500] },
        routes: [{ route: 'GET /broken' }],
      },
    },
    {
      name: 'careful',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: {
        arrivals: { kind: 'replay', timesMs: [700, 700, 700, 700, 700] },
        call: { maxConcurrentCalls: 1 },
      },
    },
  ],
  faults: [],
  checks: [
    exactly('app', 'Answered', 4),
    exactly('app', 'Refused', 7),
    exactly('app', 'Failed', 1),
    exactly('careful', 'Held back', 4),
    {
      id: 'limit',
      use: 'gauge',
      args: { group: 'app', gauge: 'Limit', measure: 'max', atLeast: 1, atMost: 1 },
    },
  ],
  story: [],
};

describe('the gauges of a service and its clients', () => {
  it('count each request by its fate', () => {
    const session = new Session(specOf(plan));
    session.advance();
    const { checks } = session.report();
    expect(checks.map(({ check, result, why }) => [check, result, why])).toEqual([
      ['app Answered', 'pass', 'Answered 4'],
      ['app Refused', 'pass', 'Refused 7'],
      ['app Failed', 'pass', 'Failed 1'],
      ['careful Held back', 'pass', 'Held back 4'],
      ['limit', 'pass', 'Limit 1'],
    ]);
  });
});

const most = (group: string, gauge: string, n: number): CheckPlan => ({
  id: `${group} ${gauge}`,
  use: 'gauge',
  args: { group, gauge, measure: 'max', atLeast: n, atMost: n },
});

/**
 * Three at once: each waits 20 ms for the store of the limiter, one after the other, and then for
 * the only connection, over which a statement takes 50 ms.
 */
const queues: Plan = {
  title: 'Queues',
  summary: 'A queue before each part.',
  durationMs: 1_000,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    {
      name: 'db',
      component: 'database',
      count: 1,
      config: { read: { time: { kind: 'constant', ms: 50 } } },
    },
    {
      name: 'app',
      component: 'service',
      count: 1,
      links: { db: 'db', front: 'front' },
      config: {
        steps: [{ do: 'query', to: 'db' }],
        routes: [
          { route: 'GET /front', steps: [{ do: 'cached', in: 'front' }] },
          {
            route: 'GET /batch',
            steps: [
              {
                do: 'batch',
                maxSize: 9,
                maxDelayMs: 30,
                steps: [{ do: 'work', time: { kind: 'constant', ms: 1 } }],
              },
              { do: 'work', time: { kind: 'constant', ms: 10 } },
            ],
          },
        ],
        upstreams: [{ to: 'db', pool: { maxOpen: 1 } }],
      },
    },
    {
      name: 'front',
      component: 'cache',
      count: 1,
      links: { origin: 'db' },
      config: { mode: 'read-through' },
    },
    { name: 'counts', component: 'limit-store', count: 1, config: { opMicros: 20_000 } },
    {
      name: 'limiter',
      component: 'rate-limiter',
      count: 1,
      links: { target: 'app', store: 'counts' },
      config: { where: 'store-atomic' },
    },
    ...['GET /item', 'GET /front', 'GET /batch'].map((route, i) => ({
      name: `users-${'abc'.charAt(i)}`,
      component: 'http-client',
      count: 1,
      links: { target: i === 0 ? 'limiter' : 'app' },
      config: {
        arrivals: { kind: 'replay', timesMs: [1, 1, 1].map((n) => n * (100 + i * 300)) },
        routes: [{ route }],
        popularity: { keys: 1 },
      },
    })),
  ],
  faults: [],
  checks: [
    most('users-a', 'Under way', 3),
    most('limiter', 'Under way', 3),
    most('limiter', 'Waiting for the store', 3),
    most('counts', 'Waiting', 3),
    most('app', 'Waiting for a place', 2),
    most('app', 'Calls under way', 3),
    most('app', 'Waiting for others', 3),
    most('app', 'Waiting for a core', 2),
    most('db', 'Under way', 1),
    most('front', 'Waiting', 3),
    most('front', 'Calls under way', 1),
    { id: 'law', use: 'conservation' },
  ],
  story: [],
};

describe('the queues of the request path', () => {
  it('are seen as numbers, each at its place', () => {
    const session = new Session(specOf(queues));
    session.advance();
    const { checks } = session.report();
    expect(checks.filter(({ result }) => result !== 'pass').map(({ why }) => why)).toEqual([]);
    expect(checks).toHaveLength(queues.checks.length);
  });
});
