/**
 * What retries cost: with a share p of failures and a tries, each request becomes
 * (1 - p^a) / (1 - p), and all of a when everything fails. A budget keeps it at 1.2.
 */
import { defineScenario, field, often, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { BUILDERS_LIBRARY_RETRIES, FINAGLE_BUDGET, SRE_OVERLOAD } from '../sources.ts';

const params = {
  failPercent: field.count({
    about: 'How many of a hundred requests fail, before the outage.',
    default: 50,
    min: 0,
    max: 90,
  }),
  attempts: field.count({
    about: 'Tries for each request, the first included.',
    default: 3,
    min: 1,
    max: 5,
  }),
  retryBudget: field.flag({
    about: 'Retries of all requests together may be a fifth of the requests, no more.',
    default: false,
    source: 'Finagle RetryBudget',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE_PER_SECOND = 100;
const FROM_MS = 1_000;
const OUTAGE_MS = 15_000;
const END_MS = 20_000;
/** How long a request counts for the budget: what calm times save is soon worth nothing. */
const COIN_MS = 1_000;

const failShare = (p: Params): number => p.failPercent / 100;
/** The share of requests whose first n tries all fail. */
const allFail = (p: Params, n: number): number =>
  Array.from({ length: n }).reduce<number>((product) => product * failShare(p), 1);
/** 1 + p + p^2 + ...: each further try is needed only where those before it failed. */
const load = (p: Params): number =>
  Array.from({ length: p.attempts }).reduce<number>((sum, _, n) => sum + allFail(p, n), 0);
const success = (p: Params): number => 1 - allFail(p, p.attempts);
const rounded = (x: number): number => Math.round(x * 1_000) / 1_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('app', {
    arrivals: { kind: 'poisson', ratePerSecond: RATE_PER_SECOND },
    call: {
      timeoutMs: 50,
      maxAttempts: p.attempts,
      // After a single try there is nothing to wait for, and nothing to bound.
      ...(p.attempts > 1 ? { backoff: { policy: 'full-jitter', baseMs: 10, capMs: 40 } } : {}),
      ...(p.retryBudget && p.attempts > 1
        ? { retryBudget: { kind: 'finagle', minRetriesPerSec: 0, ttlMs: COIN_MS } }
        : {}),
    },
  }),
  {
    name: 'app',
    component: 'service',
    count: 1,
    config: {
      steps: [
        { do: 'work', time: { kind: 'constant', ms: 1 } },
        ...(p.failPercent > 0 ? [{ do: 'fail', share: failShare(p) } as const] : []),
      ],
    },
  },
];

const steady = { fromMs: FROM_MS, untilMs: OUTAGE_MS };
const dark = { fromMs: OUTAGE_MS + 1_200, untilMs: END_MS };

/** What theory says of a client without a budget, and what a budget promises. */
const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'load-is-the-formula',
    use: 'slo',
    args: {
      metric: 'tries-per-operation',
      atLeast: rounded(load(p) * 0.95),
      atMost: rounded(load(p) * 1.05),
      ...steady,
    },
    about:
      `Each request costs (1 - p^a) / (1 - p) = ${rounded(load(p))} ` +
      `${load(p) === 1 ? 'try' : 'tries'}.`,
  },
  {
    id: 'success-is-the-formula',
    use: 'slo',
    args: {
      metric: 'success-share',
      atLeast: rounded(success(p) - 0.04),
      atMost: rounded(success(p) + 0.04),
      ...steady,
    },
    about: `A share 1 - p^a = ${rounded(success(p))} of the requests is answered in the end.`,
  },
  {
    id: 'outage-costs-all-tries',
    use: 'slo',
    args: {
      metric: 'tries-per-operation',
      atLeast: p.attempts * 0.98,
      atMost: p.attempts,
      ...dark,
    },
    about: `When nothing is answered, each request costs ${plural(p.attempts, 'try', 'tries')}.`,
  },
  {
    id: 'outage-bites',
    use: 'slo',
    args: { metric: 'success-share', atMost: 0, ...dark },
    about: 'In the outage nobody is answered.',
  },
  {
    id: 'load-is-bounded',
    use: 'slo',
    args: { metric: 'tries-per-operation', atMost: 1.23, ...steady },
    about: 'Whatever fails, retries add no more than a fifth to the load.',
  },
  {
    id: 'load-is-bounded-in-the-dark',
    use: 'slo',
    args: { metric: 'tries-per-operation', atMost: 1.23, ...dark },
    about: 'Also when everything fails.',
  },
];

const WITH_BUDGET = 1.2;
const isScarce = (p: Params): boolean => p.retryBudget && load(p) > WITH_BUDGET;
const per100 = (tries: number): number => Math.round(tries * 100);
const sentPer100 = (p: Params): number => per100(isScarce(p) ? WITH_BUDGET : load(p));

/** Three numbers from small to large, the right one among them. */
function guesses(p: Params): readonly number[] {
  const likely = [sentPer100(p), per100(p.attempts), per100(load(p)), 120, 150, 200];
  return [...new Set(likely)].slice(0, 3).sort((a, b) => a - b);
}

const because = (p: Params): string => {
  const series = Array.from({ length: p.attempts }, (_, n) => rounded(100 * allFail(p, n)));
  return (
    `Try by try that ${isScarce(p) ? 'would be' : 'is'} ${series.join(' + ')} for each hundred. ` +
    'With a share p of failures and a tries it is (1 - p^a) / (1 - p): small while failures are ' +
    'rare, and a itself when everything fails. ' +
    (isScarce(p)
      ? 'The budget allows a retry for every fifth request, so it ends at 120.'
      : p.retryBudget
        ? 'That is less than the fifth that the budget allows: here it refuses hardly any.'
        : 'Nothing else bounds it here.')
  );
};

const buys = (p: Params): string => {
  const lost = rounded(100 * allFail(p, p.attempts));
  if (p.attempts === 1) return `Nothing is tried again: ${p.failPercent} of 100 are not answered.`;
  return isScarce(p)
    ? `With ${plural(p.attempts, 'try', 'tries')} ${lost} of 100 requests would still fail in ` +
        `the end. ` +
        'The budget ' +
        'lets only a part be tried again, so more of them do: that is what a bounded load costs.'
    : `${p.failPercent} of 100 fail the first time, and after up to ` +
        `${plural(p.attempts, 'try', 'tries')} ${lost} ` +
        'still do. Retries are good for the one who sends them.';
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: `${p.failPercent} of 100 requests fail`,
    at: { ms: FROM_MS },
    text:
      `A service answers a hundred requests a second and fails ${p.failPercent} % of them. ` +
      `Its clients try up to ${plural(p.attempts, 'time')}` +
      (p.retryBudget ? ', as long as their budget lasts.' : '.'),
    focus: ['client', 'app'],
  },
  {
    title: 'What a retry buys',
    at: { ms: 5_000 },
    text: buys(p),
    focus: ['client'],
    check: 'success-is-the-formula',
    predict: {
      question:
        'How many requests does the service get for each hundred that clients want' +
        (p.retryBudget ? ', if retries may be a fifth of the requests?' : '?'),
      options: guesses(p).map((guess) => `About ${guess}`),
      answer: guesses(p).indexOf(sentPer100(p)),
      because: because(p),
    },
  },
  {
    title: 'Everything fails',
    at: { ms: OUTAGE_MS },
    text: p.retryBudget
      ? `Now the service is down. Without a budget each request would be sent ` +
        `${often(p.attempts)}, just when the service has the least to give.`
      : `Now the service is down, and each request is sent ${often(p.attempts)}. Just when it ` +
        `has ` +
        'the least to give, it is asked the most.',
    focus: ['app'],
    check: 'outage-costs-all-tries',
  },
  {
    title: p.retryBudget ? 'The budget' : 'No budget',
    at: { ms: OUTAGE_MS + 3_000 },
    text:
      'A budget counts: each request pays a fifth of a coin in, each retry takes one out. Rare ' +
      'failures are tried again as before; when many fail, the coins run out, and the load ' +
      'stays at no more than about 1.2 times what clients want' +
      (p.retryBudget ? ', as here.' : '. Here nobody counts.'),
    focus: ['client'],
    check: 'load-is-bounded-in-the-dark',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A retry budget',
  summary: 'What retries cost when a part fails, when all fails, and with a budget.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'outage',
      fault: { type: 'crash', target: 'app' },
      atMs: OUTAGE_MS,
      forMs: END_MS - OUTAGE_MS - 1,
    },
  ],
  checks: checks(p),
  story: story(p),
});

const UNBOUNDED = {
  'load-is-bounded': { breaks: {} },
  'load-is-bounded-in-the-dark': { breaks: {} },
} as const;

export default defineScenario({
  id: 'patterns/retry-budget',
  title: 'A retry budget',
  summary:
    'Retries multiply the load exactly when a service can bear it least. A budget lets rare ' +
    'failures be tried again and stops when many fail.',
  tier: 'hostile',
  sources: [FINAGLE_BUDGET, SRE_OVERLOAD, BUILDERS_LIBRARY_RETRIES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Half fails, three tries, no budget: 1.75 requests for one, then 3.',
      expect: UNBOUNDED,
    },
    {
      name: 'budget',
      about: 'A fifth of a retry for each request: at most 1.2 for one, whatever fails.',
      params: { retryBudget: true },
      expect: {
        'load-is-the-formula': { breaks: {} },
        'success-is-the-formula': { breaks: {} },
        'outage-costs-all-tries': { breaks: {} },
      },
    },
    {
      name: 'rare-failures',
      about: 'Where one in twenty fails, retries cost next to nothing, until the outage.',
      params: { failPercent: 5 },
      expect: { 'load-is-bounded-in-the-dark': { breaks: {} } },
    },
    {
      name: 'rare-failures-with-budget',
      about: 'With a budget they are tried again all the same, and the outage stays cheap.',
      params: { failPercent: 5, retryBudget: true },
      expect: { 'outage-costs-all-tries': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Find the share of failures at which the budget begins to refuse retries.',
    'Set five tries: what changes while half fails, and what in the outage?',
    'Compare with patterns/circuit-breaker: which of the two needs to know that all is lost?',
  ],
  leavesOut: [
    'That a service under more load fails more: here the share of failures is fixed.',
    'Budgets of several clients: each keeps its own, and the sum is what the service gets.',
  ],
});
