/**
 * A cache is restarted, and its database is asked for everything at once: more than it can do, so
 * that every answer comes too late to be kept, and the cache stays empty.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { clientOf } from '../request-parts.ts';
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
  clientOf('app', {
    arrivals: { kind: 'steps', steps: load(p) },
    popularity: { kind: 'zipf', keys: OBJECTS, alpha: 0.6 },
    call: { timeoutMs: 1_000 },
  }),
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

/** With one or two at once the reads that a warm cache needs as well are refused. */
const isEnough = ({ readsAtOnce }: Params): boolean => readsAtOnce === 0 || readsAtOnce > 2;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'well-before',
    use: 'slo',
    args: {
      metric: 'success-share',
      atLeast: isEnough(p) ? 0.98 : 0.5,
      fromMs: 4_000,
      untilMs: RESTART_MS,
    },
    about: `With a warm cache ${isEnough(p) ? 'everybody is' : 'most are'} answered.`,
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

const isBounded = (p: Params): boolean => p.readsAtOnce > 0;
/** Half-way there it depends on the arrivals whether the cache fills. */
const isRamped = (p: Params): boolean => p.rampMs >= 3_000;
const isOpen = (p: Params): boolean =>
  !isBounded(p) && !isRamped(p) && (p.rampMs > 0 || p.singleFlight);
const comesBack = (p: Params): boolean => isBounded(p) || isRamped(p);

/** What stands between the crowd and the database. */
function guard(p: Params): string {
  const all = [
    isBounded(p) ? `no more than ${plural(p.readsAtOnce, 'read')} may be under way` : '',
    p.rampMs > 0 ? `the load comes back bit by bit over ${p.rampMs} ms` : '',
    p.singleFlight ? 'those who miss the same object read it once' : '',
  ].filter((one) => one !== '');
  return all.length === 0 ? 'all of the load is there at once' : all.join(', and ');
}

function why(p: Params): string {
  if (isBounded(p))
    return (
      'Reads above the bound are refused at once, so those that are let in find a short ' +
      'queue and ' +
      `are answered within ${READ_TIMEOUT_MS} ms. Their answers are kept, and each of them takes ` +
      'some load off the database: after some seconds the cache carries the load again.'
    );
  if (isRamped(p))
    return (
      'At first fewer requests come than the database can read. Their answers come in time ' +
      'and are ' +
      'kept, so that the cache has the popular objects before everybody is there.'
    );
  if (isOpen(p))
    return (
      'An answer that comes too late is not kept, and only what is kept takes load off the ' +
      'database. With so little to hold the crowd back it depends on chance which of the two ' +
      'sides wins: with another seed the run may end the other way.'
    );
  return (
    'After a second a hundred reads wait, which is a second of work, and nobody waits longer ' +
    `than ${READ_TIMEOUT_MS} ms. The database does all its work for callers that have given ` +
    'up, so nothing reaches the cache, so every request goes on to the database. Load keeps ' +
    'the cache empty, and the empty cache keeps the load up.'
  );
}

const prediction = (p: Params): NonNullable<StoryStep['predict']> =>
  isOpen(p)
    ? {
        question:
          `The database can do ${DB_PER_SECOND} reads a second, and ${guard(p)}. The ` +
          `service waits ` +
          `${READ_TIMEOUT_MS} ms for each read. What decides whether the cache fills again?`,
        options: [
          'Whether enough reads are answered before the service gives them up.',
          'How much room the cache has.',
          'How long the restart took.',
        ],
        answer: 0,
        because: why(p),
      }
    : {
        question:
          `${PER_SECOND} requests a second came before, the database can do ${DB_PER_SECOND} ` +
          `reads, and ${guard(p)}. The service waits ${READ_TIMEOUT_MS} ms for each. What happens?`,
        options: [
          'The cache fills again, within seconds.',
          'The cache stays empty: it goes on like this for good.',
          'All are answered, but slowly, for as long as the load lasts.',
        ],
        answer: comesBack(p) ? 0 : 1,
        because: why(p),
      };

function meanwhile(p: Params): string {
  if (comesBack(p))
    return (
      'What the database reads arrives in time and is kept. Watch the hit ratio climb back ' +
      'to what ' +
      'it was before the restart.'
    );
  const compare = 'Compare the hit ratio before the restart with the one now.';
  if (isOpen(p)) return `Do the answers of the database come in time? ${compare}`;
  return `The database works at its limit, and its answers come too late. ${compare}`;
}

const story = (p: Params): readonly StoryStep[] => [
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
      'request misses.',
    focus: ['cache'],
    check: 'the-restart-bites',
    predict: prediction(p),
  },
  {
    title: comesBack(p) ? 'It fills' : isOpen(p) ? 'In time or too late' : 'Busy for nobody',
    at: { ms: 12_000 },
    text: meanwhile(p),
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
  checks: checks(p),
  story: story(p),
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
    'Let the load come back over 3, 5 and 10 seconds (rampMs): which of them is slow enough?',
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
