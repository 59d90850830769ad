/**
 * A backend that says it is well and fails every request: active checks do not see it, the requests
 * themselves do.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { ENVOY_OUTLIERS, HAPROXY_CHECKS } from '../sources.ts';

const params = {
  outliers: field.flag({
    about: 'Whether the balancer ejects backends whose requests fail.',
    default: false,
  }),
  consecutive5xx: field.count({
    about: 'So many failures in a row eject a backend.',
    default: 5,
    min: 1,
    max: 20,
    source: 'Envoy consecutive_5xx',
  }),
  maxEjectionPercent: field.count({
    about: 'So many per cent of the backends may be ejected at once; one always.',
    default: 10,
    min: 0,
    max: 100,
    source: 'Envoy max_ejection_percent',
  }),
  grey: field.count({
    about: 'Backends that lose their database.',
    default: 1,
    min: 1,
    max: 3,
  }),
};
type Params = Static<TObject<typeof params>>;

const BACKENDS = 5;
/** One request every ten milliseconds, in turn: each backend gets one every fifty. */
const RATE_PER_SECOND = 100;
const DATABASE_TIMEOUT_MS = 20;
const CUT_MS = 4_002;
const CUT_FOR_MS = 8_000;
const MENDED_MS = CUT_MS + CUT_FOR_MS;
const INTERVAL_MS = 1_000;
const BASE_EJECTION_MS = 3_000;
const END_MS = 20_000;
/** Failures are over, and the last ejection has ended. */
const SETTLED_MS = END_MS - 2_500;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    links: { target: 'balancer' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: RATE_PER_SECOND },
      call: { timeoutMs: 5_000 },
    },
  },
  {
    name: 'balancer',
    component: 'load-balancer',
    count: 1,
    links: { backends: 'app' },
    config: {
      healthCheck: { enabled: true, interMs: 500 },
      outlierDetection: {
        enabled: p.outliers,
        consecutive5xx: p.consecutive5xx,
        intervalMs: INTERVAL_MS,
        baseEjectionTimeMs: BASE_EJECTION_MS,
        maxEjectionPercent: p.maxEjectionPercent,
      },
    },
  },
  {
    name: 'app',
    component: 'service',
    count: BACKENDS,
    links: { database: 'db' },
    config: {
      steps: [{ do: 'call', to: 'database' }],
      upstreams: [{ to: 'database', timeoutMs: DATABASE_TIMEOUT_MS }],
    },
  },
  {
    name: 'db',
    component: 'service',
    count: 1,
    cores: 4,
    config: { steps: [{ do: 'work', time: { kind: 'uniform', minMs: 2, maxMs: 4 } }] },
  },
];

/** Each grey backend is ejected twice: for 3 to 4 s, and for 6 to 7 s, when the cut is over. */
const EJECTIONS = 2;
const price = (p: Params): number => p.consecutive5xx * EJECTIONS * p.grey;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, untilMs: CUT_MS },
    about: 'Before the cut every request is answered.',
  },
  {
    id: 'checks-see-nothing',
    use: 'fact-count',
    args: { fact: 'balancer.backend-down', atMost: 0 },
    about: 'The active checks are answered all the time: for them everybody is well.',
  },
  {
    id: 'few-errors',
    use: 'slo',
    args: { metric: 'error-count', atLeast: price(p), atMost: price(p) },
    about:
      `Exactly ${price(p)} requests fail: ${p.consecutive5xx} until a backend is ejected, and as ` +
      'many once more, because it comes back too soon once.',
  },
  {
    id: 'ejected',
    use: 'fact-count',
    args: {
      fact: 'balancer.ejected',
      atLeast: p.grey,
      fromMs: CUT_MS,
      untilMs: CUT_MS + 300 + p.consecutive5xx * 50 * 2,
    },
    about: 'Each grey backend is ejected as soon as enough of its requests have failed in a row.',
  },
  {
    id: 'comes-back',
    use: 'gauge',
    args: {
      group: 'balancer',
      gauge: 'Unhealthy backends',
      measure: 'max',
      atMost: 0,
      fromMs: SETTLED_MS,
    },
    about: 'Once the database can be reached again, every backend is back in the end.',
  },
  {
    id: 'nobody-fails-in-the-end',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, fromMs: SETTLED_MS },
    about: 'In the end every request is answered again.',
  },
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Five backends and their database',
    at: { ms: 2_000 },
    text:
      'Each backend asks the database for every request. The balancer asks each backend twice a ' +
      'second whether it is well, and a backend that can answer says yes.',
    focus: ['balancer', 'app', 'db'],
    check: 'well-before',
  },
  {
    title: 'A grey failure',
    at: { ms: CUT_MS },
    text:
      'The link between app1 and the database is cut. app1 runs, answers its checks, and fails ' +
      `every request after ${DATABASE_TIMEOUT_MS} ms.`,
    focus: ['app1', 'db'],
    predict: {
      question:
        'The balancer checks its backends twice a second. How long will it send requests to app1?',
      options: [
        'Until three checks have failed: a second and a half.',
        'Until the link is mended: no check ever fails.',
        'It stops at the first error: a 504 is an answer like any other.',
      ],
      answer: 1,
      because:
        'The check asks app1 whether it is there, and it is. A failure between a server and what ' +
        'it depends on shows only in the requests, so somebody must look at those: passive ' +
        'outlier detection counts errors in a row and takes the backend out for a while. ' +
        '(Letting ' +
        'the check ask the database, too, takes all backends down when the database is slow.)',
    },
    check: 'checks-see-nothing',
  },
  {
    title: p.outliers ? 'Ejected' : 'A fifth of the requests',
    at: { ms: CUT_MS + 1_500 },
    text: p.outliers
      ? `After ${p.consecutive5xx} errors in a row app1 gets no more requests. That costs ` +
        `${p.consecutive5xx} users an answer, not every fifth.`
      : 'Every fifth request fails, and nothing on the side of the balancer says so: all checks ' +
        'are green.',
    focus: ['balancer', 'app1'],
    check: 'few-errors',
  },
  {
    title: 'Trying again',
    at: { ms: MENDED_MS },
    text:
      'The link is whole again. An ejection lasts only so long, three seconds the first time, ' +
      'six the second: nobody asks an ejected backend, so letting it back in is the only way to ' +
      'find out. Five more errors are the price when it is too soon.',
    focus: ['app1'],
    check: 'comes-back',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Outlier ejection',
  summary: 'A backend answers its health checks and fails its requests.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.3 } },
  groups: groups(p),
  faults: [
    {
      id: 'grey',
      fault: { type: 'cut-link', a: { first: p.grey, of: 'app' }, b: 'db' },
      atMs: CUT_MS,
      forMs: CUT_FOR_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'load-balancing/outlier-ejection',
  title: 'Outlier ejection',
  summary:
    'A backend that has lost its database is green in every health check and fails every ' +
    'request. Counting errors in a row takes it out after five of them.',
  tier: 'hostile',
  sources: [ENVOY_OUTLIERS, HAPROXY_CHECKS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Active checks only: every fifth request fails until the link is whole again.',
      expect: { 'few-errors': { breaks: {} }, ejected: { breaks: {} } },
    },
    {
      name: 'ejection',
      about: 'Five errors in a row eject it: five errors, and five more at each return too soon.',
      params: { outliers: true },
    },
    {
      name: 'two-grey',
      about: 'Two of five are grey, and only one may be ejected (10 %): the other goes on failing.',
      params: { outliers: true, grey: 2 },
      expect: { 'few-errors': { breaks: {} }, ejected: { breaks: {} } },
    },
    {
      name: 'two-grey-allowed',
      about: 'With 50 % both are ejected.',
      params: { outliers: true, grey: 2, maxEjectionPercent: 50 },
    },
  ],
  thingsToTry: [
    'Let the database itself be the one that is slow, by hand: why is a maximum of ejections good?',
    'Eject at the first error. What does one lost packet cost then?',
    'Count the errors of each return: when would a base time of 30 s, as in Envoy, be better?',
  ],
  leavesOut: [
    'Ejection by success rate, which needs five backends and a hundred requests each.',
    'Retries on another backend, which would hide the errors that are left.',
  ],
});
