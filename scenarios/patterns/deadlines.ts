/**
 * A caller that gives up does not stop the work that it has begun. Where the deadline travels with
 * the request, each layer knows what nobody waits for any more, and leaves it.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { GRPC_DEADLINES, SRE_CASCADING } from '../sources.ts';

const params = {
  dropExpired: field.flag({
    about: 'The layer below does not begin what nobody waits for any more.',
    default: true,
  }),
  propagate: field.flag({
    about: 'The layer above hands on how long its own caller still waits, not its own timeout.',
    default: true,
  }),
  loadPercent: field.count({
    about: 'How much of its capacity the layer below is asked for.',
    default: 140,
    min: 120,
    max: 160,
  }),
};
type Params = Static<TObject<typeof params>>;

const SERVICE_MS = 10;
const CAPACITY_PER_SECOND = 1_000 / SERVICE_MS;
const PATIENCE_MS = 500;
/** The layer above has its own, generous idea of a timeout. */
const OWN_TIMEOUT_MS = 5_000;
const SETTLED_MS = 6_000;
const STOP_MS = 14_000;
const END_MS = 18_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('page', {
    arrivals: {
      kind: 'poisson',
      ratePerSecond: (CAPACITY_PER_SECOND * p.loadPercent) / 100,
    },
    call: { timeoutMs: PATIENCE_MS },
    stopMs: STOP_MS,
  }),
  {
    name: 'page',
    component: 'service',
    count: 1,
    links: { prices: 'prices' },
    config: {
      steps: [{ do: 'call', to: 'prices' }],
      upstreams: [
        {
          to: 'prices',
          timeoutMs: OWN_TIMEOUT_MS,
          propagateDeadline: p.propagate,
        },
      ],
      propagateDeadline: p.propagate,
    },
  },
  {
    name: 'prices',
    component: 'service',
    count: 1,
    config: {
      steps: [{ do: 'work', time: { kind: 'exponential', meanMs: SERVICE_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: 100_000, dropExpired: p.dropExpired },
    },
  },
];

const window = { fromMs: SETTLED_MS, untilMs: STOP_MS };

const checks = (): readonly CheckPlan[] => [
  {
    id: 'always-busy',
    use: 'gauge',
    args: { group: 'prices', gauge: 'Utilisation', atLeast: 0.95, ...window },
    about: 'The layer below works all the time: it is overloaded.',
  },
  {
    id: 'useful-work',
    use: 'slo',
    args: { metric: 'ok-per-second', atLeast: CAPACITY_PER_SECOND * 0.4, ...window },
    about: 'At least two fifths of what it can do reach somebody who still waits.',
  },
  {
    id: 'queue-stays-short',
    use: 'gauge',
    args: {
      group: 'prices',
      gauge: 'Queue',
      measure: 'max',
      // What comes in while one client waits.
      atMost: 3 * CAPACITY_PER_SECOND * (PATIENCE_MS / 1_000),
      ...window,
    },
    about: 'Nobody stands in line for longer than anybody waits.',
  },
  {
    id: 'no-work-for-nobody',
    use: 'gauge',
    args: {
      group: 'prices',
      gauge: 'Answered',
      measure: 'total',
      atMost: 60,
      fromMs: STOP_MS + PATIENCE_MS + 100,
      untilMs: END_MS,
    },
    about: 'When the last client has left, nothing is left to do.',
  },
];

/** So much more comes than can be done, each second. */
const surplus = (p: Params): number => (CAPACITY_PER_SECOND * (p.loadPercent - 100)) / 100;

const travels = (p: Params): string => {
  if (!p.propagate) {
    return (
      `The page gives each call ${OWN_TIMEOUT_MS / 1_000} s of its own, whatever is left to its ` +
      'own caller. So the price service believes that everybody still waits, and begins with ' +
      'those who have waited longest.'
    );
  }
  return p.dropExpired
    ? 'Where the deadline is handed on, each request says how long somebody still waits for it, ' +
        'and the price service looks before it begins one: what is too late costs nothing, and ' +
        'its time goes to those who are still there. Where it is not, nobody here is answered.'
    : 'With each request comes how long somebody still waits for it: half a second, less what ' +
        'has passed. But this price service does not look. It begins one after the other, for ' +
        'people who have left.';
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Two layers',
    at: { ms: 500 },
    text:
      `A page asks a service for prices, which can do ${CAPACITY_PER_SECOND} a second and is ` +
      `asked for ${(CAPACITY_PER_SECOND * p.loadPercent) / 100}. People wait for half a ` +
      'second, then they leave.',
    focus: ['page', 'prices'],
  },
  {
    title: 'The line grows',
    at: { ms: 2_500 },
    text:
      `${surplus(p)} more come each second than can be served. Before long whoever is at the ` +
      'head of the line has been waiting for half a second.',
    focus: ['prices'],
    predict: {
      question:
        'People leave after half a second. What does the price service do with their requests if ' +
        'it does not know, or does not look?',
      options: [
        'It drops them: the connection is closed.',
        'It works on them as on any other, and nobody is answered any more.',
        'It works faster, because there are fewer requests.',
      ],
      answer: 1,
      because:
        'Each request in the line looks wanted. First come, first served then means: always the ' +
        'oldest, always just too late. All of its time goes into answers that nobody reads. Its ' +
        'caller, the page, may wait for five seconds of its own, so nothing stops it from there.',
    },
  },
  {
    title: 'A deadline that travels',
    at: { ms: SETTLED_MS },
    text: travels(p),
    focus: ['prices'],
    check: 'useful-work',
  },
  {
    title: 'Everybody leaves',
    at: { ms: STOP_MS },
    text:
      'Nobody new comes. A service that knows and heeds the deadlines has no line left half a ' +
      'second later; one that does not goes on working for seconds, for nobody. Look at the ' +
      'queue from here on.',
    focus: ['prices'],
    check: 'no-work-for-nobody',
  },
];

/** Without a rule a run is as one that never had it. */
const asRun = (p: Params, ablations: readonly string[]): Params => ({
  ...p,
  dropExpired: p.dropExpired && !ablations.includes('traffic.drop-expired'),
  propagate: p.propagate && !ablations.includes('traffic.deadline-propagation'),
});

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Deadlines that travel',
  summary: 'Work that nobody waits for any more, and how a layer below gets to know of it.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(),
  story: story(asRun(p, ablations)),
});

const WASTED = {
  'useful-work': { breaks: {} },
  'queue-stays-short': { breaks: {} },
  'no-work-for-nobody': { breaks: {} },
} as const;

export default defineScenario({
  id: 'patterns/deadlines',
  title: 'Deadlines that travel',
  summary:
    'An overloaded service works at full speed on requests whose clients have left, because its ' +
    'own caller waits longer than they do. A deadline that travels with the request ends that.',
  tier: 'calm',
  sources: [SRE_CASCADING, GRPC_DEADLINES],
  params,
  plan,
  variants: [
    { name: 'default', about: 'The deadline travels, and what is too late is not begun.' },
    {
      name: 'not-handed-on',
      about: 'The page gives each call five seconds of its own: nobody below knows better.',
      ablations: ['traffic.deadline-propagation'],
      expect: WASTED,
    },
    {
      name: 'handed-on-unread',
      about: 'The deadline travels, but the service below does not look at it.',
      params: { dropExpired: false },
      expect: WASTED,
    },
  ],
  thingsToTry: [
    'Ask for 160 % of the capacity: how much of the work is still useful?',
    'Stop the client by hand for two seconds without deadlines: when is the service useful again?',
    'Compare with patterns/load-shedding: what does a short queue do that deadlines do not?',
  ],
  leavesOut: [
    'Clocks that disagree: what travels is a duration, so each layer counts by its own clock.',
    'Taking back what has begun: a request that is worked on is worked on to its end.',
  ],
});
