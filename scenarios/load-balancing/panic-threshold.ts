/**
 * Most backends look unhealthy: to send everything to the last one that does not is the worst plan.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
import { ENVOY_PANIC, SRE_CASCADING } from '../sources.ts';

const params = {
  panicThresholdPercent: field.count({
    about: 'With a smaller share of healthy backends all get requests; 0: never.',
    default: 0,
    min: 0,
    max: 60,
    source: 'Envoy healthy_panic_threshold: 50',
  }),
  unhealthy: field.count({
    about: 'Backends, of five, whose health checks get no answer for a while.',
    default: 4,
    min: 1,
    max: 4,
  }),
  gone: field.flag({
    about: 'Those backends have crashed, instead of only answering late.',
    default: false,
  }),
  ratePerSecond: field.count({
    about: 'Requests a second; each backend can do a hundred.',
    default: 200,
    min: 50,
    max: 250,
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 5;
const SERVICE_MS = 10;
const INTER_MS = 500;
const CUT_MS = 3_000;
const CUT_FOR_MS = 6_000;
const CHECK_TIMEOUT_MS = 400;
/** Later than checks wait, sooner than requests do. */
const LATE_MS = 450;
/** Two failed checks have taken all of them down by now. */
const DOWN_MS = CUT_MS + 2 * INTER_MS + CHECK_TIMEOUT_MS + 200;
const MENDED_MS = CUT_MS + CUT_FOR_MS;
const END_MS = 16_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('balancer', {
    arrivals: { kind: 'poisson', ratePerSecond: p.ratePerSecond },
    call: { timeoutMs: 1_000 },
  }),
  balancerOf({
    call: { timeoutMs: 1_000 },
    healthCheck: {
      enabled: true,
      interMs: INTER_MS,
      rise: 2,
      fall: 2,
      timeoutMs: CHECK_TIMEOUT_MS,
    },
    panicThresholdPercent: p.panicThresholdPercent,
  }),
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    config: {
      steps: [{ do: 'work', time: { kind: 'exponential', meanMs: SERVICE_MS } }],
      admission: { concurrencyLimit: 1, maxQueue: 200 },
    },
  },
];

const whileDown = { fromMs: DOWN_MS, untilMs: MENDED_MS } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'the-fault-bites',
    use: 'fact-count',
    args: {
      fact: 'balancer.backend-down',
      atLeast: p.unhealthy,
      atMost: p.unhealthy,
      fromMs: CUT_MS,
      untilMs: DOWN_MS,
    },
    about:
      `The checks of ${plural(p.unhealthy, 'backend')} fail, and ` +
      `${p.unhealthy === 1 ? 'it is' : 'they are'} taken down.`,
  },
  {
    id: 'answered',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.95, ...whileDown },
    about: 'While they look unhealthy nearly all requests are answered.',
  },
  {
    id: 'nobody-is-crushed',
    use: 'gauge',
    args: { group: 'app', gauge: 'Queue', measure: 'max', atMost: 60, ...whileDown },
    about: 'No backend gets more than it can do.',
  },
  {
    id: 'all-get-requests',
    use: 'gauge',
    args: {
      group: 'app',
      gauge: 'Taken in',
      measure: 'total',
      across: 'imbalance',
      atMost: 1.4,
      ...whileDown,
    },
    about: 'All five share the requests, healthy or not.',
  },
  {
    id: 'well-in-the-end',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.98, fromMs: MENDED_MS + 5_000 },
    about: 'When the checks succeed again everything is as before.',
  },
];

type End = 'served' | 'late' | 'crushed' | 'void';

const ENDS: readonly End[] = ['served', 'late', 'crushed', 'void'];
const healthy = (p: Params): number => BACKENDS - p.unhealthy;
const healthyCan = (p: Params): number => (healthy(p) * 1_000) / SERVICE_MS;
const panics = (p: Params): boolean => (100 * healthy(p)) / BACKENDS < p.panicThresholdPercent;

function endOf(p: Params): End {
  if (panics(p)) return p.gone ? 'void' : 'late';
  return p.ratePerSecond > healthyCan(p) ? 'crushed' : 'served';
}

const because = (p: Params): string =>
  ({
    served:
      `The healthy ones can do ${healthyCan(p)} requests a second, and ${p.ratePerSecond} come. ` +
      'Here believing the checks is right: panic would send requests to backends that answer ' +
      'late, or never.',
    late:
      'Answers come later than a check waits and sooner than a request does, so the checks are ' +
      'wrong about these backends. When most checks fail at once that is more likely than that ' +
      `most backends fail, so below ${p.panicThresholdPercent} % the balancer stops ` +
      'believing them.',
    crushed:
      `The healthy ones can do ${healthyCan(p)} requests a second and get all ` +
      `${p.ratePerSecond}. Their queues outgrow every timeout, so that hardly anybody is ` +
      'answered. When most checks fail at once the checks are more likely wrong than the ' +
      'backends, so Envoy stops believing them below a threshold of fifty per cent: panic.',
    void:
      'Panic bets that the checks are wrong, and here they are right: ' +
      `${p.unhealthy} of ${BACKENDS} requests go to a backend that is gone, and wait for nothing.`,
  })[endOf(p)];

const whoGets = (p: Params): string =>
  panics(p)
    ? `That is less than ${p.panicThresholdPercent} %, so it panics: all five get requests again.`
    : 'It believes its checks and sends everything to those.';

const WHILE: { readonly [end in End]: string } = {
  served: 'Those that are left get everything, and have time enough for it.',
  late: 'The balancer panics: all get requests again. Some answers are late, but they come.',
  crushed: 'Those that are left get everything. They are not slow, they are drowned.',
  void: 'The balancer panics: all get requests again, and most requests are never answered.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Five backends',
    at: { ms: 1_000 },
    text:
      'Five backends can do a hundred requests a second each, and are asked for ' +
      `${p.ratePerSecond} ` +
      'together. The balancer checks each of them twice a second.',
    focus: ['balancer', 'app'],
  },
  {
    title: `${p.unhealthy} of five ${p.gone ? 'gone' : 'look unhealthy'}`,
    at: { ms: CUT_MS },
    text: p.gone
      ? `${p.unhealthy} of five crash. Their checks get no answer, and their requests neither.`
      : `The answers of ${p.unhealthy} of five take ${LATE_MS} ms longer now, and a check waits ` +
        `only ${CHECK_TIMEOUT_MS} ms. Requests would wait a second: they would still be answered.`,
    focus: ['app'],
    check: 'the-fault-bites',
    predict: {
      question:
        `Soon the balancer holds ${healthy(p)} of five for healthy. ${whoGets(p)} ` +
        'What do clients see then?',
      options: [
        'Nearly all are answered, and quickly.',
        'Nearly all are answered, many of them late.',
        'Many are not answered: the healthy ones cannot do it all.',
        'Many are not answered: their requests go to backends that are gone.',
      ],
      answer: ENDS.indexOf(endOf(p)),
      because: because(p),
    },
  },
  {
    title: panics(p) ? 'Panic' : 'Those that are left',
    at: { ms: DOWN_MS },
    text: WHILE[endOf(p)],
    focus: ['app5', 'balancer'],
    check: 'nobody-is-crushed',
  },
  {
    title: 'As before',
    at: { ms: MENDED_MS },
    text:
      (p.gone ? 'They are back' : 'The delay is over') +
      ', checks succeed, and soon all five take their share.' +
      (endOf(p) === 'crushed' ? ' The queues of the others have to be worked off first.' : ''),
    focus: ['app'],
    check: 'answered',
  },
];

const plan = (p: Params): Plan => ({
  title: 'The panic threshold',
  summary: 'Most backends look unhealthy, and the balancer believes its checks, or does not.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.4 } },
  groups: groups(p),
  faults: [
    {
      id: 'unwell',
      fault: p.gone
        ? { type: 'crash', target: { first: p.unhealthy, of: 'app' } }
        : {
            type: 'latency',
            from: { first: p.unhealthy, of: 'app' },
            to: 'balancer',
            extra: { kind: 'constant', ms: LATE_MS },
          },
      atMs: CUT_MS,
      forMs: CUT_FOR_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/panic-threshold',
  title: 'The panic threshold',
  summary:
    'Four of five backends fail their checks although they still answer. To believe the checks ' +
    'drowns the fifth; to ignore them when most fail keeps the service up.',
  tier: 'hostile',
  sources: [ENVOY_PANIC, SRE_CASCADING],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'No panic: the last healthy backend gets twice what it can do.',
      expect: {
        answered: { breaks: {} },
        'nobody-is-crushed': { breaks: {} },
        'all-get-requests': { breaks: {} },
      },
    },
    {
      name: 'panic',
      about: 'Below 50 % healthy all get requests: late answers, but answers.',
      params: { panicThresholdPercent: 50 },
    },
    {
      name: 'one-is-enough',
      about: 'At 60 requests a second the last one can do all of it, and panic would only delay.',
      params: { ratePerSecond: 60 },
      expect: { 'all-get-requests': { breaks: {} } },
    },
    {
      name: 'panic-when-they-are-gone',
      about: 'If they have really crashed, panic sends four of five requests into the void.',
      params: { panicThresholdPercent: 50, ratePerSecond: 60, gone: true },
      expect: { answered: { breaks: {} }, 'all-get-requests': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Two of five unhealthy, no panic: three can do it. From how many on does panic pay?',
    'Let them be gone at 200 requests a second, with panic and without: which is worse?',
    'With panic, pause app5 by hand while the others are late: who notices?',
  ],
  leavesOut: [
    'The checks of a drowned backend, which would fail as well: here a check costs no work.',
    'Retries, which make the load on the last one worse.',
  ],
});
