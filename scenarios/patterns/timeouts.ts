/**
 * How long to wait for a dependency that hangs: for ever, and it takes the caller with it; too
 * briefly, and healthy answers are thrown away.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { BUILDERS_LIBRARY_RETRIES, RELEASE_IT } from '../sources.ts';

const params = {
  timeoutMs: field.millis({
    about: 'How long the shop waits for the stock service.',
    default: 200,
    min: 15,
    max: 10_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE_PER_SECOND = 80;
const PLACES = 20;
const MEAN_MS = 10;
const ONE_WAY_MS = 1;
const HANG_MS = 8_000;
const HEAL_MS = 13_000;
const END_MS = 18_000;

/** e to the power of -x, by its series: plans are built from plain arithmetic. */
function expMinus(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 400; k++) {
    term *= x / k;
    sum += term;
  }
  return 1 / sum;
}
/** Exponential answers that come in time; a longer wait than 50 means misses none. */
const inTime = (p: Params): number =>
  1 - expMinus(Math.min(50, (p.timeoutMs - 2 * ONE_WAY_MS) / MEAN_MS));
const rounded = (x: number): number => Math.round(x * 1_000) / 1_000;

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('shop', {
    arrivals: { kind: 'poisson', ratePerSecond: RATE_PER_SECOND },
    routes: [{ route: 'GET /page' }, { route: 'GET /stock' }],
    call: { timeoutMs: 2_000 },
  }),
  {
    name: 'shop',
    component: 'service',
    count: 1,
    links: { stock: 'stock' },
    config: {
      routes: [
        { route: 'GET /page', steps: [{ do: 'work', time: { kind: 'constant', ms: 1 } }] },
        { route: 'GET /stock', steps: [{ do: 'call', to: 'stock' }] },
      ],
      admission: { concurrencyLimit: PLACES, maxQueue: 20 },
      upstreams: [{ to: 'stock', timeoutMs: p.timeoutMs }],
    },
  },
  {
    name: 'stock',
    component: 'service',
    count: 1,
    cores: 8,
    config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: MEAN_MS } }] },
  },
];

const calm = { fromMs: 0, untilMs: HANG_MS };
/** When whoever waits too long has filled the places. */
const hang = { fromMs: HANG_MS + 1_000, untilMs: HEAL_MS };

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'calm-is-calm',
    use: 'slo',
    args: { metric: 'success-share', operation: 'GET /stock', atLeast: 0.99, ...calm },
    about: 'As long as all is well, no answer is thrown away.',
  },
  {
    id: 'in-time-is-the-formula',
    use: 'slo',
    args: {
      metric: 'success-share',
      operation: 'GET /stock',
      atLeast: rounded(inTime(p) - 0.1),
      atMost: Math.min(1, rounded(inTime(p) + 0.1)),
      ...calm,
    },
    about: `In calm times a share of 1 - e^(-t/${MEAN_MS}) = ${rounded(inTime(p))} is in time.`,
  },
  {
    id: 'the-hang-bites',
    use: 'slo',
    args: { metric: 'success-share', operation: 'GET /stock', atMost: 0.02, ...hang },
    about: 'While the stock service hangs, nobody learns what is in stock.',
  },
  {
    id: 'pages-unhurt',
    use: 'slo',
    args: { metric: 'success-share', operation: 'GET /page', atLeast: 0.99, ...hang },
    about: 'Pages that need no stock service are served all the time.',
  },
  {
    id: 'places-stay-free',
    use: 'gauge',
    args: { group: 'shop', gauge: 'Under way', atMost: PLACES * 0.75, ...hang },
    about: 'On average a quarter of the places is free.',
  },
  {
    id: 'recovers',
    use: 'slo',
    args: {
      metric: 'success-share',
      operation: 'GET /page',
      atLeast: 0.99,
      fromMs: HEAL_MS + 2_500,
      untilMs: END_MS,
    },
    about: 'After the hang pages are served again.',
  },
];

const STOCK_PER_SECOND = RATE_PER_SECOND / 2;
/** How many wait in vain at once: the rate times the timeout, as long as there are places. */
const wanted = (p: Params): number =>
  Math.round((STOCK_PER_SECOND * Math.min(p.timeoutMs, HEAL_MS - HANG_MS)) / 1_000);

const held = (p: Params): string =>
  wanted(p) < PLACES
    ? `With a timeout of ${p.timeoutMs} ms the places held in vain are about ${wanted(p)} at a ` +
      'time, and the others serve pages; without one all are soon held. The timeout limits the ' +
      'damage, it does not repair it.'
    : `With a timeout of ${p.timeoutMs} ms as many as ${wanted(p)} at a time would wait in vain. ` +
      `All ${PLACES} places are held, and hardly a page is served.`;

const ALL_HELD =
  `Whoever asked for what is in stock waits in vain, and none of them ever leaves. All ${PLACES} ` +
  'places are held, and hardly a page is served until the stock service is back.';

const story = (p: Params, hasTimeout: boolean): readonly StoryStep[] => [
  {
    title: 'Two kinds of requests',
    at: { ms: 1_000 },
    text:
      `Half of ${RATE_PER_SECOND} requests a second ask the shop for a page, half for what is in ` +
      `stock. For the latter it asks another service, which takes ${MEAN_MS} ms on average. ` +
      (hasTimeout
        ? `Its timeout for that is ${p.timeoutMs} ms.`
        : 'It has no timeout for that: it waits for as long as it takes.'),
    focus: ['shop', 'stock'],
    check: 'calm-is-calm',
  },
  {
    title: 'It hangs',
    at: { ms: HANG_MS },
    text: 'The stock service stops. It does not refuse anything; it just does not answer.',
    focus: ['stock'],
    check: 'the-hang-bites',
    predict: {
      question: `The shop has ${PLACES} places. How long may it wait and still serve pages?`,
      options: [
        'As long as it likes: pages do not need the stock service.',
        'Less than half a second.',
        'At most ten milliseconds, what an answer takes on average.',
      ],
      answer: 1,
      because:
        'Forty requests a second times the timeout are the places they hold: 8 with 200 ms, 20 ' +
        'with half a second, and that is all of them. Whoever waits longer has no place left for ' +
        'pages. Ten milliseconds, on the other hand, would throw away more than a third of the ' +
        'answers of a healthy service.',
    },
  },
  {
    title: 'Places',
    at: { ms: HANG_MS + 2_000 },
    text: `Look at what is under way in the shop. ${hasTimeout ? held(p) : ALL_HELD}`,
    focus: ['shop'],
    check: 'pages-unhurt',
  },
  {
    title: 'Where the number comes from',
    at: { ms: HEAL_MS + 500 },
    text:
      'Look at how long healthy answers take, and go well beyond the slowest that you want to ' +
      'keep; then look at your places, and stay well below what would fill them. Between the ' +
      'two lies the timeout. If nothing lies between them, a timeout is not enough.',
    focus: ['shop', 'stock'],
    check: 'in-time-is-the-formula',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Timeouts',
  summary: 'How long to wait for a dependency that hangs.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: ONE_WAY_MS } },
  groups: groups(p),
  faults: [
    {
      id: 'stock-hangs',
      fault: { type: 'pause', target: 'stock' },
      atMs: HANG_MS,
      forMs: HEAL_MS - HANG_MS,
    },
  ],
  checks: checks(p),
  story: story(p, !ablations.includes('traffic.timeout')),
});

const HELD = { 'pages-unhurt': { breaks: {} }, 'places-stay-free': { breaks: {} } } as const;

export default defineScenario({
  id: 'patterns/timeouts',
  title: 'Timeouts',
  summary:
    'A dependency hangs, and its caller waits: too long, and all its places are held by those ' +
    'who wait in vain; too briefly, and it throws away answers of a healthy service.',
  tier: 'hostile',
  sources: [RELEASE_IT, BUILDERS_LIBRARY_RETRIES],
  params,
  plan,
  variants: [
    { name: 'default', about: '200 ms: twenty times the mean, and eight of twenty places.' },
    {
      name: 'no-timeout',
      about: 'Whoever asked waits until the stock service comes back.',
      ablations: ['traffic.timeout'],
      expect: HELD,
    },
    {
      name: 'too-long',
      about: 'Ten seconds: longer than the hang, and as good as none.',
      params: { timeoutMs: 10_000 },
      expect: HELD,
    },
    {
      name: 'too-short',
      about: '15 ms: in calm times every fourth answer comes too late.',
      params: { timeoutMs: 15 },
      expect: { 'calm-is-calm': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Find the longest timeout with which pages are still served.',
    'Find the shortest that loses no more than one answer in a hundred: the formula helps.',
    'Slow the stock service to a third instead: which timeouts make it worse?',
  ],
  leavesOut: [
    'Trying again: a short timeout with a second try is patterns/hedging in disguise.',
    'That the stock service works on after its caller has left (see patterns/deadlines).',
  ],
});
