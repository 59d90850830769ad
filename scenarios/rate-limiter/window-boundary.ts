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
      // What may pass at once is the same for both: GCRA counts beyond the first.
      burst: p.policy === 'gcra' ? bucket(p) - 1 : bucket(p),
      windowMs: WINDOW_MS,
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

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A limit',
    at: { ms: 1_000 },
    text:
      `A partner may ask ${p.limitPerSecond} times a second. The limiter counts what it lets ` +
      'through, and begins again at 0 with each full second. So far the partner asks 20 times ' +
      'a second, and never meets the limit.',
    focus: ['partner', 'limiter'],
    check: 'well-before',
  },
  {
    title: 'A batch',
    at: { ms: INSIDE_MS + BATCH_MS },
    text:
      `Half a second with ${p.batchPerSecond} requests a second, begun a quarter of a second ` +
      'after the counter: the first hundred pass, the other three hundred are refused. The ' +
      'limit does what it was made for.',
    focus: ['limiter'],
    check: 'inside-a-window',
  },
  {
    title: 'The same batch, at another moment',
    at: { ms: AROUND_MS },
    text:
      'Now the same batch begins 250 milliseconds before the counter goes back to 0, and ends ' +
      '250 milliseconds after that.',
    focus: ['limiter'],
    predict: {
      question: 'How many of its 400 requests pass, in half a second?',
      options: ['100: that is the limit.', '150: the limit, and a half.', '200: twice the limit.'],
      answer: 2,
      because:
        'The first half of the batch uses up the window that is about to end: 100. Then the ' +
        'counter is 0 again, and the second half finds a whole new window: 100 more. No window ' +
        'saw more than its limit; but the app behind got 200 requests in half a second.',
    },
  },
  {
    title: 'Twice the limit',
    at: { ms: AROUND_MS + BATCH_MS },
    text:
      'Nobody has to be clever for this. Jobs that start at the full minute and clients that ' +
      'were told to come back when the window ends meet at just this moment. A log of the last ' +
      'second lets 100 pass; two counters that slide let 125; a bucket of 10 that gets 100 a ' +
      'second lets 60, for it never lets much pass at once.',
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
