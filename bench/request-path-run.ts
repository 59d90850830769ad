/**
 * The run of the request-path benchmark: clients, a balancer, four services, a cache and a database
 * on constant links; the same numbers as in simpy/request_path.py. About ten events a request.
 */
import { Session, defineScenario, makeSpec } from '../src/sim/index.ts';
import type { SessionOptions } from '../src/sim/index.ts';

export const REQUESTS_PER_SECOND = 2_000;

const scenario = defineScenario({
  id: 'bench/request-path',
  title: 'A request path',
  summary: '',
  tier: 'calm',
  sources: [],
  leavesOut: [],
  thingsToTry: [],
  params: {},
  plan: () => ({
    title: 'A request path',
    summary: '',
    durationMs: 3_600_000,
    network: { latency: { kind: 'constant', ms: 0.2 } },
    groups: [
      { name: 'cache', component: 'cache', count: 1, config: { capacity: 1_000, policy: 'lru' } },
      {
        name: 'db',
        component: 'database',
        count: 1,
        cores: 8,
        config: { read: { time: { kind: 'exponential', meanMs: 4 } } },
      },
      {
        name: 'app',
        component: 'service',
        count: 4,
        cores: 4,
        links: { cache: 'cache', db: 'db' },
        config: {
          steps: [
            { do: 'work', time: { kind: 'exponential', meanMs: 2 } },
            {
              do: 'cached',
              in: 'cache',
              setInBackground: true,
              miss: [{ do: 'query', to: 'db' }],
            },
          ],
        },
      },
      { name: 'lb', component: 'load-balancer', count: 1, links: { backends: 'app' } },
      {
        name: 'client',
        component: 'http-client',
        count: 1,
        links: { target: 'lb' },
        config: {
          arrivals: { kind: 'poisson', ratePerSecond: REQUESTS_PER_SECOND },
          popularity: { kind: 'zipf', keys: 10_000 },
        },
      },
    ],
    faults: [],
    checks: [],
    story: [],
  }),
  variants: [{ name: 'default', about: '' }],
});

/** With metrics and without a history. */
export function requestPathSession(options: SessionOptions = {}): Session {
  return new Session(makeSpec(scenario), {
    observe: { history: false },
    checkpoints: false,
    ...options,
    scenarios: [scenario],
  });
}
