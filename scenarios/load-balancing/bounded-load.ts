/**
 * One object that everybody wants: by hashing alone its home must bear it, whatever the others have
 * to do. With a bound on loads the home keeps its fair share and somewhat more, and what is above
 * goes to the next on the ring.
 *
 * Why the numbers are exact: a fixed number of users always wait for an answer, so a backend may
 * have ceil(bound x users / backends) requests at most; and a closed loop cannot be faster than its
 * busiest station, 1 / (its share of the requests x its time for one).
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
import { BOUNDED_LOADS, CONSISTENT_HASHING, ENVOY_BALANCERS } from '../sources.ts';

const params = {
  policy: field.choice(['ring-hash', 'bounded-load', 'least-connections'], {
    about: 'The home of the object; the home as long as it has room; or the least busy.',
    default: 'ring-hash',
  }),
  boundPercent: field.count({
    about: 'Of bounded-load: how much of the mean load a backend may have.',
    default: 125,
    min: 100,
    max: 200,
    source: 'Envoy hash_balance_factor',
  }),
  hotPercent: field.count({
    about: 'The share of the requests that want the one popular object.',
    default: 30,
    min: 20,
    max: 40,
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 8;
const USERS = 40;
const OBJECTS = 200;
const WORK_MS = 20;
const CAPACITY = 45;
const STORE_MS = 3;
const WARM_MS = 2_500;
const END_MS = 8_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    load: 'closed',
    users: USERS,
    thinkMs: 0,
    popularity: {
      kind: 'hot-set',
      keys: OBJECTS,
      hotKeys: 1 / OBJECTS,
      hotRequests: p.hotPercent / 100,
    },
    call: { timeoutMs: 4_000 },
  }),
  balancerOf({
    call: {
      timeoutMs: 3_000,
      balance: {
        policy: p.policy,
        ...(p.policy === 'bounded-load' ? { balanceFactor: p.boundPercent / 100 } : {}),
      },
    },
  }),
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    links: { store: 'store' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: WORK_MS } },
        { do: 'cached', in: 'store', near: { capacity: CAPACITY, ttlMs: 60_000 } },
      ],
    },
  },
  {
    name: 'store',
    component: 'cache',
    count: 1,
    links: { origin: 'disk' },
    config: { mode: 'read-through', capacity: OBJECTS, opMicros: STORE_MS * 1_000 },
  },
  {
    name: 'disk',
    component: 'database',
    count: 1,
    config: { read: { time: { kind: 'constant', ms: 1 } } },
  },
];

const MEAN = USERS / BACKENDS;
const BACKEND_PER_SECOND = 1_000 / WORK_MS;
const capOf = (p: Params): number => Math.ceil((p.boundPercent * MEAN) / 100);
const hotShare = (p: Params): number => p.hotPercent / 100;
/** A closed loop is as fast as its home is, which has so large a share of all requests. */
const allPerSecond = (homeShare: number): number => BACKEND_PER_SECOND / homeShare;
/** Of the other objects a home has an eighth on average; by chance none, or twice as many. */
const homeShare = (p: Params, ofOthers: number): number =>
  hotShare(p) + (1 - hotShare(p)) * ofOthers;
const mostPerSecond = (p: Params): number => allPerSecond(hotShare(p));
const leastPerSecond = (p: Params): number => allPerSecond(homeShare(p, 2 / BACKENDS));

const slowAsTheHome = (p: Params): CheckPlan => ({
  id: 'slow-as-the-home',
  use: 'slo',
  args: {
    metric: 'ok-per-second',
    atLeast: leastPerSecond(p),
    atMost: mostPerSecond(p),
    fromMs: WARM_MS,
  },
  about:
    `One backend does ${BACKEND_PER_SECOND} a second and gets ${p.hotPercent} % of all and its ` +
    `part of the rest: ${Math.round(leastPerSecond(p))} to ${Math.round(mostPerSecond(p))}.`,
});

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nobody-above-the-cap',
    use: 'gauge',
    args: { group: 'app', gauge: 'Under way', measure: 'max', atMost: capOf(p) },
    about: `No backend ever has more than ${capOf(p)} of the ${USERS} requests under way.`,
  },
  {
    id: 'all-at-work',
    use: 'slo',
    args: { metric: 'ok-per-second', atLeast: 300, fromMs: WARM_MS },
    about: `Of ${BACKENDS * BACKEND_PER_SECOND} requests a second at least 300 are answered.`,
  },
  {
    id: 'quick',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 300, fromMs: WARM_MS },
    about: 'The slowest request of a hundred takes at most 300 ms.',
  },
  {
    id: 'at-hand',
    use: 'gauge',
    args: {
      group: 'app',
      gauge: 'Near hit ratio',
      measure: 'share',
      across: 'sum',
      atLeast: 0.8,
      fromMs: WARM_MS,
    },
    about: 'Four requests of five find their object in the memory of their backend.',
  },
  ...(p.policy === 'ring-hash' ? [slowAsTheHome(p)] : []),
];

const HOW: { readonly [policy in Params['policy']]: (p: Params) => string } = {
  'ring-hash': () => 'Each object has its home, and the balancer asks nobody else for it.',
  'bounded-load': (p) =>
    `Each object has its home; one that has ${p.boundPercent} % of the mean load already is ` +
    'passed over, and the next on the ring gets the request.',
  'least-connections': () => 'Whatever is asked for, the least busy backend gets the request.',
};

const OPTIONS = (p: Params): readonly string[] => [
  `About ${BACKENDS * BACKEND_PER_SECOND}: all of them are at work.`,
  `About ${Math.round(allPerSecond(homeShare(p, 1 / BACKENDS)))}: the home of one object is what ` +
    'all wait for.',
  `About ${BACKEND_PER_SECOND}: what one of them can do.`,
];

function why(p: Params): string {
  switch (p.policy) {
    case 'ring-hash':
      return (
        `The home does ${BACKEND_PER_SECOND} a second, and gets ${p.hotPercent} % of everything ` +
        'and its part of the rest. Sooner or later all users stand in its queue, and the other ' +
        'seven have next to nothing to do: more backends would not help.'
      );
    case 'bounded-load':
      return (
        `${USERS} users wait, ${MEAN} for each backend on average, so none may have more than ` +
        `${capOf(p)}: ${p.boundPercent} % of ${MEAN}, rounded up. What comes to a full home goes ` +
        'to the next with room, which soon has the popular object at hand as well.'
      );
    default:
      return (
        'Nobody is ever idle while others queue. But every backend sees every object, has room ' +
        `for ${CAPACITY} of ${OBJECTS}, and reads most of what is asked for from the store.`
      );
  }
}

/** With a bound at the mean itself. */
const NO_HOMES =
  'All backends are at work, and about half of the requests find their object at hand: at the ' +
  'mean a home is nearly always full, and whoever has room gets what is meant for it.';

const OUTCOME: { readonly [policy in Params['policy']]: string } = {
  'ring-hash':
    'One backend works without a pause, and users wait most of a second for it. Nearly all ' +
    'requests find their object at hand, and it is no use to them.',
  'bounded-load':
    'All backends are at work, and most requests still find their object at hand: only what a ' +
    'home has no room for is kept twice. The nearer the bound is to the mean, the more that is; ' +
    'at the mean itself little is left of the homes.',
  'least-connections':
    'All backends are at work, and half of the requests have to wait for the store, which gets ' +
    'far more to do than with homes.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Forty users, eight backends',
    at: { ms: 500 },
    text:
      `${USERS} users ask again as soon as they are answered. A request takes ${WORK_MS} ms of a ` +
      `backend, so each can do ${BACKEND_PER_SECOND} a second. Each keeps ${CAPACITY} of ` +
      `${OBJECTS} objects in its memory; the others come from a store.`,
    focus: ['client', 'balancer', 'app'],
  },
  {
    title: 'What everybody wants',
    at: { ms: WARM_MS },
    text: `${p.hotPercent} % of the requests are for one object. ${HOW[p.policy](p)}`,
    focus: ['balancer', 'app'],
    predict: {
      question: 'How many requests a second are answered, by all eight together?',
      options: OPTIONS(p),
      answer: p.policy === 'ring-hash' ? 1 : 0,
      because: why(p),
    },
    check: 'all-at-work',
  },
  {
    title: 'What became of it',
    at: { ms: END_MS - 1_500 },
    text: p.policy === 'bounded-load' && p.boundPercent === 100 ? NO_HOMES : OUTCOME[p.policy],
    focus: ['app', 'store'],
    check: 'nobody-above-the-cap',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Bounded loads',
  summary: 'One popular object, and how much of it its home must bear.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/bounded-load',
  title: 'Bounded loads',
  summary:
    'Three requests of ten are for one object. By hashing alone its home is what all wait for; ' +
    'with a bound of 125 % of the mean all backends work, and nearly as much is found at hand.',
  tier: 'calm',
  sources: [BOUNDED_LOADS, CONSISTENT_HASHING, ENVOY_BALANCERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A ring: the home of the popular object has forty requests, the others none.',
      expect: {
        'nobody-above-the-cap': { breaks: {} },
        'all-at-work': { breaks: {} },
        quick: { breaks: {} },
      },
    },
    {
      name: 'bounded',
      about: 'At most 125 % of the mean: seven of forty requests for each backend.',
      params: { policy: 'bounded-load' },
    },
    {
      name: 'bounded-wide',
      about: 'At most twice the mean: fewer copies, and less even.',
      params: { policy: 'bounded-load', boundPercent: 200 },
    },
    {
      name: 'bounded-tight',
      about: 'At most the mean, rounded up: perfectly even, and the homes are gone.',
      params: { policy: 'bounded-load', boundPercent: 100 },
      expect: { 'at-hand': { breaks: {} } },
    },
    {
      name: 'least-connections',
      about: 'No homes at all: even, and the store has to bring what is not at hand.',
      params: { policy: 'least-connections' },
      expect: { 'at-hand': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Find the smallest bound that still finds nine of ten objects at hand.',
    'Let the popular object have 40 %: what can a ring of eight do at most? And a bounded one?',
    'Slow one backend down by hand: which policy notices?',
  ],
  leavesOut: [
    'Replicas on purpose: the popular object is copied only because its home was full.',
    'Several balancers: each of them would bound only what it sent itself.',
  ],
});
