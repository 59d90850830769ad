/** The numbers that services and their clients offer to charts and checks are what happened. */
import { describe, expect, it } from 'vitest';
import { Session } from 'faultline';
import type { CheckPlan, Plan } from 'faultline';

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
    const session = new Session({
      engine: 2,
      scenario: { document: plan },
      params: {},
      ablations: [],
      seed: 1,
      order: 'fifo',
      limits: {},
      interventions: [],
    });
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
