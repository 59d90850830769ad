/**
 * One of several caches dies. How many objects change their place depends on how keys are spread:
 * by a modulus nearly all of them, by a ring or by rendezvous only those of the dead one.
 *
 * Why the numbers are exact: every object is asked for once in each round of two seconds, in turn,
 * and the cache that dies does so at the start of a round.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { CONSISTENT_HASHING, JUMP_HASH, RENDEZVOUS, TWEMPROXY } from '../sources.ts';

const params = {
  hashing: field.choice(['modulo', 'ring-hash', 'rendezvous', 'jump'], {
    about: 'How it is decided which cache has an object.',
    default: 'modulo',
  }),
  lost: field.choice(['first', 'last'], {
    about: 'Which cache of the list dies.',
    default: 'first',
  }),
  failureLimit: field.count({
    about: 'Requests in a row that a cache may leave unanswered; 0: it is never given up.',
    default: 3,
    max: 5,
    source: 'twemproxy server_failure_limit',
  }),
};
type Params = Static<TObject<typeof params>>;

const CACHES = 8;
const OBJECTS = 400;
const PER_SECOND = 200;
const ROUND_MS = (OBJECTS * 1_000) / PER_SECOND;
const READ_MS = 20;
const DB_CORES = 2;
const DB_PER_SECOND = (DB_CORES * 1_000) / READ_MS;
const LOSS_MS = 3 * ROUND_MS - 2;
/** Every object has been asked for once since then, and its read has ended. */
const REFILLED_MS = LOSS_MS + 2 * ROUND_MS;
const END_MS = 12_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('app', {
    arrivals: { kind: 'constant', ratePerSecond: PER_SECOND },
    popularity: { kind: 'loop', keys: OBJECTS, stepMs: 1_000 / PER_SECOND },
    call: { timeoutMs: 5_000 },
  }),
  {
    name: 'app',
    component: 'service',
    count: 1,
    links: { caches: 'cache', db: 'db' },
    config: {
      steps: [
        {
          do: 'cached',
          in: 'caches',
          miss: [{ do: 'query', to: 'db' }],
          singleFlight: true,
          setInBackground: true,
        },
      ],
      upstreams: [
        {
          to: 'caches',
          timeoutMs: 50,
          balance: { policy: p.hashing },
          ejection: {
            failureLimit: p.failureLimit,
            ...(isGivenUp(p) ? { retryMs: 30_000 } : {}),
          },
        },
        { to: 'db', timeoutMs: 5_000 },
      ],
    },
  },
  { name: 'cache', component: 'cache', count: CACHES, config: { capacity: OBJECTS } },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: DB_CORES,
    config: { read: { time: { kind: 'constant', ms: READ_MS } } },
  },
];

/** The share of the objects that have another place afterwards. */
function movedShare(p: Params): number {
  if (p.hashing === 'modulo') return 1 - 1 / CACHES;
  // Jump numbers its buckets: without the first, each place means another cache.
  if (p.hashing === 'jump' && p.lost === 'first') return 1;
  return 1 / CACHES;
}

const after = { fromMs: LOSS_MS, untilMs: REFILLED_MS } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'warm-before',
    use: 'gauge',
    args: {
      group: 'db',
      gauge: 'Reads',
      measure: 'total',
      atMost: 0,
      fromMs: 2 * ROUND_MS + 100,
      untilMs: LOSS_MS,
    },
    about: 'Before the loss every object is in its cache: the database has nothing to do.',
  },
  {
    id: 'the-cache-is-given-up',
    use: 'fact-count',
    args: { fact: 'member.ejected', atLeast: 1, atMost: 1, ...after },
    about: 'The service notices the loss, and leaves the dead cache out.',
  },
  {
    id: 'as-many-move-as-theory-says',
    use: 'gauge',
    args: {
      group: 'db',
      gauge: 'Reads',
      measure: 'total',
      ...after,
      atLeast: Math.floor(OBJECTS * (movedShare(p) - 0.04)),
      atMost: Math.ceil(OBJECTS * (movedShare(p) + 0.04)),
    },
    about:
      `Of ${OBJECTS} objects ${Math.round(OBJECTS * movedShare(p))} change their place and are ` +
      'read from the database again (within 4 % of all).',
  },
  {
    id: 'only-its-own-move',
    use: 'gauge',
    args: {
      group: 'db',
      gauge: 'Reads',
      measure: 'total',
      ...after,
      atMost: (1.5 * OBJECTS) / CACHES,
    },
    about: 'Only the objects of the dead cache are read again.',
  },
  {
    id: 'the-database-bears-it',
    use: 'gauge',
    args: { group: 'db', gauge: 'Queue', measure: 'max', atMost: 20, ...after },
    about: 'The queue before the database stays short.',
  },
  {
    id: 'nobody-waits-long',
    use: 'slo',
    args: { metric: 'p95-ms', atMost: 200, ...after },
    about: 'After the loss 95 of 100 requests are answered within 200 ms.',
  },
  {
    id: 'all-is-well-again',
    use: 'gauge',
    args: { group: 'db', gauge: 'Reads', measure: 'total', atMost: 0, fromMs: REFILLED_MS + 500 },
    about: 'After that the caches that are left have everything.',
  },
];

const isGivenUp = (p: Params): boolean => p.failureLimit > 0;
const movesFew = (p: Params): boolean => movedShare(p) < 0.5;

function howPlacesAreFound(p: Params): string {
  switch (p.hashing) {
    case 'modulo':
      return 'The place of an object is its hash modulo the number of caches.';
    case 'ring-hash':
      return 'Caches have points on a ring, and an object goes to the next point after its hash.';
    case 'rendezvous':
      return 'An object goes to the cache that gets the highest score with it.';
    default:
      return (
        'Jump hashing turns the hash of an object into the number of a cache, and knows only how ' +
        'many there are.'
      );
  }
}

function whyMoved(p: Params): string {
  const reads = `${movedShare(p) * PER_SECOND} reads a second`;
  if (movesFew(p) && p.hashing === 'jump')
    return (
      'With one number fewer only the objects of the highest number move, and the cache ' +
      'that died ' +
      `was the last one. ${reads} are no trouble. Had it been the first, each would have moved.`
    );
  if (movesFew(p))
    return (
      'It is asked for each object by itself who is next, so only the objects of the dead cache ' +
      `move: about ${reads} for a while, for a database that can do ${DB_PER_SECOND}.`
    );
  const flood = `That is ${reads} for a database that can do ${DB_PER_SECOND}.`;
  if (p.hashing === 'jump')
    return (
      'Only the last number can go away. Without the first cache each of the others has another ' +
      `number than before, so all objects are looked for in another cache. ${flood}`
    );
  return (
    'A number has the same place before and after in one case of eight: by a modulus of 8 and by ' +
    'one of 7 the remainders hardly ever name the same cache. All others are looked for where ' +
    `they are not. ${flood} A ring or rendezvous hashing would move only those of the dead cache.`
  );
}

const prediction = (p: Params): NonNullable<StoryStep['predict']> =>
  isGivenUp(p)
    ? {
        question:
          `${howPlacesAreFound(p)} There were ${CACHES} and are ${CACHES - 1}: how many of the ` +
          'objects have to be read from the database again?',
        options: [
          'About one in eight: those of the dead cache.',
          'About half.',
          'Seven in eight, or more.',
        ],
        answer: movesFew(p) ? 0 : 2,
        because: whyMoved(p),
      }
    : {
        question: 'The dead cache stays on the list. What is read from the database now?',
        options: [
          'Its objects, once each: then they have another place.',
          'Its objects, each time that somebody asks for one.',
          'All objects, once each.',
        ],
        answer: 1,
        because:
          'As long as the cache counts as one of the eight, no object changes its place. Its ' +
          'objects are looked for there in vain, each request waits until it gives that up, and ' +
          'then reads the database: one request in eight, until the cache is back.',
      };

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Eight caches',
    at: { ms: 2 * ROUND_MS + 500 },
    text:
      `${OBJECTS} objects lie in ${CACHES} caches, about ${OBJECTS / CACHES} in each. ` +
      `${PER_SECOND} requests a second ask for one after the other. The database could bear ` +
      `${DB_PER_SECOND} reads a second, and has none.`,
    focus: ['cache', 'db'],
    check: 'warm-before',
  },
  {
    title: 'One of them dies',
    at: { ms: LOSS_MS },
    text:
      `The ${p.lost} cache crashes. ` +
      (isGivenUp(p)
        ? 'A few requests wait for it in vain, then the service leaves it out and asks the seven ' +
          'that are left.'
        : 'The service never gives a cache up: it goes on asking for the objects that lay there.'),
    focus: ['cache', 'app'],
    check: 'the-cache-is-given-up',
    predict: prediction(p),
  },
  {
    title: 'What the database gets',
    at: { ms: LOSS_MS + ROUND_MS },
    text:
      'A cache that is gone costs at least its own share of hits. ' +
      (movesFew(p) || !isGivenUp(p)
        ? 'More than that is not lost here: the objects of the other seven are where they were, ' +
          'and the database bears the rest.'
        : 'This way of finding places makes it cost nearly all of them, and the same again when ' +
          'the cache comes back.'),
    focus: ['db'],
    check: 'the-database-bears-it',
  },
  {
    title: isGivenUp(p) ? 'Filled again' : 'Still missing',
    at: { ms: REFILLED_MS },
    text: isGivenUp(p)
      ? 'Every object has found its new place. How long that took depended on how many had to ' +
        'move, and on how many reads the database could bear.'
      : 'The objects of the dead cache have found no new place: they are read from the database ' +
        'for as long as it is dead.',
    focus: ['cache', 'db'],
    check: 'all-is-well-again',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A cache is lost',
  summary: 'One of eight caches dies; how many objects move depends on the hashing.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'loss',
      fault: { type: 'crash', target: p.lost === 'first' ? 'cache1' : `cache${CACHES}` },
      atMs: LOSS_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

const FLOOD = {
  'only-its-own-move': { breaks: {} },
  'the-database-bears-it': { breaks: {} },
  'nobody-waits-long': { breaks: {} },
} as const;

export default defineScenario({
  id: 'caching/lost-node',
  title: 'A cache is lost',
  summary:
    'One of eight caches dies. With a modulus seven objects in eight change their place and ' +
    'flood the database; with a ring or rendezvous hashing only one in eight does.',
  tier: 'hostile',
  sources: [CONSISTENT_HASHING, RENDEZVOUS, JUMP_HASH, TWEMPROXY],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The hash modulo the number of caches: 350 of 400 objects move.',
      expect: FLOOD,
    },
    {
      name: 'ring',
      about: 'A ring with 160 points for each cache: about 50 move.',
      params: { hashing: 'ring-hash' },
    },
    {
      name: 'rendezvous',
      about: 'The cache with the highest score for the object: about 50 move.',
      params: { hashing: 'rendezvous' },
    },
    {
      name: 'jump-first',
      about: 'Jump hashing knows places, not names: without the first of them all objects move.',
      params: { hashing: 'jump' },
      expect: FLOOD,
    },
    {
      name: 'jump-last',
      about: 'Only the last place may go: then it moves as few as a ring, without a table.',
      params: { hashing: 'jump', lost: 'last' },
    },
    {
      name: 'never-given-up',
      about: 'Without ejection its objects are read from the database for as long as it is dead.',
      params: { hashing: 'rendezvous', failureLimit: 0 },
      expect: {
        'the-cache-is-given-up': { breaks: {} },
        'only-its-own-move': { breaks: {} },
        'as-many-move-as-theory-says': { breaks: {} },
        'all-is-well-again': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Never give the cache up (failureLimit 0), and restart it by hand: what is read again?',
    'Slow the database to half by hand: does it still bear the loss on a ring?',
    'With 160 points for each cache the ring is only nearly even: compare the occupancy ' +
      'of the caches.',
  ],
  leavesOut: [
    'Popular objects: here all are asked for alike, so that each can be counted.',
    'Copies on a second cache, and a spare (gutter) that stands in for the dead one.',
  ],
});
