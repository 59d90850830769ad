/**
 * Several limiters, each with its own count: how much passes too much follows from how often they
 * tell each other.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { CLOUDFLARE_COUNTERS, ENVOY_QUOTAS, STRIPE_LIMITERS } from '../sources.ts';

const NODES_MAX = 5;

const params = {
  counting: field.choice(['local', 'local-sync', 'store-atomic'], {
    about: 'Each limiter counts alone, tells a store now and then, or lets the store decide.',
    default: 'local',
  }),
  syncMs: field.millis({
    about: 'Of local-sync: how often a limiter tells what it let through, and learns of the rest.',
    default: 100,
    min: 10,
    max: 500,
  }),
  nodes: field.count({
    about: 'Limiters, each of which gets its share of the requests.',
    default: 4,
    min: 2,
    max: NODES_MAX,
  }),
};
type Params = Static<TObject<typeof params>>;

const LIMIT = 50;
const RATE_PER_SECOND = 300;
const CALM_PER_SECOND = 25;
const CALM_UNTIL_MS = 2_000;
const END_MS = 6_000;
/** The longest way to the store and back, and a request that is under way. */
const WAY_MS = 5;
const SECONDS = 3;
const counted = { fromMs: 2_000, untilMs: 2_000 + SECONDS * 1_000 };

/** What passes in a second, at least and at most. */
function predicted(p: Params): readonly [number, number] {
  switch (p.counting) {
    case 'local':
      return [p.nodes * LIMIT, p.nodes * LIMIT];
    case 'local-sync': {
      const unseen = (RATE_PER_SECOND * (p.syncMs + WAY_MS)) / 1_000;
      return [LIMIT, Math.min(p.nodes * LIMIT, LIMIT + Math.ceil(unseen))];
    }
    default:
      return [LIMIT, LIMIT];
  }
}

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('limiter', {
    arrivals: { kind: 'constant', ratePerSecond: CALM_PER_SECOND },
    stopMs: CALM_UNTIL_MS,
  }),
  {
    name: 'crowd',
    component: 'http-client',
    count: 1,
    links: { target: 'limiter' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: RATE_PER_SECOND },
      startMs: CALM_UNTIL_MS,
    },
  },
  {
    name: 'limiter',
    component: 'rate-limiter',
    count: p.nodes,
    links: { target: 'app', ...(p.counting === 'local' ? {} : { store: 'store' }) },
    config: {
      policy: 'fixed-window',
      where: p.counting,
      ratePerSecond: LIMIT,
      windowMs: 1_000,
      ...(p.counting === 'local-sync' ? { syncMs: p.syncMs } : {}),
    },
  },
  {
    name: 'store',
    component: 'limit-store',
    count: 1,
    config: { policy: 'fixed-window', ratePerSecond: LIMIT, windowMs: 1_000 },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    config: { steps: [{ do: 'work', time: { kind: 'constant', ms: 1 } }] },
  },
];

const admitted = { group: 'limiter', gauge: 'Admitted', measure: 'total', across: 'sum' } as const;

function checks(p: Params): readonly CheckPlan[] {
  const [least, most] = predicted(p);
  const often = least === most ? `exactly ${most}` : `at most ${most}`;
  return [
    {
      id: 'well-before',
      use: 'slo',
      args: { metric: 'success-share', atLeast: 1, untilMs: CALM_UNTIL_MS },
      about: 'Below the limit nobody is refused.',
    },
    {
      id: 'the-crowd-bites',
      use: 'gauge',
      args: {
        group: 'limiter',
        gauge: 'Over the limit',
        measure: 'total',
        across: 'sum',
        atLeast: 0.8 * SECONDS * (RATE_PER_SECOND - NODES_MAX * LIMIT),
        ...counted,
      },
      about: 'Then far more requests come than may pass.',
    },
    {
      id: 'as-predicted',
      use: 'gauge',
      args: { ...admitted, atLeast: least * SECONDS, atMost: most * SECONDS, ...counted },
      about: `${often} requests pass in a second.`,
    },
    {
      id: 'near-the-limit',
      use: 'gauge',
      args: { ...admitted, atMost: 1.3 * LIMIT * SECONDS, ...counted },
      about: 'No more than a third too much passes.',
    },
    {
      id: 'the-store-has-peace',
      use: 'gauge',
      args: {
        group: 'store',
        gauge: 'Operations',
        measure: 'per-second',
        atMost: RATE_PER_SECOND / 2,
        ...counted,
      },
      about: 'The store is asked less than once for every second request.',
    },
  ];
}

/** What comes between two reports, unless the limiters let less pass by themselves. */
const unseen = (p: Params): number =>
  Math.min((p.nodes - 1) * LIMIT, Math.round((RATE_PER_SECOND * p.syncMs) / 1_000));
const reports = (p: Params): number => Math.round((p.nodes * 1_000) / p.syncMs);

/** How much passes too much when limiters tell each other now and then. */
function tooMuch(p: Params): NonNullable<StoryStep['predict']> {
  return {
    question:
      (p.counting === 'local-sync' ? '' : 'Suppose they did so. ') +
      'How many requests pass too much in a second, at the most?',
    options: [
      `About ${unseen(p)}: what comes in ${p.syncMs} milliseconds.`,
      'None: all know the count.',
      `About ${unseen(p) * p.nodes}: each limiter is wrong by as much by itself.`,
    ],
    answer: 0,
    because:
      'What a limiter does not know of is what the others let through since they last told: no ' +
      `more than comes in ${p.syncMs} milliseconds to all of them together, ` +
      `${RATE_PER_SECOND} x ${p.syncMs / 1_000}, and never more than if they counted alone. That ` +
      'is once in each window, when the limit is reached. With short intervals half as long ' +
      'means half as many.',
  };
}

function howManyPass(p: Params): NonNullable<StoryStep['predict']> {
  const counts = [LIMIT, p.nodes * LIMIT, RATE_PER_SECOND];
  const asksFirst = p.counting === 'store-atomic';
  return {
    question:
      `The limit is ${LIMIT}, and ${p.nodes} limiters ` +
      (asksFirst ? 'let one store decide each time' : 'count for themselves') +
      '. How many pass a second?',
    options: [
      `${LIMIT}: that is the limit.`,
      `${p.nodes * LIMIT}: each lets ${LIMIT} pass.`,
      `${RATE_PER_SECOND}: nobody is refused.`,
    ],
    answer: counts.indexOf(asksFirst ? LIMIT : p.nodes * LIMIT),
    because: asksFirst
      ? 'The store takes one request after the other and knows of each that passed, through ' +
        'whichever limiter it came. So the limit holds exactly; each request pays for it with a ' +
        'way to the store and back.'
      : 'Each limiter sees its share of the requests and knows of no other, so each lets its ' +
        `${LIMIT} pass: limiters times limit. Giving each of them a share of the limit is right ` +
        'only as long as requests are spread evenly and no limiter is added or lost.',
  };
}

const HOW: Readonly<Record<Params['counting'], string>> = {
  local: 'Each has its own count in its own memory, and the whole limit.',
  'local-sync': 'Each decides by its own count, to which it adds what it has heard of the others.',
  'store-atomic': 'None of them counts: a store does, and decides on each request.',
};

function tellingEachOther(p: Params): string {
  const every = `every ${p.syncMs} milliseconds`;
  switch (p.counting) {
    case 'local-sync':
      return (
        `Each limiter tells a store ${every} what it let through, and hears what all did. ` +
        `Between ` +
        'two reports it decides at once, by a count that is a little old.'
      );
    case 'store-atomic':
      return (
        `Instead of asking each time, limiters could tell the store ${every} what they let ` +
        'through. They would decide at once then, by a count that is a little old.'
      );
    default:
      return (
        `Let each limiter tell a store ${every} what it let through, and hear what all did. Then ` +
        'it decides at once, as before, by a count that is a little old.'
      );
  }
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Several doors',
    at: { ms: 1_000 },
    text:
      `${LIMIT} requests a second may pass in all, and there are ${p.nodes} limiters, for one ` +
      `alone could fail. Requests go to them in turn. ${HOW[p.counting]} As long as ` +
      `${CALM_PER_SECOND} requests a second come, all ways are as good.`,
    focus: ['limiter'],
    check: 'well-before',
  },
  {
    title: 'A crowd',
    at: { ms: CALM_UNTIL_MS },
    text: `Now ${RATE_PER_SECOND} requests come each second, six times the limit.`,
    focus: ['crowd', 'limiter'],
    check: 'the-crowd-bites',
    ...(p.counting === 'local-sync' ? {} : { predict: howManyPass(p) }),
  },
  {
    title: 'Telling each other',
    at: { ms: 3_500 },
    text: tellingEachOther(p),
    focus: ['limiter', 'store'],
    ...(p.counting === 'store-atomic' ? {} : { predict: tooMuch(p) }),
  },
  {
    title: 'What it costs',
    at: { ms: 5_000 },
    text:
      `A store that decides lets exactly ${LIMIT} pass, and is asked ${RATE_PER_SECOND} times a ` +
      'second, before each request, whose time grows by the way there and back. Told every ' +
      `${p.syncMs} milliseconds it is asked about ${reports(p)} times a second, however many ` +
      'requests come, and nobody waits. Limiters that count alone ask nobody.',
    focus: ['store'],
    check: 'near-the-limit',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Several limiters, one limit',
  summary: 'Limiters that count alone, that tell each other now and then, or that ask each time.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const NEAR = 'near-the-limit';

export default defineScenario({
  id: 'rate-limiter/local-with-sync',
  title: 'Several limiters, one limit',
  summary:
    'Four limiters that count alone let four times the limit pass. If they tell each other every ' +
    '100 ms, no more than what comes in 100 ms passes too much.',
  tier: 'calm',
  sources: [CLOUDFLARE_COUNTERS, ENVOY_QUOTAS, STRIPE_LIMITERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Each counts alone: 4 times 50 pass.',
      expect: { [NEAR]: { breaks: {} } },
    },
    {
      name: 'sync-500-ms',
      about: 'They tell each other twice a second: three times the limit still passes.',
      params: { counting: 'local-sync', syncMs: 500 },
      expect: { [NEAR]: { breaks: {} } },
    },
    {
      name: 'sync-100-ms',
      about: 'Ten times a second: 30 too many at the most.',
      params: { counting: 'local-sync' },
      expect: { [NEAR]: { breaks: {} } },
    },
    {
      name: 'sync-50-ms',
      about: 'Twenty times a second: 15 too many at the most, and little work for the store.',
      params: { counting: 'local-sync', syncMs: 50 },
    },
    {
      name: 'atomic',
      about: 'The store decides each time: exactly 50, and the store has to keep up with all.',
      params: { counting: 'store-atomic' },
      expect: { 'the-store-has-peace': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Tell every 10 ms: at which interval does the store work more than if it decided?',
    'Change the number of limiters: which of the three ways does it matter to?',
    'Cut off one limiter from the store: how much does it let through by itself?',
  ],
  leavesOut: [
    'Quotas that a store hands out in advance, so that nothing passes too much.',
    'Requests that are not spread evenly over the limiters.',
  ],
});
