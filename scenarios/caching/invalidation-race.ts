/**
 * A reader carries an old version to the cache while a writer deletes the object there: the delete
 * comes first, and the old version stays until it expires.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { MEMCACHE_AT_FACEBOOK, TAO } from '../sources.ts';

const params = {
  afterWrite: field.choice(['delete', 'put', 'event'], {
    about: 'What the writer does with the copy: delete it, replace it, or send word of the change.',
    default: 'delete',
  }),
  leases: field.flag({
    about: 'A reader may set only under the lease that it got with its miss; a delete voids it.',
    default: false,
  }),
  keepNewest: field.flag({
    about: 'The cache refuses a version older than the one that it holds.',
    default: false,
  }),
  expires: field.flag({
    about: 'Whether copies live for two seconds, or until somebody deletes them.',
    default: true,
  }),
  writeAtMs: field.millis({
    about: 'When the writer comes. The reader that it meets comes at 2 200 ms, or at 100.',
    default: 2_220,
    min: 120,
    max: 2_300,
  }),
};
type Params = Static<TObject<typeof params>>;

const READS_PER_SECOND = 10;
const TTL_MS = 2_000;
/** A reader that misses reads the row, and then puts the page together. */
const READ_MS = 10;
const RENDER_MS = 50;
const WRITE_MS = 10;
const RACE_MS = 2_200;
const SECOND_WRITE_MS = 7_020;
const END_MS = 10_000;

const clients = (p: Params): readonly GroupPlan[] => [
  {
    name: 'reader',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: READS_PER_SECOND },
      popularity: { keys: 1 },
      routes: [{ route: 'GET /page' }],
    },
  },
  {
    name: 'writer',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: { kind: 'replay', timesMs: [p.writeAtMs, SECOND_WRITE_MS] },
      popularity: { keys: 1 },
      routes: [{ route: 'PUT /page', write: true }],
    },
  },
];

const groups = (p: Params): readonly GroupPlan[] => [
  ...clients(p),
  {
    name: 'app',
    component: 'service',
    count: 1,
    cores: 4,
    links: { cache: 'cache', db: 'db' },
    config: {
      routes: [
        {
          route: 'GET /page',
          steps: [
            {
              do: 'cached',
              in: 'cache',
              miss: [
                { do: 'query', to: 'db' },
                { do: 'work', time: { kind: 'constant', ms: RENDER_MS } },
              ],
            },
          ],
        },
        {
          route: 'PUT /page',
          steps: [
            { do: 'query', to: 'db', write: true },
            p.afterWrite === 'put'
              ? { do: 'put', in: 'cache' }
              : { do: 'invalidate', in: 'cache', by: p.afterWrite },
          ],
        },
      ],
    },
  },
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    config: {
      ttlMs: p.expires ? TTL_MS : 0,
      leases: p.leases,
      ...(p.keepNewest ? { keepNewest: true } : {}),
    },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: 4,
    config: {
      read: { time: { kind: 'constant', ms: READ_MS } },
      write: { time: { kind: 'constant', ms: WRITE_MS } },
    },
  },
];

/** One read every tenth of a second while the old copy lives. */
const STALE_READS = (TTL_MS * READS_PER_SECOND) / 1_000;

const checks = (): readonly CheckPlan[] => [
  {
    id: 'no-stale-reads',
    use: 'stale-reads',
    args: { atMost: 0 },
    about: 'Once a write was answered nobody reads what was there before.',
  },
  {
    id: 'stale-reads-are-counted',
    use: 'stale-reads',
    args: { atMost: STALE_READS - 1 },
    about: `Fewer than ${STALE_READS} reads are stale.`,
  },
  {
    id: 'stale-for-one-life',
    use: 'stale-reads',
    args: { atMost: 0, olderThanMs: TTL_MS + RENDER_MS + 50 },
    about: 'Whatever goes wrong, it is over when the copy expires.',
  },
  {
    id: 'the-old-set-is-refused',
    use: 'fact-count',
    args: { fact: 'cache.lease-refused', atLeast: 1, atMost: 1 },
    about: 'The reader that carries the old version is refused, once.',
  },
  {
    id: 'the-copy-is-used',
    use: 'gauge',
    args: { group: 'cache', gauge: 'Hit ratio', measure: 'share', atLeast: 0.9 },
    about: 'Nine of ten reads are answered from the cache.',
  },
];

/** A reader that misses so early reads the row before the write, and sets its copy after it. */
const meets = (p: Params, missMs: number): boolean =>
  p.writeAtMs > missMs && p.writeAtMs < missMs + READ_MS + RENDER_MS - 9;
/** The first reader of all misses, and so does the one at `RACE_MS` if the copy has expired. */
const FIRST_READER_MS = 100;
const isRace = (p: Params): boolean =>
  meets(p, FIRST_READER_MS) || (p.expires && meets(p, RACE_MS));
const isRefused = (p: Params): boolean => p.leases || (p.keepNewest && p.afterWrite === 'put');
const isStale = (p: Params): boolean => isRace(p) && !isRefused(p);

/** What the writer does with the copy. */
const DOES: Readonly<Record<Params['afterWrite'], string>> = {
  delete: 'deletes the copy',
  put: 'puts the new version into the cache',
  event: 'sends word to the cache, which deletes the copy',
};

function atTheRace(p: Params): string {
  if (!isRace(p))
    return (
      `The writer comes at ${p.writeAtMs} ms: it changes the row and ${DOES[p.afterWrite]}. No ` +
      'reader is on its way with the old version at that moment.'
    );
  const first = meets(p, FIRST_READER_MS);
  return (
    (first
      ? 'In the beginning there was no copy. The first reader missed it, read version 0 from the ' +
        'database, and was busy putting the page together. '
      : 'The copy has just expired. A reader misses it, reads version 0 from the database, ' +
        'and is ' +
        'busy putting the page together. ') +
    `Meanwhile a writer ${first ? 'came' : 'comes'}, at ${p.writeAtMs} ms: it changes the ` +
    `row and ` +
    `then ${DOES[p.afterWrite]}, in this order, as the textbooks say.`
  );
}

function why(p: Params): string {
  if (!isRace(p))
    return (
      'The writer finds nobody between reading the row and setting a copy. What it leaves in the ' +
      'cache stays there, or nothing does and the next reader brings version 1.'
    );
  if (p.leases)
    return (
      'The reader got a lease with its miss, and the writer has voided it. So when the reader ' +
      'comes with version 0 its set is refused; readers after it find version 1, or bring it.'
    );
  if (isRefused(p))
    return (
      'The cache holds version 1 when the reader comes with version 0. It compares the two and ' +
      'refuses the older one. With a delete there would be nothing left to compare with.'
    );
  return (
    (p.afterWrite === 'put'
      ? 'The writer has put version 1 there, but the reader sets its own version a moment later, ' +
        'over it: the one that it read before the write. '
      : 'When the writer deletes, there is nothing to delete: the reader has not set its ' +
        'copy yet. ' +
        'A moment later it sets the version that it read before the write. ') +
    (p.expires
      ? `Nothing will correct that until the copy expires: ${READS_PER_SECOND} reads a ` +
        `second for ` +
        `${TTL_MS / 1_000} seconds are ${STALE_READS} stale reads. Without a time to live ` +
        `it would ` +
        'last until the next write.'
      : 'Copies do not expire here, so nothing will correct that until the next write.')
  );
}

function afterwards(p: Params): string {
  const lease =
    'A lease repairs it: the miss hands out a token, the writer voids it, and a set with a void ' +
    'token is refused.';
  if (isStale(p))
    return (
      `The order of the two messages at the cache was: first the writer, then the ` +
      `reader. ${lease}`
    );
  if (isRace(p))
    return (
      'The order of the two messages at the cache was: first the writer, then the reader, whose ' +
      'set was refused. Readers get version 1.'
    );
  return (
    `Readers get version 1. Had a reader been on its way, it could have set version 0. ` +
    `${lease}`
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A page and its copy',
    at: { ms: 1_000 },
    text:
      `Ten times a second somebody reads one page. Making it takes ${READ_MS} ms in the database ` +
      `and ${RENDER_MS} ms to put it together; then a copy lies in the cache ` +
      (p.expires ? `for ${TTL_MS / 1_000} seconds.` : 'until somebody deletes or replaces it.'),
    focus: ['cache'],
    check: 'the-copy-is-used',
  },
  {
    title: isRace(p) ? 'A reader misses' : 'A writer comes',
    at: { ms: RACE_MS },
    text: atTheRace(p),
    focus: ['app', 'db'],
    predict: {
      question:
        'The database has version 1, and the writer has done its part at the cache' +
        (p.leases
          ? ', which hands out leases'
          : p.keepNewest
            ? ', which refuses a version older than the one that it holds'
            : '') +
        '. What do readers get after that?',
      options: [
        'Version 1.',
        'Version 0 once, from the reader that was on its way, and version 1 from then on.',
        p.expires
          ? `Version 0, for ${TTL_MS / 1_000} seconds.`
          : 'Version 0, until the next write.',
      ],
      answer: isStale(p) ? 2 : 0,
      because: why(p),
    },
  },
  {
    title: isStale(p) ? 'Stale' : 'Not stale',
    at: { ms: RACE_MS + 1_000 },
    text: afterwards(p),
    focus: ['cache'],
    check: 'no-stale-reads',
  },
  {
    title: 'A write without a race',
    at: { ms: SECOND_WRITE_MS + 500 },
    text:
      `Another write, and this time nobody is on the way with an old version: the writer ` +
      `${DOES[p.afterWrite]}, and readers get the new one. Most of the time it works, which is ` +
      'why the race is found so late.',
    focus: ['cache', 'db'],
    check: 'stale-for-one-life',
  },
];

const plan = (p: Params): Plan => ({
  title: 'An invalidation race',
  summary: 'A delete overtakes the old version that a reader carries to the cache.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [],
  checks: checks(),
  story: story(p),
});

const UNLEASED = { 'the-old-set-is-refused': { breaks: {} } } as const;
const STALE = {
  ...UNLEASED,
  'no-stale-reads': { breaks: {} },
  'stale-reads-are-counted': { breaks: {} },
} as const;

export default defineScenario({
  id: 'caching/invalidation-race',
  title: 'An invalidation race',
  summary:
    'Write, then delete the copy: correct, and yet readers get the old version for as long as a ' +
    'copy lives, because another reader set it a moment after the delete.',
  tier: 'calm',
  sources: [MEMCACHE_AT_FACEBOOK, TAO],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The writer deletes the copy; copies expire after two seconds.',
      expect: STALE,
    },
    {
      name: 'leases',
      about: 'The delete voids the token of the reader on its way: its set is refused.',
      params: { leases: true },
    },
    {
      name: 'put',
      about: 'The writer puts the new version there itself: the old one overwrites it.',
      params: { afterWrite: 'put' },
      expect: STALE,
    },
    {
      name: 'put-newest',
      about: 'The same, and the cache compares versions: the older one is refused.',
      params: { afterWrite: 'put', keepNewest: true },
      expect: UNLEASED,
    },
    {
      name: 'delete-newest',
      about: 'Comparing versions does not help a delete: there is nothing left to compare with.',
      params: { keepNewest: true },
      expect: STALE,
    },
    {
      name: 'never-expires',
      about: 'Without a time to live it lasts until the next write.',
      params: { expires: false, writeAtMs: 120 },
      expect: { ...STALE, 'stale-for-one-life': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Move the write to 2 205 ms and to 2 265 ms: how wide is the window in which the race is lost?',
    'Without expiry, when can this race happen at all? Look at the writer of that variant.',
    'Crash the service between its write and its delete: leases do not help then. What would?',
  ],
  leavesOut: [
    'Replicas: a reader may read an old version long after the write, from a replica ' +
      'that is behind.',
    'The other order, delete and then write: it makes the window as wide as the write is slow.',
  ],
});
