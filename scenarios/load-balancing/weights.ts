/**
 * One large backend among small ones: the same shares, in bursts or evenly spread.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
import { LVS_WEIGHTED, NGINX_SMOOTH } from '../sources.ts';

const POLICIES = [
  'weighted-round-robin',
  'smooth-weighted-round-robin',
  'weighted-random',
  'round-robin',
] as const;

const params = {
  policy: field.choice(POLICIES, {
    about: 'How the balancer uses the weights.',
    default: 'weighted-round-robin',
  }),
  weight: field.count({
    about: 'So many times as fast is the large backend, and so much it weighs; the small weigh 1.',
    default: 10,
    min: 6,
    max: 16,
  }),
};
type Params = Static<TObject<typeof params>>;

const SMALL = 8;
const SERVICE_MS = 8;
const UTILISATION = 0.8;
const FROM_MS = 1_000;
const END_MS = 12_000;

const weights = (p: Params): readonly number[] => [
  p.weight,
  ...Array.from({ length: SMALL }, () => 1),
];
const share = (p: Params): number => p.weight / (p.weight + SMALL);
const ratePerSecond = (p: Params): number => (UTILISATION * 1_000) / SERVICE_MS / share(p);
/** Turns are exact but for the last round; chance is not. */
const slack = (p: Params): number => (p.policy === 'weighted-random' ? 0.08 : 0.005);
const percent = (part: number): number => Math.round(part * 1_000) / 10;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'constant', ratePerSecond: ratePerSecond(p) },
    call: { timeoutMs: 60_000 },
  }),
  balancerOf({
    call: {
      timeoutMs: 60_000,
      balance: {
        policy: p.policy,
        // Plain turns would not look at them.
        ...(p.policy === 'round-robin' ? {} : { weights: weights(p) }),
      },
    },
  }),
  {
    name: 'app',
    component: 'service',
    count: 1 + SMALL,
    config: {
      steps: [{ do: 'work', time: { kind: 'constant', ms: SERVICE_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: 10_000 },
    },
  },
];

const large = { group: 'app', member: 1, fromMs: FROM_MS } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'share-of-the-weight',
    use: 'gauge',
    args: {
      ...large,
      gauge: 'Taken in',
      measure: 'total',
      across: 'part',
      atLeast: share(p) - slack(p),
      atMost: share(p) + slack(p),
    },
    about: `The large one gets its ${percent(share(p))} % of the requests.`,
  },
  {
    id: 'no-bursts',
    use: 'gauge',
    args: { ...large, gauge: 'Queue', measure: 'max', atMost: 1 },
    about: 'At the large one never more than one request waits: its requests come evenly.',
  },
  {
    id: 'median',
    use: 'slo',
    args: { metric: 'p50-ms', atMost: 14, fromMs: FROM_MS },
    about: 'Half of the requests take at most 14 ms.',
  },
  {
    id: 'nobody-drowns',
    use: 'gauge',
    args: { group: 'app', gauge: 'Queue', measure: 'max', atMost: 40 },
    about: 'Nobody gets more than it can do.',
  },
];

type Turns = {
  readonly rule: string;
  readonly answer: number;
  readonly because: string;
  readonly watch: string;
};

const turns = (p: Params): Turns =>
  ({
    'weighted-round-robin': {
      rule:
        `In each round of ${p.weight + SMALL} requests app1 gets ${p.weight}, and each of the ` +
        'others one; the heaviest begins.',
      answer: 1,
      because:
        `Plain turns give the heaviest its turns first, one after the other: about ${p.weight} ` +
        'requests in a row for app1, faster than it can work, and then none while the small ones ' +
        'have theirs. Right on average over a round is wrong within it. Smooth turns put the ' +
        'small ones between those of the large one, with the same shares.',
      watch:
        'Watch the queue of app1: it fills in the first half of each round and is empty in the ' +
        'second. The small ones get one request at a time and never have a queue.',
    },
    'smooth-weighted-round-robin': {
      rule:
        `In each round of ${p.weight + SMALL} requests app1 gets ${p.weight}, and each of the ` +
        'others one; those of app1 are spread over the round.',
      answer: 0,
      because:
        'Smooth turns put the small ones between those of the large one. Each backend gets its ' +
        'next request about when it has done the last: eighty per cent busy, and no line.',
      watch: 'Watch the queue of app1: hardly ever does anybody wait, and never more than one.',
    },
    'weighted-random': {
      rule:
        `Each request goes to app1 with ${p.weight} chances of ${p.weight + SMALL}, and to each ` +
        'of the others with one.',
      answer: 3,
      because:
        'Chance gives the right shares in the long run and bursts in the short run, to each ' +
        'backend: eighty per cent busy, a queue forms whenever some requests in a row happen to ' +
        'go to the same one.',
      watch: 'Watch the queues: they come and go at app1, and at the small ones as well.',
    },
    'round-robin': {
      rule: `Each of the nine gets one request of nine, whatever it weighs.`,
      answer: 2,
      because:
        'Equal shares are far too much for the small ones, so their queues grow for as long as ' +
        'the run lasts, while the large one has hardly anything to do. Its share is what the ' +
        'weights are for.',
      watch: 'Watch the queues of the small ones: they only grow. The large one is nearly idle.',
    },
  })[p.policy];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'One large, eight small',
    at: { ms: 500 },
    text:
      `app1 is ${p.weight} times as fast as each of the others, and weighs ${p.weight} times as ` +
      'much. With shares by weight all of them are busy four fifths of their time.',
    focus: ['app1', 'app'],
    check: 'nobody-drowns',
  },
  {
    title: 'Whose turn it is',
    at: { ms: FROM_MS },
    text: `${turns(p).rule} Requests come at even gaps, and each costs the same.`,
    focus: ['balancer'],
    predict: {
      question:
        `${turns(p).rule} The large one and the small ones together have time enough. ` +
        'Who waits?',
      options: [
        'Nobody, or hardly anybody.',
        'The requests of the large one, though it has time enough.',
        'The requests of the small ones.',
        'Requests of the large one and of the small ones.',
      ],
      answer: turns(p).answer,
      because: turns(p).because,
    },
    check: 'share-of-the-weight',
  },
  {
    title: 'Up and down',
    at: { ms: 5_000 },
    text: turns(p).watch,
    focus: ['app1'],
    check: 'no-bursts',
  },
  {
    title: 'The same work, spread',
    at: { ms: END_MS - 1_000 },
    text:
      'Five lines in nginx made the turns smooth: each gains its weight, the highest is ' +
      'taken and ' +
      'pays for all. By chance, in proportion to the weights, is no substitute: chance makes ' +
      'bursts of its own.',
    focus: ['balancer', 'app1'],
    check: 'median',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Weights',
  summary: 'One large backend among small ones, by plain turns, smooth turns and chance.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.2 } },
  groups: groups(p),
  faults: [
    {
      id: 'small',
      fault: { type: 'slow-cpu', target: { except: 'app1', from: 'app' }, factor: p.weight },
      atMs: 0,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/weights',
  title: 'Weights',
  summary:
    'Plain weighted turns give a large backend its share in bursts, smooth ones evenly: the same ' +
    'shares, and half the wait is gone.',
  tier: 'calm',
  sources: [NGINX_SMOOTH, LVS_WEIGHTED],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Plain weighted turns: the right shares, in bursts.',
      expect: { 'no-bursts': { breaks: {} }, median: { breaks: {} } },
    },
    {
      name: 'smooth',
      about: 'Smooth weighted turns, as in nginx: the same shares, and hardly anybody waits.',
      params: { policy: 'smooth-weighted-round-robin' },
    },
    {
      name: 'weighted-random',
      about:
        'By chance, in proportion to the weights: the shares are near, and the bursts are back.',
      params: { policy: 'weighted-random' },
      expect: { 'no-bursts': { breaks: {} }, median: { breaks: {} } },
    },
    {
      name: 'no-weights',
      about: 'Turns without weights: small backends get as much as the large one, and drown.',
      params: { policy: 'round-robin' },
      expect: {
        'share-of-the-weight': { breaks: {} },
        median: { breaks: {} },
        'nobody-drowns': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Make the large one 16 times as fast: how long is the burst, and how long does it wait?',
    'With smooth turns, pause app1 by hand for a second: who takes its turns?',
    'Is chance better with a larger weight or a smaller one?',
  ],
  leavesOut: [
    'Weights that are wrong: here they say exactly how fast each one is.',
    'Requests that cost more or less, and come when they like: chance blurs the turns.',
  ],
});
