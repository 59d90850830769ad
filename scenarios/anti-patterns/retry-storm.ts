/**
 * Every layer tries three times, and means well: the layer at the bottom gets the product of all.
 */
import { defineScenario, field, often } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { BUILDERS_LIBRARY_RETRIES, SRE_CASCADING } from '../sources.ts';

const params = {
  attempts: field.count({
    about: 'Tries of each layer that tries again, the first included.',
    default: 3,
    min: 1,
    max: 4,
  }),
  layers: field.count({
    about: 'How many layers try again: the app, then also the gateway, then also the orders.',
    default: 3,
    min: 1,
    max: 3,
  }),
};
type Params = Static<TObject<typeof params>>;

const WORK_MS = 3;
/** How long the stock service waits for its ledger, which answers within three milliseconds. */
const LEDGER_TIMEOUT_MS = 10;
const BROWSERS_PER_SECOND = 100;
/** The outage begins and ends between two orders, and the last one has failed by then. */
const OUTAGE_MS = 4_050;
const HEAL_MS = 14_000;
const END_MS = 18_000;
const EVERY_MS = 100;
const LAST_FAILING_MS = 7_000;

/** Ten orders a second, but none for a while before the outage ends: so they can be counted. */
const ORDERS_MS = Array.from(
  { length: END_MS / EVERY_MS - 5 },
  (_, i) => (i + 1) * EVERY_MS,
).filter((at) => at <= LAST_FAILING_MS || at > HEAL_MS);
const FAILING = ORDERS_MS.filter((at) => at > OUTAGE_MS && at < HEAL_MS).length;

const amplification = (p: Params): number =>
  Array.from({ length: p.layers }).reduce<number>((product) => product * p.attempts, 1);

/** The n-th layer from the top tries again if that many layers do. */
const call = (p: Params, layer: number) => ({
  timeoutMs: 30_000,
  maxAttempts: layer <= p.layers ? p.attempts : 1,
  backoff: { policy: 'none' },
});

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'app',
    component: 'http-client',
    count: 1,
    links: { target: 'gateway' },
    config: {
      arrivals: { kind: 'replay', timesMs: ORDERS_MS },
      routes: [{ route: 'POST /order' }],
      call: call(p, 1),
    },
  },
  {
    name: 'browser',
    component: 'http-client',
    count: 1,
    links: { target: 'stock' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: BROWSERS_PER_SECOND },
      routes: [{ route: 'GET /stock' }],
    },
  },
  {
    name: 'gateway',
    component: 'service',
    count: 1,
    links: { orders: 'orders' },
    config: {
      steps: [{ do: 'call', to: 'orders' }],
      upstreams: [{ to: 'orders', ...call(p, 2) }],
    },
  },
  {
    name: 'orders',
    component: 'service',
    count: 1,
    links: { stock: 'stock' },
    config: {
      steps: [{ do: 'call', to: 'stock' }],
      upstreams: [{ to: 'stock', ...call(p, 3) }],
    },
  },
  {
    name: 'stock',
    component: 'service',
    count: 1,
    links: { ledger: 'ledger' },
    config: {
      upstreams: [{ to: 'ledger', timeoutMs: LEDGER_TIMEOUT_MS }],
      routes: [
        {
          route: 'POST /order',
          steps: [
            { do: 'work', time: { kind: 'constant', ms: WORK_MS } },
            { do: 'call', to: 'ledger' },
          ],
        },
      ],
      steps: [{ do: 'work', time: { kind: 'constant', ms: WORK_MS } }],
    },
  },
  {
    name: 'ledger',
    component: 'service',
    count: 1,
    config: { steps: [{ do: 'work', time: { kind: 'constant', ms: 1 } }] },
  },
];

const outage = { fromMs: OUTAGE_MS, untilMs: HEAL_MS };

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, fromMs: 0, untilMs: OUTAGE_MS },
    about: 'Before the outage everybody is answered.',
  },
  {
    id: 'the-outage-bites',
    use: 'slo',
    args: { metric: 'success-share', clients: 'app', atMost: 0, ...outage },
    about: 'Without the ledger no order goes through, however often it is tried.',
  },
  {
    id: 'the-product-of-all-layers',
    use: 'gauge',
    args: {
      group: 'stock',
      gauge: 'Failed',
      measure: 'total',
      atLeast: amplification(p) * FAILING,
      atMost: amplification(p) * FAILING,
      ...outage,
    },
    about:
      'The stock service fails exactly tries to the power of layers times for each order: ' +
      `${often(amplification(p))} for each of ${FAILING}.`,
  },
  {
    id: 'load-stays-small',
    use: 'gauge',
    args: { group: 'stock', gauge: 'Failed', measure: 'total', atMost: 4 * FAILING, ...outage },
    about: 'The outage costs the stock service no more than four tries an order.',
  },
  {
    id: 'bystanders-unhurt',
    use: 'slo',
    args: { metric: 'mean-ms', clients: 'browser', atMost: 10, fromMs: 4_500, untilMs: 7_500 },
    about: 'Those who only look, and need no ledger, are answered as fast as ever.',
  },
  {
    id: 'recovers',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, fromMs: HEAL_MS + 1_000, untilMs: END_MS },
    about: 'When the ledger is back, orders go through again.',
  },
];

/** Who tries again, from the top. */
const RETRIERS = ['the app', 'the gateway', 'the order service'];
const retriers = (p: Params): string =>
  RETRIERS.slice(0, p.layers)
    .join(', ')
    .replace(/, ([^,]*)$/, ' and $1');

function prediction(p: Params): NonNullable<StoryStep['predict']> {
  const requests = [...new Set([1, p.attempts, p.layers * p.attempts, amplification(p), 4])];
  requests.sort((a, b) => a - b);
  const product = Array.from({ length: p.layers }, () => p.attempts).join(' x ');
  return {
    question:
      (p.attempts === 1
        ? 'Nobody tries again when an order fails.'
        : `When an order fails, ${retriers(p)} ${p.layers === 1 ? 'tries' : 'each try'} up to ` +
          `${often(p.attempts)}.`) + ' How many requests does the stock service get for one order?',
    options: requests.map((count) => (count === 1 ? '1 request' : `${count} requests`)),
    answer: requests.indexOf(amplification(p)),
    because:
      p.attempts === 1
        ? 'One order is one request in each layer, and its failure is handed up as it is. The ' +
          'order is lost, but the outage costs the stock service nothing extra.'
        : 'What fails once in a layer has been tried as often as that layer was told to, ' +
          'and each ' +
          'of these tries is a request of its own to the next one: tries multiply, they do not ' +
          `add up. Here that is ` +
          `${p.layers === 1 ? '' : `${product} = `}${amplification(p)}, and one more layer would ` +
          `make it ${amplification(p) * p.attempts}. All of it reaches the layer at the bottom.`,
  };
}

/** What the failing orders take of the one core of the stock service, and what the others do. */
function bystanders(p: Params): string {
  const orders = 10 * amplification(p);
  const percent = (orders * WORK_MS) / 10;
  const looking = (BROWSERS_PER_SECOND * WORK_MS) / 10;
  return (
    `Ten orders a second are ${orders} requests now, three milliseconds of work each: ` +
    `${percent} % ` +
    `of a core. Those who only look need ${looking} % of the same core. ` +
    (percent + looking > 100
      ? 'That is more than there is: they stand in a queue, though nothing that they need ' +
        'is broken.'
      : percent + looking > 70
        ? 'There is just enough for both: they wait longer, though nothing that they need ' +
          'is broken.'
        : 'There is enough for both: those who only look hardly notice.')
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Four layers deep',
    at: { ms: 1_000 },
    text:
      'An order goes from the app through the gateway and the order service to the stock ' +
      'service, which writes it into a ledger. Ten orders come each second. Many more people ' +
      'only look at what is in stock, and need no ledger for it.',
    focus: ['app', 'stock'],
    check: 'well-before',
  },
  {
    title: 'The ledger is gone',
    at: { ms: OUTAGE_MS },
    text:
      'The last layer goes down and every order fails within milliseconds. ' +
      (p.attempts === 1
        ? 'Every layer hands the failure up: nobody tries again.'
        : `What failed is tried again, ${often(p.attempts)} in all, by ${retriers(p)}.`),
    focus: ['ledger', 'stock'],
    check: 'the-outage-bites',
    predict: prediction(p),
  },
  {
    title: 'Those who only look',
    at: { ms: 6_000 },
    text: bystanders(p),
    focus: ['stock', 'browser'],
    check: 'bystanders-unhurt',
  },
  {
    title: 'One layer is enough',
    at: { ms: HEAL_MS + 500 },
    text:
      (p.layers === 1 || p.attempts === 1
        ? `The outage cost the stock service ${p.attempts} for each order and no more. `
        : `Had only the app tried again, that would have been ${p.attempts} requests an order ` +
          `instead of ${amplification(p)}. `) +
      'Try again in one place, close to who waits; everywhere else hand the failure up.',
    focus: ['app', 'stock'],
    check: 'the-product-of-all-layers',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A retry storm',
  summary: 'Three layers try three times each, and the fourth gets 27 requests for one order.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.2, maxMs: 0.4 } },
  groups: groups(p),
  faults: [
    {
      id: 'ledger-down',
      fault: { type: 'crash', target: 'ledger' },
      atMs: OUTAGE_MS,
      forMs: HEAL_MS - OUTAGE_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

const LITTLE_LOAD = 'load-stays-small';

export default defineScenario({
  id: 'anti-patterns/retry-storm',
  title: 'A retry storm',
  summary:
    'Every layer tries again three times. The tries multiply: one order becomes 27 requests at ' +
    'the bottom, and those who asked for something else wait behind them.',
  tier: 'hostile',
  sources: [SRE_CASCADING, BUILDERS_LIBRARY_RETRIES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Three layers with three tries each: 27 requests for one.',
      expect: { [LITTLE_LOAD]: { breaks: {} }, 'bystanders-unhurt': { breaks: {} } },
    },
    {
      name: 'two-layers',
      about: 'Only the app and the gateway try again: 9 requests for one.',
      params: { layers: 2 },
      expect: { [LITTLE_LOAD]: { breaks: {} } },
    },
    {
      name: 'one-layer',
      about: 'Only the app tries again: 3 requests for one, and nobody else notices.',
      params: { layers: 1 },
    },
    {
      name: 'no-retries',
      about: 'Nobody tries again: each order fails once.',
      params: { attempts: 1 },
    },
  ],
  thingsToTry: [
    'Set two tries in each layer: 8 requests for one. Which of the two numbers weighs more?',
    'Give four tries to each layer: the queue outlives the outage. For how long?',
    'Crash the order service instead of the ledger: how many layers are left to multiply?',
  ],
  leavesOut: [
    'Pauses between tries: they spread the same number of requests over more time.',
    'Timeouts: a layer that gives up early tries again while its last try is still worked on.',
  ],
});
