/**
 * Requests for what does not exist: a cache that keeps only what there is lets each of them through
 * to the database, for ever.
 *
 * Why the numbers are exact: every object, there or not, is asked for once in each round.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { DNS_NEGATIVE, MEMCACHE_AT_FACEBOOK } from '../sources.ts';

const params = {
  negative: field.flag({
    about: 'Keep also that an object does not exist.',
    default: false,
  }),
  negativeTtlMs: field.millis({
    about: 'How long that is kept; 0: as long as anything else.',
    default: 0,
    max: 5_000,
  }),
  askedFor: field.count({
    about: 'Different objects that the crawler asks for; 100 of them exist.',
    default: 300,
    min: 200,
    max: 3_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const ROWS = 100;
const CAPACITY = 500;
const READ_MS = 20;
const USERS_PER_SECOND = 50;
const CRAWLER_PER_SECOND = 150;
const WARM_MS = 4_000;
const END_MS = 16_000;
/** Whole rounds of the default crawler, of two seconds each. */
const WINDOW_MS = END_MS - WARM_MS;

const asker = (
  name: string,
  ratePerSecond: number,
  popularity: { readonly [setting: string]: string | number },
): GroupPlan => ({
  name,
  component: 'http-client',
  count: 1,
  links: { target: 'app' },
  config: {
    arrivals: { kind: 'constant', ratePerSecond },
    popularity,
    call: { timeoutMs: 5_000 },
  },
});

const groups = (p: Params): readonly GroupPlan[] => [
  asker('users', USERS_PER_SECOND, { kind: 'uniform', keys: ROWS }),
  asker('crawler', CRAWLER_PER_SECOND, {
    kind: 'loop',
    keys: p.askedFor,
    stepMs: 1_000 / CRAWLER_PER_SECOND,
  }),
  {
    name: 'app',
    component: 'service',
    count: 1,
    links: { cache: 'cache', db: 'db' },
    config: {
      steps: [
        {
          do: 'cached',
          in: 'cache',
          miss: [{ do: 'query', to: 'db' }],
          negative: p.negative,
          setInBackground: true,
        },
      ],
      upstreams: [{ to: 'db', timeoutMs: 5_000 }],
    },
  },
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    config: {
      capacity: CAPACITY,
      ...(p.negative ? { negativeTtlMs: p.negativeTtlMs } : {}),
    },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: 4,
    config: { rows: ROWS, read: { time: { kind: 'constant', ms: READ_MS } } },
  },
];

const settled = { fromMs: WARM_MS } as const;

/** Of what the crawler asks for once the cache is warm, each second. */
function missingInWindow({ askedFor }: Params): number {
  const first = (CRAWLER_PER_SECOND * WARM_MS) / 1_000;
  const count = (CRAWLER_PER_SECOND * WINDOW_MS) / 1_000;
  const asked = Array.from({ length: count }, (_, i) => (first + i) % askedFor);
  return (asked.filter((object) => object >= ROWS).length * 1_000) / WINDOW_MS;
}

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'the-missing-go-through',
    use: 'gauge',
    args: {
      group: 'db',
      gauge: 'Reads',
      measure: 'per-second',
      ...settled,
      atLeast: missingInWindow(p) - 1,
      atMost: missingInWindow(p) + 1,
    },
    about:
      `Of ${p.askedFor} objects that the crawler wants ${ROWS} exist: ` +
      `${Math.round(missingInWindow(p))} reads a second for nothing.`,
  },
  {
    id: 'the-database-rests',
    use: 'gauge',
    args: { group: 'db', gauge: 'Reads', measure: 'total', ...settled, atMost: 0 },
    about: 'Once everything has been asked for, the database has nothing to do.',
  },
  {
    id: 'users-are-fast',
    use: 'slo',
    args: { metric: 'p95-ms', clients: 'users', atMost: 10, ...settled },
    about: 'Users, who ask for what is there, find it in the cache.',
  },
  {
    id: 'nothing-is-pushed-out',
    use: 'gauge',
    args: { group: 'cache', gauge: 'Evictions', measure: 'total', atMost: 0 },
    about: 'What exists is not pushed out by what does not.',
  },
];

const roundMs = (p: Params): number => (p.askedFor * 1_000) / CRAWLER_PER_SECOND;
const missingPerSecond = (p: Params): number =>
  Math.round((CRAWLER_PER_SECOND * (p.askedFor - ROWS)) / p.askedFor);
/** In a loop over more than the cache holds each goes before its turn comes again. */
const fits = (p: Params): boolean => p.askedFor <= CAPACITY;
/** Of so many requests for what does not exist one gets through; 0: none. */
const oneOf = (p: Params): number => {
  if (!p.negative || !fits(p)) return 1;
  return p.negativeTtlMs === 0 ? 0 : Math.floor(p.negativeTtlMs / roundMs(p)) + 1;
};

function why(p: Params): string {
  const missing = missingPerSecond(p);
  if (!p.negative)
    return (
      'The cache keeps objects, and there is no object to keep. So it cannot tell what does not ' +
      'exist from what it has not seen yet, and passes the question on, each time: ' +
      `${p.askedFor - ROWS} of ${p.askedFor} requests, about ${missing} a second. Hit ` +
      `ratios of a ` +
      'healthy site hide this well.'
    );
  if (!fits(p))
    return (
      `The cache keeps that there is nothing, but it has room for ${CAPACITY} answers and gets ` +
      `questions for ${p.askedFor}: each is pushed out before it is asked again. What users want ` +
      'is pushed out with them, so that some of their requests go through as well.'
    );
  if (p.negativeTtlMs === 0)
    return (
      'That there is nothing is an answer like any other: the cache keeps it and gives it the ' +
      'next time. It can tell what does not exist from what it has not seen yet.'
    );
  return (
    `The answer is kept for ${p.negativeTtlMs} ms, and the same object is asked for again after ` +
    `${Math.round(roundMs(p))} ms. ` +
    (oneOf(p) === 1
      ? 'By then it has been forgotten, each time: as good as not kept.'
      : `So one request of ${oneOf(p)} comes after it has been forgotten, and gets through.`)
  );
}

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const missing = missingPerSecond(p);
  const parts = Math.max(2, oneOf(p));
  const answers = { 0: 0, 1: 2 } as const;
  const part = oneOf(p);
  return {
    question:
      `The cache keeps objects${p.negative ? ', and also that one does not exist' : ''}` +
      (p.negative && p.negativeTtlMs > 0 ? `, but that for ${p.negativeTtlMs} ms only` : '') +
      '. How many reads a second does the database get after the first seconds?',
    options: [
      'None: all answers are known.',
      `About ${Math.round(missing / parts)}: one in ${parts} of those for what does not exist.`,
      `About ${missing} or more: each request for what does not exist.`,
      `${CRAWLER_PER_SECOND + USERS_PER_SECOND}: each request, those of the users included.`,
    ],
    answer: part === 0 || part === 1 ? answers[part] : 1,
    because: why(p),
  };
}

const HOW_IT_GOES_ON = [
  'Round after round the same questions come, and the cache answers them: the database rests.',
  'Round after round the same questions get through, and each time the answer is that there is ' +
    'nothing. Such traffic is cheap to make on purpose.',
  'Round after round a part of the same questions gets through. The longer a miss is kept, the ' +
    'smaller that part is.',
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Users and a crawler',
    at: { ms: 1_000 },
    text:
      `There are ${ROWS} objects, and a cache with room for ${CAPACITY}. Users ask for objects ` +
      `that exist. A crawler asks ${CRAWLER_PER_SECOND} times a second, in turn, for ` +
      `${p.askedFor} objects, of which ${p.askedFor - ROWS} do not exist: old links, guessed ` +
      `numbers. It begins again after ${(roundMs(p) / 1_000).toFixed(1)} seconds.`,
    focus: ['users', 'crawler'],
    predict: prediction(p),
  },
  {
    title: oneOf(p) === 1 ? 'For ever' : 'Round after round',
    at: { ms: WARM_MS + 2_000 },
    text: fits(p)
      ? (HOW_IT_GOES_ON[Math.min(2, oneOf(p))] ?? '')
      : 'There are always names that the cache does not know, or does not know any more, ' +
        'and each ' +
        'of them gets through. Such traffic is cheap to make on purpose.',
    focus: ['db'],
    check: 'the-missing-go-through',
  },
  {
    title: 'An answer, too',
    at: { ms: END_MS - 2_000 },
    text:
      'That there is no such object is an answer that can be kept, for a shorter time than an ' +
      'object, because it may come into being. It takes a place, though: whoever asks for ever ' +
      'new names fills the cache with them.',
    focus: ['cache', 'db'],
    check: 'the-database-rests',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Objects that do not exist',
  summary: 'Requests for what is not there go through the cache, each time.',
  durationMs: WARM_MS + WINDOW_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const THROUGH = { 'the-database-rests': { breaks: {} } } as const;
const STOPPED = { 'the-missing-go-through': { breaks: {} } } as const;

export default defineScenario({
  id: 'caching/missing-objects',
  title: 'Objects that do not exist',
  summary:
    'Two thirds of what a crawler asks for does not exist: a hundred reads a second go through ' +
    'the cache for ever, unless it keeps that there is nothing.',
  tier: 'calm',
  sources: [DNS_NEGATIVE, MEMCACHE_AT_FACEBOOK],
  params,
  plan,
  variants: [
    { name: 'default', about: 'Only what exists is kept.', expect: THROUGH },
    {
      name: 'negative',
      about: 'That there is nothing is kept as long as an object.',
      params: { negative: true },
      expect: STOPPED,
    },
    {
      name: 'too-short',
      about: 'Kept for one second, and asked for again after two: as good as not kept.',
      params: { negative: true, negativeTtlMs: 1_000 },
      expect: THROUGH,
    },
    {
      name: 'ever-new-names',
      about: 'The crawler guesses 3,000 names: keeping the misses pushes out what exists.',
      params: { negative: true, askedFor: 3_000 },
      expect: {
        ...STOPPED,
        ...THROUGH,
        'users-are-fast': { breaks: {} },
        'nothing-is-pushed-out': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Keep misses for three seconds: the reads halve. And for five? Count the rounds.',
    'Ask for 3 000 objects and keep the misses (negative): whose objects are pushed out?',
    'Slow the database to half by hand: 100 reads a second of 40 ms. What do the users see?',
  ],
  leavesOut: [
    'A filter of all names that exist (a Bloom filter), which needs no place for those ' +
      'that do not.',
    'Objects that come into being: whoever makes one must delete the kept miss.',
  ],
});
