/**
 * More requests than a service can answer. Who waits in line for ever is answered too late; who is
 * turned away at once costs nothing. The question is only whom to turn away.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
import { CODEL_RFC, FAIL_AT_SCALE, SRE_OVERLOAD } from '../sources.ts';

const params = {
  door: field.choice(['endless', 'short', 'lifo', 'codel', 'priority'], {
    about:
      'Endless: everybody may wait, first come first served. Short: forty may wait. Lifo: the ' +
      'newest is next. Codel: who waited too long is sent away. Priority: forty may wait, and ' +
      'the important go first.',
    default: 'endless',
  }),
  overloadPercent: field.count({
    about: 'How much of its capacity the service is asked for in the overload.',
    default: 180,
    min: 150,
    max: 250,
  }),
};
type Params = Static<TObject<typeof params>>;

const SERVICE_MS = 10;
const CAPACITY_PER_SECOND = 1_000 / SERVICE_MS;
const CALM_PER_SECOND = 50;
const IMPORTANT_SHARE = 0.2;
/** How long clients wait, and what they pay attention to: an answer after that is none. */
const PATIENCE_MS = 1_000;
const OVERLOAD_MS = 4_000;
const CALM_AGAIN_MS = 12_000;
const END_MS = 22_000;
const SHORT = 40;

const DOORS: { readonly [door in Params['door']]: object } = {
  endless: { maxQueue: 1_000_000 },
  short: { maxQueue: SHORT },
  lifo: { maxQueue: 1_000_000, discipline: 'lifo' },
  codel: { maxQueue: 1_000_000, codel: true, codelTargetMs: 5, codelIntervalMs: 100 },
  priority: { maxQueue: SHORT, discipline: 'priority' },
};

const groups = (p: Params): readonly GroupPlan[] => [
  clientOf('shop', {
    arrivals: {
      kind: 'spike',
      ratePerSecond: CALM_PER_SECOND,
      factor: (CAPACITY_PER_SECOND * p.overloadPercent) / 100 / CALM_PER_SECOND,
      fromMs: OVERLOAD_MS,
      untilMs: CALM_AGAIN_MS,
    },
    routes: [
      { route: 'POST /order', share: IMPORTANT_SHARE, priority: 0 },
      { route: 'GET /browse', share: 1 - IMPORTANT_SHARE, priority: 3 },
    ],
    call: { timeoutMs: PATIENCE_MS },
  }),
  {
    name: 'shop',
    component: 'service',
    count: 1,
    config: {
      steps: [{ do: 'work', time: { kind: 'exponential', meanMs: SERVICE_MS } }],
      admission: { concurrencyLimit: 1, ...DOORS[p.door] },
    },
  },
];

/** Once the queue of the first seconds has had its effect. */
const overload = { fromMs: OVERLOAD_MS + 2_500, untilMs: CALM_AGAIN_MS };

const all = { fromMs: OVERLOAD_MS + 500, untilMs: CALM_AGAIN_MS };

const checks = (): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.93, fromMs: 0, untilMs: OVERLOAD_MS },
    about: 'At half its capacity nearly everybody is answered.',
  },
  {
    id: 'the-overload-bites',
    use: 'slo',
    args: { metric: 'success-share', atMost: 0.8, ...overload },
    about: 'Not everybody can be answered, whatever the service does.',
  },
  {
    id: 'goodput',
    use: 'slo',
    args: { metric: 'ok-per-second', atLeast: CAPACITY_PER_SECOND * 0.75, ...overload },
    about: 'It still answers three quarters of what it can, in time.',
  },
  {
    id: 'important-answered',
    use: 'slo',
    args: { metric: 'success-share', operation: 'POST /order', atLeast: 0.98, ...overload },
    about: 'Orders go through, whoever else has to go.',
  },
  {
    id: 'important-fast',
    use: 'slo',
    args: { metric: 'mean-ms', operation: 'POST /order', atMost: 70, ...all },
    about: 'And those that go through are fast.',
  },
  {
    id: 'calm-at-once',
    use: 'slo',
    args: {
      metric: 'success-share',
      atLeast: 0.9,
      fromMs: CALM_AGAIN_MS + 1_500,
      untilMs: CALM_AGAIN_MS + 4_000,
    },
    about: 'A second after the overload nearly everybody is answered again.',
  },
];

const offered = (p: Params): number => (CAPACITY_PER_SECOND * p.overloadPercent) / 100;
/** The wait is as long as a client's patience when so many stand in line. */
const fullAfterSeconds = (p: Params): number =>
  Math.round(
    (10 * CAPACITY_PER_SECOND * PATIENCE_MS) / 1_000 / (offered(p) - CAPACITY_PER_SECOND),
  ) / 10;

type Line = { readonly rule: string; readonly because: string; readonly after: string };

const line = (p: Params): Line =>
  ({
    endless: {
      rule: 'Everybody may wait, first come first served.',
      because:
        `The line grows by ${offered(p) - CAPACITY_PER_SECOND} requests a second, and after ` +
        'about ' +
        `${fullAfterSeconds(p)} s whoever comes to its head has waited for longer than a second ` +
        'and is gone. From then on the service is busy with answers for people who have left: ' +
        'full use, and no good.',
      after:
        'The rush is over, yet who comes now still stands behind everybody who came before and ' +
        'has long left. A long queue remembers an overload; a short one forgets it at once.',
    },
    short: {
      rule: `Only ${SHORT} may wait, the others are turned away at once.`,
      because:
        `Behind ${SHORT} others one waits for less than half a second, so nearly everybody who ` +
        'gets in is answered in time. Who is turned away costs nothing here, an order no less ' +
        'than a look around.',
      after: 'The line was never long, so it is gone at once: a short queue forgets an overload.',
    },
    lifo: {
      rule: 'Everybody may wait, and the newest is next.',
      because:
        'The newest still waits for the answer, so the work is good for somebody. Those who are ' +
        'passed by are not answered at all, orders no less than others.',
      after:
        'Who comes now is next, whoever has been left behind before. What is still in line has ' +
        'nobody who waits for it; it is done when there is nothing newer.',
    },
    codel: {
      rule: 'Everybody may wait, but who waited too long is sent away.',
      because:
        'While the wait stays too long, more and more are sent away from the head of the line, ' +
        'until those behind them are reached in time. Orders are sent away like the rest.',
      after: 'The line was kept short, so hardly anything is left of the rush.',
    },
    priority: {
      rule: `Only ${SHORT} may wait; orders pass the others and push them out.`,
      because:
        `As many are answered as with any short line. What differs is who: ` +
        `${IMPORTANT_SHARE * 100} ` +
        'of a hundred requests are orders, less than can be done, so they all go through and are ' +
        'fast. Those who browse pay for it.',
      after: 'The line was never long, so those who browse are answered again at once, too.',
    },
  })[p.door];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'At half its capacity',
    at: { ms: 1_000 },
    text:
      `A hundred requests a second are the most that this service can do; it gets ` +
      `${CALM_PER_SECOND}. One in five is an order, the others only browse.`,
    focus: ['shop'],
    check: 'well-before',
  },
  {
    title: 'Too many',
    at: { ms: OVERLOAD_MS },
    text:
      `Now ${offered(p)} a second come. Nothing is broken, ` +
      'there is just more to do than can be done. Clients wait for one second.',
    focus: ['client', 'shop'],
    predict: {
      question:
        `${line(p).rule} The service does 100 requests a second all the time. ` +
        'How many clients are answered in time, after the first seconds?',
      options: ['Nearly a hundred a second.', 'About fifty a second.', 'Hardly any.'],
      answer: p.door === 'endless' ? 2 : 0,
      because: line(p).because,
    },
  },
  {
    title: p.door === 'endless' ? 'Busy for nobody' : 'Whom it answers',
    at: { ms: OVERLOAD_MS + 4_000 },
    text:
      'Look at the queue, and at what is answered. A short queue turns people away at once and ' +
      'answers the others in time; the newest first serves those who still wait; with ' +
      'priorities the orders pass by the rest.',
    focus: ['shop'],
    check: 'goodput',
  },
  {
    title: 'After the rush',
    at: { ms: CALM_AGAIN_MS + 1_500 },
    text: line(p).after,
    focus: ['shop'],
    check: 'calm-at-once',
  },
];

/** The door as it is without the rules that are off. */
function shown(p: Params, ablations: readonly string[]): Params {
  if (p.door === 'codel' && ablations.includes('traffic.codel')) return { ...p, door: 'endless' };
  const hasNoRanks = p.door === 'priority' && ablations.includes('traffic.load-shedding');
  return hasNoRanks ? { ...p, door: 'short' } : p;
}

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Load shedding',
  summary: 'More requests than can be answered: whom to turn away, and when.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(),
  story: story(shown(p, ablations)),
});

const ORDERS_SUFFER = { 'important-answered': { breaks: {} } } as const;
const ORDERS_WAIT = { ...ORDERS_SUFFER, 'important-fast': { breaks: {} } } as const;
const BUSY_FOR_NOBODY = {
  ...ORDERS_WAIT,
  goodput: { breaks: {} },
  'calm-at-once': { breaks: {} },
} as const;

export default defineScenario({
  id: 'patterns/load-shedding',
  title: 'Load shedding',
  summary:
    'A service that lets everybody wait works at full speed for people who have left. A short ' +
    'queue, the newest first, or the important first: each saves something else.',
  tier: 'hostile',
  sources: [SRE_OVERLOAD, FAIL_AT_SCALE, CODEL_RFC],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Everybody may wait: nobody is answered in time.',
      expect: BUSY_FOR_NOBODY,
    },
    {
      name: 'short-queue',
      about: 'Forty may wait: whoever gets in is answered. Orders are turned away like the rest.',
      params: { door: 'short' },
      expect: ORDERS_WAIT,
    },
    {
      name: 'newest-first',
      about: 'Last come, first served: the lucky are answered at once, the others never.',
      params: { door: 'lifo' },
      expect: ORDERS_SUFFER,
    },
    {
      name: 'codel',
      about: 'Who waited too long is sent away, more and more until the wait is short.',
      params: { door: 'codel' },
      expect: ORDERS_WAIT,
    },
    {
      name: 'important-first',
      about: 'A short queue in which orders pass and push out those who browse.',
      params: { door: 'priority' },
    },
    {
      name: 'no-codel',
      about: 'The queue of CoDel without its drops: nobody is answered in time.',
      params: { door: 'codel' },
      ablations: ['traffic.codel'],
      expect: BUSY_FOR_NOBODY,
    },
    {
      name: 'no-priorities',
      about: 'The short queue, in which orders are like all others: they wait, or are refused.',
      params: { door: 'priority' },
      ablations: ['traffic.load-shedding'],
      expect: ORDERS_WAIT,
    },
  ],
  thingsToTry: [
    'Raise the overload to 250 % with priorities: at which load would orders suffer, too?',
    'Compare the median of the newest-first queue with its slowest answers.',
    'Crash the shop for a second in the overload: which queue recovers first?',
  ],
  leavesOut: [
    'What it costs to turn somebody away: here nothing. See patterns/adaptive-throttling.',
    'Clients that try again at once, and so make the overload worse.',
  ],
});
