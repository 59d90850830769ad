/**
 * A backend that says it is well and fails every request: active checks do not see it, the requests
 * themselves do.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { balancerOf, clientOf } from '../request-parts.ts';
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
  clientOf('balancer', {
    arrivals: { kind: 'constant', ratePerSecond: RATE_PER_SECOND },
    call: { timeoutMs: 5_000 },
  }),
  balancerOf({
    healthCheck: { enabled: true, interMs: 500 },
    outlierDetection: {
      enabled: p.outliers,
      consecutive5xx: p.consecutive5xx,
      intervalMs: INTERVAL_MS,
      baseEjectionTimeMs: BASE_EJECTION_MS,
      maxEjectionPercent: p.maxEjectionPercent,
    },
  }),
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

const grey = (p: Params): string =>
  ['app1', 'app1 and app2', 'app1, app2 and app3'][p.grey - 1] ?? '';
/** One always, and as many more as the percentage has room for. */
const mayEject = (p: Params): number =>
  Math.max(1, Math.floor((p.maxEjectionPercent * BACKENDS) / 100));
const areAllEjected = (p: Params): boolean => p.outliers && mayEject(p) >= p.grey;

const howLong = (p: Params): number => (p.outliers ? (areAllEjected(p) ? 2 : 3) : 1);

const because = (p: Params): string =>
  'The check asks a backend whether it is there, and it is. A failure between a server and what ' +
  'it depends on shows only in the requests, ' +
  (p.outliers
    ? 'and this balancer looks at those: errors in a row take a backend out for a while. ' +
      (areAllEjected(p)
        ? ''
        : `Of five, ${p.maxEjectionPercent} % have room for ${mayEject(p)}: the limit is there ` +
          'so that a fault that all backends share does not take all of them out.')
    : 'so somebody must look at those: passive outlier detection counts errors in a row and ' +
      'takes the backend out for a while. (Letting the check ask the database, too, takes all ' +
      'backends down when the database is slow.)');

function inTheCut(p: Params): Pick<StoryStep, 'title' | 'text'> {
  if (!p.outliers) {
    return {
      title: 'All checks are green',
      text:
        `${p.grey} of ${BACKENDS} requests fail, and nothing on the side of the balancer says ` +
        'so: all checks are green.',
    };
  }
  const cost =
    `After ${plural(p.consecutive5xx, 'error')} in a row ` + `a backend gets no more requests. `;
  return areAllEjected(p)
    ? {
        title: 'Ejected',
        text: `${cost}That costs ${plural(p.consecutive5xx * p.grey, 'user')} an answer at first.`,
      }
    : {
        title: `No more than ${mayEject(p)} at once`,
        text: `${cost}But no more than ${mayEject(p)} at once: what else is grey goes on failing.`,
      };
}

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
      `Between ${grey(p)} and the database nothing gets through any more. Checks are still ` +
      `answered; every request fails after ${DATABASE_TIMEOUT_MS} ms.`,
    focus: [{ first: p.grey, of: 'app' }, 'db'],
    predict: {
      question:
        'The balancer checks its backends twice a second' +
        (p.outliers
          ? ` and ejects one after ${plural(p.consecutive5xx, 'failed request')} in a row, but ` +
            `no more ` +
            `than ${mayEject(p)} at once. `
          : '; at how requests end it does not look. ') +
        `How long will it send requests to ${grey(p)}?`,
      options: [
        'Until three checks have failed: a second and a half.',
        'Until the link is mended: no check ever fails.',
        'Until some requests in a row have failed; later a few more, to see.',
        'To one at least until the link is mended: they are never all out at once.',
      ],
      answer: howLong(p),
      because: because(p),
    },
    check: 'checks-see-nothing',
  },
  {
    ...inTheCut(p),
    at: { ms: CUT_MS + 1_500 },
    focus: ['balancer', 'app1'],
    check: 'few-errors',
  },
  {
    title: p.outliers ? 'Trying again' : 'Mended',
    at: { ms: MENDED_MS },
    text: p.outliers
      ? 'The link is whole again. An ejection lasts only so long, three seconds the first time, ' +
        'six the second: nobody asks an ejected backend, so letting it back in is the only way ' +
        `to find out. When it is too soon, the price is errors: ${p.consecutive5xx} more.`
      : 'The link is whole again, and no request fails any more. The balancer has noticed ' +
        'neither the beginning nor the end.',
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
