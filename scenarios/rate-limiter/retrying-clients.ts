/**
 * What refused clients do next decides whether a limiter protects anything: each further try has to
 * be counted as well.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { BUILDERS_LIBRARY_RETRIES, HTTP_429, HTTP_RETRY_AFTER } from '../sources.ts';

const NEXT = ['at-once', 'backoff', 'retry-after', 'give-up'] as const;

const params = {
  next: field.choice(NEXT, {
    about:
      'What a client does when it is refused: try at once, after a pause that grows, when the ' +
      'refusal says, or not at all.',
    default: 'at-once',
  }),
  attempts: field.count({
    about: 'Tries for each request, the first included.',
    default: 8,
    min: 8,
    max: 12,
  }),
  spikePerSecond: field.count({
    about: 'Requests a second while the spike lasts.',
    default: 240,
    min: 200,
    max: 240,
  }),
};
type Params = Static<TObject<typeof params>>;

const LIMIT = 100;
const CALM_PER_SECOND = 40;
const DECISION_MICROS = 200;
const SPIKE_MS = 4_000;
const SPIKE_END_MS = 6_000;
const END_MS = 15_000;
const spike = { fromMs: SPIKE_MS, untilMs: SPIKE_END_MS };

/** Whoever is refused uses up all its tries while the window lasts. */
const predictedPerSecond = (p: Params): number =>
  LIMIT + (p.spikePerSecond - LIMIT) * (p.next === 'give-up' ? 1 : p.attempts);

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('limiter', {
    arrivals: {
      kind: 'spike',
      ratePerSecond: CALM_PER_SECOND,
      factor: p.spikePerSecond / CALM_PER_SECOND,
      fromMs: SPIKE_MS,
      untilMs: SPIKE_END_MS,
    },
    call: {
      timeoutMs: 1_000,
      maxAttempts: p.next === 'give-up' ? 1 : p.attempts,
      ...(p.next === 'give-up' ? {} : { respectRetryAfter: p.next === 'retry-after' }),
      backoff:
        p.next === 'backoff'
          ? { policy: 'full-jitter', baseMs: 500, capMs: 5_000 }
          : { policy: 'none' },
    },
  }),
  {
    name: 'limiter',
    component: 'rate-limiter',
    count: 2,
    links: { target: 'app', store: 'store' },
    config: {
      policy: 'fixed-window',
      where: 'store-atomic',
      ratePerSecond: LIMIT,
      windowMs: 1_000,
      onStoreFailure: 'closed',
      storeCall: { timeoutMs: 500 },
    },
  },
  {
    name: 'store',
    component: 'limit-store',
    count: 1,
    config: {
      policy: 'fixed-window',
      ratePerSecond: LIMIT,
      windowMs: 1_000,
      opMicros: DECISION_MICROS,
    },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    cores: 2,
    config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: 5 } }] },
  },
];

/** Where all tries are made in one go, their number follows from the limit. */
function eachTryIsDecided(p: Params): readonly CheckPlan[] {
  if (p.next === 'backoff' || p.next === 'retry-after') return [];
  const expected = predictedPerSecond(p);
  const operations = { group: 'store', gauge: 'Operations', measure: 'per-second' } as const;
  return [
    {
      id: 'each-try-is-decided',
      use: 'gauge',
      args: { ...operations, atLeast: 0.7 * expected, atMost: 1.3 * expected, ...spike },
      about:
        `The store decides about ${expected} times a second: ${LIMIT}, and each try of the ` +
        `${p.spikePerSecond - LIMIT} above the limit.`,
    },
  ];
}

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, untilMs: SPIKE_MS },
    about: 'Before the spike nobody is refused.',
  },
  {
    id: 'the-spike-bites',
    use: 'gauge',
    args: {
      group: 'limiter',
      gauge: 'Over the limit',
      measure: 'total',
      across: 'sum',
      atLeast: LIMIT,
      ...spike,
    },
    about: 'In the spike many have to be refused.',
  },
  ...eachTryIsDecided(p),
  {
    id: 'the-limiter-has-peace',
    use: 'gauge',
    args: {
      group: 'store',
      gauge: 'Operations',
      measure: 'per-second',
      atMost: 2.5 * p.spikePerSecond,
      ...spike,
    },
    about: 'Deciding takes no more than two and a half decisions for each request.',
  },
  {
    id: 'nearly-all-in-the-end',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.95, fromMs: SPIKE_MS, untilMs: END_MS },
    about: 'Within seconds there is room for all of them, and nearly all are answered.',
  },
];

/** Decisions for each request that passes while the spike lasts. */
const perPassed = (p: Params, attempts: number): number =>
  Math.round((LIMIT + (p.spikePerSecond - LIMIT) * attempts) / LIMIT);

const HABITS: Readonly<Record<Params['next'], (p: Params) => string>> = {
  'at-once': (p) => `Clients try up to ${p.attempts} times, and do so at once.`,
  backoff: (p) => `Clients try up to ${p.attempts} times, after random pauses that grow.`,
  'retry-after': (p) =>
    `Clients try up to ${p.attempts} times. They have a rule: to wait as long as the refusal says.`,
  'give-up': () => 'Clients try once, and take no for an answer.',
};

const OUTCOMES = [
  'Nearly all get through, and the store decides less than three times for each request.',
  'Hardly more get through than the limit allows, and the store has several times as much ' +
    'to decide.',
  'Hardly more get through than the limit allows, and the store decides once for each request.',
];
const ANSWERS = { 'at-once': 1, backoff: 0, 'give-up': 2 } as const;

function why(p: Params): string {
  const above = p.spikePerSecond - LIMIT;
  switch (p.next) {
    case 'at-once':
      return (
        `All ${p.attempts} tries are made within a few hundredths of a second, and the window in ` +
        `which nothing is left lasts up to a whole one. So ${above} requests a second above the ` +
        `limit are refused ${p.attempts} times each: ${LIMIT} + ${p.attempts} x ${above} = ` +
        `${predictedPerSecond(p)} decisions a second for the ${LIMIT} that may pass.`
      );
    case 'backoff':
      return (
        'Pauses of up to some seconds carry the later tries beyond the spike, when there is room ' +
        'again. Each client asks a few times only, and at random, so no moment gets too many.'
      );
    case 'give-up':
      return (
        `${above} requests a second above the limit are refused, once each, and are lost. The ` +
        'store has one decision to make for each request, and nobody gains by asking again.'
      );
    default:
      return (
        'The refusal tells when the next window begins. Who waits until then asks once in each ' +
        'window and gets through after the spike; who does not wait uses all tries within one ' +
        `window: ${perPassed(p, p.attempts)} decisions for each request that passes, and no gain.`
      );
  }
}

const prediction = (p: Params): NonNullable<StoryStep['predict']> =>
  p.next === 'retry-after'
    ? {
        question: `${HABITS[p.next](p)} Does it matter if that rule is switched off?`,
        options: [
          'No: nearly all get through either way.',
          'Yes: with it nearly all get through, without it many are lost and the store is busy.',
          'No: what is above the limit is lost either way.',
        ],
        answer: 1,
        because: why(p),
      }
    : {
        question: `${HABITS[p.next](p)} What becomes of those above the limit?`,
        options: OUTCOMES,
        answer: ANSWERS[p.next],
        because: why(p),
      };

function whatTheStoreDoes(p: Params): string {
  const look = 'Look at the operations of the store: ';
  switch (p.next) {
    case 'at-once':
      return (
        `${look}about ${perPassed(p, p.attempts)} decisions for each request that passes. What ` +
        'protects the app has no protection of its own, and it grows with every further try.'
      );
    case 'give-up':
      return `${look}one decision for each request, no more. A refusal costs little, and is final.`;
    case 'backoff':
      return `${look}a few decisions for each request that passes, for the tries are spread.`;
    default:
      return (
        `${look}clients that wait ask once in each window; such as do not wait cost about ` +
        `${perPassed(p, p.attempts)} decisions for each request that passes.`
      );
  }
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Below the limit',
    at: { ms: 1_000 },
    text:
      `${LIMIT} requests a second may pass, and ${CALM_PER_SECOND} come. Two limiters let one ` +
      'store decide on each of them; it counts in windows of a second.',
    focus: ['limiter', 'store'],
    check: 'well-before',
  },
  {
    title: 'Too many, for two seconds',
    at: { ms: SPIKE_MS },
    text:
      `Now ${p.spikePerSecond} requests come each second, and whatever is above the limit is ` +
      `refused with a 429. ${HABITS[p.next](p)}`,
    focus: ['client', 'limiter'],
    check: 'the-spike-bites',
    predict: prediction(p),
  },
  {
    title: 'Refusing is work',
    at: { ms: SPIKE_END_MS - 500 },
    text: whatTheStoreDoes(p),
    focus: ['store', 'client'],
    check: 'the-limiter-has-peace',
  },
  {
    title: 'A refusal can say when',
    at: { ms: SPIKE_END_MS + 3_000 },
    text:
      'With each 429 comes the time until the next window. Clients that wait as long come back ' +
      'once a second; a hundred of them pass each time, and after a few seconds all are through. ' +
      'That they come back in the same moment is the price; a pause that grows at random ' +
      'spreads them, and lets them wait longer.',
    focus: ['client', 'limiter'],
    check: 'nearly-all-in-the-end',
  },
];

/** Whoever does not heed what a refusal says tries again at once. */
const asRun = (p: Params, ablations: readonly string[]): Params =>
  p.next === 'retry-after' && ablations.includes('traffic.retry-after')
    ? { ...p, next: 'at-once' }
    : p;

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Clients that are refused',
  summary: 'A spike above the limit, and clients that try again: at once, later, or when told to.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(asRun(p, ablations)),
});

const PEACE = 'the-limiter-has-peace';
const ALL = 'nearly-all-in-the-end';

export default defineScenario({
  id: 'rate-limiter/retrying-clients',
  title: 'Clients that are refused',
  summary:
    'A refusal has to be decided too. Clients that try again at once multiply the work of the ' +
    'limiter and gain nothing; clients that wait as long as the refusal says all get through.',
  tier: 'calm',
  sources: [HTTP_429, HTTP_RETRY_AFTER, BUILDERS_LIBRARY_RETRIES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Eight tries without a pause: twelve decisions for each request that passes.',
      expect: { [PEACE]: { breaks: {} }, [ALL]: { breaks: {} } },
    },
    {
      name: 'give-up',
      about: 'One try: the limiter has little to do, and what is refused is lost.',
      params: { next: 'give-up' },
      expect: { [ALL]: { breaks: {} } },
    },
    {
      name: 'backoff',
      about: 'Random pauses that grow up to five seconds: the tries are spread, nearly all pass.',
      params: { next: 'backoff' },
    },
    {
      name: 'retry-after',
      about: 'Clients come back when the refusal says: one try in each window, and all pass.',
      params: { next: 'retry-after' },
    },
    {
      name: 'ignored',
      about: 'The same clients with that rule switched off: as if nothing had been said.',
      params: { next: 'retry-after' },
      ablations: ['traffic.retry-after'],
      expect: { [PEACE]: { breaks: {} }, [ALL]: { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Look at the store at the full second with clients that honour Retry-After: who queues there?',
    'Give clients twelve tries that they make at once: how much work for the store, how much gain?',
    'Compare how long people wait with a growing pause and with Retry-After. Which is fairer?',
  ],
  leavesOut: [
    'People who go away while they wait.',
    'Refusals that are remembered at the edge, so that they cost the store nothing.',
    'Retry-After in whole seconds, with something random added by the server.',
  ],
});
