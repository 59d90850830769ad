/**
 * A cache is restarted, and its database is asked for everything at once: more than it can do, so
 * that every answer comes too late to be kept, and the cache stays empty.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { MEMCACHE_AT_FACEBOOK, METASTABLE } from '../sources.ts';

const params = {
  singleFlight: field.flag({
    about: 'Those who miss the same object at the same time read it once.',
    default: false,
  }),
  readsAtOnce: field.count({
    about: 'Reads of the database that may be under way; the next is refused. 0: no bound.',
    default: 0,
    max: 16,
  }),
  rampMs: field.millis({
    about: 'After the restart the load comes back evenly over so long; 0: all at once.',
    default: 0,
    max: 10_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const OBJECTS = 400;
const PER_SECOND = 200;
const READ_MS = 20;
const DB_CORES = 2;
const DB_PER_SECOND = (DB_CORES * 1_000) / READ_MS;
/** The service gives a read up, and does not keep what comes later. */
const READ_TIMEOUT_MS = 300;
const RESTART_MS = 8_000;
const DOWN_MS = 50;
const SETTLED_MS = 18_000;
const END_MS = 21_500;

/** Slowly up at first, so that the cache fills; and so again after the restart, if it is wanted. */
const load = (p: Params): readonly { readonly atMs: number; readonly ratePerSecond: number }[] => {
  const first = [50, 90, 130, 170].map((ratePerSecond, i) => ({ atMs: i * 1_000, ratePerSecond }));
  const full = { atMs: 5_000, ratePerSecond: PER_SECOND };
  if (p.rampMs === 0) return [...first, full];
  const ramp = [0.25, 0.4, 0.55, 0.7, 0.85, 1].map((share, i) => ({
    atMs: RESTART_MS + (i * p.rampMs) / 6,
    ratePerSecond: share * PER_SECOND,
  }));
  return [...first, full, ...ramp];
};

const groups = (p: Params): readonly GroupPlan[] => [
  {
    name: 'client',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: { kind: 'steps', steps: load(p) },
      popularity: { kind: 'zipf', keys: OBJECTS, alpha: 0.6 },
      call: { timeoutMs: 1_000 },
    },
  },
  {
    name: 'app',
    component: 'service',
    count: 1,
    links: { cache: 'cache', db: 'db' },
    config: {
      steps: [
        {
          do: 'cached',
          in: 'cache',
          miss: [{ do: 'query', to: 'db' }],
          singleFlight: p.singleFlight,
          setInBackground: true,
        },
      ],
      upstreams: [
        { to: 'cache', timeoutMs: 20 },
        { to: 'db', timeoutMs: READ_TIMEOUT_MS, maxConcurrentCalls: p.readsAtOnce },
      ],
    },
  },
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    config: { capacity: OBJECTS, ttlMs: 8_000, ttlJitter: 0.5 },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: DB_CORES,
    config: { read: { time: { kind: 'constant', ms: READ_MS } } },
  },
];

const checks = (): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.98, fromMs: 4_000, untilMs: RESTART_MS },
    about: 'With a warm cache everybody is answered.',
  },
  {
    id: 'the-cache-carries-the-load',
    use: 'gauge',
    args: {
      group: 'db',
      gauge: 'Reads',
      measure: 'per-second',
      atMost: 0.8 * DB_PER_SECOND,
      fromMs: 6_000,
      untilMs: RESTART_MS,
    },
    about: 'Of 200 requests a second fewer than 80 reach the database, which can do 100.',
  },
  {
    id: 'the-restart-bites',
    use: 'fact-count',
    args: { fact: 'node.crashed', atLeast: 1 },
    about: 'The cache is restarted, and empty.',
  },
  {
    id: 'recovers',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 0.97, fromMs: SETTLED_MS, untilMs: END_MS },
    about: 'Ten seconds after the restart everybody is answered again.',
  },
  {
    id: 'the-cache-fills',
    use: 'gauge',
    args: {
      group: 'cache',
      gauge: 'Hit ratio',
      measure: 'share',
      atLeast: 0.6,
      fromMs: SETTLED_MS,
    },
    about: 'By then six of ten requests find their object again.',
  },
];

const story = (): readonly StoryStep[] => [
  {
    title: 'A warm cache',
    at: { ms: 6_500 },
    text:
      `${PER_SECOND} requests a second, and a database that can do ${DB_PER_SECOND} reads. It ` +
      'works because the cache answers most of them: the system needs its cache not to be fast, ' +
      'but to be there at all.',
    focus: ['cache', 'db'],
    check: 'the-cache-carries-the-load',
  },
  {
    title: 'A restart',
    at: { ms: RESTART_MS },
    text:
      'The cache is restarted; it takes a twentieth of a second. It comes back empty, and every ' +
      'request goes to the database.',
    focus: ['cache'],
    check: 'the-restart-bites',
    predict: {
      question:
        `The database gets ${PER_SECOND} reads a second and can do ${DB_PER_SECOND}. The service ` +
        `waits ${READ_TIMEOUT_MS} ms for each. What happens?`,
      options: [
        'Half of the requests fail for some seconds, until the cache is full again.',
        'The cache stays empty: it goes on like this for good.',
        'All are answered, but slowly.',
      ],
      answer: 1,
      because:
        `After a second a hundred reads wait, which is a second of work, and nobody waits longer ` +
        `than ${READ_TIMEOUT_MS} ms. The database does all its work for callers that have given ` +
        'up, so nothing reaches the cache, so every request goes on to the database. Load keeps ' +
        'the cache empty, and the empty cache keeps the load up.',
    },
  },
  {
    title: 'Busy for nobody',
    at: { ms: 12_000 },
    text:
      'The database works at its limit, and its answers come too late. Compare the hit ratio ' +
      'before the restart with the one now.',
    focus: ['db', 'app'],
  },
  {
    title: 'Ways back',
    at: { ms: SETTLED_MS },
    text:
      'A bound on the reads under way refuses the others at once: those that are let in are ' +
      'answered in time, and kept. Or let the load come back bit by bit, so that the cache fills ' +
      'before everybody is there.',
    focus: ['cache', 'db'],
    check: 'recovers',
  },
];

const plan = (p: Params): Plan => ({
  title: 'A cold start',
  summary: 'A restarted cache is empty, and its database cannot fill it under full load.',
  durationMs: END_MS,
  network: { latency: { kind: 'uniform', minMs: 0.3, maxMs: 0.7 } },
  groups: groups(p),
  faults: [
    {
      id: 'restart',
      fault: { type: 'crash', target: 'cache' },
      atMs: RESTART_MS,
      forMs: DOWN_MS,
    },
  ],
  checks: checks(),
  story: story(),
});

const DOWN = { recovers: { breaks: {} }, 'the-cache-fills': { breaks: {} } } as const;

export default defineScenario({
  id: 'caching/cold-start',
  title: 'A cold start',
  summary:
    'A cache is restarted under load. Its database is asked for everything, answers too late, ' +
    'and so the cache never fills: the system stays down until the reads are bounded.',
  tier: 'hostile',
  sources: [METASTABLE, MEMCACHE_AT_FACEBOOK],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Every miss is a read, and all of the load is there at once.',
      expect: DOWN,
    },
    {
      name: 'bounded-reads',
      about: 'Sixteen reads may be under way: they are answered in time, and kept.',
      params: { readsAtOnce: 16 },
    },
    {
      name: 'ramp',
      about: 'The load comes back over ten seconds: the cache fills on the way.',
      params: { rampMs: 10_000 },
    },
  ],
  thingsToTry: [
    'Let the service wait two seconds for a read: does the system come back by itself then?',
    'Switch single-flight on and run thirty seeds: it brings the system back in some. ' +
      'Why not in all?',
    'Find the smallest bound on the reads under way with which it still comes back.',
    'Restart the cache twice: is the second time any different?',
  ],
  leavesOut: [
    'Filling a new cache from an old one that is still warm, as Facebook does with a cold cluster.',
    'Retries, which would make it worse.',
  ],
});
