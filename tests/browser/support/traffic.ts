/** A run with traffic for tests of the page: clients, two services behind each other, a crash. */
import { encodeLink } from '../../../src/sim/index.ts';
import type { Plan, RunSpec } from '../../../src/sim/index.ts';
import { specOf } from '../../support/plans.ts';

/** While the only inner service is down, calls fail and are tried again. */
export const CRASH = { fromMs: 2_000, toMs: 3_000 };

const plan: Plan = {
  title: 'A small shop',
  summary: 'Clients ask a service that asks another one.',
  durationMs: 6_000,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    {
      name: 'web',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 120 },
        call: { timeoutMs: 120, maxAttempts: 2 },
      },
    },
    {
      name: 'app',
      component: 'service',
      count: 2,
      cores: 2,
      links: { inner: 'inner' },
      config: {
        steps: [
          { do: 'work', time: { kind: 'exponential', meanMs: 8 } },
          { do: 'call', to: 'inner' },
        ],
        upstreams: [{ to: 'inner', timeoutMs: 40, maxAttempts: 2 }],
      },
    },
    {
      name: 'inner',
      component: 'service',
      count: 1,
      cores: 2,
      config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: 5 } }] },
    },
  ],
  faults: [
    {
      id: 'crash',
      fault: { type: 'crash', target: { first: 1, of: 'inner' } },
      atMs: CRASH.fromMs,
      forMs: CRASH.toMs - CRASH.fromMs,
    },
  ],
  checks: [],
  story: [],
};

const spec: RunSpec = specOf(plan);

/** What comes after `#`. */
export const trafficLink = (): string => encodeLink(spec).replace(/^.*#/, '');
