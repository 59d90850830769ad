/**
 * What becomes of a write at a cache before its store: through it, around it, or back to the store
 * some time later; and what a crash of the cache takes with it.
 *
 * Why the number is exact: each write changes another object, fifty a second, so that the writes of
 * the last second before the crash are as many objects that the store does not have.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, StoryStep } from 'faultline';
import type { Static, TObject } from 'faultline';
import { JOUPPI } from '../sources.ts';

const params = {
  mode: field.choice(['write-through', 'write-around', 'write-back'], {
    about: 'How the cache stands to its store when an object is changed.',
    default: 'write-back',
  }),
  writeBackMs: field.millis({
    about: 'Of write-back: how long a write may wait until it goes to the store.',
    default: 1_000,
    min: 200,
    max: 2_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const OBJECTS = 400;
const WRITES_PER_SECOND = 50;
const STEP_MS = 1_000 / WRITES_PER_SECOND;
const READ_MS = 5;
const WRITE_MS = 10;
/** First everything is read once, so that the cache has it. */
const READ_PASS_MS = 2_000;
const WRITE_FROM_MS = 3_000;
const CRASH_MS = 8_990;
const DOWN_MS = 100;
/** Then everything is read once more: what it reads is compared with what was answered before. */
const REREAD_MS = 10_000;
const END_MS = 12_200;

const reader = (name: string, startMs: number): GroupPlan => ({
  name,
  component: 'http-client',
  count: 1,
  links: { target: 'app' },
  config: {
    arrivals: { kind: 'constant', ratePerSecond: (OBJECTS * 1_000) / READ_PASS_MS },
    popularity: { kind: 'loop', keys: OBJECTS, stepMs: READ_PASS_MS / OBJECTS },
    routes: [{ route: 'GET /item' }],
    startMs,
    // The loop follows the clock: its first object comes again as the pass ends.
    stopMs: startMs + READ_PASS_MS + 1,
  },
});

/** Only what is written back waits. */
const delayed = ({ mode, writeBackMs }: Params) => (mode === 'write-back' ? { writeBackMs } : {});

const groups = (p: Params): readonly GroupPlan[] => [
  reader('first', 0),
  {
    name: 'writer',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      arrivals: { kind: 'constant', ratePerSecond: WRITES_PER_SECOND },
      popularity: { kind: 'loop', keys: OBJECTS, stepMs: STEP_MS },
      routes: [{ route: 'PUT /item', write: true }],
      startMs: WRITE_FROM_MS,
      stopMs: CRASH_MS,
    },
  },
  {
    name: 'watcher',
    component: 'http-client',
    count: 1,
    links: { target: 'app' },
    config: {
      // Half a second after each write somebody reads what was written.
      arrivals: { kind: 'constant', ratePerSecond: WRITES_PER_SECOND },
      popularity: { kind: 'loop', keys: OBJECTS, stepMs: STEP_MS },
      routes: [{ route: 'GET /again' }],
      startMs: WRITE_FROM_MS,
      stopMs: CRASH_MS,
    },
  },
  reader('last', REREAD_MS),
  {
    name: 'app',
    component: 'service',
    count: 1,
    links: { cache: 'cache' },
    config: {
      routes: [
        { route: 'GET /item', steps: [{ do: 'cached', in: 'cache' }] },
        {
          route: 'GET /again',
          steps: [
            { do: 'wait', time: { kind: 'constant', ms: 100 } },
            { do: 'cached', in: 'cache' },
          ],
        },
        { route: 'PUT /item', steps: [{ do: 'put', in: 'cache', write: true }] },
      ],
    },
  },
  {
    name: 'cache',
    component: 'cache',
    count: 1,
    links: { origin: 'db' },
    config: { capacity: OBJECTS, mode: p.mode, ...delayed(p) },
  },
  {
    name: 'db',
    component: 'database',
    count: 1,
    cores: 8,
    config: {
      read: { time: { kind: 'constant', ms: READ_MS } },
      write: { time: { kind: 'constant', ms: WRITE_MS } },
    },
  },
];

/** Writes that wait, those that are on their way to the store included. */
const dirty = (p: Params): number => Math.round((p.writeBackMs * WRITES_PER_SECOND) / 1_000);

const writes = { operation: 'PUT /item', fromMs: WRITE_FROM_MS, untilMs: CRASH_MS } as const;

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'writes-are-quick',
    use: 'slo',
    args: { metric: 'p99-ms', atMost: 5, ...writes },
    about: 'A write is answered within 5 ms: it does not wait for the store.',
  },
  {
    id: 'dirty-as-expected',
    use: 'gauge',
    args: {
      group: 'cache',
      gauge: 'Dirty',
      measure: 'max',
      atLeast: dirty(p),
      atMost: dirty(p) + 2,
    },
    about:
      `Rate times delay, ${WRITES_PER_SECOND}/s times ${p.writeBackMs / 1_000} s: ${dirty(p)} ` +
      'writes are in the cache only (and up to two on their way).',
  },
  {
    id: 'no-write-is-lost',
    use: 'stale-reads',
    args: { atMost: 0, fromMs: REREAD_MS },
    about: 'After the crash every write that was answered can be read.',
  },
  {
    id: 'no-more-than-the-dirty-ones',
    use: 'stale-reads',
    args: { atMost: dirty(p) + 2, fromMs: REREAD_MS },
    about: 'Not more writes are lost than were dirty.',
  },
  {
    id: 'fewer-than-the-dirty-ones',
    use: 'stale-reads',
    args: { atMost: dirty(p) - 1, fromMs: REREAD_MS },
    about: 'Fewer writes are lost than were dirty.',
  },
  {
    id: 'reads-after-writes-hit',
    use: 'slo',
    args: {
      metric: 'p95-ms',
      operation: 'GET /again',
      atMost: 104,
      fromMs: WRITE_FROM_MS,
      untilMs: CRASH_MS,
    },
    about: 'Who reads what has just been written finds it in the cache.',
  },
];

const isBack = (p: Params): boolean => p.mode === 'write-back';

/** Where a write goes before it is answered. */
function whereItGoes(p: Params): string {
  switch (p.mode) {
    case 'write-through':
      return 'With write-through each goes to the database first, then into the cache.';
    case 'write-around':
      return 'With write-around each goes to the database, and the copy in the cache is dropped.';
    default:
      return (
        'With write-back the cache answers at once and brings each write to the database ' +
        `${p.writeBackMs} ms later.`
      );
  }
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Everything is in the cache',
    at: { ms: READ_PASS_MS + 500 },
    text:
      `${OBJECTS} objects have been read once; the cache, which stands before its database, has ` +
      'all of them.',
    focus: ['cache', 'db'],
  },
  {
    title: 'Writes come',
    at: { ms: WRITE_FROM_MS + 1_500 },
    text:
      `${WRITES_PER_SECOND} writes a second, each to another object. ${whereItGoes(p)}` +
      (isBack(p) ? '' : ' Only then is it answered: a write waits for the database.'),
    focus: ['cache', 'writer'],
    check: 'writes-are-quick',
  },
  {
    title: 'The cache crashes',
    at: { ms: CRASH_MS },
    text: 'It comes back a moment later, and empty. The database was never away.',
    focus: ['cache'],
    check: 'no-write-is-lost',
    predict: {
      question: 'How many writes are lost that somebody was told are done?',
      options: [
        'None: they were answered.',
        `${dirty(p)}: ${WRITES_PER_SECOND} a second for ${p.writeBackMs} ms.`,
        'All since the cache was started.',
      ],
      answer: isBack(p) ? 1 : 0,
      because: isBack(p)
        ? `Whatever the database does not have yet is gone: ${WRITES_PER_SECOND} a second for ` +
          `${p.writeBackMs / 1_000} s. A longer delay saves the database more writes of the same ` +
          'object, and loses more. Only a store that survives a crash may answer a write.'
        : 'Nobody was told that a write is done before the database had it, and the database did ' +
          'not crash. What the cache lost were copies, which can be read again. Writes pay for ' +
          'that: each waits for the database.',
    },
  },
  {
    title: 'What is left',
    at: { ms: REREAD_MS + READ_PASS_MS },
    text:
      'Every object has been read again and compared with what its writer was told. ' +
      (isBack(p)
        ? `About ${dirty(p)} are older than that. Through and around would lose nothing: ` +
          `there a write ` +
          'waits for the database, several times as long.'
        : 'None is older than that. Write-back would answer several times as fast, and lose what ' +
          'the database does not have yet.'),
    focus: ['cache', 'db'],
    check: 'no-more-than-the-dirty-ones',
  },
];

const plan = (p: Params): Plan => ({
  title: 'Write policies',
  summary: 'Writes go through, around or back; then the cache crashes.',
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 0.5 } },
  groups: groups(p),
  faults: [
    {
      id: 'crash',
      fault: { type: 'crash', target: 'cache' },
      atMs: CRASH_MS,
      forMs: DOWN_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'caching/write-policies',
  title: 'Write policies',
  summary:
    'Write-back answers in two milliseconds and loses the last second of writes when the cache ' +
    'crashes; write-through loses none, and each write waits for the database.',
  tier: 'hostile',
  sources: [JOUPPI],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Write-back after one second: fast, and fifty writes are lost.',
      expect: { 'no-write-is-lost': { breaks: {} }, 'fewer-than-the-dirty-ones': { breaks: {} } },
    },
    {
      name: 'quick-back',
      about: 'Write-back after a fifth of a second: ten are lost.',
      params: { writeBackMs: 200 },
      expect: { 'no-write-is-lost': { breaks: {} }, 'fewer-than-the-dirty-ones': { breaks: {} } },
    },
    {
      name: 'through',
      about: 'A write goes to the database first, and then into the cache.',
      params: { mode: 'write-through' },
      expect: { 'writes-are-quick': { breaks: {} }, 'dirty-as-expected': { breaks: {} } },
    },
    {
      name: 'around',
      about: 'A write goes to the database, and the copy is dropped: the next reader misses.',
      params: { mode: 'write-around' },
      expect: {
        'writes-are-quick': { breaks: {} },
        'dirty-as-expected': { breaks: {} },
        'reads-after-writes-hit': { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Set writeBackMs to 200 and to 2 000: how many writes are lost, and why just so many?',
    'Empty the cache by its action instead of crashing it: is anything lost?',
    'Slow the disk of the database down: whose writes become slower?',
  ],
  leavesOut: [
    'A cache with a log or a battery of its own, which may answer a write and keep it.',
    'Invalidation of other caches: there is only one here.',
  ],
});
