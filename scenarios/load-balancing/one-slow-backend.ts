/**
 * One of ten backends is five times slower than the others: who sends it how much?
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
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
  clientOf('balancer', {
    arrivals: { kind: 'poisson', ratePerSecond: p.ratePerSecond },
    call: { timeoutMs: 60_000 },
  }),
  balancerOf({ call: { timeoutMs: 60_000, balance: { policy: p.policy } } }),
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

const isBlind = (p: Params): boolean => p.policy === 'round-robin' || p.policy === 'random';
const tenth = (p: Params): number => p.ratePerSecond / BACKENDS;
const canDo = (p: Params): number => Math.round(1_000 / SERVICE_MS / p.slowFactor);
const drownsIt = (p: Params): boolean => isBlind(p) && tenth(p) > canDo(p);

const RULES: { readonly [policy in Params['policy']]: string } = {
  'round-robin': 'Round robin gives each backend a tenth of the requests, whatever becomes of them',
  random: 'Each request goes to a backend drawn at random: a tenth each, on average',
  'least-connections': 'Each request goes to the backend with the fewest requests under way',
  'power-of-d': 'Two backends are drawn for each request, and the less busy of them gets it',
  'least-response-time': 'Each request goes where latency times requests under way is lowest',
};

function why(p: Params): string {
  if (drownsIt(p)) {
    return (
      `The slow backend gets ${tenth(p)} requests a second and can do ${canDo(p)}, so its queue ` +
      'grows every second and never shrinks. ' +
      `Service ${p.slowFactor} times slower does not mean waiting ${p.slowFactor} times longer: ` +
      'beyond its capacity a queue has no length at which it stops. The median does not show it, ' +
      'the 99th percentile does.'
    );
  }
  return isBlind(p)
    ? `app1 gets ${tenth(p)} requests a second and can do ${canDo(p)}. Below its capacity a ` +
        'queue comes and goes; it does not grow for ever.'
    : 'A slow backend has its requests for longer, so it looks busier than the others and is ' +
        'chosen less often: it gets what it finishes. Those few take longer; nothing piles up.';
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: p.slowFactor > 1 ? 'Ten backends, one of them slow' : 'Ten backends, none of them slow',
    at: { ms: 500 },
    text:
      p.slowFactor > 1
        ? `Each backend needs ten milliseconds for a request, but app1 needs ${p.slowFactor} ` +
          'times as long: an old disk, a noisy neighbour. It answers its health checks and makes ' +
          'no errors.'
        : 'Each backend needs ten milliseconds for a request on average, app1 like the others.',
    focus: ['app1'],
    check: 'others-have-room',
  },
  {
    title: 'Who gets how much',
    at: { ms: 2_000 },
    text: `${RULES[p.policy]}. A tenth is ${tenth(p)} a second, and app1 can do ${canDo(p)}.`,
    focus: ['balancer', 'app1'],
    predict: {
      question: `${RULES[p.policy]}. What do users see?`,
      options: [
        'Some requests take longer than others, but no queue grows without end.',
        'The requests sent to app1 wait longer and longer: seconds, at the end of the run.',
        'All requests get slower, because the balancer waits for the slowest.',
      ],
      answer: drownsIt(p) ? 1 : 0,
      because: why(p),
    },
    check: 'tail',
  },
  {
    title: drownsIt(p) ? 'A queue without end' : 'No queue without end',
    at: { ms: 6_000 },
    text: drownsIt(p)
      ? 'Nine backends are bored, one drowns. The balancer could know: it sees how many of its ' +
        'requests each backend still has. Least connections, two choices and peak EWMA look at ' +
        'that, and the slow one gets only what it finishes.'
      : 'Look at the queue of app1 and at those of the others, and at what each of them is sent. ' +
        (isBlind(p)
          ? 'This balancer does not look, and has no need to as long as everybody can do a tenth.'
          : 'The balancer needs no check for that: it counts what it has sent and not got back.'),
    focus: ['app1', 'app2'],
    check: 'slow-one-gets-no-more-than-it-can',
  },
  {
    title: drownsIt(p) ? 'The median saw nothing' : 'The median and the tail',
    at: { ms: 9_900 },
    text:
      'Half of the requests were answered as fast as ever. ' +
      (drownsIt(p)
        ? 'Whoever watches means and medians finds out from the telephone.'
        : 'What a backend is like that is slower than the others, the slowest hundredth shows.'),
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
