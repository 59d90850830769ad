/**
 * A store becomes slow, and the service before it goes on taking requests. It either says no while
 * it still can, or takes them all until its memory is full and it is killed.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CONCURRENCY_LIMITS, SRE_OVERLOAD } from '../sources.ts';

const params = {
  limit: field.choice(['none', 'fixed', 'aimd', 'vegas', 'gradient2'], {
    about:
      'How many requests the service works on at once: as many as come, a fixed number, or a ' +
      'number that follows how long they take, compared with the best (Vegas) or the usual time ' +
      '(Gradient2), or how many fail (AIMD).',
    default: 'none',
  }),
  slowFactor: field.count({
    about: 'How many times as long the store takes while it is slow.',
    default: 4,
    min: 3,
    max: 8,
  }),
  slowForMs: field.millis({
    about: 'How long the store is slow.',
    default: 10_000,
    min: 10_000,
    max: 30_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE_PER_SECOND = 80;
const WORK_MS = 20;
const CORES = 2;
const BASE_MB = 112;
const PER_REQUEST_MB = 2;
const LIMIT_MB = 512;
const START_LIMIT = 20;
/** More than this at once and it is killed. */
const FITS = (LIMIT_MB - BASE_MB) / PER_REQUEST_MB;
const SLOW_MS = 4_000;
const healMs = (p: Params): number => SLOW_MS + p.slowForMs;
const endMs = (p: Params): number => healMs(p) + 8_000;

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'producer',
    component: 'http-client',
    count: 1,
    links: { target: 'ingest' },
    config: {
      arrivals: { kind: 'poisson', ratePerSecond: RATE_PER_SECOND },
      routes: [{ route: 'POST /event', write: true }],
      call: { timeoutMs: 5_000 },
    },
  },
  {
    name: 'ingest',
    component: 'service',
    count: 1,
    links: { store: 'store' },
    config: {
      steps: [{ do: 'call', to: 'store' }],
      upstreams: [{ to: 'store', timeoutMs: p.limit === 'aimd' ? 500 : 20_000 }],
      admission:
        p.limit === 'none'
          ? {}
          : {
              concurrencyLimit: START_LIMIT,
              limitPolicy: p.limit,
              maxQueue: 10,
            },
      memory: {
        baseMb: BASE_MB,
        perRequestMb: PER_REQUEST_MB,
        limitMb: LIMIT_MB,
        restartMs: 2_000,
      },
    },
  },
  {
    name: 'store',
    component: 'service',
    count: 1,
    cores: CORES,
    config: { steps: [{ do: 'work', time: { kind: 'exponential', meanMs: WORK_MS } }] },
  },
];

const slowTime = (p: Params) => ({ fromMs: SLOW_MS + 4_000, untilMs: healMs(p) });
const rounded = (x: number): number => Math.round(x * 10) / 10;
/** What the store can do while it is slow. */
const slowPerSecond = (p: Params): number => (CORES * 1_000) / WORK_MS / p.slowFactor;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.85, fromMs: 0, untilMs: SLOW_MS },
    about: 'In calm times nearly all events are taken.',
  },
  {
    id: 'the-slowness-bites',
    use: 'gauge',
    args: { group: 'store', gauge: 'Utilisation', atLeast: 0.9, ...slowTime(p) },
    about: 'The slow store works all the time.',
  },
  {
    id: 'never-killed',
    use: 'fact-count',
    args: { fact: 'service.oom-killed', atMost: 0 },
    about: 'The service never runs out of memory.',
  },
  {
    id: 'few-inside',
    use: 'gauge',
    args: { group: 'ingest', gauge: 'Under way', measure: 'max', atMost: FITS / 2 },
    about: `No more than ${FITS / 2} events are ever under way at once.`,
  },
  {
    id: 'still-useful',
    use: 'slo',
    args: { metric: 'ok-per-second', atLeast: rounded(slowPerSecond(p) * 0.25), ...slowTime(p) },
    about: 'A quarter and more of what the slow store can do reaches a producer that still waits.',
  },
  {
    id: 'nobody-left-in-doubt',
    use: 'slo',
    args: { metric: 'error-count', error: 'connection-reset', atMost: 0 },
    about: 'Each event is stored or refused: no producer has to wonder which.',
  },
  {
    id: 'limit-follows',
    use: 'gauge',
    args: { group: 'ingest', gauge: 'Limit', atLeast: 1, atMost: 16, ...slowTime(p) },
    about: `While the store is slow the limit goes down from ${START_LIMIT}.`,
  },
  {
    id: 'recovers',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.85, fromMs: healMs(p) + 5_000, untilMs: endMs(p) },
    about: 'Five seconds after the store is fast again, nearly all events are taken again.',
  },
];

const hasLimit = (p: Params): boolean => p.limit !== 'none';
/** What is left inside after each second, and so how long it takes to fill the memory. */
const leftPerSecond = (p: Params): number => RATE_PER_SECOND - slowPerSecond(p);
const fillSeconds = (p: Params): number => rounded(FITS / leftPerSecond(p));

const TAKES: { readonly [limit in Params['limit']]: string } = {
  none: 'The service takes every event that comes.',
  fixed: `The service works on ${START_LIMIT} events at once, and a few may wait.`,
  aimd: 'The service works on a number of events at once that falls with each call that fails.',
  vegas: 'The service works on fewer events at once as soon as the store takes longer.',
  gradient2: 'The service works on fewer events at once while the store takes longer than usual.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Faster than needed',
    at: { ms: 1_000 },
    text:
      `A producer sends ${RATE_PER_SECOND} events a second to a service, which writes them to a ` +
      `store that can take ${(CORES * 1_000) / WORK_MS}. Each event under way needs ` +
      `${PER_REQUEST_MB} MiB, and there is room for ${FITS}. A few are under way.`,
    focus: ['ingest', 'store'],
    check: 'well-before',
  },
  {
    title: 'The store becomes slow',
    at: { ms: SLOW_MS },
    text:
      `The store takes ${p.slowFactor} times as long and manages ` +
      `${rounded(slowPerSecond(p))} events a second. The producer does not know, and goes on.`,
    focus: ['store'],
    check: 'the-slowness-bites',
    predict: {
      question: `${TAKES[p.limit]} What becomes of it while the store is slow?`,
      options: [
        'It only waits: every event is stored, just later.',
        `It is killed after about ${fillSeconds(p)} s, when its memory is full.`,
        'It lives, and refuses a large part of the events.',
      ],
      answer: hasLimit(p) ? 2 : 1,
      because:
        `${RATE_PER_SECOND} come in each second and ${rounded(slowPerSecond(p))} go out. ` +
        (hasLimit(p)
          ? 'Whatever does not fit under the limit is refused at once, so what is inside stays ' +
            `far below the ${FITS} for which there is memory.`
          : `${rounded(leftPerSecond(p))} more are inside after each, and ${FITS} fit. A service ` +
            'without a limit has one all the same, its memory, and when that is reached it loses ' +
            'everything that it had taken.'),
    },
  },
  {
    title: hasLimit(p) ? 'Refused is refused' : 'Taken is not stored',
    at: { ms: SLOW_MS + 5_000 },
    text: hasLimit(p)
      ? 'Whoever is refused knows it at once, and knows that the event is not stored. The ' +
        'service ' +
        'lives, nothing that it has taken is lost with it, and the store works all the time.'
      : `${FITS} events were inside when the service was killed. Their connections are reset: ` +
        'they may be in the store or not. And the store still works through what the dead ' +
        'service had sent it.',
    focus: ['ingest', 'producer'],
    check: 'nobody-left-in-doubt',
  },
  {
    title: 'Saying no in time',
    at: { ms: healMs(p) + 1_000 },
    text:
      'With a limit the service refuses what it cannot hand on, and the producer knows at once ' +
      'that it has to slow down, to keep the event, or to drop it. A fixed limit must be chosen; ' +
      'one that moves finds it: fewer at once while answers take long, more when they are quick.' +
      (p.limit === 'gradient2'
        ? ' Gradient2 calls long what is longer than usual, and what lasts becomes usual: its ' +
          'limit grows again while the store is still slow.'
        : ''),
    focus: ['ingest', 'producer'],
    check: 'never-killed',
  },
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Backpressure',
  summary: 'A slow store behind a service: who feels it, and how.',
  durationMs: endMs(p),
  network: { latency: { kind: 'uniform', minMs: 0.5, maxMs: 1.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'slow-store',
      fault: { type: 'slow-cpu', target: 'store', factor: p.slowFactor },
      atMs: SLOW_MS,
      forMs: p.slowForMs,
    },
  ],
  checks: checks(p),
  story: story(ablations.includes('traffic.backpressure') ? { ...p, limit: 'none' } : p),
});

const TAKES_ALL = {
  'never-killed': { breaks: {} },
  'few-inside': { breaks: {} },
  'still-useful': { breaks: {} },
  'nobody-left-in-doubt': { breaks: {} },
  'limit-follows': { breaks: {} },
} as const;

export default defineScenario({
  id: 'patterns/backpressure',
  title: 'Backpressure',
  summary:
    'A store becomes slow, and the service before it takes events until its memory is full. A ' +
    'limit on what is under way passes the pressure back to the producer instead.',
  tier: 'hostile',
  sources: [CONCURRENCY_LIMITS, SRE_OVERLOAD],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Everything is taken, until the service is killed.',
      expect: TAKES_ALL,
    },
    {
      name: 'fixed-limit',
      about: 'Twenty at once, slow or not.',
      params: { limit: 'fixed' },
      expect: { 'limit-follows': { breaks: {} } },
    },
    {
      name: 'aimd-limit',
      about: 'One more while it goes well, a tenth less for each call that fails.',
      params: { limit: 'aimd' },
    },
    {
      name: 'vegas-limit',
      about: 'Fewer as soon as answers take longer than the best seen.',
      params: { limit: 'vegas' },
    },
    {
      name: 'gradient2-limit',
      about: 'Fewer while answers take longer than usual: for ten seconds that is as good.',
      params: { limit: 'gradient2' },
    },
    {
      name: 'gradient2-slow-for-long',
      about: 'After half a minute slow is usual, and the limit has grown again.',
      params: { limit: 'gradient2', slowForMs: 30_000 },
      expect: { 'limit-follows': { breaks: {} } },
    },
    {
      name: 'no-backpressure',
      about: 'A limit is set, but the rule that holds to it is off: everything is taken.',
      params: { limit: 'vegas' },
      ablations: ['traffic.backpressure'],
      expect: TAKES_ALL,
    },
  ],
  thingsToTry: [
    'Let the store take eight times as long: how much sooner is the service killed?',
    'Compare the limit that Vegas finds with rate times time (Little’s law) for the slow store.',
    'Let the store be slow for half a minute: what becomes of the limits of Vegas and Gradient2?',
    'Cut the link to the store by hand: does the pressure reach the producer then?',
  ],
  leavesOut: [
    'Producers that really slow down: this one only learns that it should.',
    'Swapping and garbage collection, which make a service slow long before it is killed.',
  ],
});
