/**
 * Several balancers, each of which sees only what it sent itself: who all choose by the same rule
 * choose the same backend.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
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
  clientOf('balancer', {
    arrivals: { kind: 'replay', timesMs: times(p) },
    call: { timeoutMs: 5_000 },
  }),
  {
    name: 'balancer',
    component: 'load-balancer',
    count: p.balancers,
    links: { backends: 'app' },
    config: {
      call: {
        timeoutMs: 5_000,
        balance: {
          policy: p.policy,
          ...(p.policy === 'power-of-d' ? { withReplacement: false } : {}),
        },
      },
    },
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

const drawsLots = (p: Params): boolean => p.policy === 'power-of-d' || p.policy === 'random';
/** What each backend gets if nobody gets more than another. */
const even = (p: Params): number => Math.ceil(burst(p) / BACKENDS);
const isLockstep = (p: Params): boolean => !drawsLots(p) && perBackend(p) > even(p);

const RULES: { readonly [policy in Params['policy']]: string } = {
  'least-connections':
    'sends a request to the backend with the fewest under way, of its own: those of other ' +
    'balancers it does not see',
  'round-robin': 'sends its requests to the backends in turn, its own turn',
  'power-of-d': 'draws two backends and takes the one that has fewer of its own requests',
  random: 'sends a request to a backend drawn at random',
};

function because(p: Params): string {
  if (drawsLots(p)) {
    return (
      'Each draw is independent of all others, so the requests of a burst fall on the backends ' +
      'as chance has it: some get none, some get a few. Nothing makes all balancers choose alike.'
    );
  }
  return isLockstep(p)
    ? 'To each balancer all backends look idle, and a tie is settled by a turn. All balancers ' +
        'started together and have taken the same turns ever since, so they make the same ' +
        'choice at the same time. A better rule does not help those who do not see one another: ' +
        'only chance makes them choose differently.'
    : `A balancer gets ${perBalancer(p)} requests of each burst, enough to go round the backends ` +
        'by itself. That all balancers take the same turns does no harm then.';
}

function afterBurst(p: Params): Pick<StoryStep, 'title' | 'text'> {
  if (drawsLots(p)) {
    return {
      title: 'As chance has it',
      text: 'Some backends have a few requests to do, others none. Over many bursts it evens out.',
    };
  }
  return isLockstep(p)
    ? {
        title: 'One after the other',
        text:
          'Few backends have had all of the work, the others none. With the next burst it is the ' +
          'turn of the next ones, so the shares of the whole run are even.',
      }
    : {
        title: 'All at once',
        text: 'Every backend had its share, and all were done within a few hundredths of a second.',
      };
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: p.balancers > 1 ? 'Many balancers' : 'One balancer',
    at: { ms: 100 },
    text:
      `Balancers: ${p.balancers}, in front of ${BACKENDS} backends. Each ` + `${RULES[p.policy]}.`,
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
        `${even(p)}: its share, and no more.`,
        'Some more than that, and not the same in each burst: chance.',
        `${perBackend(p) > even(p) ? perBackend(p) : burst(p)}: all balancers choose alike.`,
      ],
      answer: drawsLots(p) ? 1 : isLockstep(p) ? 2 : 0,
      because: because(p),
    },
    check: 'the-same-choice',
  },
  {
    ...afterBurst(p),
    at: { ms: BURST_EVERY_MS + 100 },
    focus: ['app'],
    check: 'fair-in-the-long-run',
  },
  {
    title: 'A little chance',
    at: { ms: END_MS - 500 },
    text:
      'Where each of many balancers draws two backends and takes the less busy one, each draws ' +
      'another pair, and there is no herd. This is why balancers that are many choose at random. ' +
      'One that sees everything has no need to.',
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
