/** A request path with every station of the catalogue, run for a while. */
import type { NodeFrame, Plan } from '../../../src/sim/index.ts';
import { Session } from '../../../src/sim/index.ts';
import { specOf } from '../../support/plans.ts';

const breaker = { enabled: true, minimumNumberOfCalls: 10, waitDurationInOpenStateMs: 500 };

export const shopPlan: Plan = {
  title: 'Shop',
  summary: '',
  durationMs: 8_000,
  network: { latency: { kind: 'constant', ms: 5 } },
  groups: [
    {
      name: 'users',
      component: 'http-client',
      count: 2,
      links: { target: 'edge' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 100 },
        popularity: { kind: 'zipf', keys: 300 },
        call: { timeoutMs: 300, maxAttempts: 2, circuitBreaker: breaker },
      },
    },
    {
      name: 'edge',
      component: 'rate-limiter',
      count: 1,
      links: { target: 'lb', store: 'counts' },
      config: { ratePerSecond: 180, burst: 20, where: 'store-atomic' },
    },
    {
      name: 'counts',
      component: 'limit-store',
      count: 1,
      config: { ratePerSecond: 180, burst: 20 },
    },
    {
      name: 'lb',
      component: 'load-balancer',
      count: 2,
      links: { backends: 'shop' },
      config: { healthCheck: { enabled: true, interMs: 200, timeoutMs: 100 } },
    },
    {
      name: 'shop',
      component: 'service',
      count: 3,
      cores: 2,
      links: { db: 'db', cache: 'cache' },
      config: {
        admission: { concurrencyLimit: 8, maxQueue: 16 },
        steps: [
          { do: 'work', time: { kind: 'exponential', meanMs: 5 } },
          { do: 'cached', in: 'cache', miss: [{ do: 'query', to: 'db' }] },
        ],
        upstreams: [
          { to: 'db', timeoutMs: 200, pool: { maxOpen: 4, maxIdle: 2 }, circuitBreaker: breaker },
        ],
      },
    },
    { name: 'cache', component: 'cache', count: 1, config: { capacity: 20, ttlMs: 500 } },
    { name: 'db', component: 'database', count: 1, cores: 2 },
  ],
  faults: [
    { atMs: 2_000, forMs: 3_000, fault: { type: 'slow-cpu', target: 'db', factor: 60 } },
    { atMs: 1_000, forMs: 3_000, fault: { type: 'crash', target: 'shop2' } },
  ],
  checks: [],
  story: [],
};

/** The nodes at each of these times, in turn. */
export function shopAt(times: readonly number[]): readonly (readonly NodeFrame[])[] {
  const session = new Session(specOf(shopPlan), { observe: { frames: true } });
  return times.map((untilMicros) => {
    session.advance({ untilMicros });
    // What follows a chunk begins with the nodes as they are now.
    session.takeChunk();
    return session.takeChunk().keyframe;
  });
}
