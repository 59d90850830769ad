/**
 * A small cache in each process in front of the one that they share: fewer requests over the
 * network, and copies that nobody can delete from outside.
 *
 * Why the bound is exact: a near copy is never used longer than its time to live, whoever changes
 * the object meanwhile.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { CAFFEINE_EXPIRY, REDIS_TRACKING } from '../sources.ts';

const params = {
  nearTtlMs: field.millis({
    about: 'How long a process uses its own copy; 0: it keeps none.',
    default: 1_000,
    max: 3_000,
  }),
  invalidate: field.choice(['delete', 'event', 'none'], {
    about: 'How the writer tells the far cache: waits until the copy is gone, sends word, or not.',
    default: 'delete',
  }),
};
type Params = Static<TObject<typeof params>>;

const PROCESSES = 3;
const OBJECTS = 20;
const READS_PER_SECOND = 150;
const WRITES_PER_SECOND = 2;
const WARM_MS = 2_000;
const END_MS = 16_000;
const FAR_TTL_MS = 30_000;
/** Links, the database and the set: a copy is as old as its object plus so much. */
const ON_ITS_WAY_MS = 50;
const BOUND_MS = 1_000;

const asker = (name: string, ratePerSecond: number, write: boolean): GroupPlan => ({
  name,
  component: 'http-client',
  count: 1,
  links: { target: 'app' },
  config: {
    arrivals: { kind: 'poisson', ratePerSecond },
    popularity: { keys: OBJECTS },
    routes: [{ route: write ? 'PUT /item' : 'GET /item', write }],
  },
});

const groups = (p: Params): readonly GroupPlan[] => [
  asker('reader', READS_PER_SECOND, false),
  asker('writer', WRITES_PER_SECOND, true),
  {
    name: 'app',
    component: 'service',
    count: PROCESSES,
    links: { cache: 'far', db: 'db' },
    config: {
      routes: [
        {
          route: 'GET /item',
          steps: [
            {
              do: 'cached',
              in: 'cache',
              miss: [{ do: 'query', to: 'db' }],
              ...(p.nearTtlMs > 0 ? { near: { capacity: OBJECTS, ttlMs: p.nearTtlMs } } : {}),
            },
          ],
        },
        {
          route: 'PUT /item',
          steps: [
            { do: 'query', to: 'db', write: true },
            ...(p.invalidate === 'none'
              ? []
              : [{ do: 'invalidate', in: 'cache', by: p.invalidate } as const]),
          ],
        },
      ],
    },
  },
  {
    name: 'far',
    component: 'cache',
    count: 1,
    config: { capacity: OBJECTS, ttlMs: FAR_TTL_MS, leases: true, opMicros: 500 },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: 4,
    config: {
      read: { time: { kind: 'constant', ms: 5 } },
      write: { time: { kind: 'constant', ms: 5 } },
    },
  },
];

/** One look-up at the far cache for each life of a near copy, plus the reads between two copies. */
function farPerSecond(p: Params): number {
  const each = READS_PER_SECOND / PROCESSES / OBJECTS;
  return (PROCESSES * OBJECTS * each) / (1 + (each * p.nearTtlMs) / 1_000);
}

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'the-far-cache-is-spared',
    use: 'gauge',
    args: {
      group: 'far',
      gauge: 'Hit ratio',
      measure: 'per-second',
      fromMs: WARM_MS,
      atMost: READS_PER_SECOND / 2,
    },
    about: 'Fewer than half of the reads find their object in the far cache: most need not ask.',
  },
  {
    id: 'far-load-as-computed',
    use: 'gauge',
    args: {
      group: 'far',
      gauge: 'Hit ratio',
      measure: 'per-second',
      fromMs: WARM_MS,
      atLeast: 0.85 * farPerSecond(p) - 3,
      atMost: 1.12 * farPerSecond(p),
    },
    about:
      `Each process asks once for each life of a copy: about ${Math.round(farPerSecond(p))} hits ` +
      'a second at the far cache.',
  },
  {
    id: 'no-stale-reads',
    use: 'stale-reads',
    args: { atMost: 0 },
    about: 'Once a write was answered nobody reads what was there before.',
  },
  {
    id: 'stale-within-bounds',
    use: 'stale-reads',
    args: { atMost: 0, olderThanMs: BOUND_MS + ON_ITS_WAY_MS },
    about: 'Nobody reads what was replaced more than a second ago.',
  },
  {
    id: 'all-are-answered',
    use: 'slo',
    args: { metric: 'success-share', atLeast: 1 },
    about: 'Every request is answered.',
  },
];

const hasNear = (p: Params): boolean => p.nearTtlMs > 0;
const OUTCOMES = [
  'Nobody: the copy in the far cache is not used any more.',
  'Readers at the other processes, for as long as their near copies live.',
  `Readers at every process, until the far copy expires after ${FAR_TTL_MS / 1_000} s.`,
];
const outcome = (p: Params): number => (p.invalidate === 'none' ? 2 : hasNear(p) ? 1 : 0);

function whatTheWriterDoes(p: Params): string {
  switch (p.invalidate) {
    case 'none':
      return 'A writer changes an object in the database and tells no cache.';
    case 'event':
      return 'A writer changes an object and sends word to the far cache, without waiting for it.';
    default:
      return (
        'A writer changes an object and deletes the copy in the far cache, and waits until it is ' +
        'gone.'
      );
  }
}

const WHY = [
  'The far copy is gone within a millisecond or two, and there is no other: the next reader ' +
    'misses ' +
    'and brings the new version. The price is a way over the network for every read.',
  'The process that handled the write drops its own near copy, and the far one is deleted. ' +
    'But the ' +
    'others do not hear of it: their copies lie in their own memory, out of reach, and are used ' +
    'until they expire. The time to live of a near copy is how stale a reader may be, and ' +
    'nothing ' +
    'else bounds it.',
  'The far cache has a copy and knows nothing of the change. Whoever asks it gets the old ' +
    'version, ' +
    'and a near copy made from it is old as well. Only its own time to live ends that.',
];

function whoStillAsks(p: Params): string {
  if (!hasNear(p))
    return (
      `There are no near copies: all ${READS_PER_SECOND} reads a second go over the network to ` +
      'the far cache.'
    );
  return (
    `Each process asks for each object ${READS_PER_SECOND / PROCESSES / OBJECTS} times a second, ` +
    `and keeps an answer for ${p.nearTtlMs} ms: about ${Math.round(farPerSecond(p))} of ` +
    `${READS_PER_SECOND} reads a second go on to the far cache.`
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: hasNear(p) ? 'Two caches' : 'One cache for all',
    at: { ms: 1_000 },
    text:
      `${PROCESSES} processes share a far cache, and ` +
      (hasNear(p)
        ? `each keeps copies of its own for ${p.nearTtlMs} ms. `
        : 'none keeps copies of its own. ') +
      `${READS_PER_SECOND} reads a second spread over ${OBJECTS} objects.`,
    focus: ['app', 'far'],
    check: 'all-are-answered',
  },
  {
    title: 'Who still asks',
    at: { ms: WARM_MS + 2_000 },
    text: whoStillAsks(p),
    focus: ['far'],
    check: 'far-load-as-computed',
    predict: {
      question:
        `${whatTheWriterDoes(p)} ` +
        (hasNear(p)
          ? `Each process keeps near copies for ${p.nearTtlMs} ms.`
          : 'No process keeps near copies.') +
        ' Who can still read the old version a moment later?',
      options: OUTCOMES,
      answer: outcome(p),
      because: WHY[outcome(p)] ?? '',
    },
  },
  {
    title: outcome(p) === 0 ? 'Never stale' : 'How stale',
    at: { ms: 10_000 },
    text:
      [
        'No reader gets an old version. The far cache carries every read for that.',
        `Readers get old versions now and then, and never one that was replaced more than ` +
          `${p.nearTtlMs} ms ago. Whoever needs more than that must do without near copies, ` +
          `or be ` +
          'told of each change.',
        'Readers get versions that were replaced seconds ago. To tell the far cache of a ' +
          'change is ' +
          'what would bound that.',
      ][outcome(p)] ?? '',
    focus: ['app', 'writer'],
    check: 'stale-within-bounds',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Near and far',
  summary: 'Copies in each process in front of a shared cache: less to ask, and bounded staleness.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(p),
  story: story(p),
});

const STALE = { 'no-stale-reads': { breaks: {} } } as const;

export default defineScenario({
  id: 'caching/near-and-far',
  title: 'A near and a far cache',
  summary:
    'Copies within each process take two thirds of the load off a shared cache. Nobody ' +
    'can delete ' +
    'them from outside: readers are stale for as long as they live, and not longer.',
  tier: 'calm',
  sources: [CAFFEINE_EXPIRY, REDIS_TRACKING],
  params,
  plan,
  variants: [
    { name: 'default', about: 'Near copies live for one second.', expect: STALE },
    {
      name: 'far-only',
      about: 'No near copies: every read goes over the network, and none is stale.',
      params: { nearTtlMs: 0 },
      expect: { 'the-far-cache-is-spared': { breaks: {} } },
    },
    {
      name: 'long-near',
      about: 'Near copies live for three seconds: still less load, and three times as stale.',
      params: { nearTtlMs: 3_000 },
      expect: { ...STALE, 'stale-within-bounds': { breaks: {} } },
    },
    {
      name: 'event',
      about: 'The far cache is sent word, and nobody waits for it: no worse, the near copies are.',
      params: { invalidate: 'event' },
      expect: STALE,
    },
    {
      name: 'not-told',
      about: 'Nobody tells the far cache: what bounds staleness is its own life of 30 s.',
      params: { invalidate: 'none' },
      expect: { ...STALE, 'stale-within-bounds': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Without near copies, send word instead of deleting: is any read stale then?',
    'Set nearTtlMs to 500, 1 000 and 3 000: what is each life worth to the far cache?',
    'Cut the link between one process and the far cache: what do its readers see?',
  ],
  leavesOut: [
    'Word of changes to every process (Redis client-side caching): here only the far ' +
      'cache hears it.',
    'Memory: every process holds the same copies once more.',
  ],
});
