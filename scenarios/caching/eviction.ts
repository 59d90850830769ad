/**
 * Which object goes when a cache is full: the same stream of requests under each policy, held to
 * what theory says of a stream whose requests do not depend on each other.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { CHE, LIRS, OPTIMAL_PAGES, S3_FIFO, SIEVE, TINY_LFU } from '../sources.ts';
import { OBJECTS, hitRatio, isTheoretical, mostOfLoop, mostPossible } from './eviction-theory.ts';
import { NAMES, loopOf, percent, prediction } from './eviction-words.ts';

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

const PER_SECOND = 350;
/** Until then the cache fills. */
const WARM_MS = 2_500;
const END_MS = 15_000;
/** What chance may do: the hit ratio of a run strays by .009 (its standard deviation). */
const TOLERANCE = 0.04;
/** With more room than this LRU leaves so little to be found that chance hides who finds it. */
const SMALL = 100;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('app', {
    arrivals: { kind: 'constant', ratePerSecond: PER_SECOND },
    popularity:
      p.stream === 'zipf'
        ? { kind: 'zipf', keys: OBJECTS, alpha: 1 }
        : { kind: 'loop', keys: loopOf(p), stepMs: 1_000 / PER_SECOND },
  }),
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

const hits = { group: 'cache', gauge: 'Hit ratio', measure: 'share', fromMs: WARM_MS } as const;
const REQUESTS = (PER_SECOND * (END_MS - WARM_MS)) / 1_000;
const rounded = (share: number): string => share.toFixed(3).slice(1);

/**
 * How much of what LRU leaves to be found any better policy finds at least: it is four times as
 * much or more, but a run is short.
 */
const GAIN = 0.08;

/** What theory says, of those of which it says something. */
function asTheory(p: Params): readonly CheckPlan[] {
  if (!isTheoretical(p.policy)) return [];
  const share = p.stream === 'loop' ? 0 : hitRatio(p.policy, p.capacity);
  const bounds =
    p.stream === 'loop' ? { atMost: 0 } : { atLeast: share - TOLERANCE, atMost: share + TOLERANCE };
  return [
    {
      id: 'as-theory-says',
      use: 'gauge',
      args: { ...hits, ...bounds },
      about:
        p.stream === 'loop'
          ? 'Nothing is found, request after request.'
          : `The hit ratio is ${rounded(share)}, as Che's approximation says of ` +
            `${NAMES[p.policy] ?? p.policy}.`,
    },
  ];
}

/** Of the others theory says no more than that: LRU, and the most that there is, are the bounds. */
function againstLru(p: Params): readonly CheckPlan[] {
  if (p.stream === 'loop' || isTheoretical(p.policy)) return [];
  const lru = hitRatio('lru', p.capacity);
  const isClose = p.capacity > SMALL;
  const gain = isClose ? -TOLERANCE : GAIN * (mostPossible(p.capacity) - lru);
  return [
    {
      id: 'better-than-lru',
      use: 'gauge',
      args: { ...hits, atLeast: lru + gain },
      about: isClose
        ? `Not less is found than the ${rounded(lru)} of LRU, but for chance: with so much room ` +
          'little can be gained.'
        : `More is found than the ${rounded(lru)} that theory says of LRU.`,
    },
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  const isLoop = p.stream === 'loop';
  const most = isLoop
    ? mostOfLoop(p.capacity, loopOf(p), REQUESTS)
    : mostPossible(p.capacity) + TOLERANCE;
  return [
    ...asTheory(p),
    ...againstLru(p),
    {
      id: 'no-better-than-possible',
      use: 'gauge',
      args: { ...hits, atMost: most },
      about: isLoop
        ? `Not more is found than the ${p.capacity} of ${loopOf(p)} that there is room for.`
        : `Not more is found than ${rounded(mostPossible(p.capacity))}: so many requests are ` +
          `for the ${p.capacity} most popular objects.`,
    },
    {
      id: 'finds-something',
      use: 'gauge',
      args: { ...hits, atLeast: 0.3 },
      about: 'At least three of ten requests find their object.',
    },
  ];
}

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
          `${percent(hitRatio('lru', p.capacity))} %.`
        : 'Theory speaks of requests at random; a loop is the opposite: what was just used is ' +
          'what will not be needed for the longest time.'),
    focus: ['cache'],
    check: isTheoretical(p.policy) ? 'as-theory-says' : 'no-better-than-possible',
  },
  {
    title: 'Who else',
    at: { ms: END_MS - 2_000 },
    text:
      'Where a few objects are popular, FIFO is some points worse than LRU, for it forgets what ' +
      'is popular as readily as anything else. Counting (LFU, W-TinyLFU), or a second look ' +
      'before something is kept or thrown out (SIEVE, S3-FIFO, LIRS, ARC, 2Q), is better. On a ' +
      'loop that is a fifth longer than the cache LRU finds nothing at all.',
    focus: ['cache'],
    check: p.stream === 'loop' || isTheoretical(p.policy) ? 'finds-something' : 'better-than-lru',
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

export default defineScenario({
  id: 'caching/eviction',
  title: 'Eviction',
  summary:
    'Room for a fifth of the objects answers two thirds of the requests under LRU, as theory ' +
    'says; FIFO less, a policy that counts more, and in a loop LRU none.',
  tier: 'calm',
  sources: [CHE, OPTIMAL_PAGES, SIEVE, S3_FIFO, TINY_LFU, LIRS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The object that was not used for the longest time goes.',
    },
    {
      name: 'fifo',
      about: 'The one that came first goes, however popular it is.',
      params: { policy: 'fifo' },
    },
    {
      name: 'clock',
      about: 'The one that came first, but who was asked for meanwhile goes round once more.',
      params: { policy: 'clock' },
    },
    {
      name: 'lfu',
      about: 'The one that was asked for least since it came in.',
      params: { policy: 'lfu' },
    },
    {
      name: '2q',
      about: 'Newcomers wait in a queue of their own until they are asked for after they left it.',
      params: { policy: '2q' },
    },
    {
      name: 'arc',
      about: 'Two lists, seen once and seen again; what was missed lately says how long each is.',
      params: { policy: 'arc' },
    },
    {
      name: 'lirs',
      about: 'What counts is the time between two uses, not the time since the last one.',
      params: { policy: 'lirs' },
    },
    {
      name: 'sieve',
      about: 'A hand goes from old to new and takes the first that nobody asked for; none moves.',
      params: { policy: 'sieve' },
    },
    {
      name: 's3-fifo',
      about: 'A small queue on probation, and a large one for what was asked for twice.',
      params: { policy: 's3-fifo' },
    },
    {
      name: 'w-tinylfu',
      about: 'A newcomer must have been asked for more often than the one it would push out.',
      params: { policy: 'w-tinylfu' },
    },
    {
      name: 'lru-loop',
      about: 'A loop a fifth longer than the cache: each object goes just before it is needed.',
      params: { stream: 'loop' },
      expect: { 'finds-something': { breaks: {} } },
    },
    {
      name: '2q-loop',
      about: 'What was thrown out lately is remembered: it is kept when it comes again.',
      params: { stream: 'loop', policy: '2q' },
    },
    {
      name: 'lirs-loop',
      about: 'What counts is the time between two uses: of a loop nearly all that fits is kept.',
      params: { stream: 'loop', policy: 'lirs' },
    },
    {
      name: 'w-tinylfu-loop',
      about: 'Newcomers that are no better than what is there are not let in.',
      params: { stream: 'loop', policy: 'w-tinylfu' },
    },
  ],
  thingsToTry: [
    'Set capacity to 60: two fifths of the room go, but far less of what is found. Why?',
    'Compare CLOCK with LRU: a bit for each object in place of a list. What does it cost?',
    'Compare the variants: who comes closest to the most that can be found, and what is counted?',
    'Set stream to loop with each policy in turn: who finds something, and why?',
  ],
  leavesOut: [
    'Sizes: every object counts as one.',
    'Streams that change: LFU never forgets, and keeps what was popular yesterday.',
  ],
});
