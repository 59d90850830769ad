/**
 * One of ten backends is five times slower than the others: who sends it how much?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { ENVOY_BALANCERS, FINAGLE_BALANCERS, POWER_OF_TWO } from '../sources.ts';

const POLICIES = [
  'round-robin',
  'random',
  'least-connections',
  'power-of-d',
  'least-response-time',
] as const;

const params = {
  policy: field.choice(POLICIES, {
    about: 'How the balancer picks a backend.',
    default: 'round-robin',
  }),
  slowFactor: field.count({
    about: 'So many times slower is one of the backends.',
    default: 5,
    min: 1,
    max: 10,
  }),
  ratePerSecond: field.count({
    about: 'Requests a second; ten well backends can do a thousand.',
    default: 400,
    min: 50,
    max: 500,
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 10;
const SERVICE_MS = 10;
/** What the slow one can do, as a share of all requests. */
const slowCapacity = (p: Params): number => 1_000 / SERVICE_MS / p.slowFactor / p.ratePerSecond;
/** The queue of the slow one has grown by now, if it grows. */
const FROM_MS = 1_000;
const END_MS = 10_000;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    links: { target: 'balancer' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: p.ratePerSecond },
      call: { timeoutMs: 60_000 },
    },
  },
  {
    name: 'balancer',
    component: 'load-balancer',
    count: 1,
    links: { backends: 'app' },
    config: { call: { timeoutMs: 60_000, balance: { policy: p.policy } } },
  },
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    config: {
      steps: [{ do: 'work', time: { kind: 'exponential', meanMs: SERVICE_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: 10_000 },
    },
  },
];

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'others-have-room',
    use: 'gauge',
    args: { group: 'app', member: 2, gauge: 'Utilisation', atMost: 0.75, fromMs: FROM_MS },
    about: 'A backend that is well has room all the time: capacity is not what lacks.',
  },
  {
    id: 'slow-one-gets-no-more-than-it-can',
    use: 'gauge',
    args: {
      group: 'balancer',
      gauge: 'Under way',
      measure: 'max',
      atMost: 60,
      fromMs: FROM_MS,
    },
    about: 'No queue grows without end: the slow backend gets no more than it can do.',
  },
  {
    id: 'slow-one-gets-less',
    use: 'gauge',
    args: {
      group: 'app',
      member: 1,
      gauge: 'Taken in',
      measure: 'total',
      across: 'part',
      atMost: 0.075,
      fromMs: FROM_MS,
    },
    about:
      'Of ten backends the slow one gets clearly less than a tenth of the requests; it can do ' +
      `${Math.round(slowCapacity(p) * 1_000) / 10} % of them.`,
  },
  {
    id: 'tail',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 300, fromMs: FROM_MS },
    about: 'The slowest request of a hundred takes at most 300 ms.',
  },
  {
    id: 'everybody-else-is-fast',
    use: 'slo',
    args: { metric: 'p50-ms', atMost: 20, fromMs: FROM_MS },
    about: 'The median hides all of it: half of the requests take at most 20 ms, in any case.',
  },
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Ten backends, one of them slow',
    at: { ms: 500 },
    text:
      `Each backend needs ten milliseconds for a request, but app1 needs ${p.slowFactor} ` +
      'times as ' +
      'long: an old disk, a noisy neighbour. It answers its health checks and makes no errors.',
    focus: ['app1'],
    check: 'others-have-room',
  },
  {
    title: 'Fair shares',
    at: { ms: 2_000 },
    text:
      'Round robin gives each backend a tenth of the requests, whatever becomes of them. That is ' +
      `${p.ratePerSecond / BACKENDS} a second for a backend that can do ` +
      `${Math.round(1_000 / SERVICE_MS / p.slowFactor)}.`,
    focus: ['balancer', 'app1'],
    predict: {
      question: 'Only a tenth of the requests go to the slow one. What do users see?',
      options: [
        'The mean gets a little worse, the tail too: five times ten is fifty milliseconds.',
        'One request of ten waits longer and longer: seconds, at the end of the run.',
        'All requests get slower, because the balancer waits for the slow one.',
      ],
      answer: 1,
      because:
        'The slow backend gets twice what it can do, so its queue grows by twenty requests every ' +
        'second and never shrinks. Service five times slower does not mean waiting five times ' +
        'longer: beyond its capacity a queue has no length at which it stops. The median does ' +
        'not show it, the 99th percentile does.',
    },
    check: 'tail',
  },
  {
    title: 'A queue without end',
    at: { ms: 6_000 },
    text:
      'Nine backends are bored, one drowns. The balancer could know: it sees how many of its ' +
      'requests each backend still has. Least connections, two choices and peak EWMA look at ' +
      'that, and the slow one gets only what it finishes.',
    focus: ['app1', 'app2'],
    check: 'slow-one-gets-no-more-than-it-can',
  },
  {
    title: 'The median saw nothing',
    at: { ms: 9_900 },
    text:
      'Half of the requests were answered as fast as ever. Whoever watches means and medians ' +
      'finds out from the telephone.',
    focus: ['client'],
    check: 'everybody-else-is-fast',
  },
];

const plan = (p: Params): Plan => ({
  title: 'One slow backend',
  summary: 'One backend of ten is slow, and the balancer does or does not look at its load.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.4 } },
  groups: groups(p),
  faults: [
    {
      id: 'slow',
      fault: { type: 'slow-cpu', target: 'app1', factor: p.slowFactor },
      atMs: 0,
    },
  ],
  checks: checks(p),
  story: story(p),
});

const drowns = {
  'slow-one-gets-no-more-than-it-can': { breaks: {} },
  'slow-one-gets-less': { breaks: {} },
  tail: { breaks: {} },
} as const;

export default defineScenario({
  id: 'load-balancing/one-slow-backend',
  title: 'One slow backend',
  summary:
    'One of ten backends is five times slower. Round robin drowns it, the median hides it, and ' +
    'every policy that looks at the load avoids it.',
  tier: 'hostile',
  sources: [ENVOY_BALANCERS, FINAGLE_BALANCERS, POWER_OF_TWO],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Round robin: everybody gets the same, whether it can or not.',
      expect: drowns,
    },
    {
      name: 'random',
      about: 'At random: the same shares on average, and the same end.',
      params: { policy: 'random' },
      expect: drowns,
    },
    {
      name: 'least-connections',
      about: 'The fewest requests under way: the slow one gets what it finishes.',
      params: { policy: 'least-connections' },
    },
    {
      name: 'two-choices',
      about: 'The less busy of two at random: nearly as good, and it looks at two only.',
      params: { policy: 'power-of-d' },
    },
    {
      name: 'peak-ewma',
      about: 'Latency times load: one slow answer is enough to be avoided.',
      params: { policy: 'least-response-time' },
    },
    {
      name: 'not-slow',
      about: 'Without a slow backend round robin does very well.',
      params: { slowFactor: 1 },
      expect: { 'slow-one-gets-less': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Lower the rate to 150 a second: round robin survives. What does the tail look like now?',
    'Compare the 99th percentile of least connections and peak EWMA, and the shares of app1.',
    'Make app2 slow as well, by hand, in the middle of a run with two choices.',
  ],
  leavesOut: [
    'Timeouts and retries: here everybody waits, so that the queues can be seen.',
    'Outlier detection: a slow backend that makes no errors is none.',
  ],
});
