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
  databaseCores: field.count({ about: 'Cores of the database.', default: 2, min: 1, max: 8 }),
};
type Params = Static<TObject<typeof params>>;

const INCIDENT_MS = 8_000;
/** Those who wait for a dead pod wait long. */
const endMs = (p: Params): number => (p.incident === 'kill-pod' ? 40_000 : 22_000);
const POD_DOWN_MS = 14_000;
const TTL_MS = 300_000;
const TIMEOUT_MS = 15_000;
const READ_MS = 20;

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
    config: { read: { time: { kind: 'exponential', meanMs: READ_MS } }, maxConnections: 1_000 },
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
        { do: 'cached', in: 'cache', setInBackground: true, miss: [{ do: 'query', to: 'db' }] },
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
      args: { metric: 'p99-ms', atMost: 500, fromMs: 6_000, untilMs: INCIDENT_MS },
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

type Incident = Params['incident'];
type Predict = NonNullable<StoryStep['predict']>;

/** The balancer asks at ten seconds, and waits a second for the answer that does not come. */
const NOTICED_MS = 11_000;
/** Until then the dead pod is sent its share. */
const sentUntilMs = (p: Params): number => (p.readiness ? NOTICED_MS : INCIDENT_MS + POD_DOWN_MS);
const readsPerSecond = (p: Params): number => (p.databaseCores * 1_000) / READ_MS;
const bearsAll = (p: Params): boolean => readsPerSecond(p) >= p.ratePerSecond;

const podDies = (p: Params): Predict => ({
  question:
    'A pod is gone for fourteen seconds. ' +
    (p.readiness
      ? 'The balancer asks each pod every five seconds whether it is ready'
      : 'The balancer does not ask its pods whether they are ready') +
    ', and callers wait fifteen seconds for an answer. Who notices?',
  options: [
    'Nobody: the balancer sends its requests to the other pods at once.',
    'Everybody whose request is sent to the dead pod before the next check fails: they wait for ' +
      'fifteen seconds and then get an error.',
    'Everybody whose request is sent to the dead pod in all of the fourteen seconds.',
  ],
  answer: p.readiness ? 1 : 2,
  because:
    `One request in ${p.pods} goes to the dead pod, and hangs for as long as its caller waits, ` +
    (p.readiness
      ? 'until a check fails. The period of the check bounds how many there are; the timeout ' +
        'decides how long each of them suffers.'
      : 'until the pod is back: nothing takes it out of the rotation. A check every five seconds ' +
        'would end that within six seconds.'),
});

const cacheIsLost = (p: Params): Predict => ({
  question:
    `The cache is empty. ${p.ratePerSecond} requests a second come, and the database can do ` +
    `${readsPerSecond(p)} reads. What do customers see?`,
  options: [
    'Errors: what is not in the cache cannot be shown.',
    'Pages that take some tens of milliseconds longer for a while.',
    'Pages that take longer and longer, until the cache holds enough again.',
  ],
  answer: bearsAll(p) ? 1 : 2,
  because: bearsAll(p)
    ? 'Every look-up that finds nothing becomes a read, and the database can bear even all of ' +
      'them. A cache like this one saves time; nothing depends on it.'
    : 'Every look-up that finds nothing becomes a read, more than the database can do, so they ' +
      'queue. Each read fills the cache a little, so that the queue stops growing by itself. ' +
      'This cache does not only save time: the database cannot do without it.',
});

const twice = (p: Params): Predict => ({
  question:
    `From now on ${2 * p.ratePerSecond} requests a second come. How much more does the ` +
    'database get?',
  options: [
    'Twice as much: it gets its share of every request.',
    'Less than twice as much: the cache answers most of what is new, and holds more and more.',
    'Nothing more: the cache answers all of it.',
  ],
  answer: 1,
  because:
    'Twice the customers ask for the same products, most of all for those that everybody asks ' +
    'for. What is rarely asked for still has to be read, and more requests fill the cache sooner.',
});

const QUESTIONS: { readonly [incident in Incident]: (p: Params) => Predict | null } = {
  'kill-pod': podDies,
  'lose-cache': cacheIsLost,
  'double-load': twice,
  nothing: () => null,
};

const WHAT: { readonly [incident in Incident]: string } = {
  'kill-pod': 'One pod dies. The balancer does not know yet.',
  'lose-cache': 'The cache restarts, empty. Every object has to be read again.',
  'double-load': 'Twice as many customers: a sale has begun.',
  nothing: 'Nothing happens. This is what well looks like.',
};

const AFTER: { readonly [incident in Incident]: string } = {
  'kill-pod':
    'The last of those who waited for the dead pod are told so about now. A shorter timeout ' +
    'with one retry would have answered nearly all of them within a second.',
  'lose-cache':
    'What is asked for most is in the cache again: the requests themselves have filled it. Look ' +
    'at the queue of the database in the seconds after the loss.',
  'double-load':
    'Look at what the database does, and at the share of look-ups that the cache answers: it ' +
    'has grown, because more was asked for.',
  nothing: 'Nothing has happened, and nobody has waited long: compare the other incidents with it.',
};

const incidentStep = (p: Params): StoryStep => {
  const predict = QUESTIONS[p.incident](p);
  return {
    title: 'The incident',
    at: { ms: INCIDENT_MS },
    text: WHAT[p.incident],
    focus: ['pod', 'cache'],
    check: 'few-errors',
    ...(predict === null ? {} : { predict }),
  };
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
    text:
      'What is asked for often is answered from the cache by now, and the database gets only ' +
      'the rest.',
    focus: ['cache'],
    check: 'warm-before',
  },
  incidentStep(p),
  {
    title: 'After it',
    at: { ms: p.incident === 'kill-pod' ? sentUntilMs(p) + TIMEOUT_MS : 20_000 },
    text: AFTER[p.incident],
    focus: ['shop', 'db'],
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
      about: 'A pod dies for fourteen seconds; the balancer notices within six.',
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
    'Read a request hop by hop: npx faultline trace product-service/pods --request 700.',
    'Kill two of the three pods by hand. How long until the balancer sends all to the third?',
  ],
  leavesOut: [
    'An orchestrator: nobody adds a pod or rolls out a version. What a liveness probe would do, ' +
      'restart a pod that is stuck, is in product-service/liveness.',
    'Memory: what a limit does, and the kill beyond it, is in product-service/memory-limit.',
    'Refused connections: a request to a dead pod hangs, as it does where packets are dropped.',
    'List pages: a product page asks for one product (see product-service/batch-reads).',
  ],
});
