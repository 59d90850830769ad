/**
 * A product API as it is commonly deployed: pods behind a balancer, a cache aside, a database
 * behind a pool of connections; and what happens when one of these goes.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { GO_DATABASE_SQL, KUBERNETES_PROBES, SRE_CASCADING } from '../sources.ts';

const params = {
  pods: field.count({ about: 'Pods of the product API.', default: 3, min: 2, max: 10 }),
  ratePerSecond: field.count({
    about: 'Requests a second, from the start.',
    default: 80,
    min: 20,
    max: 120,
  }),
  incident: field.choice(['kill-pod', 'lose-cache', 'double-load', 'nothing'], {
    about: 'What happens after eight seconds.',
    default: 'kill-pod',
  }),
  readiness: field.flag({
    about: 'Whether the balancer asks pods if they are ready, every five seconds.',
    default: true,
    source: 'Kubernetes readinessProbe: periodSeconds 5, failureThreshold 1 here',
  }),
  poolMaxOpen: field.count({
    about: 'Connections that each pod may open to the database.',
    default: 25,
    min: 2,
    max: 50,
    source: 'Go database/sql SetMaxOpenConns',
  }),
  databaseCores: field.count({
    about: 'Cores of the database.',
    default: 2,
    min: 1,
    max: 8,
  }),
};
type Params = Static<TObject<typeof params>>;

const INCIDENT_MS = 8_000;
/** Those who wait for a dead pod wait long. */
const endMs = (p: Params): number => (p.incident === 'kill-pod' ? 40_000 : 22_000);
const POD_DOWN_MS = 14_000;
const TTL_MS = 300_000;
const TIMEOUT_MS = 15_000;

const stores = (p: Params): readonly GroupPlan[] => [
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    config: { capacity: 5_000, ttlMs: TTL_MS, ttlJitter: 0.1 },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: p.databaseCores,
    config: { read: { time: { kind: 'exponential', meanMs: 20 } }, maxConnections: 1_000 },
  },
];

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'shop',
    component: 'http-client',
    count: 1,
    links: { target: 'lb' },
    config: {
      arrivals:
        p.incident === 'double-load'
          ? {
              kind: 'spike',
              ratePerSecond: p.ratePerSecond,
              factor: 2,
              fromMs: INCIDENT_MS,
              untilMs: endMs(p),
            }
          : { kind: 'poisson', ratePerSecond: p.ratePerSecond },
      popularity: { kind: 'zipf', keys: 2_000, alpha: 1 },
      routes: [{ route: 'GET /products' }],
      call: { timeoutMs: TIMEOUT_MS },
    },
  },
  {
    name: 'lb',
    component: 'load-balancer',
    count: 1,
    links: { backends: 'pod' },
    config: {
      call: { timeoutMs: TIMEOUT_MS },
      healthCheck: { enabled: p.readiness, interMs: 5_000, rise: 1, fall: 1, timeoutMs: 1_000 },
    },
  },
  {
    name: 'pod',
    component: 'service',
    count: p.pods,
    cores: 1,
    links: { cache: 'cache', db: 'db' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'exponential', meanMs: 3 } },
        {
          do: 'cached',
          in: 'cache',
          setInBackground: true,
          miss: [{ do: 'query', to: 'db' }],
        },
      ],
      upstreams: [
        {
          to: 'db',
          timeoutMs: TIMEOUT_MS,
          pool: {
            maxOpen: p.poolMaxOpen,
            maxIdle: Math.min(5, p.poolMaxOpen),
            maxLifetimeMs: 300_000,
          },
        },
        { to: 'cache', timeoutMs: 50 },
      ],
      requestTimeoutMs: TIMEOUT_MS,
    },
  },
  ...stores(p),
];

function incident(p: Params): readonly FaultEntry[] {
  if (p.incident === 'kill-pod') {
    return [
      {
        id: 'pod-dies',
        fault: { type: 'crash', target: { first: 1, of: 'pod' } },
        atMs: INCIDENT_MS,
        forMs: POD_DOWN_MS,
      },
    ];
  }
  if (p.incident === 'lose-cache') {
    return [
      {
        id: 'cache-dies',
        fault: { type: 'crash', target: 'cache' },
        atMs: INCIDENT_MS,
        forMs: 500,
      },
    ];
  }
  return [];
}

function checks(p: Params): readonly CheckPlan[] {
  const common: readonly CheckPlan[] = [
    {
      id: 'warm-before',
      use: 'slo',
      args: { metric: 'p99-ms', atMost: 500, fromMs: 4_000, untilMs: INCIDENT_MS },
      about: 'Before anything happens 99 of 100 requests are answered within half a second.',
    },
    {
      id: 'no-errors',
      use: 'slo',
      args: { metric: 'error-count', atMost: 0 },
      about: 'Nobody sees an error.',
    },
    {
      id: 'few-errors',
      use: 'slo',
      args: { metric: 'error-count', atMost: 230 },
      about: 'No more errors than a third of the requests of some seconds.',
    },
    {
      id: 'stays-quick',
      use: 'slo',
      args: { metric: 'p95-ms', atMost: 130, fromMs: INCIDENT_MS },
      about: 'Of those that are answered, 95 of 100 are answered within 130 ms.',
    },
  ];
  if (p.incident === 'kill-pod' && p.readiness) {
    return [
      ...common,
      {
        id: 'pod-is-missed',
        use: 'fact-count',
        args: { fact: 'balancer.backend-down', atLeast: 1, fromMs: INCIDENT_MS },
        about: 'The balancer notices that the pod is gone.',
      },
    ];
  }
  if (p.incident !== 'lose-cache') return common;
  return [
    ...common,
    {
      id: 'cache-is-cold',
      use: 'gauge',
      args: {
        group: 'pod',
        gauge: 'Hit ratio',
        measure: 'share',
        across: 'sum',
        atMost: 0.5,
        fromMs: INCIDENT_MS,
        untilMs: INCIDENT_MS + 2_000,
      },
      about: 'Right after its loss, most look-ups find nothing.',
    },
  ];
}

const WHAT: { readonly [incident in Params['incident']]: string } = {
  'kill-pod': 'One pod dies. The balancer does not know yet.',
  'lose-cache': 'The cache restarts, empty. Every object has to be read again.',
  'double-load': 'Twice as many customers: a sale has begun.',
  nothing: 'Nothing happens. This is what well looks like.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A product page',
    at: { ms: 1_500 },
    text:
      'A request goes to one of the pods, which looks into the cache and, where the product is ' +
      'not there, asks the database over one of its few connections. The cache fills up.',
    focus: ['lb', 'pod', 'cache', 'db'],
  },
  {
    title: 'Warm',
    at: { ms: 5_000 },
    text: 'Most requests are answered from the cache by now, and the database has little to do.',
    focus: ['cache'],
    check: 'warm-before',
  },
  {
    title: 'The incident',
    at: { ms: INCIDENT_MS },
    text: WHAT[p.incident],
    focus: ['pod', 'cache'],
    check: 'few-errors',
    predict: {
      question:
        `A pod is gone. The balancer asks each pod every five seconds whether it is ready, and ` +
        'callers wait fifteen seconds for an answer. Who notices?',
      options: [
        'Nobody: the balancer sends its requests to the other pods at once.',
        'Everybody whose request was sent to the dead pod before the next check: they wait for ' +
          'fifteen seconds and then get an error.',
        'Everybody: the service is down until the pod is back.',
      ],
      answer: 1,
      because:
        'Until a check fails, the dead pod is in the rotation and takes its share of the ' +
        'requests. Each of them hangs for as long as the caller waits. The period of the check ' +
        'bounds how many there are; the timeout decides how long each of them suffers.',
    },
  },
  {
    title: 'After it',
    at: { ms: 24_000 },
    text:
      'The last of those who waited for the dead pod are told so about now. A shorter timeout ' +
      'with one retry would have answered nearly all of them within a second.',
    focus: ['shop'],
  },
];

const plan = (p: Params): Plan => ({
  title: 'A product service',
  summary: 'Pods, a cache and a database under the load of a shop, and one incident.',
  durationMs: endMs(p),
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.8 } },
  groups: groups(p),
  faults: incident(p),
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'product-service/pods',
  title: 'A product service loses a pod',
  summary:
    'A product API with settings as they are commonly deployed: what its clients see when a pod ' +
    'dies, when the cache is lost, and when the load doubles.',
  tier: 'hostile',
  sources: [GO_DATABASE_SQL, KUBERNETES_PROBES, SRE_CASCADING],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A pod dies for fourteen seconds; the balancer notices within five.',
      expect: { 'no-errors': { breaks: {} } },
    },
    {
      name: 'nobody-asks',
      about: 'Without readiness checks the dead pod gets its share all the time.',
      params: { readiness: false },
      expect: { 'no-errors': { breaks: {} }, 'few-errors': { breaks: {} } },
    },
    {
      name: 'lost-cache',
      about: 'The cache comes back empty: the database bears it, since it has two cores.',
      params: { incident: 'lose-cache' },
    },
    {
      name: 'lost-cache-small-database',
      about: 'With one core the database cannot bear the requests of an empty cache.',
      params: { incident: 'lose-cache', databaseCores: 1 },
      expect: { 'stays-quick': { breaks: {} } },
    },
    {
      name: 'twice-the-load',
      about: 'The cache takes most of what is new.',
      params: { incident: 'double-load' },
    },
  ],
  thingsToTry: [
    'Lose the cache under twice the load: crash it by hand in that variant.',
    'Give the pods two connections each and one core to the database: where do requests wait now?',
    'Kill two of the three pods by hand. How long until the balancer sends all to the third?',
  ],
  leavesOut: [
    'An orchestrator: nobody replaces a pod, adds one or rolls out a new version.',
    'Refused connections: a request to a dead pod hangs, as it does where packets are dropped.',
    'Batch reads: a product page asks for one product.',
  ],
});
