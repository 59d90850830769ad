/**
 * Many clients are refused at the same instant. If all wait for the same time, they come back at
 * the same instant; if each draws its wait, they come one by one.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { AWS_BACKOFF, BUILDERS_LIBRARY_RETRIES } from '../sources.ts';

const params = {
  backoff: field.choice(
    ['none', 'exponential', 'equal-jitter', 'full-jitter', 'decorrelated-jitter'],
    {
      about:
        'The pause before another try. Exponential: 100 ms, then twice as long each time. With ' +
        'jitter it is drawn: equal between half of that and all of it, full between nothing and ' +
        'all of it, decorrelated between 100 ms and three times the last pause.',
      default: 'full-jitter',
    },
  ),
  clients: field.count({
    about: 'How many ask at the same instant.',
    default: 200,
    min: 100,
    max: 300,
  }),
};
type Params = Static<TObject<typeof params>>;

const WORK_MS = 5;
const PLACES = 20;
const TRIES = 12;
const BASE_MS = 100;
const CAP_MS = 2_000;
const BURST_MS = 2_000;
const END_MS = 26_000;
const BYSTANDERS_PER_SECOND = 20;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'phones',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: { kind: 'replay', timesMs: Array.from({ length: p.clients }, () => BURST_MS) },
      routes: [{ route: 'GET /news' }],
      call: {
        timeoutMs: 1_000,
        maxAttempts: TRIES,
        backoff: { policy: p.backoff, baseMs: BASE_MS, capMs: CAP_MS },
      },
    },
  },
  {
    name: 'others',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: BYSTANDERS_PER_SECOND },
      routes: [{ route: 'GET /page' }],
    },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    config: {
      steps: [{ do: 'work', time: { kind: 'constant', ms: WORK_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: PLACES },
    },
  },
];

const burst = { fromMs: BURST_MS - 1 };

/**
 * How long a pause is on average, after so many others and one of that length. Without pauses:
 * what full jitter would make of it.
 */
function meanPauseMs(backoff: Params['backoff'], pauses: number, lastMs: number): number {
  if (backoff === 'decorrelated-jitter') return Math.min(CAP_MS, (BASE_MS + 3 * lastMs) / 2);
  const whole = Math.min(CAP_MS, BASE_MS * (1 << pauses));
  if (backoff === 'exponential') return whole;
  return backoff === 'equal-jitter' ? (3 * whole) / 4 : whole / 2;
}

/** Tries of one whose pauses are as long as they are on average, until it is let in. */
function triesUntil(backoff: Params['backoff'], letInMs: number): number {
  let tries = 1;
  let pauseMs = BASE_MS;
  for (let atMs = 0; atMs < letInMs && tries < TRIES; atMs += pauseMs) {
    pauseMs = meanPauseMs(backoff, tries - 1, pauseMs);
    tries += 1;
  }
  return tries;
}

/**
 * Tries of each on average, if they come back one by one: the n-th that is served is let in once
 * only so many are before it as there are places. Those who drew short pauses come earlier, and
 * leave more room to the others: so it is the most that they need.
 */
function fewTries(p: Params): number {
  let tries = 0;
  for (let nth = 1; nth <= p.clients; nth++) {
    tries += triesUntil(p.backoff, (nth - 1 - PLACES) * WORK_MS);
  }
  return tries / p.clients;
}

/** Until then three fifths of the crowd can be served: there is enough to do for the service. */
const busyMs = (p: Params): number => (p.clients * WORK_MS * 3) / 5;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, fromMs: 0, untilMs: BURST_MS },
    about: 'Before the burst everybody is answered.',
  },
  {
    id: 'the-burst-bites',
    use: 'gauge',
    args: {
      group: 'app',
      gauge: 'Refused',
      measure: 'total',
      atLeast: p.clients - 2 * PLACES,
      ...burst,
    },
    about: 'Most of those who come at the same instant are refused.',
  },
  {
    id: 'everybody-answered',
    use: 'slo',
    args: { metric: 'success-share', clients: 'phones', atLeast: 1 },
    about: 'In the end everybody is answered.',
  },
  {
    id: 'few-tries',
    use: 'slo',
    args: { metric: 'tries-per-operation', clients: 'phones', atMost: fewTries(p) },
    about:
      `Each needs at most ${Math.round(fewTries(p) * 10) / 10} tries on average, as it does if ` +
      'they come back one by one.',
  },
  {
    id: 'no-waves',
    use: 'gauge',
    args: {
      group: 'app',
      gauge: 'Utilisation',
      atLeast: 0.8,
      fromMs: BURST_MS,
      untilMs: BURST_MS + busyMs(p),
    },
    about:
      `For the first ${busyMs(p)} ms, in which three fifths could be served, the service is kept ` +
      'busy: they come neither too late nor all at once.',
  },
  {
    id: 'soon-over',
    use: 'slo',
    args: { metric: 'p95-ms', clients: 'phones', atMost: 5_000 },
    about: 'Nineteen of twenty have their answer within five seconds.',
  },
];

/** How a drawn pause is drawn; the others are not. */
const DRAWN: { readonly [backoff in Params['backoff']]: string } = {
  none: '',
  exponential: '',
  'equal-jitter': 'Equal jitter draws each pause between half and all of its length. ',
  'full-jitter': 'Full jitter draws each pause between nothing and its full length. ',
  'decorrelated-jitter': 'Decorrelated jitter draws each pause up to three times the last one. ',
};
const BACK: { readonly [backoff in 'none' | 'exponential' | 'drawn']: string } = {
  none:
    'Twelve tries without a pause were over before the service had done twenty. Whoever was ' +
    'not let in by then has given up, and the service has nothing to do.',
  exponential:
    'They come back as a crowd: the queue is full for a moment, then empty until the next wave.',
  drawn:
    'As long as the draw is on they come back spread out, and the crowd is served at the speed ' +
    'that the service has. Without it they come back as a crowd.',
};
const OVER: typeof BACK = {
  none: 'It was over within a moment, and most got nothing. A pause would have cost some seconds.',
  exponential:
    'The crowd is still coming back, every two seconds by now, twenty smaller each time.',
  drawn:
    'With the draw nearly all have been answered by now; the last drew badly several times. ' +
    'Without it the crowd is still coming back every two seconds.',
};
const kind = (p: Params): keyof typeof BACK =>
  p.backoff === 'none' || p.backoff === 'exponential' ? p.backoff : 'drawn';

type Predict = NonNullable<StoryStep['predict']>;

const whatItSees = (p: Params): Predict => ({
  question:
    (p.backoff === 'none'
      ? 'Each phone that is refused tries again at once, up to twelve times in all. '
      : (p.backoff === 'exponential' ? 'Each' : 'Suppose that each') +
        ' phone waits for 100 ms, then 200, 400, and so on, as the textbook says, and none draws ' +
        'anything. ') + 'What does the service see?',
  options: [
    'A steady stream that it can serve.',
    'The same crowd again and again, each time about twenty smaller.',
    'A great many requests in one moment, and then nothing more: they give up.',
  ],
  answer: p.backoff === 'none' ? 2 : 1,
  because:
    p.backoff === 'none'
      ? 'A try that is refused takes some milliseconds, and so does a request: after twelve ' +
        'tries the service has done but a few, and whoever was not let in has no try left.'
      : 'They were refused together, so they wait together and come back together. Each wave ' +
        'fills the queue and is refused; between two waves the service has nothing to do, and ' +
        'the pauses grow. Waiting longer does not take a crowd apart: only chance does.',
});

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A quiet service',
    at: { ms: 500 },
    text:
      `A request takes ${WORK_MS} ms, so two hundred a second are no problem. ${PLACES} may ` +
      'wait; whoever comes then is refused and may try again.',
    focus: ['app'],
    check: 'well-before',
  },
  {
    title: 'All at once',
    at: { ms: BURST_MS },
    text:
      `A message goes out, and ${p.clients} phones open the app at the same instant. One is ` +
      `served, ${PLACES} wait, all others are refused.`,
    focus: ['phones', 'app'],
    check: 'the-burst-bites',
    predict: whatItSees(p),
  },
  {
    title: 'How they come back',
    at: { ms: BURST_MS + 1_000 },
    text: DRAWN[p.backoff] + BACK[kind(p)],
    focus: ['app'],
    check: 'few-tries',
  },
  {
    title: 'Six seconds later',
    at: { ms: BURST_MS + 6_000 },
    text: OVER[kind(p)],
    focus: ['phones'],
    check: 'soon-over',
  },
];

/** Without the draw the pauses are those of the textbook. */
const asRun = (p: Params, ablations: readonly string[]): Params =>
  kind(p) === 'drawn' && ablations.includes('traffic.retry-jitter')
    ? { ...p, backoff: 'exponential' }
    : p;

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Retries with jitter',
  summary: 'Two hundred phones are refused at the same instant. When do they come back?',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 1 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(asRun(p, ablations)),
});

const WAVES = {
  'few-tries': { breaks: {} },
  'no-waves': { breaks: {} },
  'soon-over': { breaks: {} },
} as const;

export default defineScenario({
  id: 'patterns/retry-with-jitter',
  title: 'Retries with jitter',
  summary:
    'Clients that were refused together come back together, however long they wait, in wave ' +
    'after wave. A drawn pause takes the crowd apart.',
  tier: 'calm',
  sources: [AWS_BACKOFF, BUILDERS_LIBRARY_RETRIES],
  params,
  plan,
  variants: [
    { name: 'default', about: 'Full jitter: the crowd comes back one by one.' },
    {
      name: 'no-jitter',
      about: 'The same pauses for all: the crowd comes back as a crowd, each time twenty fewer.',
      ablations: ['traffic.retry-jitter'],
      expect: WAVES,
    },
    {
      name: 'no-pause',
      about: 'Twelve tries without a pause are over before the first twenty are served.',
      params: { backoff: 'none' },
      expect: {
        'everybody-answered': { breaks: {} },
        'few-tries': { breaks: {} },
        'no-waves': { breaks: {} },
      },
    },
    {
      name: 'equal-jitter',
      about: 'Half of the pause is fixed, half is drawn.',
      params: { backoff: 'equal-jitter' },
    },
    {
      name: 'decorrelated-jitter',
      about: 'Each pause is drawn up to three times the last one.',
      params: { backoff: 'decorrelated-jitter' },
    },
  ],
  thingsToTry: [
    'Set clients to 100 and to 300: why do three times as many need less than two tries more?',
    'Compare full and equal jitter: who makes fewer requests, who is done sooner?',
    'Watch those who have nothing to do with the message: when are they refused?',
  ],
  leavesOut: [
    'Servers that say when to come back (Retry-After): if all hear the same time, all come then.',
    'Budgets: they bound how many come back, not when.',
  ],
});
