/**
 * A write that fails is not undone: what a store means by write-timeout and by unavailable.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { person } from '../quorum-parts.ts';
import { CASSANDRA_GUARANTEES, DYNAMO } from '../sources.ts';

const params = {
  writeLevel: field.choice(['quorum', 'all', 'one'], {
    about: 'How many of the three replicas must have a write before it is acknowledged.',
    default: 'quorum',
    source: 'Cassandra consistency levels',
  }),
  repair: field.choice(['blocking-reads', 'hints', 'none'], {
    about:
      'What brings the others up to date: a read that writes back what it found before it ' +
      'answers, hints kept by the coordinator, or nothing.',
    default: 'blocking-reads',
  }),
};

type Params = Static<TObject<typeof params>>;

const CUT_MS = 2_000;
const FIRST_TRY_MS = 2_500;
const WRITE_TIMEOUT_MS = 1_000;
const SECOND_TRY_MS = 4_500;
const HEAL_MS = 6_000;
const ANN_READS_MS = 8_000;
const BOB_READS_MS = 9_000;
const DURATION_MS = 10_000;

function groups(p: Params): readonly GroupPlan[] {
  return [
    {
      name: 'n',
      component: 'quorum-store',
      count: 3,
      config: {
        writeConsistency: p.writeLevel,
        readRepair: p.repair === 'blocking-reads' ? 'blocking' : 'off',
        hintedHandoff: p.repair === 'hints',
        hintDispatchMs: 1_000,
        writeTimeoutMs: WRITE_TIMEOUT_MS,
        readTimeoutMs: WRITE_TIMEOUT_MS,
      },
    },
    person('ann', 1, [
      { atMs: FIRST_TRY_MS, do: 'put', key: 'x', value: 'first try' },
      { atMs: SECOND_TRY_MS, do: 'put', key: 'y', value: 'second try' },
      { atMs: ANN_READS_MS, do: 'get', key: 'x' },
      { atMs: ANN_READS_MS + 200, do: 'get', key: 'y' },
    ]),
    person('bob', 2, [
      { atMs: 1_000, do: 'put', key: 'x', value: 'old' },
      { atMs: 4_000, do: 'get', key: 'x' },
      { atMs: 5_500, do: 'get', key: 'x' },
      { atMs: BOB_READS_MS, do: 'get', key: 'x' },
      { atMs: BOB_READS_MS + 200, do: 'get', key: 'y' },
    ]),
  ];
}

function checks(): readonly CheckPlan[] {
  const errors = (error: string) => ({ metric: 'error-count', clients: 'ann', error, atLeast: 1 });
  return [
    {
      id: 'first-try-times-out',
      use: 'slo',
      args: { ...errors('write-timeout'), atMost: 1 },
      about: 'Ann’s first write ends with write-timeout: perhaps it happened, perhaps not.',
    },
    {
      id: 'second-try-is-refused',
      use: 'slo',
      args: { ...errors('unavailable'), atMost: 1 },
      about: 'Her second ends with unavailable, at once: nothing was sent to anybody.',
    },
    {
      id: 'bob-reads-the-old-value',
      use: 'answers',
      args: { clients: 'bob', key: 'x', values: ['old'], atLeast: 2, atMost: 2, untilMs: HEAL_MS },
      about: 'While the cut lasts Bob’s side serves him, and shows nothing of Ann’s write.',
    },
    {
      id: 'the-failed-write-wins',
      use: 'answers',
      args: { clients: 'ann', key: 'x', values: ['first try'], atLeast: 1, fromMs: HEAL_MS },
      about: 'Later the value of the write that failed is what the key holds.',
    },
    {
      id: 'and-for-everybody',
      use: 'answers',
      args: { clients: 'bob', key: 'x', values: ['first try'], atLeast: 1, fromMs: HEAL_MS },
      about: 'And whoever reads after Ann has read it sees it, too.',
    },
    {
      id: 'the-refused-write-never-shows',
      use: 'answers',
      args: { key: 'y', values: ['second try'], atMost: 0 },
      about: 'What was refused as unavailable is never seen anywhere.',
    },
    {
      id: 'linearizable',
      use: 'linearizable',
      about:
        'One order explains everything, if a write of unknown fate may happen at any later time.',
    },
  ];
}

function story(p: Params): readonly StoryStep[] {
  const isOne = p.writeLevel === 'one';
  return [
    {
      title: 'A write that counts',
      at: { ms: 1_000 },
      text:
        'Bob writes x = old. The node that he asks sends it to all three replicas and answers ' +
        'when enough of them have it.',
    },
    {
      title: 'n1 is alone with Ann',
      at: { ms: CUT_MS },
      text:
        'The network is cut between n1 and the two others. Half a second later Ann writes ' +
        'x = first try through n1, which stores it at once and sends it to two nodes that do not ' +
        'hear it.',
      predict: {
        question: 'What does n1 do with the write on its own disk when nobody acknowledges it?',
        options: [
          'It takes it back, and tells Ann that the write failed.',
          'It keeps it, and tells Ann that it does not know.',
          'It keeps it, and tells Ann that all is well.',
        ],
        answer: isOne ? 2 : 1,
        because: isOne
          ? 'One replica is enough, and n1 is one. Ann is told "done", and on the other side ' +
            'Bob goes on reading the old value: with R + W = N the two quorums need not meet.'
          : 'A store without transactions cannot take anything back: the others may have it, ' +
            'and only the acknowledgement may be lost. So write-timeout means "unknown", never ' +
            '"not done", and the value stays on whoever has it.',
      },
      focus: ['n1', 'ann'],
      check: 'first-try-times-out',
    },
    {
      title: 'The second try',
      at: { ms: SECOND_TRY_MS },
      text: isOne
        ? 'One replica is still enough, so this write is acknowledged as well.'
        : 'Now n1 takes the others for down. It sees beforehand that there are too few replicas, ' +
          'so it stores nothing, sends nothing and says "unavailable". That is a clear no: this ' +
          'write may be tried elsewhere without any risk.',
      focus: ['n1', 'ann'],
      check: 'second-try-is-refused',
    },
    {
      title: 'The cut is mended',
      at: { ms: HEAL_MS },
      text: REPAIR[p.repair],
    },
    {
      title: 'The write that failed has won',
      at: { ms: BOB_READS_MS },
      text:
        'Ann has read her first try. ' +
        (p.repair === 'none'
          ? 'Bob still reads the old value although his read began later: nothing brought his ' +
            'two replicas up to date.'
          : 'Bob reads it now, too. Had her program told its user that the write failed, it ' +
            'would have lied.'),
      focus: ['ann', 'bob'],
      check: 'and-for-everybody',
    },
  ];
}

const REPAIR: { readonly [repair in Params['repair']]: string } = {
  'blocking-reads':
    'The copies differ: x is "first try" on n1 and "old" on the others. The next read that hears ' +
    'of both returns the later one, and writes it to whoever was behind before it answers.',
  hints:
    'n1 has kept a hint for each replica that did not acknowledge. Now it hands them over, and ' +
    'the write that failed spreads by itself.',
  none: 'The copies differ, and nothing is there to bring them together.',
};

function plan(p: Params): Plan {
  return {
    title: 'A write that failed, and won',
    summary:
      'A node that can reach nobody else takes a write and cannot tell whether it counts. Later ' +
      'the value is there. What may a client conclude from which error?',
    durationMs: DURATION_MS,
    network: {
      latency: { kind: 'uniform', minMs: 1, maxMs: 2 },
      // n1 is a little further away, so that n2 and n3 hear of each other first.
      links: ['n2', 'n3'].flatMap((far) => [
        { from: 'n1', to: far, latency: { kind: 'uniform', minMs: 8, maxMs: 10 } as const },
        { from: far, to: 'n1', latency: { kind: 'uniform', minMs: 8, maxMs: 10 } as const },
      ]),
    },
    groups: groups(p),
    faults: [{ id: 'cut', atMs: CUT_MS, fault: { type: 'partition', groups: [['n1', 'ann']] } }],
    healAtMs: HEAL_MS,
    checks: checks(),
    story: story(p),
  };
}

export default defineScenario({
  id: 'cap/failed-write',
  title: 'A write that failed, and won',
  summary:
    'One of three replicas has a write when its coordinator gives up: the client gets an error, ' +
    'and later everybody reads the value. write-timeout means unknown, unavailable means no.',
  tier: 'hostile',
  sources: [
    CASSANDRA_GUARANTEES,
    DYNAMO,
    {
      title: 'Figuière: Cassandra error handling done right (DataStax, 2014)',
      url: 'https://www.datastax.com/blog/cassandra-error-handling-done-right',
    },
  ],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'R = W = 2: the write is on one replica, and a read spreads it.',
    },
    {
      name: 'hints',
      about: 'Nobody has to read it: hints spread the write that failed.',
      params: { repair: 'hints' },
    },
    {
      name: 'never-spread',
      about: 'Without repair the value comes and goes: the store is not linearizable any more.',
      params: { repair: 'none' },
      expect: {
        'and-for-everybody': { breaks: { witness: 'not at least 1' } },
        linearizable: { breaks: {} },
      },
    },
    {
      name: 'one',
      about:
        'W = 1: there are no errors. Ann is told "done", and Bob’s side does not know of it: ' +
        'stale.',
      params: { writeLevel: 'one' },
      expect: {
        'first-try-times-out': { breaks: {} },
        'second-try-is-refused': { breaks: {} },
        'the-refused-write-never-shows': { breaks: {} },
        linearizable: { breaks: {} },
      },
    },
  ],
  thingsToTry: [
    'Let Ann write at level all: which of her two errors changes?',
    'Crash n1 by hand before the cut is mended: what then becomes of the first try?',
    'Take a level of one and count who was told what.',
  ],
  leavesOut: [
    'Retries: a program that retries after write-timeout must be sure that twice does no harm.',
    'Batches, counters and lightweight transactions, which have time-outs of their own kinds.',
  ],
});
