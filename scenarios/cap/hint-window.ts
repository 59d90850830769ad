/**
 * Hints are kept for a while only: a replica that was away for longer stays behind until somebody
 * repairs it.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { person } from '../quorum-parts.ts';
import { CASSANDRA_GUARANTEES, CASSANDRA_HINTS } from '../sources.ts';

const params = {
  hintWindowMs: field.millis({
    about: 'A replica that is down for longer gets no new hints. (3 hours; here seconds.)',
    default: 2_000,
    min: 1_000,
    max: 10_000,
    source: 'Cassandra max_hint_window: 3 h',
  }),
  readLevel: field.choice(['one', 'quorum'], {
    about: 'How many replicas a read waits for.',
    default: 'one',
  }),
  repair: field.choice(['none', 'reads', 'anti-entropy'], {
    about:
      'What else brings replicas up to date: nothing, reads that find them behind, or a ' +
      'comparison ' +
      'every two seconds.',
    default: 'none',
  }),
};

type Params = Static<TObject<typeof params>>;

const DOWN_MS = 2_000;
const FIRST_MS = 2_500;
const SECOND_MS = 7_000;
const BACK_MS = 8_000;
/** Everything that hands over or compares has had its turn. */
const LATER_MS = 13_000;
const BOB_READS_MS = [LATER_MS, LATER_MS + 1_000, LATER_MS + 2_000] as const;
const DURATION_MS = 16_500;
/** n3 is known to be down after half a second. */
const SUSPECTED_MS = FIRST_MS + 500;

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 3,
      config: {
        readConsistency: p.readLevel,
        maxHintWindowMs: p.hintWindowMs,
        hintDispatchMs: 1_000,
        readRepair: p.repair === 'reads' ? 'async' : 'off',
        antiEntropyMs: p.repair === 'anti-entropy' ? 2_000 : 0,
        commitLogSync: 'batch',
        writeTimeoutMs: 1_000,
        readTimeoutMs: 1_000,
      },
      disk: { fsync: { kind: 'constant', ms: 1 } },
    },
    person('ann', 1, [
      { atMs: 1_000, do: 'put', key: 'a', value: 'old a' },
      { atMs: 1_200, do: 'put', key: 'b', value: 'old b' },
      { atMs: FIRST_MS, do: 'put', key: 'a', value: 'new a' },
      { atMs: SECOND_MS, do: 'put', key: 'b', value: 'new b' },
      { atMs: LATER_MS + 2_500, do: 'get', key: 'b' },
    ]),
    person('bob', 3, [
      { atMs: BACK_MS + 4_000, do: 'get', key: 'a' },
      ...BOB_READS_MS.map((atMs) => ({ atMs, do: 'get', key: 'b' }) as const),
    ]),
  ];
}

function checks(): readonly CheckPlan[] {
  const bob = { clients: 'bob', key: 'b' };
  return [
    {
      id: 'n3-was-down',
      use: 'sometimes',
      args: { predicate: 'member-down' },
      about: 'The fault bit: n3 missed two writes.',
    },
    {
      id: 'window-closes',
      use: 'fact-count',
      args: { fact: 'quorum.hint-refused', atLeast: 1 },
      about: 'The second write comes after the window: nobody keeps a hint of it.',
    },
    {
      id: 'first-write-arrives',
      use: 'answers',
      args: { clients: 'bob', key: 'a', values: ['new a'], atLeast: 1 },
      about: 'The first write, within the window, was kept for n3 and handed over.',
    },
    {
      id: 'n3-is-stale-for-good',
      use: 'answers',
      args: { ...bob, values: ['old b'], atLeast: 3 },
      about: 'Each time that Bob asks n3 for b he gets the old value.',
    },
    {
      id: 'fresh-in-the-end',
      use: 'answers',
      args: { ...bob, values: ['new b'], atLeast: 1, fromMs: BOB_READS_MS[2] },
      about: 'The last time at least he gets the new one.',
    },
    {
      id: 'others-are-fresh',
      use: 'answers',
      args: { clients: 'ann', key: 'b', values: ['new b'], atLeast: 1 },
      about: 'Through n1 the new value is read.',
    },
    {
      id: 'never-stale',
      use: 'staleness',
      about: 'No read misses a write that was acknowledged before it began.',
    },
  ];
}

const isKept = (p: Params): boolean => SECOND_MS - SUSPECTED_MS <= p.hintWindowMs;

const BECAUSE: { readonly [repair in Params['repair']]: string } = {
  none:
    'Nobody kept the write for n3, no read repairs it, nobody compares. n3 answers from what it ' +
    'has, quickly and wrongly, until an operator runs a repair.',
  reads:
    'His first read is answered by n3 alone, and is stale. But the other two were asked as well, ' +
    'and once they have answered n3 is repaired in the background.',
  'anti-entropy':
    'n3 and its neighbours compare their Merkle trees, find the one range that differs, and ' +
    'exchange it. Nobody had to remember anything.',
};

function story(p: Params): readonly StoryStep[] {
  const kept = isKept(p);
  const quorum = p.readLevel === 'quorum';
  return [
    {
      title: 'n3 goes down',
      at: { ms: DOWN_MS },
      text: 'Three replicas; writes wait for two of them, so they go on without n3.',
      focus: ['n3'],
    },
    {
      title: 'A hint',
      at: { ms: FIRST_MS },
      text:
        'Ann writes a. n3 does not answer, so n1 keeps the write for it: a hint, on its own ' +
        'disk, ' +
        'to be handed over when n3 is back.',
      focus: ['n1', 'ann'],
      check: 'first-write-arrives',
    },
    {
      title: kept ? 'Another hint' : 'No hint any more',
      at: { ms: SECOND_MS },
      text: kept
        ? 'Ann writes b. n3 is still within the hint window, so this write is kept as well.'
        : 'Ann writes b. n3 has been down for longer than the hint window. Hints would pile up ' +
          'for ' +
          'a node that may never return, so nobody keeps this one.',
      focus: ['n1', 'ann'],
      check: 'window-closes',
    },
    {
      title: 'n3 is back',
      at: { ms: BACK_MS },
      text: 'n1 hears of n3 again and hands over what it has kept.',
      predict: {
        question:
          'Bob reads b through n3 three times, waiting for ' +
          `${quorum ? 'two replicas' : 'one replica'}. What does he get?`,
        options: [
          'The old value each time.',
          'First the old value, then the new one.',
          'The new value each time.',
        ],
        answer: kept || quorum || p.repair === 'anti-entropy' ? 2 : p.repair === 'reads' ? 1 : 0,
        because: kept
          ? 'The window was long enough: the hint of b was kept and handed over like that of a.'
          : quorum
            ? 'n3 is behind, but it is not asked alone: of any two replicas one has the write. A ' +
              'quorum hides the damage and does not mend it.'
            : BECAUSE[p.repair],
      },
      focus: ['n3', 'bob'],
      check: 'n3-is-stale-for-good',
    },
    {
      title: 'Hints are no repair',
      at: { ms: BOB_READS_MS[2] },
      text:
        'Hints shorten the time in which a replica is behind; they do not bound it. After a long ' +
        'outage only reads that repair, or a repair of everything, make replicas equal again.',
      focus: ['n3'],
      check: 'fresh-in-the-end',
    },
  ];
}

function plan(p: Params): Plan {
  return {
    title: 'Longer away than hints are kept',
    summary:
      'A replica misses two writes. One was kept for it, the other came after the hint window. ' +
      'Who reads what, and for how long?',
    durationMs: DURATION_MS,
    network: { latency: { kind: 'uniform', minMs: 1, maxMs: 2 } },
    groups: groups(p),
    faults: [
      {
        id: 'down',
        atMs: DOWN_MS,
        forMs: BACK_MS - DOWN_MS,
        fault: { type: 'crash', target: 'n3' },
      },
    ],
    healAtMs: BACK_MS,
    checks: checks(),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/hint-window',
  title: 'Longer away than hints are kept',
  summary:
    'A replica is down for longer than the hint window. Read at level ONE it is stale for good, ' +
    'until a read repairs it, or a comparison of everything.',
  tier: 'hostile',
  sources: [CASSANDRA_HINTS, CASSANDRA_GUARANTEES],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The second write is kept by nobody: whoever asks n3 reads the old value for good.',
      expect: {
        'fresh-in-the-end': { breaks: {} },
        'never-stale': { breaks: { witness: 'old b' } },
      },
    },
    {
      name: 'long-window',
      about: 'With a window of ten seconds both writes are kept and handed over.',
      params: { hintWindowMs: 10_000 },
      expect: { 'window-closes': { breaks: {} }, 'n3-is-stale-for-good': { breaks: {} } },
    },
    {
      name: 'read-repair',
      about: 'The first read is stale, and repairs n3 for the next.',
      params: { repair: 'reads' },
      expect: { 'n3-is-stale-for-good': { breaks: {} }, 'never-stale': { breaks: {} } },
    },
    {
      name: 'anti-entropy',
      about: 'Replicas compare what they hold: n3 is right before anybody asks.',
      params: { repair: 'anti-entropy' },
      expect: { 'n3-is-stale-for-good': { breaks: {} } },
    },
    {
      name: 'quorum-reads',
      about: 'Two replicas are asked: n3 stays behind, and nobody notices.',
      params: { readLevel: 'quorum' },
      expect: { 'n3-is-stale-for-good': { breaks: {} } },
    },
  ],
  thingsToTry: [
    'Find the shortest window with which the second write is kept.',
    'Crash n1 by hand after the first write: who has the hint then?',
    'Read at level quorum, then take n1 and n2 down by hand: what is left?',
  ],
  leavesOut: [
    'The throttle of hint delivery, which takes hours after a long outage.',
    'Gossip: here each node finds out by itself who is down.',
  ],
});
