/**
 * Which object goes when a cache is full: the same stream of requests under each policy, held to
 * what theory says of a stream whose requests do not depend on each other.
 *
 * Source: Che, Tung & Wang, "Hierarchical Web Caching Systems" (2002); for FIFO Fricker, Robert &
 * Roberts, "A versatile and accurate approximation for LRU cache performance" (2012).
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CHE, LIRS, S3_FIFO, SIEVE, TINY_LFU } from '../sources.ts';

const POLICIES = [
  'lru',
  'fifo',
  'clock',
  'lfu',
  '2q',
  'arc',
  'lirs',
  'sieve',
  's3-fifo',
  'w-tinylfu',
];

const params = {
  policy: field.choice(POLICIES, {
    about: 'Which object goes when the cache is full.',
    default: 'lru',
  }),
  stream: field.choice(['zipf', 'loop'], {
    about: 'Few objects that many want, or one after the other in a loop: a scan.',
    default: 'zipf',
  }),
  capacity: field.count({
    about: 'Objects that the cache holds, of 500.',
    default: 100,
    min: 60,
    max: 200,
  }),
};
type Params = Static<TObject<typeof params>>;

const OBJECTS = 500;
/** A loop that is a fifth longer than the cache. */
const loopOf = (p: Params): number => Math.floor(p.capacity * 1.2);
const PER_SECOND = 350;
/** Until then the cache fills. */
const WARM_MS = 2_500;
const END_MS = 15_000;
const TOLERANCE = 0.025;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: PER_SECOND },
      popularity:
        p.stream === 'zipf'
          ? { kind: 'zipf', keys: OBJECTS, alpha: 1 }
          : { kind: 'loop', keys: loopOf(p), stepMs: 1_000 / PER_SECOND },
    },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    links: { cache: 'cache' },
    config: {
      // What makes an object is left out: what counts is how often it would be made.
      steps: [{ do: 'cached', in: 'cache', miss: [], setInBackground: true }],
    },
  },
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    config: { capacity: p.capacity, policy: p.policy },
  },
];

/** By Zipf's law: the n-th object is asked for as often as 1/n. */
const weights = Array.from({ length: OBJECTS }, (_, i) => 1 / (i + 1));
const total = weights.reduce((sum, one) => sum + one, 0);
const shares: readonly number[] = weights.map((weight) => weight / total);

/** e^-x for x >= 0, from a series of x / 1024. */
function decay(x: number): number {
  const y = x / 1_024;
  let power = 1 - y + (y * y) / 2 - (y * y * y) / 6;
  for (let i = 0; i < 10; i++) power *= power;
  return x > 300 ? 0 : power;
}

/** How likely an object is in the cache when a share `p` of the requests is for it. */
type Inside = (share: number, time: number) => number;
const insideLru: Inside = (share, time) => 1 - decay(share * time);
const insideFifo: Inside = (share, time) => (share * time) / (1 + share * time);

/**
 * The hit ratio: the characteristic time is the one in which as many objects are in the cache as it
 * holds.
 */
function hitRatio(capacity: number, inside: Inside): number {
  let low = 0;
  let high = 1_000_000;
  for (let i = 0; i < 60; i++) {
    const time = (low + high) / 2;
    if (shares.reduce((sum, share) => sum + inside(share, time), 0) < capacity) low = time;
    else high = time;
  }
  return shares.reduce((sum, share) => sum + share * inside(share, low), 0);
}

const hits = { group: 'cache', gauge: 'Hit ratio', measure: 'share', fromMs: WARM_MS } as const;
const rounded = (share: number): string => share.toFixed(3).slice(1);

function checks(p: Params): readonly CheckPlan[] {
  const lru = hitRatio(p.capacity, insideLru);
  const fifo = hitRatio(p.capacity, insideFifo);
  return [
    {
      id: 'lru-as-che-says',
      use: 'gauge',
      args: { ...hits, atLeast: lru - TOLERANCE, atMost: lru + TOLERANCE },
      about: `The hit ratio is ${rounded(lru)}, as Che's approximation says of LRU.`,
    },
    {
      id: 'fifo-as-theory-says',
      use: 'gauge',
      args: { ...hits, atLeast: fifo - TOLERANCE, atMost: fifo + TOLERANCE },
      about: `The hit ratio is ${rounded(fifo)}, as the same approximation says of FIFO.`,
    },
    {
      id: 'better-than-lru',
      use: 'gauge',
      args: { ...hits, atLeast: lru + TOLERANCE },
      about: 'More is found than under LRU.',
    },
    {
      id: 'finds-something',
      use: 'gauge',
      args: { ...hits, atLeast: 0.3 },
      about: 'At least three of ten requests find their object.',
    },
  ];
}

type Finding = readonly [options: readonly string[], answer: number, because: string];

/** Under a loop longer than the cache these keep something; the others nothing. */
const KEEPS_IN_A_LOOP: readonly string[] = ['2q', 'lirs', 's3-fifo', 'w-tinylfu'];
const percent = (share: number): number => Math.round(100 * share);

function findsInLoop(p: Params): Finding {
  const options = ['None.', 'More than half.', 'All: there is room for most of them.'];
  return KEEPS_IN_A_LOOP.includes(p.policy)
    ? [
        options,
        1,
        'No object is asked for more often than another, so nothing is gained by letting each ' +
          'newcomer push out what is there. This policy makes newcomers prove themselves first, ' +
          'and so a part of the loop stays and is found each time.',
      ]
    : [
        options,
        0,
        'Each newcomer pushes out another object, and by this policy that is always one whose ' +
          'turn comes before it could be brought back. So each is gone when it is asked for, ' +
          'though five sixths of them would fit.',
      ];
}

function findsByTheory(p: Params): Finding {
  const share = p.capacity / OBJECTS;
  const found = hitRatio(p.capacity, p.policy === 'lru' ? insideLru : insideFifo);
  return [
    [
      `${percent(share)} of 100: as many as there is room for.`,
      `About ${percent((share + found) / 2)} of 100.`,
      `About ${percent(found)} of 100.`,
    ],
    2,
    'The objects that are asked for most are nearly always there, because ' +
      (p.policy === 'lru'
        ? 'they are asked for again before they would have to go. Throwing out what was not used ' +
          'for the longest time comes close to keeping the most popular ones for ever, without ' +
          'knowing anything.'
        : 'they come back at once after they had to go. FIFO throws them out as readily as ' +
          `anything else, though: LRU would find ${percent(hitRatio(p.capacity, insideLru))}.`),
  ];
}

const findsLikeLru = (p: Params): Finding => [
  ['Fewer: LRU is hard to beat.', 'About as many, within a point or two.', 'More, by some points.'],
  // CLOCK is LRU with one bit; with much room what is thrown out matters less and less.
  p.policy === 'clock' || p.capacity > 150 ? 1 : 2,
  p.policy === 'clock' || p.capacity > 150
    ? 'What is popular is kept by both, and what differs is which of the rarely wanted objects ' +
      'stays. That is worth a point or two' +
      (p.policy === 'clock' ? '; CLOCK needs a bit for each object in place of a list.' : '.')
    : 'Under LRU each object that is wanted once takes a place for a while. A policy that ' +
      'counts, ' +
      'or looks a second time before it lets something in or out, gives that place to an object ' +
      'that is wanted again.',
];

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const isLoop = p.stream === 'loop';
  const byTheory = p.policy === 'lru' || p.policy === 'fifo';
  const [options, answer, because] = isLoop
    ? findsInLoop(p)
    : byTheory
      ? findsByTheory(p)
      : findsLikeLru(p);
  const room = `There is room for ${p.capacity} of ${isLoop ? loopOf(p) : OBJECTS} objects`;
  return {
    question: isLoop
      ? `${room}, which are asked for in turn, and ${NAMES[p.policy] ?? p.policy} decides which ` +
        'has to go. How many requests find theirs?'
      : byTheory
        ? `${room}, and ${NAMES[p.policy] ?? p.policy} decides which has to go. How many ` +
          `requests ` +
          'find theirs?'
        : `${room}. LRU would let about ${percent(hitRatio(p.capacity, insideLru))} of 100 ` +
          `requests ` +
          `find theirs. And ${NAMES[p.policy] ?? p.policy}?`,
    options,
    answer,
    because,
  };
}

const NAMES: Readonly<Record<string, string>> = {
  lru: 'LRU',
  fifo: 'FIFO',
  clock: 'CLOCK',
  lfu: 'LFU',
  '2q': '2Q',
  arc: 'ARC',
  lirs: 'LIRS',
  sieve: 'SIEVE',
  's3-fifo': 'S3-FIFO',
  'w-tinylfu': 'W-TinyLFU',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'The cache fills',
    at: { ms: 500 },
    text:
      p.stream === 'zipf'
        ? `${OBJECTS} objects, and room for ${p.capacity}. The first is asked for twice as often ` +
          'as the second, three times as often as the third, and so on (Zipf’s law).'
        : `${loopOf(p)} objects, and room for ${p.capacity}. They are asked for one after the ` +
          'other, and then again from the first: a scan.',
    focus: ['cache'],
    predict: prediction(p),
  },
  {
    title: 'It is full',
    at: { ms: WARM_MS },
    text:
      'A miss now means that some object has to stay out. ' +
      (p.stream === 'zipf'
        ? 'Under LRU an object stays as long as it is asked for again within a certain time, the ' +
          'same for all: from that alone Che’s approximation gets the hit ratio of ' +
          `${percent(hitRatio(p.capacity, insideLru))} %.`
        : 'Theory speaks of requests at random; a loop is the opposite: what was just used ' +
          'is what ' +
          'will not be needed for the longest time.'),
    focus: ['cache'],
    check: 'lru-as-che-says',
  },
  {
    title: 'Who else',
    at: { ms: END_MS - 2_000 },
    text:
      'Where a few objects are popular, FIFO is some points worse than LRU, for it forgets ' +
      'what is ' +
      'popular as readily as anything else. Counting (LFU, W-TinyLFU), or a second look before ' +
      'something is thrown out (SIEVE, S3-FIFO, ARC), is better. On a loop that is a fifth ' +
      'longer ' +
      'than the cache LRU finds nothing at all.',
    focus: ['cache'],
    check: 'better-than-lru',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Eviction',
  summary: 'One stream of requests, and a policy that says which object has to go.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const breaks = (...ids: readonly string[]): { [check: string]: { breaks: object } } =>
  Object.fromEntries(ids.map((id) => [id, { breaks: {} }]));
const NOT_LRU = 'lru-as-che-says';
const NOT_FIFO = 'fifo-as-theory-says';

export default defineScenario({
  id: 'caching/eviction',
  title: 'Eviction',
  summary:
    'Room for a fifth of the objects answers two thirds of the requests: as many as theory says ' +
    'of LRU and FIFO, more with a policy that counts, and none in a loop.',
  tier: 'calm',
  sources: [CHE, SIEVE, S3_FIFO, TINY_LFU, LIRS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The object that was not used for the longest time goes.',
      expect: breaks(NOT_FIFO, 'better-than-lru'),
    },
    {
      name: 'fifo',
      about: 'The one that came first goes, however popular it is.',
      params: { policy: 'fifo' },
      expect: breaks(NOT_LRU, 'better-than-lru'),
    },
    {
      name: 's3-fifo',
      about: 'A small queue on probation, and a large one for what was asked for twice.',
      params: { policy: 's3-fifo' },
      expect: breaks(NOT_LRU, NOT_FIFO),
    },
    {
      name: 'w-tinylfu',
      about: 'A newcomer must have been asked for more often than the one it would push out.',
      params: { policy: 'w-tinylfu' },
      expect: breaks(NOT_LRU, NOT_FIFO),
    },
    {
      name: 'lru-loop',
      about: 'A loop a fifth longer than the cache: each object goes just before it is needed.',
      params: { stream: 'loop' },
      expect: breaks(NOT_LRU, NOT_FIFO, 'better-than-lru', 'finds-something'),
    },
    {
      name: '2q-loop',
      about: 'What was thrown out lately is remembered: it is kept when it comes again.',
      params: { stream: 'loop', policy: '2q' },
      expect: breaks(NOT_LRU, NOT_FIFO),
    },
    {
      name: 'lirs-loop',
      about: 'What counts is the time between two uses: of a loop nearly all that fits is kept.',
      params: { stream: 'loop', policy: 'lirs' },
      expect: breaks(NOT_LRU, NOT_FIFO),
    },
    {
      name: 'w-tinylfu-loop',
      about: 'Newcomers that are no better than what is there are not let in.',
      params: { stream: 'loop', policy: 'w-tinylfu' },
      expect: breaks(NOT_LRU, NOT_FIFO),
    },
  ],
  thingsToTry: [
    'Halve the capacity: the hit ratio does not halve. Which objects did the other half hold?',
    'Compare CLOCK with LRU: a bit for each object in place of a list.',
    'Run the loop with each policy in turn: who finds something, and why?',
  ],
  leavesOut: [
    'Sizes: every object counts as one.',
    'Streams that change: LFU never forgets, and keeps what was popular yesterday.',
  ],
});
