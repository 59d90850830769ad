/**
 * Requests come in bursts, and whoever is behind takes them only one by one. A limiter can refuse
 * what is too much at once, or hold it back until it is due.
 *
 * Why the numbers are exact: a bucket of b that leaks r a second lets b of a burst in, and the k-th
 * of them flows out (k - 1) / r after the first. As a meter, without the wait, it is the mirror
 * image of a token bucket: the same requests pass.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { NGINX_LIMIT_REQ, STRIPE_LIMITERS } from '../sources.ts';

const params = {
  how: field.choice(['token-bucket', 'leaky-bucket', 'shaped'], {
    about: 'Tokens for whoever passes; a bucket that must not overflow; the same, flowing out.',
    default: 'token-bucket',
  }),
  bucket: field.count({
    about: 'How many the bucket holds.',
    default: 10,
    min: 5,
    max: 60,
    source: 'nginx limit_req burst',
  }),
  everyMs: field.millis({
    about: 'From one burst of 40 to the next.',
    default: 1_000,
    min: 300,
    max: 2_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const PER_SECOND = 100;
const DUE_MS = 1_000 / PER_SECOND;
const BURST = 40;
/** What the partner takes at once. */
const PARTNER_BUCKET = 3;
const CALM_UNTIL_MS = 2_000;
const CALM_EVERY_MS = 50;
const FIRST_MS = 3_000;
const LAST_MS = 10_000;
const END_MS = 12_000;
const LINK_MS = 1;
const WORK_MS = 2;
const BASE_MS = 6 * LINK_MS + WORK_MS;

const burstsOf = (p: Params): number => Math.floor((LAST_MS - FIRST_MS) / p.everyMs) + 1;

const timesMs = (p: Params): readonly number[] => [
  ...Array.from({ length: CALM_UNTIL_MS / CALM_EVERY_MS - 1 }, (_, i) => (i + 1) * CALM_EVERY_MS),
  ...Array.from({ length: burstsOf(p) * BURST }, (_, i) => {
    return FIRST_MS + Math.floor(i / BURST) * p.everyMs;
  }),
];

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'jobs',
    component: 'http-client',
    count: 1,
    links: { target: 'limiter' },
    config: { arrivals: { kind: 'replay', timesMs: timesMs(p) }, call: { timeoutMs: 5_000 } },
  },
  {
    name: 'limiter',
    component: 'rate-limiter',
    count: 1,
    links: { target: 'partner' },
    config: {
      policy: p.how === 'token-bucket' ? 'token-bucket' : 'leaky-bucket',
      ratePerSecond: PER_SECOND,
      burst: p.bucket,
      ...(p.how === 'shaped' ? { delay: true } : {}),
    },
  },
  {
    name: 'partner',
    component: 'rate-limiter',
    count: 1,
    links: { target: 'api' },
    config: { policy: 'token-bucket', ratePerSecond: PER_SECOND, burst: PARTNER_BUCKET },
  },
  {
    name: 'api',
    component: 'service',
    count: 1,
    config: { steps: [{ do: 'work', time: { kind: 'constant', ms: WORK_MS } }] },
  },
];

/** Of each burst, how many the bucket takes: it has lost a share of the last one meanwhile. */
function admittedOf(p: Params): readonly number[] {
  const leaked = (PER_SECOND * p.everyMs) / 1_000;
  let water = 0;
  return Array.from({ length: burstsOf(p) }, (_, i) => {
    if (i > 0) water = Math.max(0, water - leaked);
    const taken = Math.min(BURST, Math.floor(p.bucket - water + 1e-9));
    water += taken;
    return taken;
  });
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);
const admitted = (p: Params): number => sum(admittedOf(p));
const offered = (p: Params): number => burstsOf(p) * BURST;
/** What the partner serves: of a shaped stream all, else what it takes at once. */
const served = (p: Params): number =>
  p.how === 'shaped'
    ? admitted(p)
    : sum(admittedOf(p).map((taken) => Math.min(taken, PARTNER_BUCKET)));
const longestWaitMs = (p: Params): number =>
  p.how === 'shaped' ? (Math.min(p.bucket, BURST) - 1) * DUE_MS : 0;

const bursts = { fromMs: FIRST_MS } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, untilMs: CALM_UNTIL_MS },
    about: 'At an even pace nobody is refused.',
  },
  {
    id: 'the-limiter-takes-all',
    use: 'gauge',
    args: { group: 'limiter', gauge: 'Over the limit', measure: 'total', atMost: 0, ...bursts },
    about: 'Our own limiter refuses nobody.',
  },
  {
    id: 'the-partner-takes-all',
    use: 'gauge',
    args: { group: 'partner', gauge: 'Over the limit', measure: 'total', atMost: 0, ...bursts },
    about: 'The partner refuses nothing of what we send.',
  },
  {
    id: 'admitted-as-computed',
    use: 'gauge',
    args: {
      group: 'limiter',
      gauge: 'Admitted',
      measure: 'total',
      atLeast: admitted(p),
      atMost: admitted(p),
      ...bursts,
    },
    about: `Of ${offered(p)} requests in ${burstsOf(p)} bursts exactly ${admitted(p)} pass.`,
  },
  {
    id: 'served-as-computed',
    use: 'slo',
    args: { metric: 'ok-count', atLeast: served(p), atMost: served(p), ...bursts },
    about: `Exactly ${served(p)} of them are answered by the partner.`,
  },
  {
    id: 'at-once',
    use: 'slo',
    args: { metric: 'p95-ms', atMost: 2 * BASE_MS, ...bursts },
    about: `Whoever is served is served at once: within ${2 * BASE_MS} ms.`,
  },
  ...(p.how === 'shaped' && keepsUp(p) ? [waits(p)] : []),
];

/** Whether the bucket is empty again when the next burst comes. */
const keepsUp = (p: Params): boolean =>
  Math.min(p.bucket, BURST) <= (PER_SECOND * p.everyMs) / 1_000;

const waits = (p: Params): CheckPlan => {
  const mean = BASE_MS + longestWaitMs(p) / 2;
  return {
    id: 'waits-as-computed',
    use: 'slo',
    args: { metric: 'mean-ms', atLeast: mean - 0.5, atMost: mean + 0.5, ...bursts },
    about: `A request takes ${mean} ms on average: half of the longest wait, and ${BASE_MS} ms.`,
  };
};

const HOW: { readonly [how in Params['how']]: (p: Params) => string } = {
  'token-bucket': (p) => `Its bucket holds ${p.bucket} tokens; whoever finds none is refused.`,
  'leaky-bucket': (p) =>
    `Its bucket holds ${p.bucket} and leaks ${PER_SECOND} a second; whoever would make it ` +
    'overflow is refused, the others pass at once.',
  shaped: (p) =>
    `Its bucket holds ${p.bucket} and leaks ${PER_SECOND} a second: what is in it waits there, ` +
    'and passes when it flows out. Whoever would make it overflow is refused.',
};

function why(p: Params): string {
  const taken = Math.min(p.bucket, BURST);
  if (p.how === 'shaped') {
    return (
      `The bucket takes ${taken}. They leave it one by one, each ${DUE_MS} ms after the one ` +
      `before, and at that pace the partner takes them all. The last has waited ` +
      `${longestWaitMs(p)} ms: the price is time, not refusals.`
    );
  }
  return (
    `Our limiter lets ${taken} pass, all in the same moment: it bounds how many there are, not ` +
    `how close they come. The partner takes ${PARTNER_BUCKET} of them at once and refuses the ` +
    'rest, although nobody exceeds a hundred a second.'
  );
}

const perBurst = (p: Params): number =>
  Math.min(BURST, p.bucket, p.how === 'shaped' ? BURST : PARTNER_BUCKET);

const options = (p: Params): readonly string[] => {
  const taken = Math.min(p.bucket, BURST);
  return [
    `${PARTNER_BUCKET}: what the partner takes at once.`,
    `${taken}: what our bucket holds, one after the other.`,
    `${BURST}, at once: that is less than a hundred a second.`,
  ];
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'An even pace',
    at: { ms: 1_000 },
    text:
      `A partner takes ${PER_SECOND} requests a second and no more than ${PARTNER_BUCKET} at ` +
      'once. We have a limiter of our own before it, so that we are never blocked there. Twenty ' +
      'requests a second, one by one, are no trouble.',
    focus: ['limiter', 'partner'],
    check: 'well-before',
  },
  {
    title: 'Forty at once',
    at: { ms: FIRST_MS },
    text:
      `A job sends ${BURST} requests in the same moment, every ${p.everyMs} ms. ` + HOW[p.how](p),
    focus: ['jobs', 'limiter'],
    predict: {
      question: `How many of the first ${BURST} does the partner serve?`,
      options: options(p),
      answer: p.how === 'shaped' ? 1 : 0,
      because: why(p),
    },
    check: 'served-as-computed',
  },
  {
    title: p.how === 'shaped' ? 'What it costs' : 'Counted, not spaced',
    at: { ms: FIRST_MS + p.everyMs },
    text:
      p.how === 'shaped'
        ? `What ${admitted(p) < offered(p) ? 'the bucket took' : 'came'} was served at the first ` +
          `try, and the last of ${perBurst(p)} had to wait ${longestWaitMs(p)} ms. That is right ` +
          'for jobs, and wrong for a person who waits, or for a caller whose patience is shorter ' +
          'than the bucket.'
        : 'A token bucket and a leaky bucket that only counts let the same requests pass: one is ' +
          'the mirror image of the other. Neither puts time between them; a larger bucket only ' +
          'moves the refusals to the partner.',
    focus: ['limiter', 'partner'],
    check: 'admitted-as-computed',
  },
  {
    title: 'Delay or refuse',
    at: { ms: LAST_MS - 1_000 },
    text:
      `Of ${offered(p)} requests in ${burstsOf(p)} bursts ${served(p)} are served in all. ` +
      'Shaping spends time where refusing spends requests; when more comes than flows out in the ' +
      'long run, the bucket is full and it has to refuse as well.',
    focus: ['limiter'],
    check: 'the-partner-takes-all',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Delay or refuse',
  summary: 'Bursts before a partner that takes requests one by one: counted, or spaced.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: LINK_MS } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const breaks = (...ids: readonly string[]): { [check: string]: { breaks: object } } =>
  Object.fromEntries(ids.map((id) => [id, { breaks: {} }]));
const REFUSED = breaks('the-limiter-takes-all', 'the-partner-takes-all');

export default defineScenario({
  id: 'rate-limiter/shaping',
  title: 'Delay or refuse',
  summary:
    'Forty requests at once, and a partner that takes three: a bucket that counts has most of ' +
    'them refused, one that lets them out one by one has none refused, and the last waits 390 ms.',
  tier: 'calm',
  sources: [NGINX_LIMIT_REQ, STRIPE_LIMITERS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A token bucket of 10: 30 of 40 are refused by us, and 7 more by the partner.',
      expect: REFUSED,
    },
    {
      name: 'leaky-bucket',
      about: 'A leaky bucket that only counts: the same requests, one by one.',
      params: { how: 'leaky-bucket' },
      expect: REFUSED,
    },
    {
      name: 'large-bucket',
      about: 'A bucket of 40: we refuse none, and the partner 37 of each burst.',
      params: { bucket: BURST },
      expect: breaks('the-partner-takes-all'),
    },
    {
      name: 'shaped',
      about: 'Forty in the bucket flow out one by one: none refused, and a wait of up to 390 ms.',
      params: { how: 'shaped', bucket: BURST },
      expect: breaks('at-once'),
    },
    {
      name: 'shaped-small',
      about: 'A bucket of 10 flows out: the partner takes all of it, and 30 are refused before.',
      params: { how: 'shaped' },
      expect: breaks('the-limiter-takes-all', 'at-once'),
    },
    {
      name: 'too-much',
      about: 'A burst every 300 ms is 133 a second: the bucket fills, and a quarter is refused.',
      params: { how: 'shaped', bucket: BURST, everyMs: 300 },
      expect: breaks('the-limiter-takes-all', 'at-once'),
    },
  ],
  thingsToTry: [
    'Shape with a bucket of 60 and a burst every 300 ms: when does it refuse the first?',
    'Shape with a bucket of 20, 40 and 60: who is refused, and how long does the last wait?',
    'Crash the limiter while its bucket is full: what becomes of what it held back?',
  ],
  leavesOut: [
    'nginx’s delay parameter, which lets the first few pass at once and spaces the rest.',
    'Requests that differ in cost.',
  ],
});
