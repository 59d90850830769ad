/**
 * Twenty balancers before twenty backends: if everybody knows everybody there are 400 connections
 * and as many health checks in each interval. A subset for each balancer makes them few; how the
 * subsets are drawn decides whether the backends have equally much to do.
 *
 * Why the numbers are exact: in a round of floor(backends / size) balancers each backend is in one
 * subset, so with whole rounds all backends are used by equally many. Drawn by chance, as many as a
 * binomial distribution says: of 20 balancers, each with a quarter of the backends, 5 on average,
 * with a standard deviation of sqrt(20 x 1/4 x 3/4), nearly 2.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { SRE_SUBSETTING } from '../sources.ts';

const BACKENDS = 20;
const BALANCERS = 20;

const params = {
  subsets: field.choice(['none', 'rounds', 'chance'], {
    about:
      'Every balancer uses all backends, or a subset: dealt out in rounds, or drawn by chance.',
    default: 'none',
  }),
  size: field.count({
    about: 'Backends in a subset.',
    default: 5,
    min: 2,
    max: 10,
  }),
};
type Params = Static<TObject<typeof params>>;

const PER_SECOND = 400;
const WORK_MS = 30;
const INTER_MS = 1_000;
const FROM_MS = 1_000;
const CRASH_MS = 5_000;
const END_MS = 7_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'poisson', ratePerSecond: PER_SECOND },
    call: { timeoutMs: 4_000 },
  }),
  {
    name: 'balancer',
    component: 'load-balancer',
    count: BALANCERS,
    links: { backends: 'app' },
    config: {
      call: { timeoutMs: 3_000 },
      healthCheck: { enabled: true, interMs: INTER_MS, fall: 1, rise: 2 },
      ...(p.subsets === 'none' ? {} : { subsetSize: p.size }),
      ...(p.subsets === 'chance' ? { subsetBy: 'chance' } : {}),
    },
  },
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    config: { steps: [{ do: 'work', time: { kind: 'constant', ms: WORK_MS } }] },
  },
];

const sizeOf = (p: Params): number => (p.subsets === 'none' ? BACKENDS : p.size);
const checksPerSecond = (p: Params): number => (BALANCERS * sizeOf(p) * 1_000) / INTER_MS;
const usersOfOne = (p: Params): number => (BALANCERS * sizeOf(p)) / BACKENDS;
/** Whole rounds with nobody left over. */
const isWhole = (p: Params): boolean =>
  p.subsets !== 'chance' && BACKENDS % sizeOf(p) === 0 && BALANCERS % (BACKENDS / sizeOf(p)) === 0;

const before = { fromMs: FROM_MS, untilMs: CRASH_MS } as const;
const taken = { group: 'app', gauge: 'Taken in', measure: 'total', ...before } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'few-checks',
    use: 'gauge',
    args: {
      group: 'balancer',
      gauge: 'Health checks',
      measure: 'per-second',
      across: 'sum',
      atMost: (BALANCERS * 10 * 1_000) / INTER_MS,
      ...before,
    },
    about: 'All balancers together send at most 200 health checks a second.',
  },
  {
    id: 'checks-as-computed',
    use: 'gauge',
    args: {
      group: 'balancer',
      gauge: 'Health checks',
      measure: 'per-second',
      across: 'sum',
      atLeast: 0.95 * checksPerSecond(p),
      atMost: 1.05 * checksPerSecond(p),
      ...before,
    },
    about: `${BALANCERS} balancers, ${sizeOf(p)} backends each: ${checksPerSecond(p)} a second.`,
  },
  {
    id: 'even',
    use: 'gauge',
    args: { ...taken, across: 'imbalance', atMost: 1.3 },
    about: 'No backend gets 30 % more than the mean.',
  },
  {
    id: 'the-crash-bites',
    use: 'fact-count',
    args: {
      fact: 'balancer.backend-down',
      atLeast: p.subsets === 'chance' ? 1 : Math.floor(usersOfOne(p)) - (isWhole(p) ? 0 : 2),
      atMost: p.subsets === 'chance' ? BALANCERS : Math.ceil(usersOfOne(p)) + (isWhole(p) ? 0 : 2),
      fromMs: CRASH_MS,
    },
    about: 'Every balancer that uses app1 notices that it is gone.',
  },
];
const HOW: { readonly [subsets in Params['subsets']]: (p: Params) => string } = {
  none: () => `Every balancer uses all ${BACKENDS} backends.`,
  rounds: (p) =>
    `Each balancer uses ${p.size} backends. They are shuffled for a round of ` +
    `${Math.floor(BACKENDS / p.size)} balancers and dealt out; the next round shuffles anew.`,
  chance: (p) => `Each balancer draws ${p.size} of the ${BACKENDS} backends for itself.`,
};

const OPTIONS = [
  'Equally much: as many balancers use each of them.',
  'Some half as much again as others, or more.',
] as const;

function why(p: Params): string {
  switch (p.subsets) {
    case 'none':
      return (
        'Each balancer sends a twentieth of its requests to each backend. What is even for each ' +
        'of them is even for all; the price is that everybody must know everybody.'
      );
    case 'rounds':
      return (
        `In a round of ${Math.floor(BACKENDS / p.size)} balancers no backend is dealt out twice, ` +
        `so each of them is used by about ${usersOfOne(p)} balancers. Where the size does not ` +
        'divide the backends, a few are left over in each round, others the next time.'
      );
    default:
      return (
        `A backend is in ${usersOfOne(p)} subsets on average, but in which ones is chance: two ` +
        'more or fewer are common, and that is a third of its load. Round robin within a subset ' +
        'cannot mend it, for no balancer sees more than its own.'
      );
  }
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Who knows whom',
    at: { ms: FROM_MS },
    text:
      `${BALANCERS} balancers, ${BACKENDS} backends. ${HOW[p.subsets](p)} That makes ` +
      `${BALANCERS * sizeOf(p)} connections, and ${checksPerSecond(p)} health checks a second ` +
      `beside ${PER_SECOND} requests.`,
    focus: ['balancer', 'app'],
    check: 'checks-as-computed',
  },
  {
    title: 'Who has how much to do',
    at: { ms: FROM_MS + 1_000 },
    text:
      'Requests come to all balancers alike, and each of them goes round among the backends that ' +
      'it uses.',
    focus: ['app'],
    predict: {
      question: 'How much does each backend get?',
      options: [...OPTIONS],
      answer: p.subsets === 'chance' ? 1 : 0,
      because: why(p),
    },
    check: 'even',
  },
  {
    title: 'Who notices',
    at: { ms: CRASH_MS },
    text:
      'app1 crashes. ' +
      (p.subsets === 'none'
        ? 'All balancers have to find out, and each loses a twentieth of its backends.'
        : 'Only those that use it have to find out; but each of them loses one of ' +
          `${p.size}, and the rest of its small subset bears it. That is the price: a subset ` +
          'must be large enough to lose a member or two.'),
    focus: ['app1', 'balancer'],
    check: 'the-crash-bites',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Subsetting',
  summary: 'Twenty balancers and twenty backends: who uses whom?',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [{ id: 'crash', fault: { type: 'crash', target: 'app1' }, atMs: CRASH_MS }],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/subsetting',
  title: 'Subsetting',
  summary:
    'Everybody knowing everybody costs 400 health checks a second for 400 requests. Subsets of ' +
    'five make it 100; dealt out in rounds they stay even, drawn by chance they do not.',
  tier: 'hostile',
  sources: [SRE_SUBSETTING],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'All use all: even, and as many health checks as requests.',
      expect: { 'few-checks': { breaks: {} } },
    },
    {
      name: 'rounds',
      about: 'Subsets of five, dealt out in rounds: each backend is used by exactly five.',
      params: { subsets: 'rounds' },
    },
    {
      name: 'chance',
      about: 'Subsets of five, drawn by chance: as few checks, and some get far more than others.',
      params: { subsets: 'chance' },
      expect: { even: { breaks: {} } },
    },
    {
      name: 'left-over',
      about: 'Subsets of six: two backends are left over in each round, others the next time.',
      params: { subsets: 'rounds', size: 6 },
    },
  ],
  thingsToTry: [
    'Subsets of two, and two crashes by hand: who is left without any backend?',
    'Draw ten by chance: how much more even is it than five?',
    'Let the subsets have six: which backends are used by more balancers than others?',
  ],
  leavesOut: [
    'Connections themselves: their memory, and the packets that keep them open.',
    'Balancers that differ in load: rounds make users equal in number, not in what they send.',
    'What moves when balancers or backends come and go (Google’s newer subsetting moves less).',
  ],
});
