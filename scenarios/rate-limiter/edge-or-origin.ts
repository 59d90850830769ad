/**
 * The same limiter before the gateway or behind it: what is refused late has been paid for already.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CLOUDFLARE_COUNTERS, SRE_OVERLOAD, STRIPE_LIMITERS } from '../sources.ts';

const params = {
  place: field.choice(['origin', 'edge'], {
    about: 'Whether the limiter stands behind the gateway, or before it.',
    default: 'origin',
  }),
  limiters: field.count({
    about: 'How many there are; each counts for itself, and requests go to them in turn.',
    default: 1,
    min: 1,
    max: 3,
  }),
  crawlerPerSecond: field.count({
    about: 'How much one greedy client asks.',
    default: 400,
    min: 300,
    max: 450,
  }),
};
type Params = Static<TObject<typeof params>>;

/** For each client by itself. */
const LIMIT = 20;
const BURST = 5;
const PEOPLE_PER_SECOND = 50;
const GATEWAY_MS = 4;
const GATEWAY_PER_SECOND = 1_000 / GATEWAY_MS;
const CRAWL_MS = 3_000;
const CRAWL_END_MS = 7_000;
const END_MS = 12_000;
const CRAWL_SECONDS = (CRAWL_END_MS - CRAWL_MS) / 1_000;
const crawl = { fromMs: CRAWL_MS, untilMs: CRAWL_END_MS };
/** By now the queue of an overloaded gateway is longer than people wait. */
const FELT_MS = 5_000;

const isAtEdge = (p: Params): boolean => p.place === 'edge';
/** What the gateway gets while the crawler is there. */
const reachesGateway = (p: Params): number =>
  PEOPLE_PER_SECOND + (isAtEdge(p) ? p.limiters * LIMIT : p.crawlerPerSecond);

const groups = (p: Params): readonly GroupPlan[] => {
  const door = isAtEdge(p) ? 'limiter' : 'gateway';
  return [
    {
      name: 'people',
      component: 'http-client',
      count: 1,
      links: { target: door },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: PEOPLE_PER_SECOND },
        sessions: 10_000,
      },
    },
    {
      name: 'crawler',
      component: 'http-client',
      count: 1,
      links: { target: door },
      config: {
        arrivals: { kind: 'poisson', ratePerSecond: p.crawlerPerSecond },
        sessions: 1,
        startMs: CRAWL_MS,
        stopMs: CRAWL_END_MS,
      },
    },
    {
      name: 'gateway',
      component: 'service',
      count: 1,
      links: { next: isAtEdge(p) ? 'app' : 'limiter' },
      config: {
        steps: [
          { do: 'work', time: { kind: 'constant', ms: GATEWAY_MS } },
          { do: 'call', to: 'next' },
        ],
      },
    },
    {
      name: 'limiter',
      component: 'rate-limiter',
      count: p.limiters,
      links: { target: isAtEdge(p) ? 'gateway' : 'app' },
      config: { policy: 'token-bucket', per: 'session', ratePerSecond: LIMIT, burst: BURST },
    },
    {
      name: 'app',
      component: 'service',
      count: 1,
      cores: 2,
      config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: 5 } }] },
    },
  ];
};

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1, untilMs: CRAWL_MS },
    about: 'Before the crawler comes everybody is answered.',
  },
  {
    id: 'the-crawler-bites',
    use: 'gauge',
    args: {
      group: 'limiter',
      gauge: 'Over the limit',
      measure: 'per-second',
      across: 'sum',
      atLeast: 100,
      ...crawl,
    },
    about: 'The limiter refuses more than a hundred requests a second.',
  },
  {
    id: 'one-share-each',
    use: 'slo',
    args: {
      metric: 'ok-count',
      clients: 'crawler',
      atMost: LIMIT * CRAWL_SECONDS + BURST + 1,
      fromMs: CRAWL_MS,
      untilMs: END_MS,
    },
    about: `The crawler gets its ${LIMIT} a second, and no more.`,
  },
  {
    id: 'what-reaches-the-gateway',
    use: 'gauge',
    args: {
      group: 'gateway',
      gauge: 'Taken in',
      measure: 'per-second',
      atLeast: 0.8 * reachesGateway(p),
      atMost: 1.2 * reachesGateway(p),
      ...crawl,
    },
    about: `About ${reachesGateway(p)} requests a second reach the gateway.`,
  },
  {
    id: 'the-gateway-has-room',
    use: 'gauge',
    args: { group: 'gateway', gauge: 'Utilisation', measure: 'mean', atMost: 0.7, ...crawl },
    about: 'The gateway is busy for no more than 70 % of the time.',
  },
  {
    id: 'people-are-answered',
    use: 'slo',
    args: {
      metric: 'success-share',
      clients: 'people',
      atLeast: 0.99,
      fromMs: FELT_MS,
      untilMs: CRAWL_END_MS,
    },
    about: 'Everybody else is answered while the crawler is there.',
  },
];

const passedToCrawler = (p: Params): number => p.limiters * LIMIT;
const limiters = (p: Params): string =>
  p.limiters === 1 ? 'a limiter lets' : `${p.limiters} limiters let`;
const shares = (p: Params): string =>
  p.limiters === 1 ? '' : ' Each limiter counts for itself, so the crawler gets a share of each.';

function theWay(p: Params): string {
  return isAtEdge(p)
    ? `Before it ${limiters(p)} each client ask ${LIMIT} times a second, and behind it is the ` +
        'app.'
    : `Behind it ${limiters(p)} each client ask ${LIMIT} times a second, and behind that is ` +
        'the app.';
}

const why = (p: Params): string =>
  isAtEdge(p)
    ? `What is refused never reaches the gateway. It gets the ${PEOPLE_PER_SECOND} of the people ` +
      `and the ${passedToCrawler(p)} that the crawler may ask, about ${reachesGateway(p)} a ` +
      `second of the ${GATEWAY_PER_SECOND} that it can do: there is room for everybody.`
    : `Before a request is refused, it has stood in the queue of the gateway and has cost it ` +
      `${GATEWAY_MS} milliseconds like any other. ${reachesGateway(p)} a second are more than ` +
      `the ${GATEWAY_PER_SECOND} that the gateway can do, and its one queue does not know who is ` +
      'greedy: it grows until everybody waits longer than a client does.';

function theGateway(p: Params): string {
  const load = Math.round((100 * reachesGateway(p)) / GATEWAY_PER_SECOND);
  return isAtEdge(p)
    ? `The limiter refuses at the door. About ${reachesGateway(p)} requests a second reach the ` +
        `gateway, ${load} % of what it can do, and people are answered as before.`
    : 'The limiter is right each time, and the app behind it idles. What is short is the time of ' +
        'the gateway, and most of that goes to requests that are refused a moment later.';
}

function afterwards(p: Params): string {
  const refuseEarly =
    'Refuse as early as the one who refuses can know whom. What an edge of several places cannot ' +
    'know is what the other places let through.';
  if (isAtEdge(p)) return `Nothing is left to work through: no queue grew. ${refuseEarly}`;
  return (
    'The crawler is gone, but the gateway may still work through what it left. Before the ' +
    'gateway ' +
    `the same rule would have let ${PEOPLE_PER_SECOND + passedToCrawler(p)} requests a second ` +
    `reach it. ${refuseEarly}`
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: isAtEdge(p) ? 'A limiter, a gateway, an app' : 'A gateway, a limiter, an app',
    at: { ms: 1_000 },
    text:
      `Each request costs the gateway ${GATEWAY_MS} milliseconds: it decrypts, checks a token, ` +
      `writes a log, ${GATEWAY_PER_SECOND} times a second at the most. ${theWay(p)} ` +
      `${PEOPLE_PER_SECOND} people a second use a fifth of the gateway.`,
    focus: ['gateway', 'limiter', 'app'],
    check: 'well-before',
  },
  {
    title: 'A crawler',
    at: { ms: CRAWL_MS },
    text:
      `One client begins to ask ${p.crawlerPerSecond} times a second. It is recognised, and no ` +
      `more than ${passedToCrawler(p)} a second of its requests pass; the app hardly notices.` +
      shares(p),
    focus: ['crawler', 'limiter'],
    check: 'one-share-each',
    predict: {
      question:
        `The crawler is refused ${isAtEdge(p) ? 'before' : 'behind'} the gateway. What do ` +
        `all the ` +
        'others notice, who are far below their limit?',
      options: [
        'Nothing: the crawler is held back.',
        'They are refused as well.',
        'They wait longer and longer, until most of their requests time out.',
      ],
      answer: isAtEdge(p) ? 0 : 2,
      because: why(p),
    },
  },
  {
    title: isAtEdge(p) ? 'Refused in time' : 'Refused too late',
    at: { ms: FELT_MS + 1_000 },
    text: theGateway(p),
    focus: ['gateway', 'people'],
    check: 'people-are-answered',
  },
  {
    title: isAtEdge(p) ? 'The crawler is gone' : 'The queue outlives the crawler',
    at: { ms: CRAWL_END_MS + 1_000 },
    text: afterwards(p),
    focus: ['gateway'],
    check: 'the-gateway-has-room',
  },
];

const plan = (p: Params): Plan => ({
  title: 'At the edge or at the origin',
  summary: 'The same limiter before the gateway or behind it, and one client that asks too much.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'rate-limiter/edge-or-origin',
  title: 'At the edge or at the origin',
  summary:
    'A limiter behind the gateway refuses the right requests and saves nobody: each has already ' +
    'cost the gateway as much as one that passes. The same limiter before it does.',
  tier: 'calm',
  sources: [STRIPE_LIMITERS, CLOUDFLARE_COUNTERS, SRE_OVERLOAD],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Behind the gateway: the crawler is held back, and everybody else times out.',
      expect: { 'the-gateway-has-room': { breaks: {} }, 'people-are-answered': { breaks: {} } },
    },
    {
      name: 'edge',
      about: 'Before the gateway: 70 requests a second reach it instead of 450.',
      params: { place: 'edge' },
    },
    {
      name: 'three-edges',
      about: 'Three limiters that do not know each other: the crawler gets three shares.',
      params: { place: 'edge', limiters: 3 },
      expect: { 'one-share-each': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Let the crawler ask only 300 times a second: how long until people feel it?',
    'Put one, two and three limiters at the edge: how much of the crawler gets through?',
    'Crash the limiter at the edge: who is left to refuse?',
  ],
  leavesOut: [
    'What a limiter costs itself: here it is nothing, at a real edge a small part of the gateway.',
    'Greedy clients with many addresses, which no limit for each client holds back.',
    'Edges that tell each other what they let through.',
  ],
});
