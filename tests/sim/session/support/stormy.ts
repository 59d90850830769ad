/**
 * One plan that uses every component and every check of the catalogue, under all kinds of faults.
 */
import type { CheckPlan, FaultEntry, Plan } from 'faultline';

const checks: readonly CheckPlan[] = [
  { id: 'safety', use: 'raft-safety' },
  { id: 'linearizable', use: 'linearizable', args: { steps: 20_000 } },
  { id: 'terms', use: 'always', args: { predicate: 'term-below', with: { term: 4 } } },
  { id: 'up', use: 'always', args: { predicate: 'all-up' } },
  { id: 'two', use: 'sometimes', args: { predicate: 'two-leaders' } },
  { id: 'led', use: 'eventually', args: { predicate: 'one-leader', withinMs: 300 } },
  { id: 'agree', use: 'eventually', args: { predicate: 'logs-agree', withinMs: 100 } },
  { id: 'share', use: 'slo', args: { metric: 'success-share', atLeast: 0.99 } },
  { id: 'late', use: 'slo', args: { metric: 'p99-ms', atMost: 30, fromMs: 400, clients: 'b' } },
  { id: 'law', use: 'conservation' },
  { id: 'fresh', use: 'stale-reads', args: { atMost: 3 } },
  { id: 'queue', use: 'gauge', args: { group: 'app', gauge: 'Queue', atMost: 0.5 } },
  { id: 'tries', use: 'slo', args: { metric: 'tries-per-operation', atMost: 1.2, clients: 'web' } },
  { id: 'elections', use: 'fact-count', args: { fact: 'raft.leader', atMost: 1 } },
];

const faults: readonly FaultEntry[] = [
  {
    id: 'crashes',
    fault: { type: 'crash', target: { first: 1, of: 'n' } },
    every: { interval: { kind: 'uniform', minMs: 150, maxMs: 400 } },
    forMs: 120,
  },
  {
    id: 'on-leader',
    fault: { type: 'pause', target: { role: 'leader', group: 'n' } },
    when: { use: 'one-leader', delayMs: 150, times: 2 },
    forMs: 200,
  },
  { id: 'bursts', fault: { type: 'loss', probability: 0.1, burst: 0.7 }, atMs: 300, forMs: 600 },
  { id: 'twice', fault: { type: 'duplicate', probability: 0.3 }, atMs: 100 },
  {
    id: 'held',
    fault: { type: 'reorder', probability: 0.2, by: { kind: 'exponential', meanMs: 4 } },
    atMs: 200,
  },
  {
    id: 'slow',
    fault: { type: 'latency', to: 'n2', extra: { kind: 'uniform', minMs: 1, maxMs: 9 } },
    atMs: 500,
    forMs: 300,
  },
  { id: 'cut', fault: { type: 'partition', groups: [['n1', 'a']] }, atMs: 700, forMs: 250 },
  { id: 'deaf', fault: { type: 'one-way', from: 'n3', to: 'n2' }, atMs: 1_000, forMs: 100 },
  { id: 'drift', fault: { type: 'clock-drift', target: 'n2', ppm: 50_000 }, atMs: 250, forMs: 500 },
  { id: 'jump', fault: { type: 'clock-jump', target: 'n', byMs: -300 }, atMs: 450, forMs: 500 },
  { id: 'disk', fault: { type: 'slow-disk', target: 'n1', factor: 6 }, atMs: 350, forMs: 500 },
];

export const stormy: Plan = {
  title: 'Everything at once',
  summary: 'Every part of the catalogue under all kinds of faults.',
  durationMs: 1_600,
  network: {
    latency: { kind: 'uniform', minMs: 0.5, maxMs: 3 },
    lossProbability: 0.01,
    duplicateProbability: 0.01,
  },
  groups: [
    {
      name: 'n',
      component: 'raft-kv',
      count: 3,
      clock: { offsetMs: { kind: 'uniform', minMs: 0, maxMs: 50 } },
      disk: { fsync: { kind: 'exponential', meanMs: 0.8 }, tornTail: true },
    },
    {
      name: 'a',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: { workers: 3, thinkMs: 5, casShare: 0.4, retryUnknown: true },
    },
    {
      name: 'b',
      component: 'kv-client',
      count: 1,
      links: { servers: 'n' },
      config: { mode: 'open', ratePerSecond: 200 },
    },
    {
      name: 'app',
      component: 'service',
      count: 2,
      cores: 2,
      links: { inner: 'inner' },
      config: {
        steps: [
          { do: 'work', time: { kind: 'exponential', meanMs: 2 } },
          {
            do: 'parallel',
            branches: [
              [{ do: 'call', to: 'inner', every: true, need: 1, otherwise: [] }],
              [{ do: 'wait', time: { kind: 'uniform', minMs: 0, maxMs: 4 } }],
            ],
          },
        ],
        upstreams: [
          {
            to: 'inner',
            timeoutMs: 20,
            maxAttempts: 3,
            circuitBreaker: { enabled: true, minimumNumberOfCalls: 5, slidingWindowSize: 10 },
            retryBudget: { kind: 'finagle' },
          },
        ],
        admission: { concurrencyLimit: 4, maxQueue: 6, discipline: 'priority' },
        gc: { everyMs: 200, pauseMs: 10 },
        requestTimeoutMs: 60,
      },
    },
    {
      name: 'inner',
      component: 'service',
      count: 2,
      config: {
        steps: [
          {
            do: 'batch',
            maxSize: 3,
            maxDelayMs: 2,
            steps: [{ do: 'work', time: { kind: 'constant', ms: 1 } }],
          },
          { do: 'either', share: 0.9, then: [], otherwise: [{ do: 'fail', share: 0.5 }] },
        ],
        admission: { concurrencyLimit: 5, limitPolicy: 'vegas', codel: true, dropExpired: true },
        propagateDeadline: true,
      },
    },
    {
      name: 'db',
      component: 'database',
      count: 1,
      cores: 2,
      config: { lockTimeoutMs: 10, maxConnections: 4, commitMs: 0.5, rows: 40 },
    },
    {
      name: 'replica',
      component: 'database',
      count: 1,
      links: { primary: 'db' },
      config: {
        replicationDelay: { kind: 'uniform', minMs: 0, maxMs: 30 },
        statusIntervalMs: 100,
      },
    },
    {
      name: 'rows',
      component: 'service',
      count: 1,
      links: { db: 'db', replica: 'replica' },
      config: {
        steps: [
          { do: 'query', to: 'db', write: true, otherwise: [] },
          { do: 'query', to: 'replica', write: false },
        ],
        upstreams: [{ to: 'db', timeoutMs: 50, pool: { maxOpen: 6, maxLifetimeMs: 200 } }],
      },
    },
    {
      name: 'aside',
      component: 'cache',
      count: 2,
      config: {
        capacity: 8,
        policy: 's3-fifo',
        ttlMs: 60,
        ttlJitter: 0.3,
        negativeTtlMs: 20,
        staleMs: 40,
        earlyRefresh: 'xfetch',
        leases: true,
        leaseMs: 30,
      },
    },
    {
      name: 'back',
      component: 'cache',
      count: 1,
      links: { origin: 'db' },
      config: { capacity: 6, mode: 'write-back', writeBackMs: 15, opMicros: 100, ttlMs: 90 },
    },
    {
      name: 'shop',
      component: 'service',
      count: 1,
      links: { aside: 'aside', back: 'back' },
      config: {
        steps: [
          {
            do: 'cached',
            in: 'aside',
            miss: [{ do: 'cached', in: 'back' }],
            staleWhileRevalidate: true,
            negative: true,
            near: { capacity: 2, ttlMs: 5 },
          },
          {
            do: 'either',
            share: 0.3,
            then: [
              { do: 'put', in: 'back', write: true },
              { do: 'invalidate', in: 'aside', by: 'version' },
            ],
          },
        ],
        upstreams: [{ to: 'aside', balance: { policy: 'ring-hash' } }],
      },
    },
    {
      name: 'shoppers',
      component: 'http-client',
      count: 1,
      links: { target: 'shop' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 80 },
        popularity: { kind: 'zipf', keys: 50 },
      },
    },
    {
      name: 'writers',
      component: 'http-client',
      count: 1,
      links: { target: 'rows' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 60 },
        popularity: { kind: 'zipf', keys: 50 },
      },
    },
    {
      name: 'web',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 150 },
        popularity: { kind: 'zipf', keys: 50 },
        call: { timeoutMs: 80, maxAttempts: 2, hedge: { afterMs: 30 }, throttleK: 2 },
      },
    },
    {
      name: 'l',
      component: 'load-balancer',
      count: 2,
      links: { backends: 'app' },
      config: {
        sticky: 'session',
        call: { timeoutMs: 50, maxAttempts: 2, balance: { policy: 'power-of-d' } },
        healthCheck: { enabled: true, interMs: 40, timeoutMs: 20 },
        outlierDetection: { enabled: true, intervalMs: 100, baseEjectionTimeMs: 150 },
        slowStart: { windowMs: 200 },
        zoneAware: { enabled: true, minClusterSize: 1 },
      },
    },
    {
      name: 'edge',
      component: 'load-balancer',
      count: 1,
      links: { backends: 'l' },
      config: { layer: 'l4', maxTracked: 8, call: { timeoutMs: 60 } },
    },
    {
      name: 'origin',
      component: 'rate-limiter',
      count: 2,
      links: { target: 'inner', store: 'counts' },
      config: {
        where: 'local-sync',
        syncMs: 30,
        per: 'key',
        ratePerSecond: 5,
        windowMs: 400,
        onStoreFailure: 'closed',
        storeCall: { timeoutMs: 15 },
      },
    },
    {
      name: 'tokens',
      component: 'rate-limiter',
      count: 1,
      links: { target: 'origin', store: 'counts' },
      config: {
        where: 'store-atomic',
        per: 'session',
        maxKeys: 4,
        storeCall: { timeoutMs: 20, maxAttempts: 2 },
      },
    },
    {
      name: 'counts',
      component: 'limit-store',
      count: 1,
      config: { policy: 'sliding-log', ratePerSecond: 20, windowMs: 200, opMicros: 400 },
    },
    {
      name: 'limited',
      component: 'http-client',
      count: 1,
      links: { target: 'tokens' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 120 },
        sessions: 6,
        popularity: { kind: 'uniform', keys: 5 },
        call: { timeoutMs: 60, maxAttempts: 2 },
      },
    },
    {
      name: 'through',
      component: 'http-client',
      count: 1,
      links: { target: 'edge' },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: 200 },
        sessions: 20,
        call: { timeoutMs: 70 },
      },
    },
    {
      name: 'users',
      component: 'http-client',
      count: 1,
      links: { target: 'app' },
      config: {
        load: 'closed',
        users: 5,
        thinkMs: 20,
        call: { balance: { policy: 'power-of-d' }, maxConcurrentCalls: 3, maxWaitMs: 10 },
      },
    },
  ],
  faults,
  healAtMs: 1_200,
  checks,
  story: [],
};
