/**
 * The less busy of two drawn at random: nearly all the good of looking at everybody.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { ENVOY_BALANCERS, POWER_OF_TWO } from '../sources.ts';

const params = {
  policy: field.choice(['random', 'power-of-d', 'least-connections'], {
    about: 'Anyone; the least busy of some; the least busy of all.',
    default: 'random',
  }),
  choices: field.count({
    about: 'Of power-of-d: how many backends are compared.',
    default: 2,
    min: 2,
    max: 5,
    source: 'Envoy choice_count',
  }),
  loadPercent: field.count({
    about: 'How much of their capacity the backends are asked for.',
    default: 90,
    min: 50,
    max: 90,
  }),
  backends: field.count({ about: 'Backends.', default: 20, min: 10, max: 50 }),
};
type Params = Static<TObject<typeof params>>;

const SERVICE_MS = 10;
const REQUESTS = 4_500;
/** Four links there and back. */
const LINK_MS = 0.05;

const ratePerSecond = (p: Params): number =>
  (p.backends * 1_000 * p.loadPercent) / 100 / SERVICE_MS;
const endMs = (p: Params): number => Math.round((REQUESTS * 1_000) / ratePerSecond(p));
/** The system starts empty: a fifth of the run lets it fill. */
const fromMs = (p: Params): number => Math.round(endMs(p) / 5);

/**
 * The mean time in a system of many backends, in service times: the sum over i of
 * load^((d^i - d) / (d - 1)); each exponent is d times the last one plus d. With one choice each
 * backend is a queue of its own: 1 / (1 - load).
 */
function meanOfTheory(load: number, d: number): number {
  if (d === 1) return 1 / (1 - load);
  let sum = 0;
  for (let term = 1; term > 1e-9;) {
    sum += term;
    let next = 1;
    for (let i = 0; i < d; i++) next *= term * load;
    term = next;
  }
  return sum;
}

const theoryMs = (p: Params): number => {
  const d = p.policy === 'random' ? 1 : p.policy === 'power-of-d' ? p.choices : p.backends;
  return SERVICE_MS * meanOfTheory(p.loadPercent / 100, d) + 4 * LINK_MS;
};
/** A queue alone needs far longer than this run to come to its mean from empty. */
const SPREAD = {
  random: [0.3, 1.6],
  'power-of-d': [0.7, 1.6],
  'least-connections': [0.9, 2],
} as const;
const tenths = (ms: number): number => Math.round(ms * 10) / 10;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    links: { target: 'balancer' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: ratePerSecond(p) },
      call: { timeoutMs: 60_000 },
    },
  },
  {
    name: 'balancer',
    component: 'load-balancer',
    count: 1,
    links: { backends: 'app' },
    config: {
      call: {
        timeoutMs: 60_000,
        balance: {
          policy: p.policy,
          ...(p.policy === 'power-of-d' ? { choiceCount: p.choices, withReplacement: false } : {}),
        },
      },
    },
  },
  {
    name: 'app',
    component: 'service',
    count: p.backends,
    config: {
      steps: [{ do: 'work', time: { kind: 'exponential', meanMs: SERVICE_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: 10_000 },
    },
  },
];

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'as-theory-says',
    use: 'slo',
    args: {
      metric: 'mean-ms',
      atLeast: theoryMs(p) * SPREAD[p.policy][0],
      atMost: theoryMs(p) * SPREAD[p.policy][1],
      fromMs: fromMs(p),
    },
    about:
      `A request takes ${tenths(theoryMs(p))} ms on average with very many backends, ` +
      'and a long run.',
  },
  {
    id: 'short-queues',
    use: 'gauge',
    args: { group: 'app', gauge: 'Queue', measure: 'max', atMost: 9, fromMs: fromMs(p) },
    about: 'At no backend do more than nine ever wait.',
  },
  {
    id: 'tail',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 130, fromMs: fromMs(p) },
    about: 'The slowest request of a hundred takes at most 130 ms.',
  },
];
const loadOf = (p: Params): number => p.loadPercent / 100;
const alone = (p: Params): number => meanOfTheory(loadOf(p), 1);
/** What is asked about: more choices than one. */
const compared = (p: Params): number =>
  p.policy === 'least-connections' ? p.backends : p.policy === 'random' ? 2 : p.choices;

const HOW: { readonly [policy in Params['policy']]: string } = {
  random:
    'Each request goes to a backend drawn at random. The shares are fair in the long run, but ' +
    'queues are made in the short run: some backends have a long one, others nothing to do.',
  'power-of-d':
    'For each request some backends are drawn at random, and the one with the fewest requests ' +
    'gets it. A long queue is drawn as often as a short one, but hardly ever chosen.',
  'least-connections':
    'Each request goes to the backend with the fewest requests of all. As long as one of them ' +
    'is idle, nobody waits.',
};

const means = (p: Params): Pick<NonNullable<StoryStep['predict']>, 'options' | 'answer'> => {
  const theory = meanOfTheory(loadOf(p), compared(p));
  return {
    options: [
      `${tenths(alone(p))} as well: a few looks change nothing.`,
      `About ${tenths(theory)}.`,
      `About ${tenths((alone(p) + theory) / 2)}.`,
    ],
    answer: 1,
  };
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Little room to spare',
    at: { ms: 10 },
    text:
      `${p.backends} backends, each busy ${p.loadPercent} % of its time. A request needs ten ` +
      'milliseconds, give or take: many need little, a few need a lot.',
    focus: ['balancer', 'app'],
  },
  {
    title: p.policy === 'random' ? 'At random' : 'The least busy',
    at: { ms: fromMs(p) },
    text: HOW[p.policy],
    focus: ['app'],
    predict: {
      question:
        `At ${p.loadPercent} % load a request spends ${tenths(alone(p))} service times at a ` +
        'backend drawn at random, on average and in the long run. How many are they if the ' +
        'balancer ' +
        (p.policy === 'least-connections'
          ? 'takes the least busy of all?'
          : `takes the least busy of ${compared(p)} drawn?`),
      ...means(p),
      because:
        'With one choice the share of backends with at least i requests falls like load to the ' +
        'power of i. With two choices a long queue grows only when both that are drawn are as ' +
        'long, so the exponents are 1, 3, 7, 15. ' +
        `At this load that makes ${tenths(alone(p))} service times for one choice, ` +
        `${tenths(meanOfTheory(loadOf(p), 2))} for two, ${tenths(meanOfTheory(loadOf(p), 3))} ` +
        'for three. (This run begins empty and is short: one choice does not get as far.)',
    },
    check: 'as-theory-says',
  },
  {
    title: 'The longest queue',
    at: { ms: Math.round(endMs(p) / 2) },
    text:
      'Look at the longest queue rather than at the mean: this is where the slowest requests ' +
      'come from. A second choice cuts it more than anything that comes after.',
    focus: ['app'],
    check: 'short-queues',
  },
  {
    title: 'Why not all of them',
    at: { ms: endMs(p) - 10 },
    text:
      'The least busy of all is better still, but the balancer must look at every backend for ' +
      'every request, and several balancers that do so all choose the same one.',
    focus: ['balancer'],
    check: 'tail',
  },
];

const plan = (p: Params): Plan => ({
  title: 'The power of two choices',
  summary: 'Random, two choices or all of them, at ninety per cent load.',
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: LINK_MS } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/power-of-two',
  title: 'The power of two choices',
  summary:
    'At ninety per cent load a random backend keeps a request for ten service times; the less ' +
    'busy of two for less than three; the least busy of all saves little more.',
  tier: 'calm',
  sources: [POWER_OF_TWO, ENVOY_BALANCERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'At random: twenty queues, each on its own.',
      expect: { 'short-queues': { breaks: {} }, tail: { breaks: {} } },
    },
    {
      name: 'two-choices',
      about: 'The less busy of two: a quarter of the time.',
      params: { policy: 'power-of-d' },
    },
    {
      name: 'three-choices',
      about: 'The least busy of three: the third choice brings far less than the second.',
      params: { policy: 'power-of-d', choices: 3 },
    },
    {
      name: 'least-connections',
      about: 'The least busy of all: the best that one balancer can do without knowing the work.',
      params: { policy: 'least-connections' },
    },
    {
      name: 'fifty-backends',
      about: 'Two choices of fifty: as good as two of twenty. What counts is the second look.',
      params: { policy: 'power-of-d', backends: 50 },
    },
  ],
  thingsToTry: [
    'Lower the load to 50 %: what is the second choice worth there?',
    'Compare two choices of ten backends and of fifty: why does the number hardly matter?',
    'Make one backend slow by hand, with two choices: who notices?',
  ],
  leavesOut: [
    'Long runs: single queues at this load take longer to fill than this run lasts.',
    'Several balancers, each of which sees only its own requests.',
  ],
});
