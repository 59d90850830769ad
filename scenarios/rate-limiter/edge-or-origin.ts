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

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A gateway, a limiter, an app',
    at: { ms: 1_000 },
    text:
      `Each request costs the gateway ${GATEWAY_MS} milliseconds: it decrypts, checks a token, ` +
      `writes a log, ${GATEWAY_PER_SECOND} times a second at the most. Behind it a limiter lets ` +
      `each client ask ${LIMIT} times a second, and behind that is the app. ` +
      `${PEOPLE_PER_SECOND} people a second use a fifth of the gateway.`,
    focus: ['gateway', 'limiter', 'app'],
    check: 'well-before',
  },
  {
    title: 'A crawler',
    at: { ms: CRAWL_MS },
    text:
      `One client begins to ask ${p.crawlerPerSecond} times a second. The limiter recognises it ` +
      `and lets ${LIMIT} of them pass, as it was told; the app hardly notices.`,
    focus: ['crawler', 'limiter'],
    check: 'one-share-each',
    predict: {
      question: 'What do all the others notice, who are far below their limit?',
      options: [
        'Nothing: the limiter holds the crawler back.',
        'They are refused as well.',
        'Their requests time out, almost all of them.',
      ],
      answer: 2,
      because:
        'Before a request is refused, it has stood in the queue of the gateway and has cost it 4 ' +
        'milliseconds like any other. 450 a second are nearly twice what the gateway can do, and ' +
        'its one queue does not know who is greedy: after two seconds everybody waits longer ' +
        'than a client does.',
    },
  },
  {
    title: 'Refused too late',
    at: { ms: FELT_MS + 1_000 },
    text:
      'The limiter is right each time, and the app behind it idles. What is short is the time of ' +
      'the gateway, and five sixths of that go to requests that are refused a moment later.',
    focus: ['gateway', 'people'],
    check: 'people-are-answered',
  },
  {
    title: 'The queue outlives the crawler',
    at: { ms: CRAWL_END_MS + 1_000 },
    text:
      'The crawler is gone, but the gateway still works through what it left. Before the gateway ' +
      'the same limiter would have let 70 requests a second reach it: refuse as early as the ' +
      'one who refuses can know whom. What an edge of several places cannot know is what the ' +
      'other places let through.',
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
    'Give the gateway a second core by hand: is that cheaper than moving the limiter?',
    'Crash the limiter at the edge: who is left to refuse?',
  ],
  leavesOut: [
    'What a limiter costs itself: here it is nothing, at a real edge a small part of the gateway.',
    'Greedy clients with many addresses, which no limit for each client holds back.',
    'Edges that tell each other what they let through.',
  ],
});
