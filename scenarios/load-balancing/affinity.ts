/**
 * Backends that keep copies in their own memory: sent by their objects, requests find one large
 * cache in five pieces; sent anywhere, they find the same small cache five times.
 *
 * Why the shares are exact: of objects that are all asked for alike, a full LRU cache with room for
 * C of K answers C / K, whichever they are. A backend that gets only its own part of the objects,
 * and has room for it, misses each of them once.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
import { CONSISTENT_HASHING, ENVOY_BALANCERS, MAGLEV } from '../sources.ts';

const POLICIES = [
  'round-robin',
  'least-connections',
  'modulo',
  'ring-hash',
  'maglev',
  'maglev-small',
] as const;

const params = {
  policy: field.choice(POLICIES, {
    about:
      'Who gets a request: the next in turn, the least busy, or by the hash of its object ' +
      '(maglev-small has a table of 251 entries in place of 65537).',
    default: 'round-robin',
  }),
  capacity: field.count({
    about: 'Objects for which each backend has room.',
    default: 70,
    min: 40,
    max: 80,
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 5;
const OBJECTS = 200;
const PER_SECOND = 200;
const STORE_MS = 6;
const WARM_MS = 5_000;
const LOSS_MS = 9_000;
const REFILLED_MS = 14_000;
const END_MS = 16_000;
const SMALL_TABLE = 251;

const balanceOf = ({ policy }: Params): object =>
  policy === 'maglev-small' ? { policy: 'maglev', tableSize: SMALL_TABLE } : { policy };

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'poisson', ratePerSecond: PER_SECOND },
    popularity: { keys: OBJECTS },
  }),
  balancerOf({
    call: { timeoutMs: 400, balance: balanceOf(p) },
    healthCheck: { enabled: true, interMs: 200, fall: 2, rise: 2 },
  }),
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    links: { store: 'store' },
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: 1 } },
        { do: 'cached', in: 'store', near: { capacity: p.capacity, ttlMs: 60_000 } },
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

const isHashed = ({ policy }: Params): boolean =>
  policy !== 'round-robin' && policy !== 'least-connections';

/** The share of the requests that find their object in the memory of their backend. */
const atHand = (p: Params): number =>
  Math.min(1, ((isHashed(p) ? BACKENDS : 1) * p.capacity) / OBJECTS);

/** The share of the objects that have another home without one of five. */
function movedShare({ policy }: Params): number {
  if (policy === 'modulo') return 1 - 1 / BACKENDS;
  // Of 251 entries three in a hundred change hands besides: counted in the table.
  return 1 / BACKENDS + (policy === 'maglev-small' ? 0.03 : 0);
}

const percent = (share: number): number => Math.round(share * 100);
const movedObjects = (p: Params): number => Math.round(OBJECTS * movedShare(p));
/** Objects are few: how many of them live at the backend that is lost is chance. */
const CHANCE = 16;

const warm = { fromMs: WARM_MS, untilMs: LOSS_MS } as const;
const near = { group: 'app', gauge: 'Near hit ratio', measure: 'share', across: 'sum' } as const;
const readAgain = {
  group: 'store',
  gauge: 'Hit ratio',
  measure: 'total',
  fromMs: LOSS_MS,
  untilMs: REFILLED_MS,
} as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'found-at-hand',
    use: 'gauge',
    args: { ...near, atLeast: 0.95, ...warm },
    about: 'Nearly every request finds its object in the memory of its backend.',
  },
  {
    id: 'at-hand-as-computed',
    use: 'gauge',
    args: {
      ...near,
      atLeast: atHand(p) - (isHashed(p) ? 0.12 : 0.07),
      atMost: atHand(p) + 0.07,
      ...warm,
    },
    about: `About ${percent(atHand(p))} % of the requests find their object at hand.`,
  },
  {
    id: 'quick',
    use: 'slo',
    args: { metric: 'p95-ms', atMost: 10, ...warm },
    about: '95 of 100 requests are answered within 10 ms.',
  },
  ...(isShareClear(p) ? [even] : []),
  {
    id: 'the-loss-bites',
    use: 'fact-count',
    args: { fact: 'balancer.backend-down', atLeast: 1, atMost: 1, fromMs: LOSS_MS },
    about: 'app4 is taken out of the pool.',
  },
  ...(isHashed(p) ? [movesAsComputed(p)] : []),
  {
    id: 'only-its-own-move',
    use: 'gauge',
    args: { ...readAgain, atMost: (1.25 * OBJECTS) / BACKENDS },
    about: 'Only what the lost backend had is read from the store again.',
  },
  {
    id: 'found-again',
    use: 'gauge',
    args: { ...near, atLeast: 0.95, fromMs: REFILLED_MS },
    about: 'Five seconds after the loss nearly every request finds its object at hand.',
  },
];

const even: CheckPlan = {
  id: 'even',
  use: 'gauge',
  args: {
    group: 'app',
    gauge: 'Taken in',
    measure: 'total',
    across: 'imbalance',
    atMost: 1.15,
    ...warm,
  },
  about: 'No backend gets 15 % more than the mean.',
};

/** Of 200 objects, those of a table fall about evenly: which side of a bound is chance. */
const isShareClear = (p: Params): boolean => !isHashed(p) || p.policy === 'ring-hash';

const movesAsComputed = (p: Params): CheckPlan => ({
  id: 'moves-as-computed',
  use: 'gauge',
  args: { ...readAgain, atLeast: movedObjects(p) - CHANCE, atMost: movedObjects(p) + CHANCE },
  about: `About ${movedObjects(p)} of ${OBJECTS} objects get another home.`,
});

function howItChooses({ policy }: Params): string {
  switch (policy) {
    case 'round-robin':
      return 'The balancer sends each request to the next backend in turn.';
    case 'least-connections':
      return 'The balancer sends each request to the backend with the fewest requests under way.';
    case 'modulo':
      return 'The balancer takes the hash of the object modulo the number of backends.';
    case 'ring-hash':
      return 'Backends have points on a ring; an object goes to the first after its hash.';
    default:
      return (
        'The backends fill a table in turn, each in its own order; the hash of an object names ' +
        'an entry of it.'
      );
  }
}

const firstQuestion = (p: Params): NonNullable<StoryStep['predict']> => ({
  question:
    `${howItChooses(p)} ${OBJECTS} objects are asked for alike, and each of ${BACKENDS} backends ` +
    `has room for ${p.capacity}. How many requests find their object at hand?`,
  options: [
    `About ${percent(p.capacity / OBJECTS)} %: what one backend has room for.`,
    `About ${percent(1 / BACKENDS)} %: one in ${BACKENDS}.`,
    'Nearly all: together they have room for everything.',
  ],
  answer: isHashed(p) ? 2 : 0,
  because: isHashed(p)
    ? 'An object has one home, and is kept there and nowhere else. Each backend sees about ' +
      `${OBJECTS / BACKENDS} objects only and has room for them: after its first request each of ` +
      'them is at hand.'
    : `Any request may come to any backend, so each of them sees all ${OBJECTS} objects and has ` +
      `room for ${p.capacity}: ${percent(atHand(p))} %. All five keep much the same, and what ` +
      'one of them has is of no use to a request that goes to another. A sixth would not help.',
});

function whyMoved(p: Params): string {
  switch (p.policy) {
    case 'modulo':
      return (
        'A hash has the same remainder by five and by four in one case of five: four objects of ' +
        'five get another home, also those whose home is well. What was kept for them is lost.'
      );
    case 'ring-hash':
      return (
        'The points of the lost backend are gone, and its objects go to whoever has the next ' +
        'point. Nobody else’s points have moved, so nobody else’s objects have.'
      );
    case 'maglev':
      return (
        'The entries of the lost backend are filled by the others. A few entries more change ' +
        'hands, because the turns are taken anew: of 65537 hardly any, here no object at all.'
      );
    default:
      return (
        'The entries of the lost backend are filled by the others, and because the turns are ' +
        'taken anew some entries of the others change hands, too. The smaller the table, the ' +
        'more: of 251 entries three in a hundred; of 65537 hardly any.'
      );
  }
}

const secondQuestion = (p: Params): NonNullable<StoryStep['predict']> => ({
  question:
    `app4 crashes, one of ${BACKENDS}. How many of the ${OBJECTS} objects are read from the ` +
    'store again?',
  options: [
    `About ${OBJECTS / BACKENDS}: its own.`,
    'Its own, and some others.',
    `About ${OBJECTS - OBJECTS / BACKENDS}: nearly all.`,
  ],
  answer: p.policy === 'modulo' ? 2 : p.policy === 'maglev-small' ? 1 : 0,
  because: whyMoved(p),
});

const steps = (p: Params): readonly StoryStep[] => [
  {
    title: 'Backends with a memory',
    at: { ms: 1_000 },
    text:
      `${PER_SECOND} requests a second for ${OBJECTS} objects. A backend keeps the last ` +
      `${p.capacity} that it had to do with; any other it reads from a store, which takes ` +
      `${STORE_MS} ms for each and can do ${Math.floor(1_000 / STORE_MS)} a second.`,
    focus: ['balancer', 'app', 'store'],
    predict: firstQuestion(p),
  },
  {
    title: isHashed(p) ? 'One large cache' : 'Five times the same',
    at: { ms: WARM_MS + 1_000 },
    text: isHashed(p)
      ? 'Each object has its home, and the store has next to nothing to do. The price: shares ' +
        'are as even as the hashes happen to fall, and a backend with more objects has more to do.'
      : 'Requests are spread evenly, and the copies badly: most requests have to wait for the ' +
        `store, which gets about ${Math.round(PER_SECOND * (1 - atHand(p)))} reads a second.`,
    focus: ['app', 'store'],
    check: isHashed(p) ? 'found-at-hand' : 'at-hand-as-computed',
  },
];

const story = (p: Params): readonly StoryStep[] => [
  ...steps(p),
  {
    title: 'One of five is lost',
    at: { ms: LOSS_MS },
    text:
      'app4 crashes. When two checks in a row have failed the balancer leaves it out. ' +
      (isHashed(p)
        ? 'Its objects need another home.'
        : 'For the others nothing changes but that each has a quarter more to do.'),
    focus: ['app4', 'balancer'],
    check: 'the-loss-bites',
    ...(isHashed(p) ? { predict: secondQuestion(p) } : {}),
  },
  {
    title: isHashed(p) ? 'Homes anew' : 'No homes to lose',
    at: { ms: REFILLED_MS },
    text: isHashed(p)
      ? `About ${movedObjects(p)} objects were read once more, and are at hand again. ` +
        (p.policy === 'modulo'
          ? 'A ring or a Maglev table would have moved a fifth: a modulus pays for every change ' +
            'of the pool with nearly all that it has.'
          : 'The same happens when the backend comes back, with nothing in its memory.')
      : 'A loss costs no more than a backend here, for there was little to lose.',
    focus: ['app', 'store'],
    check: 'only-its-own-move',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Affinity',
  summary: 'Backends with a memory of their own: who sends equal requests to the same one?',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [{ id: 'loss', fault: { type: 'crash', target: 'app4' }, atMs: LOSS_MS }],
  checks: checks(p),
  story: story(p),
});

const breaks = (...ids: readonly string[]): { [check: string]: { breaks: object } } =>
  Object.fromEntries(ids.map((id) => [id, { breaks: {} }]));
const NO_HOMES = breaks('found-at-hand', 'quick', 'only-its-own-move', 'found-again');

export default defineScenario({
  id: 'load-balancing/affinity',
  title: 'Affinity',
  summary:
    'Five backends have room for all objects together, and in turn only a third is found; sent ' +
    'by the hash of its object nearly all, and a lost backend costs a fifth of the homes.',
  tier: 'hostile',
  sources: [CONSISTENT_HASHING, MAGLEV, ENVOY_BALANCERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'In turn: perfectly even, and a third of the requests find their object at hand.',
      expect: NO_HOMES,
    },
    {
      name: 'least-connections',
      about: 'To the least busy: no better, for that is anybody.',
      params: { policy: 'least-connections' },
      expect: NO_HOMES,
    },
    {
      name: 'modulo',
      about: 'By the hash modulo five: all at hand, and four homes of five are lost with one.',
      params: { policy: 'modulo' },
      expect: breaks('only-its-own-move'),
    },
    {
      name: 'ring',
      about: 'A ring with 160 points for each backend: only the objects of the lost one move.',
      params: { policy: 'ring-hash' },
      expect: breaks('even'),
    },
    {
      name: 'maglev',
      about: 'A Maglev table of 65537 entries: the same, with more even shares.',
      params: { policy: 'maglev' },
    },
    {
      name: 'maglev-small',
      about: 'A table of 251 entries: some objects move although their home is well.',
      params: { policy: 'maglev-small' },
      expect: breaks('only-its-own-move'),
    },
  ],
  thingsToTry: [
    'Give each backend room for 80 and take turns again: how much better is it?',
    'Restart app4 by hand at 12 s: how many objects move back, by each way of hashing?',
    'Crash another backend of the ring: some have far more points than others.',
    'Halve the room to 40 with a ring: which backends no longer have room for their own?',
  ],
  leavesOut: [
    'Popular objects: here all are asked for alike. What one popular object does to its home is ' +
      'another story (bounded loads).',
    'Sessions in the memory of a backend: they move in the same way, and are lost, not read again.',
  ],
});
