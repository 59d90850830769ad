/**
 * An order to end a transaction is late: the producer asks again, is answered, and begins the next
 * transaction. Then the late order comes, and ends that one in the middle.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, controllerOf, producerOf, readerOf, TRANSACTIONS_ONLY } from '../log-parts.ts';
import { JEPSEN_BUFSTREAM, KAFKA_17754, KIP_890 } from '../sources.ts';

const params = {
  late: field.choice(['commit', 'abort'], {
    about: 'Which order is late: to commit the first transaction, or to abort the second.',
    default: 'commit',
  }),
  transactionVersion: field.choice(['1', '2'], {
    about: 'With 2 each end of a transaction begins a new epoch of its producer.',
    default: '1',
    source: 'Kafka transaction.version: 2 since 4.0; KIP-890',
  }),
  lateByMs: field.millis({
    about: 'How long it is under way: so that it comes between two records of the next one.',
    default: 2_000,
    min: 1_200,
    max: 2_800,
  }),
};
type Params = Static<TObject<typeof params>>;

const START_MS = 2_000;
/** From record to record, and from the first record of a transaction to its end. */
const STEP_MS = 2_000;
const OPEN_MS = 3_000;
const TRANSACTION_MS = 2 * STEP_MS;
const TRANSACTIONS = 5;
const REQUEST_MS = 500;
const STOP_MS = START_MS + TRANSACTIONS * TRANSACTION_MS;
const END_MS = STOP_MS + 5_000;

const isSafe = (p: Params, ablations: readonly string[]): boolean =>
  p.transactionVersion === '2' && !ablations.includes('transaction.epoch-bump');

/** The first record of a transaction; the first one is number 1. */
const firstMs = (n: number): number => START_MS + STEP_MS + (n - 1) * TRANSACTION_MS;
/** The transaction whose end is late. */
const lateOne = ({ late }: Params): number => (late === 'commit' ? 1 : 2);
const sentMs = (p: Params): number => firstMs(lateOne(p)) + OPEN_MS;
const arrivesMs = (p: Params): number => sentMs(p) + p.lateByMs;

const foundOf = (p: Params, ablations: readonly string[]) =>
  isSafe(p, ablations)
    ? {}
    : p.late === 'commit'
      ? { 'aborted-read': 1, 'precommitted-read': 1, 'torn-transaction': 1 }
      : { 'lost-write': 1, 'torn-transaction': 1 };

function accountOf(p: Params, ablations: readonly string[]): string {
  const kinds = Object.entries(foundOf(p, ablations)).map(([kind, n]) => `${n} ${kind}`);
  return kinds.length === 0 ? 'There is no anomaly.' : `There is exactly ${kinds.join(', ')}.`;
}

const refused: CheckPlan = {
  id: 'refused',
  use: 'fact-count',
  args: { fact: 'transaction.end-refused', atLeast: 1, atMost: 1 },
  about: 'The late order has come, and was refused for its epoch.',
};

function checks(p: Params, ablations: readonly string[]): readonly CheckPlan[] {
  const decided = TRANSACTIONS + (isSafe(p, ablations) ? 0 : 1);
  return [
    {
      id: 'all-or-nothing',
      use: 'log-history',
      about: 'Of a transaction all is read that was committed, and nothing that was aborted.',
    },
    {
      id: 'as-reckoned',
      use: 'log-history',
      args: { exactly: foundOf(p, ablations) },
      about: accountOf(p, ablations),
    },
    {
      id: 'decided',
      use: 'fact-count',
      args: { fact: 'transaction.decided', atLeast: decided, atMost: decided },
      about: `${TRANSACTIONS} transactions are ended ${decided} times.`,
    },
    ...(isSafe(p, ablations) ? [refused] : []),
  ];
}

function because(p: Params, ablations: readonly string[]): string {
  if (isSafe(p, ablations)) {
    return (
      'The end of the transaction before has begun a new epoch. The late order is of the old ' +
      'one: it is refused with PRODUCER_FENCED, and nobody waits for that answer any more.'
    );
  }
  return p.late === 'commit'
    ? 'Producer id and epoch are still the same: the coordinator commits what is open now, and ' +
        'that is the first record of the second transaction. The second record begins another ' +
        'one, as far as the coordinator knows, and only that is aborted.'
    : 'Producer id and epoch are still the same: the coordinator aborts what is open now, and ' +
        'that is the first record of the third transaction. The second record begins another ' +
        'one, as far as the coordinator knows, and that is committed. So the producer is told.';
}

function ending(p: Params, ablations: readonly string[]): string {
  if (isSafe(p, ablations)) return 'Each transaction is read as a whole, or not at all.';
  return p.late === 'commit'
    ? 'Half of the second transaction is read, though its producer has aborted it and was told so.'
    : 'Half of the third transaction is lost, though its producer was told that it is committed.';
}

const story = (p: Params, ablations: readonly string[]): readonly StoryStep[] => [
  {
    title: 'Two records in two partitions',
    at: { ms: firstMs(1) + STEP_MS + 500 },
    text:
      'A producer writes two records in each transaction, two seconds apart, one to each of two ' +
      'partitions. It commits the first transaction, aborts the second, commits the third, and ' +
      'so on.',
    focus: ['t', 'b'],
  },
  {
    title: 'An order is late',
    at: { ms: sentMs(p) + 100 },
    text:
      `Its order to ${p.late} the ${p.late === 'commit' ? 'first' : 'second'} transaction is ` +
      `held up in the network. After ${REQUEST_MS} ms the producer asks again.`,
    focus: ['t', 'b'],
  },
  {
    title: 'The next transaction',
    at: { ms: firstMs(lateOne(p) + 1) + 100 },
    text:
      'The second order came through: the transaction is over, and the producer knows. It has ' +
      'begun the next one, and has written the first of its two records.',
    focus: ['t', 'b'],
    predict: {
      question: `Now the late order to ${p.late} arrives. What does the coordinator do?`,
      options: [
        'It refuses it: that transaction is over.',
        `It answers that it did ${p.late}, as it has before.`,
        'It ends the transaction that is open now.',
      ],
      answer: isSafe(p, ablations) ? 0 : 2,
      because: because(p, ablations),
    },
  },
  {
    title: 'It arrives',
    at: { ms: arrivesMs(p) + 100 },
    text: isSafe(p, ablations)
      ? 'Nothing has happened to the transaction that is open: it waits for its second record.'
      : 'The partition of the first record has a marker behind it. The producer knows nothing of ' +
        'that, and will write its second record.',
    focus: ['t', 'b'],
  },
  {
    title: 'The account',
    at: { ms: END_MS - 1_000 },
    text: ending(p, ablations),
    focus: ['c'],
    check: 'as-reckoned',
  },
];

const SUMMARY =
  'An order to end a transaction is late, and comes when the next one is open. As long as both ' +
  'are of one epoch, it ends that: what was aborted is read, or what was committed is lost.';

/** Nothing else is sent in that time. */
const late = (p: Params): FaultEntry => ({
  id: 'late',
  fault: { type: 'latency', from: 't', extra: { kind: 'constant', ms: p.lateByMs } },
  atMs: sentMs(p) - 10,
  forMs: 20,
});

const transactional: GroupPlan = {
  ...producerOf(
    { ratePerSecond: 1_000 / STEP_MS, startMs: START_MS, stopMs: STOP_MS + 5 },
    {
      transactionalId: 'billing',
      transactionMs: OPEN_MS,
      abortEvery: 2,
      partitioner: 'round-robin',
      requestTimeoutMs: REQUEST_MS,
    },
  ),
  name: 't',
};

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'A late order to end',
  summary: SUMMARY,
  durationMs: END_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf(
      { partitions: 2 },
      { ...TRANSACTIONS_ONLY, transactionVersion: p.transactionVersion === '1' ? 1 : 2 },
    ),
    transactional,
    readerOf({ isolationLevel: 'read_committed' }),
  ],
  faults: [late(p)],
  checks: checks(p, ablations),
  story: story(p, ablations),
});

export default defineScenario({
  id: 'messaging/late-end-txn',
  title: 'A late order to end',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KAFKA_17754, JEPSEN_BUFSTREAM, KIP_890],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'A late commit: half of a transaction that was aborted is read.',
      expect: { 'all-or-nothing': { breaks: { witness: 'whose send surely failed' } } },
    },
    {
      name: 'late-abort',
      about: 'A late abort: half of a transaction that was committed is lost.',
      params: { late: 'abort' },
      expect: { 'all-or-nothing': { breaks: { witness: 'nobody read it' } } },
    },
    {
      name: 'new-epochs',
      about: 'transaction.version 2 (KIP-890, part 2): the late commit is of an old epoch.',
      params: { transactionVersion: '2' },
    },
    {
      name: 'new-epochs-abort',
      about: 'The same with a late abort: nothing is lost.',
      params: { late: 'abort', transactionVersion: '2' },
    },
  ],
  thingsToTry: [
    'Let the late order come before the next record (1.2 s is the least): what is different?',
    'Switch off transaction.verification: it asks whether the partition is in a transaction. Why ' +
      'does that not help here?',
    'Let a reader read uncommitted records. Does it see anything odd?',
  ],
  leavesOut: [
    'A client that begins anew after each answer that it missed, as Jepsen advises.',
    'TCP, which delivers late what was sent on a connection that its client has given up.',
  ],
});
