/**
 * A deleted row comes back: a tombstone is forgotten before everybody has heard of it.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { person } from '../quorum-parts.ts';
import { CASSANDRA_GUARANTEES, CASSANDRA_TOMBSTONES } from '../sources.ts';

const params = {
  gcGraceMs: field.millis({
    about: 'How long a tombstone is kept. (In Cassandra ten days; here seconds stand for days.)',
    default: 4_000,
    min: 3_000,
    max: 30_000,
    source: 'Cassandra gc_grace_seconds: 10 days',
  }),
  downMs: field.millis({
    about: 'How long n3 is down.',
    default: 8_000,
    min: 1_500,
    max: 8_000,
  }),
  hints: field.flag({
    about: 'Whether the others keep what n3 misses and hand it over.',
    default: true,
    source: 'Cassandra hinted_handoff_enabled',
  }),
  repair: field.flag({
    about: 'Whether replicas compare what they hold every second.',
    default: false,
    source: 'Cassandra: nodetool repair, to be run within gc_grace',
  }),
};

type Params = Static<TObject<typeof params>>;

const KEY = 'user';
const DOWN_MS = 2_000;
const DELETE_MS = 3_000;
const LOOK_MS = 4_500;
const BOB_READS_MS = 12_500;
const ANN_READS_MS = 13_500;
const DURATION_MS = 14_000;

const backMs = (p: Params): number => DOWN_MS + p.downMs;

/** Whether n3 hears of the delete while tombstones, and hints of them, are kept. */
const isHeard = (p: Params): boolean =>
  (p.hints || p.repair) && backMs(p) + 2_000 < DELETE_MS + p.gcGraceMs;

/** Compaction looks twice a second. */
const isForgotten = (p: Params): boolean => DELETE_MS + p.gcGraceMs + 500 < BOB_READS_MS;
const comesBack = (p: Params): boolean => !isHeard(p) && isForgotten(p);

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 3,
      config: {
        gcGraceMs: p.gcGraceMs,
        compactionMs: 500,
        hintedHandoff: p.hints,
        hintDispatchMs: 1_000,
        antiEntropyMs: p.repair ? 1_000 : 0,
        // What n3 had acknowledged is still there when it comes back.
        commitLogSync: 'batch',
        writeTimeoutMs: 1_000,
        readTimeoutMs: 1_000,
      },
      disk: { fsync: { kind: 'constant', ms: 1 } },
    },
    person('ann', 1, [
      { atMs: 1_000, do: 'put', key: KEY, value: 'alice' },
      { atMs: DELETE_MS, do: 'delete', key: KEY },
      { atMs: LOOK_MS, do: 'get', key: KEY },
      { atMs: ANN_READS_MS, do: 'get', key: KEY },
    ]),
    person('bob', 3, [
      { atMs: 1_100, do: 'get', key: KEY },
      { atMs: BOB_READS_MS, do: 'get', key: KEY },
    ]),
  ];
}

function checks(p: Params): readonly CheckPlan[] {
  return [
    {
      id: 'n3-was-down',
      use: 'sometimes',
      args: { predicate: 'member-down' },
      about: 'The fault bit: n3 missed the delete.',
    },
    {
      id: 'delete-acknowledged',
      use: 'answers',
      args: { clients: 'ann', operation: 'put', values: [true], atLeast: 1, fromMs: DELETE_MS },
      about: 'Two of three replicas acknowledged the delete.',
    },
    {
      id: 'it-was-gone',
      use: 'answers',
      args: { clients: 'ann', values: [null], atLeast: 1, fromMs: LOOK_MS, untilMs: 5_000 },
      about: 'Ann looked, and the row was gone.',
    },
    {
      id: 'tombstones-are-dropped',
      use: 'fact-count',
      args: { fact: 'quorum.purged', atLeast: 2 },
      about: 'After gc_grace both replicas forget the tombstone.',
    },
    {
      id: 'stays-deleted',
      use: 'answers',
      args: { values: ['alice'], atMost: 0, fromMs: LOOK_MS },
      about: 'Nobody reads the deleted row again.',
    },
    {
      id: 'replicas-agree',
      use: 'eventually',
      args: { predicate: 'replicas-agree', withinMs: DURATION_MS - backMs(p) },
      about: 'Whatever is right: in the end all replicas hold the same.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  return [
    {
      title: 'A row on three replicas',
      at: { ms: 1_000 },
      text: 'Ann writes the row "user", and Bob reads it. All three nodes have it.',
      focus: ['n', 'ann'],
    },
    {
      title: 'A delete is a write',
      at: { ms: DELETE_MS },
      text:
        'n3 is down. Ann deletes the row. To delete is to write a tombstone, with a ' +
        'timestamp like ' +
        'any other write: it says "nothing", and it wins over what is older. n1 and n2 have it, ' +
        'and that is a quorum.',
      focus: ['n1', 'n2', 'ann'],
      check: 'delete-acknowledged',
    },
    {
      title: 'How long is "nothing" kept?',
      at: { ms: LOOK_MS },
      text:
        'The row is gone for everybody. But tombstones take room, so after gc_grace they are ' +
        `dropped: here after ${p.gcGraceMs / 1_000} s. n3 comes back after ` +
        `${p.downMs / 1_000} s, ` +
        'and on its disk is the row.',
      predict: {
        question: 'Bob reads the row through n3 when all is over. What does he get?',
        options: ['Nothing: the row is deleted.', 'The row.', 'An error: the replicas disagree.'],
        answer: comesBack(p) ? 1 : 0,
        because: comesBack(p)
          ? 'n1 and n2 have forgotten both the row and the delete, and n3 has a row. Compare ' +
            '"I know nothing of it" with "alice": the row wins, and is even copied to the others.'
          : 'n3, or whoever asks it, hears of the tombstone before the others have forgotten it. ' +
            'From then on all three hold "nothing", and all three may forget it.',
      },
      focus: ['n3'],
    },
    {
      title: 'Who is right?',
      at: { ms: BOB_READS_MS },
      text: comesBack(p)
        ? `Bob reads "alice". ${p.repair ? 'Anti-entropy' : 'Read repair'} does its duty and ` +
          'gives the row back to a node that seems to have missed it. The deleted row is on all ' +
          'replicas again.'
        : 'Bob reads nothing. The tombstone lived long enough for everybody to hear of it.',
      focus: ['bob', 'n3'],
      check: 'stays-deleted',
    },
    {
      title: 'The rule',
      at: { ms: ANN_READS_MS },
      text:
        'A replica that was away for longer than gc_grace must not simply come back: it has ' +
        'to be ' +
        'wiped and filled anew. And whoever relies on repair must run it within gc_grace.',
      focus: ['n'],
    },
  ];
}

function plan(p: Params): Plan {
  return {
    title: 'A deleted row comes back',
    summary:
      'A replica sleeps through a delete, and for longer than the others remember that there was ' +
      'one. What does it bring back?',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 2 } },
    groups: groups(p),
    faults: [
      { id: 'down', atMs: DOWN_MS, forMs: p.downMs, fault: { type: 'crash', target: 'n3' } },
    ],
    healAtMs: backMs(p),
    checks: checks(p),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/resurrection',
  title: 'A deleted row comes back',
  summary:
    'A replica is down for longer than tombstones are kept. When it returns it brings back a row ' +
    'that was deleted, and read repair spreads it.',
  tier: 'hostile',
  sources: [CASSANDRA_TOMBSTONES, CASSANDRA_GUARANTEES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Down for 8 s, tombstones kept for 4 s: the row is back on all replicas.',
      expect: { 'stays-deleted': { breaks: { witness: 'alice' } } },
    },
    {
      name: 'longer-grace',
      about: 'Tombstones kept for 20 s: the hint of the delete reaches n3, and the row stays gone.',
      params: { gcGraceMs: 20_000 },
      expect: { 'tombstones-are-dropped': { breaks: {} } },
    },
    {
      name: 'back-in-time',
      about: 'Down for 1.5 s: n3 is given the tombstone before anybody forgets it.',
      params: { downMs: 1_500, gcGraceMs: 6_000 },
    },
    {
      name: 'unrepaired',
      about: 'Back in time, but nobody tells n3 of the delete: neither hints nor repair.',
      params: { downMs: 1_500, gcGraceMs: 6_000, hints: false },
      expect: { 'stays-deleted': { breaks: {} } },
    },
    {
      name: 'repaired',
      about: 'The same with repair within gc_grace: the row stays gone without any hints.',
      params: { downMs: 1_500, gcGraceMs: 6_000, hints: false, repair: true },
    },
    {
      name: 'repaired-too-late',
      about: 'Repair after gc_grace is no help: it copies the row to those who had deleted it.',
      params: { repair: true },
      expect: { 'stays-deleted': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Find the shortest gc_grace with which the row stays deleted when n3 is down for 5 s.',
    'Switch hints off and let a read through n1 and n3 repair n3 before gc_grace has passed.',
    'Take n1 down instead, by hand, while Ann deletes through it.',
  ],
  leavesOut: [
    'Tables that are written to disk: a tombstone is dropped when it is old enough, not when ' +
      'compaction happens to meet it.',
    'Expiry (TTL), which makes tombstones as well.',
  ],
});
