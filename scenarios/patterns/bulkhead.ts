/**
 * One of two dependencies becomes slow. Without walls its calls take every place of the caller;
 * with a bulkhead they take only their own.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { BULKHEAD_AZURE, RELEASE_IT } from '../sources.ts';

const params = {
  reviewPlaces: field.count({
    about: 'Calls to the reviews that may be under way at once.',
    default: 8,
    min: 2,
    max: 60,
  }),
  reviewsPerSecond: field.count({
    about: 'Requests for reviews; as many again come for prices.',
    default: 40,
    min: 30,
    max: 80,
  }),
};
type Params = Static<TObject<typeof params>>;

const PLACES = 40;
const TIMEOUT_MS = 3_000;
const SLOW_MS = 4_000;
const HEAL_MS = 14_000;
const END_MS = 19_000;
const REVIEW_MS = 10;

const backend = (name: string): GroupPlan => ({
  name,
  component: 'service',
  count: 1,
  cores: 4,
  config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: REVIEW_MS } }] },
});

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('shop', {
    arrivals: { kind: 'poisson', ratePerSecond: 2 * p.reviewsPerSecond },
    routes: [{ route: 'GET /price' }, { route: 'GET /review' }],
    call: { timeoutMs: 5_000 },
  }),
  {
    name: 'shop',
    component: 'service',
    count: 1,
    links: { prices: 'prices', reviews: 'reviews' },
    config: {
      routes: [
        { route: 'GET /price', steps: [{ do: 'call', to: 'prices' }] },
        { route: 'GET /review', steps: [{ do: 'call', to: 'reviews' }] },
      ],
      admission: { concurrencyLimit: PLACES, maxQueue: 20 },
      upstreams: [
        { to: 'prices', timeoutMs: TIMEOUT_MS },
        { to: 'reviews', timeoutMs: TIMEOUT_MS, maxConcurrentCalls: p.reviewPlaces },
      ],
    },
  },
  backend('prices'),
  backend('reviews'),
];

/** When a slow dependency has had the time to fill everything. */
const slow = { fromMs: SLOW_MS + 2_000, untilMs: HEAL_MS };

const checks = (): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.99, fromMs: 0, untilMs: SLOW_MS },
    about: 'In calm times the wall is never touched.',
  },
  {
    id: 'the-slowness-bites',
    use: 'slo',
    args: { metric: 'success-share', operation: 'GET /review', atMost: 0.6, ...slow },
    about: 'Most who want reviews get none while they are slow.',
  },
  {
    id: 'prices-unhurt',
    use: 'slo',
    args: { metric: 'success-share', operation: 'GET /price', atLeast: 0.99, ...slow },
    about: 'Whoever wants a price gets one, whatever the reviews do.',
  },
  {
    id: 'prices-fast',
    use: 'slo',
    args: { metric: 'p95-ms', operation: 'GET /price', atMost: 70, ...slow },
    about: 'And as fast as ever.',
  },
  {
    id: 'places-stay-free',
    use: 'gauge',
    args: {
      group: 'shop',
      gauge: 'Under way',
      measure: 'max',
      atMost: PLACES - 1,
      ...slow,
    },
    about: 'The shop never runs out of places.',
  },
  {
    id: 'recovers',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.99, fromMs: HEAL_MS + 3_500, untilMs: END_MS },
    about: 'When the reviews are fast again, everybody is answered.',
  },
];

/** Whether calls to the reviews are limited at all, and below all places. */
const isWall = (p: Params, isLimited: boolean): boolean => isLimited && p.reviewPlaces < PLACES;
const wanted = (p: Params): number => (p.reviewsPerSecond * TIMEOUT_MS) / 1_000;

const story = (p: Params, isLimited: boolean): readonly StoryStep[] => [
  {
    title: 'Two dependencies',
    at: { ms: 1_000 },
    text:
      `The shop can work on ${PLACES} requests at once. Half of them need a price, half a ` +
      `review; both take about ${REVIEW_MS} ms, so ${p.reviewsPerSecond} a second of each keep ` +
      'less than one place busy.',
    focus: ['shop'],
    check: 'well-before',
  },
  {
    title: 'The reviews become slow',
    at: { ms: SLOW_MS },
    text:
      'The reviews now take two hundred times as long: a lost index, a full disk. They still ' +
      'answer some, and the shop waits up to three seconds for each.',
    focus: ['reviews'],
    check: 'the-slowness-bites',
    predict: {
      question:
        'Prices are as fast as before. ' +
        (isWall(p, isLimited)
          ? 'Suppose that nothing limits the calls to the reviews: who would be served?'
          : !isLimited
            ? 'Nothing limits the calls to the reviews: who is served?'
            : `Up to ${p.reviewPlaces} calls to the reviews may be under way: who is served?`),
      options: [
        'Whoever wants a price: that never touches the reviews.',
        'A part only, also of those who want a price: the reviews hold all places of the shop.',
        'All of them, but prices take twice as long: they share the shop half and half.',
      ],
      answer: 1,
      because:
        `${p.reviewsPerSecond} requests a second times three seconds of waiting are ` +
        `${wanted(p)} places, and the shop has ${PLACES}. A price needs a place for ` +
        'ten milliseconds, but there is none: it queues behind requests that wait for reviews.',
    },
  },
  {
    title: isWall(p, isLimited) ? 'A wall in the hull' : 'No wall in the hull',
    at: { ms: SLOW_MS + 3_000 },
    text: isWall(p, isLimited)
      ? `With the wall only ${p.reviewPlaces} calls to the reviews may be under way: the next is ` +
        'refused at once, and its place is free for somebody who wants a price. Without it they ' +
        'take every place.'
      : !isLimited
        ? 'Nothing limits the calls to the reviews. Each of them waits up to three seconds, and ' +
          'before long they take every place.'
        : `${p.reviewPlaces} calls may be under way, and there are only ${PLACES} places: a ` +
          'limit that is never reached is none. The calls to the reviews take every place.',
    focus: ['shop', 'prices'],
    check: 'prices-unhurt',
  },
  {
    title: 'How wide a compartment',
    at: { ms: HEAL_MS + 500 },
    text:
      `The reviews are fast again. In calm times ${p.reviewsPerSecond} calls a second, each ten ` +
      'milliseconds long, need less than one place on average: eight are plenty, and forty are ' +
      'no wall at all.',
    focus: ['shop', 'reviews'],
    check: 'recovers',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'A bulkhead',
  summary: 'One of two dependencies becomes slow. The other one’s callers must not notice.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'slow-reviews',
      fault: { type: 'slow-cpu', target: 'reviews', factor: 200 },
      atMs: SLOW_MS,
      forMs: HEAL_MS - SLOW_MS,
    },
  ],
  checks: checks(),
  story: story(p, !ablations.includes('traffic.bulkhead')),
});

const NO_WALL = {
  'prices-unhurt': { breaks: {} },
  'prices-fast': { breaks: {} },
  'places-stay-free': { breaks: {} },
} as const;

export default defineScenario({
  id: 'patterns/bulkhead',
  title: 'A bulkhead',
  summary:
    'A slow dependency takes all places of its caller, also those of requests that never touch ' +
    'it. A limit on calls to each dependency keeps the leak in one compartment.',
  tier: 'hostile',
  sources: [RELEASE_IT, BULKHEAD_AZURE],
  params,
  plan,
  variants: [
    { name: 'default', about: 'Eight of forty places for the reviews.' },
    {
      name: 'no-bulkhead',
      about: 'Calls to the reviews may take every place.',
      ablations: ['traffic.bulkhead'],
      expect: NO_WALL,
    },
    {
      name: 'too-wide',
      about: 'A limit above the number of places is none.',
      params: { reviewPlaces: 60 },
      expect: NO_WALL,
    },
  ],
  thingsToTry: [
    'Find the widest compartment that still keeps prices safe.',
    'Make it 2 wide: who is refused in calm times, and why?',
    'Stop the reviews altogether instead of slowing them: is there a difference?',
  ],
  leavesOut: [
    'Threads: a place here is a slot of the service, whatever it is made of.',
    'Waiting for a free place in the compartment: a call that finds it full is refused at once.',
  ],
});
