/**
 * Several balancers, each of which sees only what it sent itself: who all choose by the same rule
 * choose the same backend.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { ENVOY_BALANCERS, OLD_INFORMATION } from '../sources.ts';

const params = {
  balancers: field.count({
    about: 'Balancers in front of the same backends, each with its own view.',
    default: 20,
    min: 1,
    max: 20,
  }),
  policy: field.choice(['least-connections', 'round-robin', 'power-of-d', 'random'], {
    about: 'How each of them picks a backend.',
    default: 'least-connections',
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 10;
const SERVICE_MS = 10;
const BURST_EVERY_MS = 300;
const END_MS = 9_000;
/** About twenty, so that each balancer gets as many as the others. */
const perBalancer = (p: Params): number => Math.ceil(20 / p.balancers);
const burst = (p: Params): number => perBalancer(p) * p.balancers;
/** All balancers take the same turns: each backend of a turn gets one request from each of them. */
const perBackend = (p: Params): number => Math.ceil(perBalancer(p) / BACKENDS) * p.balancers;

const times = (p: Params): readonly number[] =>
  Array.from({ length: Math.floor(END_MS / BURST_EVERY_MS) - 1 }, (_, i) =>
    Array.from({ length: burst(p) }, () => (i + 1) * BURST_EVERY_MS),
  ).flat();

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    links: { target: 'balancer' },
    config: {
      arrivals: { kind: 'replay', timesMs: times(p) },
      call: { timeoutMs: 5_000 },
    },
  },
  {
    name: 'balancer',
    component: 'load-balancer',
    count: p.balancers,
    links: { backends: 'app' },
    config: { call: { timeoutMs: 5_000, balance: { policy: p.policy, withReplacement: false } } },
  },
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    config: {
      steps: [{ do: 'work', time: { kind: 'constant', ms: SERVICE_MS } }],
      admission: { concurrencyLimit: 1 },
    },
  },
];

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'the-same-choice',
    use: 'gauge',
    args: {
      group: 'app',
      member: 1,
      gauge: 'Queue',
      measure: 'max',
      atLeast: perBackend(p) - 1,
      atMost: perBackend(p) - 1,
    },
    about:
      `All balancers choose alike: a backend gets ${perBackend(p)} requests at once, of which ` +
      `${perBackend(p) - 1} wait.`,
  },
  {
    id: 'no-herd',
    use: 'gauge',
    args: { group: 'app', gauge: 'Queue', measure: 'max', atMost: 10 },
    about: 'At no backend do more than ten ever wait.',
  },
  {
    id: 'tail',
    use: 'slo',
    args: { metric: 'p95-ms', atMost: 90 },
    about: 'Nineteen of twenty requests take at most 90 ms.',
  },
  {
    id: 'fair-in-the-long-run',
    use: 'gauge',
    args: { group: 'app', gauge: 'Taken in', measure: 'total', across: 'imbalance', atMost: 1.6 },
    about: 'Over the whole run no backend gets much more than its share: a mean does not show it.',
  },
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Many balancers',
    at: { ms: 100 },
    text:
      `${p.balancers} balancers stand in front of ${BACKENDS} backends. Each of them sends a ` +
      'request to the backend with the fewest requests under way: the fewest of its own, because ' +
      'it does not see those of the others.',
    focus: ['balancer', 'app'],
  },
  {
    title: 'A burst',
    at: { ms: BURST_EVERY_MS },
    text:
      `Every ${BURST_EVERY_MS} ms ${burst(p)} requests come at once, as when a timer fires on ` +
      `many phones: ${perBalancer(p)} for each balancer. Ten idle backends wait for them.`,
    focus: ['client', 'balancer'],
    predict: {
      question:
        `${burst(p)} requests, ${BACKENDS} idle backends. How many requests does ` +
        'the busiest get?',
      options: [
        'Two: that is what least connections is for.',
        'Four or five: chance.',
        `${perBackend(p)}.`,
      ],
      answer: 2,
      because:
        'To each balancer all backends look idle, and a tie is settled by a turn. All balancers ' +
        'started together and have taken the same turns ever since, so they make the same ' +
        'choice at the same time. A better rule does not help those who do not see one another: ' +
        'only chance makes them choose differently.',
    },
    check: 'the-same-choice',
  },
  {
    title: 'One after the other',
    at: { ms: BURST_EVERY_MS + 100 },
    text:
      'One backend works through the queue, the others are idle. With the next burst it is the ' +
      'turn of the next backend, so the shares of the whole run are perfectly even.',
    focus: ['app'],
    check: 'fair-in-the-long-run',
  },
  {
    title: 'A little chance',
    at: { ms: END_MS - 500 },
    text:
      'Draw two backends and take the less busy one: each balancer draws another pair, and the ' +
      'herd is gone. This is why balancers that are many choose at random.',
    focus: ['balancer', 'app'],
    check: 'tail',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Balancers that see only themselves',
  summary: 'Many balancers with views of their own, and bursts of requests.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.3 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const alike = { 'no-herd': { breaks: {} }, tail: { breaks: {} } } as const;

export default defineScenario({
  id: 'load-balancing/stale-views',
  title: 'Balancers that see only themselves',
  summary:
    'Twenty balancers with least connections and the same view of idle backends all choose the ' +
    'same one. Two random choices break the lockstep.',
  tier: 'calm',
  sources: [OLD_INFORMATION, ENVOY_BALANCERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Twenty balancers, least connections: twenty requests at one backend, nine are idle.',
      expect: alike,
    },
    {
      name: 'round-robin',
      about: 'Twenty round robins that began together: the same.',
      params: { policy: 'round-robin' },
      expect: alike,
    },
    {
      name: 'two-choices',
      about: 'Each draws two backends of its own: the requests spread as chance has it.',
      params: { policy: 'power-of-d' },
      expect: { 'the-same-choice': { breaks: {} } },
    },
    {
      name: 'one-balancer',
      about: 'One balancer sees all requests, and gives each backend two.',
      params: { balancers: 1 },
    },
  ],
  thingsToTry: [
    'Take ten balancers: how many requests meet at one backend, and at how many backends?',
    'Crash one of the balancers for a second, by hand: does it come back into step?',
    'With two choices, take one balancer instead of twenty: what does its view save?',
  ],
  leavesOut: [
    'Balancers that begin their turns at a place of their own, as those of Envoy do.',
    'Views that are old because reports of load come late.',
  ],
});
