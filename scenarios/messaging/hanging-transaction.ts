/**
 * A packet is late: the producer gives its batch up, and aborts the transaction that it was for.
 * Then the batch comes, after the marker: it begins a transaction that nobody will ever end.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  controllerOf,
  LEADER,
  producerOf,
  readerOf,
  TRANSACTIONS_ONLY,
} from '../log-parts.ts';
import { KIP_890, KIP_98 } from '../sources.ts';

const params = {
  transactionVersion: field.choice(['1', '2'], {
    about: 'With 2 each end of a transaction begins a new epoch of its producer.',
    default: '1',
    source: 'Kafka transaction.version: 2 since 4.0; KIP-890',
  }),
  patience: field.choice(['none', 'one-retry'], {
    about: 'Whether delivery.timeout.ms gives a batch up with its first request, or lets it retry.',
    default: 'none',
    source: 'Kafka delivery.timeout.ms >= linger.ms + request.timeout.ms',
  }),
  lateByMs: field.millis({
    about: 'How long the packet is under way.',
    default: 3_000,
    min: 2_000,
    max: 20_000,
  }),
  goOnMs: field.millis({
    about: 'How long another producer writes on after that.',
    default: 10_000,
    min: 1_000,
    max: 60_000,
  }),
};
type Params = Static<TObject<typeof params>>;

const VERIFICATION = 'transaction.verification';
const EPOCH_BUMP = 'transaction.epoch-bump';

const START_MS = 2_000;
/** Of a transaction: one every 100 ms, the last of the second one is late. */
const RECORDS = 5;
const STEP_MS = 100;
const LATE_MS = START_MS + 2 * RECORDS * STEP_MS;
const REQUEST_MS = 1_000;
const LINGER_MS = 5;
const GIVEN_UP_MS = LATE_MS + REQUEST_MS;
/** Records of the other one: between those times that matter. */
const EVERY_MS = 50;
const OFFSET_MS = 25;

const arrivesMs = (p: Params): number => LATE_MS + p.lateByMs;
const stopsMs = (p: Params): number => arrivesMs(p) + p.goOnMs;
const endMs = (p: Params): number => stopsMs(p) + 3_000;

const writtenBy = (ms: number): number => Math.floor((ms - START_MS - OFFSET_MS) / EVERY_MS);

/** What keeps the late batch out. */
type Guard = 'verification' | 'epoch' | 'sequence' | 'nobody';

function guardOf(p: Params, ablations: readonly string[]): Guard {
  if (!ablations.includes(VERIFICATION)) return 'verification';
  if (p.transactionVersion === '2' && !ablations.includes(EPOCH_BUMP)) return 'epoch';
  return p.patience === 'none' ? 'nobody' : 'sequence';
}

/** Whether the late batch gets into the log, and nobody ends what it begins. */
const hangs = (p: Params, ablations: readonly string[]): boolean =>
  guardOf(p, ablations) === 'nobody';

/** The late one, and all that others have written behind it. */
const unreadOf = (p: Params, ablations: readonly string[]): number =>
  hangs(p, ablations) ? 1 + writtenBy(stopsMs(p)) - writtenBy(arrivesMs(p)) : 0;

const lagAtEnd = (p: Params) => ({
  group: 'c',
  gauge: 'Lag',
  measure: 'max' as const,
  fromMs: endMs(p) - 1_000,
});

const REFUSALS = {
  verification: {
    fact: 'transaction.batch-unverified',
    about: 'The leader asks the coordinator, who knows of no such transaction.',
  },
  epoch: {
    fact: 'partition.batch-fenced',
    about: 'The leader has seen a marker of a newer epoch: it refuses the batch by itself.',
  },
} as const;

function refusal(guard: Guard): readonly CheckPlan[] {
  if (guard === 'sequence' || guard === 'nobody') return [];
  const { fact, about } = REFUSALS[guard];
  return [{ id: 'refused', use: 'fact-count', args: { fact, atLeast: 1, atMost: 1 }, about }];
}

const checks = (p: Params, ablations: readonly string[]): readonly CheckPlan[] => [
  {
    id: 'all-read',
    use: 'gauge',
    args: { ...lagAtEnd(p), atMost: 0 },
    about: 'In the end whoever reads committed records is through.',
  },
  {
    id: 'unread-as-reckoned',
    use: 'gauge',
    args: { ...lagAtEnd(p), atLeast: unreadOf(p, ablations), atMost: unreadOf(p, ablations) },
    about: `In the end exactly ${unreadOf(p, ablations)} records are unread.`,
  },
  {
    id: 'given-up',
    use: 'slo',
    args: {
      metric: 'error-count',
      clients: 't',
      operation: 'send',
      ...(p.patience === 'none' ? { atLeast: RECORDS, atMost: RECORDS } : { atMost: 0 }),
    },
    about:
      p.patience === 'none'
        ? 'The late packet has cost a transaction: none of its records is committed.'
        : 'The record that was sent again was written.',
  },
  {
    id: 'history',
    use: 'log-history',
    about: 'What is read was committed, once, and in order.',
  },
  ...refusal(guardOf(p, ablations)),
];

/** Who gives a batch up asks for a new epoch, and with version 2 the end of each one brings one. */
const isOldEpoch = (p: Params): boolean => p.patience === 'none' || p.transactionVersion === '2';

const BECAUSE: { readonly [guard in Guard]: string } = {
  verification:
    'Before the first batch of a transaction the leader asks the coordinator whether that is ' +
    'open. It is not: ',
  epoch:
    'The end of its transaction began a new epoch of the producer, and the marker said so to the ' +
    'partition. The batch is of the old epoch: the leader refuses it without asking anybody.',
  sequence:
    'The producer did not give up: it sent the batch again, and committed it. The late one has ' +
    'the same number, and is known to be there already.',
  nobody:
    'The epoch is the same and the number is the next one, so the leader appends the batch. ' +
    'It is the first one of a transaction of which no coordinator knows: no marker will come. ' +
    'Whoever reads committed records waits before it for ever, also for records of others that ' +
    'are in no transaction at all.',
};

function because(p: Params, guard: Guard): string {
  if (guard !== 'verification') return BECAUSE[guard];
  const told = isOldEpoch(p)
    ? 'the producer has a newer epoch by now, and the leader refuses the batch with ' +
      'INVALID_PRODUCER_EPOCH.'
    : 'the producer is in the same epoch, but in no transaction, and the leader refuses the ' +
      'batch with INVALID_TXN_STATE.';
  return BECAUSE[guard] + told;
}

/** What is seen of it at once. */
function arrival(p: Params, guard: Guard): string {
  if (guard === 'sequence') return 'The answer says at which offset it is. Nothing is appended.';
  if (guard === 'nobody') {
    return (
      'The high watermark moves on with each record of the other producer. The last stable ' +
      'offset stays where the late record is.'
    );
  }
  return (
    'It is refused, and not in the log. The answer goes to a producer that ' +
    (p.patience === 'none' ? 'has given it up long ago.' : 'knows long since that it is written.')
  );
}

function ending(p: Params, ablations: readonly string[]): string {
  const unread = unreadOf(p, ablations);
  if (unread === 0) {
    return (
      'Nothing is unread: the late batch has held up nobody' +
      (p.patience === 'none' ? ', and its transaction is aborted as a whole.' : '.')
    );
  }
  return (
    `The late record is all that is in its way: ${unread} records are unread, and each further ` +
    'second makes it 20 more. No timeout ends that, for the coordinator has nothing to time out.'
  );
}

const story = (p: Params, ablations: readonly string[]): readonly StoryStep[] => [
  {
    title: 'Two producers, one partition',
    at: { ms: START_MS + (RECORDS + 1) * STEP_MS },
    text:
      `One of them writes ${RECORDS} records in each transaction; one is committed. The other ` +
      'writes 20 a second, in no transaction. A consumer reads what is committed.',
    focus: ['t', 'p', 'c'],
  },
  {
    title: 'A packet is late',
    at: { ms: LATE_MS + 100 },
    text:
      'The last batch of the second transaction is held up on its way to the leader, for longer ' +
      'than the producer waits for an answer.',
    focus: ['t', LEADER],
  },
  {
    title: p.patience === 'none' ? 'Given up' : 'Sent again',
    at: { ms: GIVEN_UP_MS + 500 },
    text:
      p.patience === 'none'
        ? 'The time for the batch is over. The transaction is aborted, and marked as such in the ' +
          'partition. The producer has nothing more to write.'
        : 'The producer has sent it again. This time it came through, and the transaction is ' +
          'committed. The producer has nothing more to write.',
    focus: ['t', 'b'],
    predict: {
      question: `After ${p.lateByMs / 1_000} s the batch arrives. What becomes of it?`,
      options: [
        'It is not written: nobody notices.',
        'It is written, and read as if it were committed.',
        'It is written, and nobody reads beyond it any more.',
      ],
      answer: hangs(p, ablations) ? 2 : 0,
      because: because(p, guardOf(p, ablations)),
    },
  },
  {
    title: 'It arrives',
    at: { ms: arrivesMs(p) + 500 },
    text: arrival(p, guardOf(p, ablations)),
    focus: [LEADER, 'c'],
  },
  {
    title: 'Much later',
    at: { ms: endMs(p) - 500 },
    text: ending(p, ablations),
    focus: ['c'],
    check: 'all-read',
  },
];

const SUMMARY =
  'A batch arrives after its transaction was aborted, and begins one that nobody ends: whoever ' +
  'reads committed records stands still before it, unless the leader asks if there is such a one.';

/** Nothing but that batch is sent to the leader in that time. */
const late = (p: Params): FaultEntry => ({
  id: 'late',
  fault: {
    type: 'latency',
    from: 't',
    to: LEADER,
    extra: { kind: 'constant', ms: p.lateByMs },
  },
  atMs: LATE_MS - 10,
  forMs: 20,
});

const pace = (everyMs: number, startMs: number, stopMs: number) => ({
  ratePerSecond: 1_000 / everyMs,
  startMs,
  stopMs,
});

const transactional = (p: Params): GroupPlan => ({
  ...producerOf(pace(STEP_MS, START_MS, LATE_MS + 5), {
    transactionalId: 'billing',
    transactionRecords: RECORDS,
    requestTimeoutMs: REQUEST_MS,
    deliveryTimeoutMs: LINGER_MS + (p.patience === 'none' ? 1 : 3) * REQUEST_MS,
  }),
  name: 't',
});

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'A transaction that hangs',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf(
      {},
      { ...TRANSACTIONS_ONLY, transactionVersion: p.transactionVersion === '1' ? 1 : 2 },
    ),
    transactional(p),
    producerOf(pace(EVERY_MS, START_MS + OFFSET_MS, stopsMs(p))),
    readerOf({ isolationLevel: 'read_committed' }),
  ],
  faults: [late(p)],
  checks: checks(p, ablations),
  story: story(p, ablations),
});

export default defineScenario({
  id: 'messaging/hanging-transaction',
  title: 'A transaction that hangs',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KIP_890, KIP_98],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'The leader asks the coordinator (KIP-890, part 1): the late batch is refused.',
    },
    {
      name: 'unverified',
      about: 'Before 3.6 it did not ask: after ten seconds 201 records are unread.',
      ablations: [VERIFICATION],
      expect: { 'all-read': { breaks: { witness: 'is 201, not' } } },
    },
    {
      name: 'twice-as-long',
      about: 'The same after twenty seconds: 401. It grows for as long as anybody writes.',
      params: { goOnMs: 20_000 },
      ablations: [VERIFICATION],
      expect: { 'all-read': { breaks: { witness: 'is 401, not' } } },
    },
    {
      name: 'new-epochs',
      about: 'transaction.version 2 (KIP-890, part 2), and it asks as well: refused.',
      params: { transactionVersion: '2' },
    },
    {
      name: 'committed-again',
      about: 'The batch was sent again, and is committed: the late one is of no open transaction.',
      params: { patience: 'one-retry' },
    },
    {
      name: 'epochs-alone',
      about: 'It does not ask: the marker has brought a new epoch, and that is guard enough.',
      params: { transactionVersion: '2' },
      ablations: [VERIFICATION],
    },
    {
      name: 'sent-again',
      about: 'It does not ask, but the batch was sent again: the late one is a duplicate.',
      params: { patience: 'one-retry' },
      ablations: [VERIFICATION],
    },
  ],
  thingsToTry: [
    'Let the other producer write on for a minute, unverified. How many records are unread?',
    'Switch off transaction.last-stable-offset as well: what does the consumer read?',
    'Switch off transaction.epoch-bump, too, with version 2 and unverified. Who guards now?',
  ],
  leavesOut: [
    'The tool with which somebody ends such a transaction by hand (kafka-transactions.sh abort).',
    'records-lag of Kafka counts up to the last stable offset for such a reader: it shows no lag.',
    'A next transaction of the same producer in the partition: its marker would end this one, too.',
  ],
});
