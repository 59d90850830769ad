/**
 * The less busy of two drawn at random: most of the good of looking at everybody.
 *
 * Source: Mitzenmacher, "The Power of Two Choices in Randomized Load Balancing" (2001), for very
 * many backends; Erlang's formula for one queue before all of them, which no choice of a backend
 * can beat. For single queues that begin empty the equations of the M/M/1 queue are solved.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
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
/** The system starts empty: a third of the run lets it fill. */
const fromMs = (p: Params): number => Math.round(endMs(p) / 3);
const loadOf = (p: Params): number => p.loadPercent / 100;

/**
 * The mean time in a system of very many backends, in service times: the sum over i of
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

/**
 * The same with one queue before all backends (Erlang C, M/M/n), in service times. No balancer that
 * must choose a backend at once can do better.
 */
function meanOfOneQueue(load: number, backends: number): number {
  const offered = load * backends;
  let lost = 1;
  for (let i = 1; i <= backends; i++) lost = (offered * lost) / (i + offered * lost);
  const waits = lost / (1 - load * (1 - lost));
  return 1 + waits / (backends * (1 - load));
}

/**
 * The mean time of those who leave a single queue (M/M/1) in a window, if it was empty at first, in
 * service times. Whoever leaves has behind it those who came while it was there: load times its
 * time, on average. So the mean needs only how many there are, which the equations give.
 */
function meanFromEmpty(load: number, from: number, until: number): number {
  const step = 0.1;
  const most = 200;
  let chances: readonly number[] = Array.from({ length: most + 1 }, (_, i) => (i === 0 ? 1 : 0));
  let left = 0;
  let behind = 0;
  for (let time = 0; time < until; time += step) {
    const last = chances;
    const at = (i: number): number => last[i] ?? 0;
    chances = last.map((chance, i) => {
      const goes = (i < most ? load : 0) + (i > 0 ? 1 : 0);
      return chance + step * (load * at(i - 1) + at(i + 1) - goes * chance);
    });
    if (time < from) continue;
    const busy = 1 - (chances[0] ?? 0);
    left += busy;
    behind += chances.reduce((sum, chance, i) => sum + i * chance, 0) - busy;
  }
  return behind / (load * left);
}

/** What the mean in this run is held to, in service times. */
interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * By policy: how far from theory chance takes a run of this length at 90 % load, measured over a
 * hundred seeds. What comes in 4500 requests strays by two parts of a hundred, and at this load a
 * mean moves five times as far. Two choices and three are apart by twice that: no single run of
 * this length tells them apart.
 */
const CHANCE: { readonly [policy in Params['policy']]: Bounds } = {
  random: { least: 0.42, most: 0.45 },
  'power-of-d': { least: 0.3, most: 0.3 },
  'least-connections': { least: 0.16, most: 0.65 },
};

/**
 * Of a choice the theory of very many backends is the least, and so is one queue for all. With few
 * backends all may be busy at once: what one queue for all makes wait is added to the most.
 */
function theory(p: Params): Bounds {
  const load = loadOf(p);
  if (p.policy === 'random') {
    const mean = meanFromEmpty(load, fromMs(p) / SERVICE_MS, endMs(p) / SERVICE_MS);
    return { least: mean, most: mean };
  }
  const pooled = meanOfOneQueue(load, p.backends);
  if (p.policy === 'least-connections') return { least: pooled, most: pooled };
  const drawn = meanOfTheory(load, p.choices);
  return { least: drawn > pooled ? drawn : pooled, most: drawn + pooled - 1 };
}

/** Newton's method: no more is needed of a number near one. */
function squareRoot(of: number): number {
  let root = 1;
  for (let i = 0; i < 8; i++) root = (root + of / root) / 2;
  return root;
}

/**
 * Chance evens out over few queues less than over many, but what comes in the whole run is as many
 * requests with many backends; with less load both count less.
 */
function boundsMs(p: Params): Bounds {
  const { least, most } = theory(p);
  const chance = CHANCE[p.policy];
  const scale = p.loadPercent / 90;
  const links = 4 * LINK_MS;
  const few = p.backends < 20 ? squareRoot(20 / p.backends) : 1;
  return {
    least: SERVICE_MS * least * (1 - chance.least * scale) + links,
    most: SERVICE_MS * most * (1 + chance.most * scale * few) + links,
  };
}
const tenths = (ms: number): number => Math.round(ms * 10) / 10;

const OF_THEORY: { readonly [policy in Params['policy']]: (p: Params) => string } = {
  random: (p) =>
    `A request takes ${tenths(SERVICE_MS * theory(p).least)} ms on average, as queues of their ` +
    'own do that were empty at first.',
  'power-of-d': (p) =>
    `A request takes ${tenths(SERVICE_MS * theory(p).least)} ms on average with very many ` +
    'backends, and with few of them little more.',
  'least-connections': (p) =>
    `A request takes little more than the ${tenths(SERVICE_MS * theory(p).least)} ms of one ` +
    'queue before all backends, and never less.',
};

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'poisson', ratePerSecond: ratePerSecond(p) },
    call: { timeoutMs: 60_000 },
  }),
  balancerOf({
    call: {
      timeoutMs: 60_000,
      balance: {
        policy: p.policy,
        ...(p.policy === 'power-of-d' ? { choiceCount: p.choices, withReplacement: false } : {}),
      },
    },
  }),
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
      atLeast: boundsMs(p).least,
      atMost: boundsMs(p).most,
      fromMs: fromMs(p),
    },
    about: OF_THEORY[p.policy](p),
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
const alone = (p: Params): number => meanOfTheory(loadOf(p), 1);
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

type Predict = NonNullable<StoryStep['predict']>;

const asked = (p: Params): string =>
  `At ${p.loadPercent} % load a request spends ${tenths(alone(p))} service times at a backend ` +
  'drawn at random, on average and in the long run. How many are they if the balancer ';

function ofAll(p: Params): Predict {
  const two = tenths(meanOfTheory(loadOf(p), 2));
  const pooled = tenths(meanOfOneQueue(loadOf(p), p.backends));
  return {
    question: asked(p) + 'takes the least busy of all?',
    options: [
      `${tenths(alone(p))} as well: the work is the same.`,
      `About ${two}: as many as with the less busy of two.`,
      `Fewer than ${two}, but not fewer than ${pooled}.`,
    ],
    answer: 2,
    because:
      'Best of all would be one queue, from which whoever is idle takes the next request: ' +
      `Erlang’s formula makes that ${pooled} service times for ${p.backends} backends. This ` +
      'balancer has to choose when a request comes, and cannot know which backend will be done ' +
      `first, so it does a little worse; but better than the less busy of two, with ${two}.`,
  };
}

function ofSome(p: Params): Predict {
  const choices = p.policy === 'random' ? 2 : p.choices;
  const mean = meanOfTheory(loadOf(p), choices);
  const short = meanFromEmpty(loadOf(p), fromMs(p) / SERVICE_MS, endMs(p) / SERVICE_MS);
  return {
    question: asked(p) + `takes the least busy of ${choices} drawn, of very many?`,
    options: [
      `${tenths(alone(p))} as well: a few looks change nothing.`,
      `About ${tenths(mean)}.`,
      `About ${tenths((alone(p) + mean) / 2)}.`,
    ],
    answer: 1,
    because:
      'With one choice the share of backends with at least i requests falls like load to the ' +
      'power of i. With two choices a long queue grows only when both that are drawn are as ' +
      'long, so the exponents are 1, 3, 7, 15. ' +
      `At this load that makes ${tenths(alone(p))} service times for one choice, ` +
      `${tenths(meanOfTheory(loadOf(p), 2))} for two, ${tenths(meanOfTheory(loadOf(p), 3))} ` +
      'for three. (This run begins empty and is short: one choice gets to about ' +
      `${tenths(short)} in it.)`,
  };
}

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
    predict: p.policy === 'least-connections' ? ofAll(p) : ofSome(p),
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
      'The least busy of all is better still: of twenty backends at 90 % load it takes half the ' +
      'time of the less busy of two. But the balancer must look at every backend for every ' +
      'request, and several balancers that do so all choose the same one.',
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
    'busy of two for less than three, the least busy of all for one and a half.',
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
      about: 'The less busy of two: less than three service times, where one choice needs ten.',
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
