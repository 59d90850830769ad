/**
 * A counter that begins anew every second lets twice its limit through, if one asks around the
 * moment in which it does.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CLOUDFLARE_COUNTERS, REDIS_INCR, STRIPE_LIMITERS } from '../sources.ts';

const POLICIES = [
  'fixed-window',
  'sliding-log',
  'sliding-counter',
  'token-bucket',
  'gcra',
] as const;

const params = {
  policy: field.choice(POLICIES, {
    about: 'How the limiter decides who may pass.',
    default: 'fixed-window',
  }),
  limitPerSecond: field.count({
    about: 'Requests a second that may pass; buckets hold a tenth of it.',
    default: 100,
    min: 40,
    max: 100,
  }),
  batchPerSecond: field.count({
    about: 'How fast a batch comes while it lasts.',
    default: 800,
    min: 800,
    max: 1_200,
  }),
};
type Params = Static<TObject<typeof params>>;

const CALM_PER_SECOND = 20;
const CALM_UNTIL_MS = 2_000;
/** Two batches, equally long: one inside a window of the counter, one around its end. */
const BATCH_MS = 500;
const INSIDE_MS = 3_250;
const BOUNDARY_MS = 6_000;
const AROUND_MS = BOUNDARY_MS - BATCH_MS / 2;
const END_MS = 8_000;
const WINDOW_MS = 1_000;

const insideSpan = { fromMs: 3_000, untilMs: 4_000 };
/** A second as well, but not one of those that a counter of windows looks at. */
const aroundSpan = { fromMs: BOUNDARY_MS - 500, untilMs: BOUNDARY_MS + 500 };

const bucket = (p: Params): number => Math.floor(p.limitPerSecond / 10);

/** What passes in the second around the boundary, at least and at most. */
function predicted(p: Params): readonly [number, number] {
  const limit = p.limitPerSecond;
  const halfBatchShare = BATCH_MS / 2 / WINDOW_MS;
  switch (p.policy) {
    case 'fixed-window':
      return [2 * limit, 2 * limit];
    case 'sliding-log':
      return [limit, limit];
    case 'sliding-counter': {
      // As much of the last window as has gone by in this one is taken as free again.
      const most = limit * (1 + halfBatchShare);
      return [most - 3, most + 1];
    }
    default: {
      const most = bucket(p) + (limit * BATCH_MS) / 1_000;
      return [most - 3, most + 1];
    }
  }
}

/** In the words of the policy: a window, or how much may pass at once. */
function sizeOf(p: Params): { readonly windowMs: number } | { readonly burst: number } {
  if (p.policy === 'token-bucket') return { burst: bucket(p) };
  // What may pass at once is the same for both: GCRA counts beyond the first.
  return p.policy === 'gcra' ? { burst: bucket(p) - 1 } : { windowMs: WINDOW_MS };
}

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'partner',
    component: 'http-client',
    count: 1,
    links: { target: 'limiter' },
    config: {
      arrivals: {
        kind: 'steps',
        steps: [
          { atMs: 0, ratePerSecond: CALM_PER_SECOND },
          { atMs: CALM_UNTIL_MS, ratePerSecond: 0 },
          { atMs: INSIDE_MS, ratePerSecond: p.batchPerSecond },
          { atMs: INSIDE_MS + BATCH_MS, ratePerSecond: 0 },
          { atMs: AROUND_MS, ratePerSecond: p.batchPerSecond },
          { atMs: AROUND_MS + BATCH_MS, ratePerSecond: 0 },
        ],
      },
    },
  },
  {
    name: 'limiter',
    component: 'rate-limiter',
    count: 1,
    links: { target: 'app' },
    config: {
      policy: p.policy,
      ratePerSecond: p.limitPerSecond,
      ...sizeOf(p),
    },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    config: { steps: [{ do: 'work', time: { kind: 'constant', ms: 1 } }] },
  },
];

const admitted = { group: 'limiter', gauge: 'Admitted', measure: 'total' } as const;

function checks(p: Params): readonly CheckPlan[] {
  const limit = p.limitPerSecond;
  const [least, most] = predicted(p);
  return [
    {
      id: 'well-before',
      use: 'slo',
      args: { metric: 'success-share', atLeast: 1, untilMs: CALM_UNTIL_MS },
      about: 'Who asks little is never refused.',
    },
    {
      id: 'the-batch-bites',
      use: 'gauge',
      args: {
        group: 'limiter',
        gauge: 'Over the limit',
        measure: 'total',
        atLeast: limit,
        ...aroundSpan,
      },
      about: 'The batch is so large that most of it must be refused.',
    },
    {
      id: 'inside-a-window',
      use: 'gauge',
      args: { ...admitted, atMost: limit, ...insideSpan },
      about: `Of a batch inside one window no more than ${limit} requests pass.`,
    },
    {
      id: 'across-the-boundary',
      use: 'gauge',
      args: { ...admitted, atMost: limit, ...aroundSpan },
      about: `Of the same batch around a boundary no more than ${limit} pass in a second either.`,
    },
    {
      id: 'as-the-algorithm-says',
      use: 'gauge',
      args: { ...admitted, atLeast: least, atMost: most, ...aroundSpan },
      about: `Around the boundary pass ${least === most ? least : `${least} to ${most}`} requests.`,
    },
  ];
}

/** What a bucket lets pass of a batch: what it holds, and what comes in meanwhile. */
const byBucket = (p: Params): number =>
  Math.round(bucket(p) + (p.limitPerSecond * BATCH_MS) / WINDOW_MS);
const bySlidingCounter = (p: Params): number => Math.round(1.25 * p.limitPerSecond);
const batchSize = (p: Params): number => (p.batchPerSecond * BATCH_MS) / 1_000;
const isBucket = (p: Params): boolean => p.policy === 'token-bucket' || p.policy === 'gcra';

function howItCounts(p: Params): string {
  switch (p.policy) {
    case 'fixed-window':
      return 'It counts what it lets through, and begins again at 0 with each full second.';
    case 'sliding-log':
      return 'It keeps the time of each request that it let through in the last second.';
    case 'sliding-counter':
      return (
        'It keeps a count for this full second and one for the last, of which it takes less and ' +
        'less as this one goes by.'
      );
    case 'token-bucket':
      return (
        `It has a bucket that holds ${bucket(p)} tokens and gets ${p.limitPerSecond} a second; ` +
        'whoever passes takes one.'
      );
    default:
      return (
        'It keeps one time stamp, at which the next request would be due at an even pace, and ' +
        `lets ${bucket(p)} pass at once.`
      );
  }
}

const ANSWERS = { 'sliding-log': 1, 'sliding-counter': 2, 'fixed-window': 3 } as const;

function why(p: Params): string {
  const limit = p.limitPerSecond;
  switch (p.policy) {
    case 'fixed-window':
      return (
        `The first half of the batch uses up the window that is about to end: ${limit}. Then the ` +
        `counter is 0 again, and the second half finds a whole new window: ${limit} more. No ` +
        `window saw more than its limit; but the app behind got ${2 * limit} requests in half a ` +
        'second.'
      );
    case 'sliding-log':
      return (
        `The first ${limit} pass, and their times are kept. Until a whole second after them ` +
        `there ` +
        'is no room, and the batch is over by then: a full second means nothing to a log.'
      );
    case 'sliding-counter':
      return (
        `The first ${limit} pass before the full second. After it the limiter takes the last ` +
        'window as evenly used: a quarter of a second later it forgets a quarter of it, though ' +
        `all of it came at its end. So ${bySlidingCounter(p) - limit} more pass.`
      );
    default:
      return (
        `${bucket(p)} may pass at once, and then only as many as come in at ${limit} a second: ` +
        `${limit / 2} in half a second. Where the full second lies makes no difference.`
      );
  }
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A limit',
    at: { ms: 1_000 },
    text:
      `A partner may ask ${p.limitPerSecond} times a second. A limiter decides who passes. ` +
      `${howItCounts(p)} So far the partner asks ${CALM_PER_SECOND} times a second, and never ` +
      'meets the limit.',
    focus: ['partner', 'limiter'],
    check: 'well-before',
  },
  {
    title: 'A batch',
    at: { ms: INSIDE_MS + BATCH_MS },
    text:
      `Half a second with ${p.batchPerSecond} requests a second, begun a quarter of a second ` +
      `after a full one. Of the ${batchSize(p)} requests ` +
      (isBucket(p) ? `about ${byBucket(p)}` : `${p.limitPerSecond}`) +
      ' pass, the others are refused. The limit does what it was made for.',
    focus: ['limiter'],
    check: 'inside-a-window',
  },
  {
    title: 'The same batch, at another moment',
    at: { ms: AROUND_MS },
    text:
      'Now the same batch begins 250 milliseconds before a full second, and ends 250 ' +
      'milliseconds after it.',
    focus: ['limiter'],
    predict: {
      question: `How many of its ${batchSize(p)} requests pass, in half a second?`,
      options: [
        `About ${byBucket(p)}: a few at once, and half a second's share of the limit.`,
        `${p.limitPerSecond}: that is the limit.`,
        `About ${bySlidingCounter(p)}: the limit, and a quarter.`,
        `${2 * p.limitPerSecond}: twice the limit.`,
      ],
      answer: p.policy === 'token-bucket' || p.policy === 'gcra' ? 0 : ANSWERS[p.policy],
      because: why(p),
    },
  },
  {
    title: 'Five ways to count',
    at: { ms: AROUND_MS + BATCH_MS },
    text:
      'Jobs that start at the full minute and clients that were told to come back when a window ' +
      'ends meet at just this moment. A counter that begins anew lets ' +
      `${2 * p.limitPerSecond} pass, a log of the last second ${p.limitPerSecond}, two counters ` +
      `that slide about ${bySlidingCounter(p)}, and a bucket or its time stamp about ` +
      `${byBucket(p)}, for they never let much pass at once.`,
    focus: ['limiter', 'app'],
    check: 'across-the-boundary',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Around the boundary of a window',
  summary: 'The same batch, inside a window and around its end: how many requests pass?',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const ACROSS = 'across-the-boundary';

export default defineScenario({
  id: 'rate-limiter/window-boundary',
  title: 'Around the boundary of a window',
  summary:
    'A limit of 100 a second, and 200 requests pass in half a second: a counter that begins anew ' +
    'forgets what it let through a moment ago.',
  tier: 'calm',
  sources: [REDIS_INCR, CLOUDFLARE_COUNTERS, STRIPE_LIMITERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A counter for each second: twice the limit around its boundary, exactly.',
      expect: { [ACROSS]: { breaks: {} } },
    },
    {
      name: 'sliding-log',
      about: 'The time of each request of the last second is kept: 100, wherever one looks.',
      params: { policy: 'sliding-log' },
    },
    {
      name: 'sliding-counter',
      about:
        'Two counters, the older one fading: 125, for it takes the last window as evenly used.',
      params: { policy: 'sliding-counter' },
      expect: { [ACROSS]: { breaks: {} } },
    },
    {
      name: 'token-bucket',
      about: 'A bucket of 10 that gets 100 tokens a second: 10 at once, and 50 in half a second.',
      params: { policy: 'token-bucket' },
    },
    {
      name: 'gcra',
      about: 'One time stamp instead of a bucket: the same 60, request by request.',
      params: { policy: 'gcra' },
    },
  ],
  thingsToTry: [
    'Crash the limiter in the middle of a batch and bring it back: what does it remember?',
    'Let the sliding counter run at a limit of 40: is it a quarter too much again?',
    'Look at the memory: one number, two numbers, a time stamp, or a hundred of them for each key.',
  ],
  leavesOut: [
    'Windows that begin with the first request, as a counter that expires has them.',
    'Clients that try again when they are refused.',
  ],
});
