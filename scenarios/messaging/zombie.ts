/**
 * A processor stops in the middle of a transaction, for longer than its group waits. Its successor
 * does the work again; then it goes on where it was, and wants to commit.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  controllerOf,
  processorOf,
  producerOf,
  readerOf,
  TRANSACTION_BROKERS,
} from '../log-parts.ts';
import { KIP_447, KIP_98 } from '../sources.ts';

const params = {
  fencing: field.choice(['none', 'group', 'transactional-id'], {
    about:
      'What tells the two apart: nothing, the generation of the group that goes with the ' +
      'offsets, or a transactional id that goes with the partition.',
    default: 'none',
    source: 'Kafka sendOffsetsToTransaction, KIP-447; processing.guarantee',
  }),
  done: field.count({
    about: 'So many records of its second batch are done when it stops.',
    default: 8,
    min: 1,
    max: 19,
  }),
};
type Params = Static<TObject<typeof params>>;

const TOTAL = 60;
const BATCH = 20;
const WORK_MS = 100;
const START_MS = 1_000;
const RATE = 100;
const SESSION_MS = 6_000;
const PAUSE_MS = 15_000;
const DURATION_MS = 40_000;

/** The batch of the zombie, and all behind it: its offsets take the group back to where it ends. */
const repeatedOf = ({ fencing }: Params): number => (fencing === 'none' ? TOTAL - BATCH : 0);

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nothing-twice',
    use: 'derived-records',
    about: 'Who reads committed records finds one for each order, and no order twice.',
  },
  {
    id: 'as-reckoned',
    use: 'derived-records',
    args: { lost: 0, repeated: repeatedOf(p) },
    about: `Nothing is lost, and exactly ${repeatedOf(p)} are there twice.`,
  },
  {
    id: 'taken-over',
    use: 'fact-count',
    args: { fact: 'group.member-removed', atLeast: 1 },
    about: 'The group gives up the one that has stopped.',
  },
];

const WHY: { readonly [fencing in Params['fencing']]: string } = {
  none:
    'Each has a transactional id of its own, and the offsets come without a word on who sends ' +
    `them. Both transactions are good: its batch of ${BATCH} was charged by both. Its offsets ` +
    `take the group back to where that batch ends: the ${TOTAL - 2 * BATCH} behind it are done ` +
    'once more.',
  group:
    'With the offsets it says of which generation it is a member. The group has another one by ' +
    'now: the offsets are refused, and the transaction can only be aborted.',
  'transactional-id':
    'The transactional id is that of the partition. When its successor began, the coordinator ' +
    'aborted what was open under it and gave out a new epoch: the old one is fenced.',
};

/** When it has gone on, wherever in its batch it had stopped. */
const BACK_MS = 26_000;

const BACK_AGAIN: { readonly [fencing in Params['fencing']]: string } = {
  none: 'it has gone on in the transaction that was open all the while.',
  group: 'it has gone on in the transaction that was open all the while.',
  'transactional-id':
    'it has gone on in a transaction that was aborted when its successor began. The first ' +
    'record was refused (INVALID_PRODUCER_EPOCH), and after that a producer sends no other.',
};
const READERS_WAIT =
  ' Nobody who reads committed records got beyond the beginning of that before it ended.';

const ENDS: { readonly [fencing in Params['fencing']]: string } = {
  none: `${TOTAL - BATCH} orders are charged twice, and each of these charges is committed.`,
  group:
    `The ${BATCH} charges of its batch are in the log, aborted: who reads committed records is ` +
    'given those of its successor. It has joined the group again, as a new member.',
  'transactional-id':
    'Each order is charged once. Whoever is fenced must not try again: it has given its producer ' +
    'up, and joined the group again as a new member.',
};

const UNCHECKED =
  'With the offsets it says of which generation it is a member, and the coordinator does not ' +
  `look at it. Both transactions are good: its batch of ${BATCH} was charged by both, and the ` +
  `${TOTAL - 2 * BATCH} behind it are done once more.`;

const story = (p: Params, isUnchecked: boolean): readonly StoryStep[] => [
  {
    title: 'One at work, one in waiting',
    at: { ms: 3_500 },
    text:
      `There are ${TOTAL} orders in one partition, and two processors. One of them has the ` +
      `partition: it charges ${BATCH} orders in each transaction.`,
    focus: ['x', 'b'],
  },
  {
    title: 'It stops',
    at: { when: 'records-processed', args: { group: 'x', records: BATCH + p.done } },
    text:
      `After ${plural(p.done, 'order')} of its second batch it stops: a collection of garbage, ` +
      `a machine ` +
      `that was put to sleep. After ${SESSION_MS / 1_000} s of silence the other is given the ` +
      'partition, and begins where the last transaction ended.',
    focus: ['x'],
    predict: {
      question: 'Then the first goes on, finishes its batch and commits. What becomes of it?',
      options: [
        'It is refused: each order is charged once.',
        `Both commit: the ${BATCH} orders of its batch are charged twice.`,
        `Both commit, and more than its batch is charged twice: ${TOTAL - BATCH} orders.`,
      ],
      answer: isUnchecked || p.fencing === 'none' ? 2 : 0,
      because: isUnchecked ? UNCHECKED : WHY[p.fencing],
    },
  },
  {
    title: 'Back again',
    at: { ms: BACK_MS },
    text:
      'For the one that had stopped no time has passed: ' +
      BACK_AGAIN[p.fencing] +
      (p.fencing === 'transactional-id' ? '' : READERS_WAIT),
    focus: ['x', 'c'],
  },
  {
    title: 'The account',
    at: { ms: DURATION_MS - 1_000 },
    text: isUnchecked
      ? `${ENDS.none} To say who one is helps where somebody looks.`
      : ENDS[p.fencing],
    focus: ['x', 'c'],
    check: 'as-reckoned',
  },
];

const SUMMARY =
  'A processor stops in the middle of a transaction and is replaced, then goes on. Unless it is ' +
  'fenced by its group or by its transactional id, both commit the same work.';

const GUARANTEE: { readonly [fencing in Params['fencing']]: GroupPlan['config'] } = {
  none: { processingGuarantee: 'exactly_once_v2', groupMetadata: false },
  group: { processingGuarantee: 'exactly_once_v2' },
  'transactional-id': { processingGuarantee: 'exactly_once' },
};

const topicOf = (topic: string) => ({ topic, partitions: 1, replicationFactor: 3 });

const plan = (p: Params, off: readonly string[]): Plan => ({
  title: 'A zombie',
  summary: SUMMARY,
  durationMs: DURATION_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({}, { topics: [topicOf('orders'), topicOf('charges')], ...TRANSACTION_BROKERS }),
    producerOf(
      {
        ratePerSecond: RATE,
        startMs: START_MS,
        stopMs: START_MS + (TOTAL * 1_000) / RATE + 5,
      },
      { topic: 'orders' },
    ),
    processorOf(2, {
      ...GUARANTEE[p.fencing],
      outputTopic: 'charges',
      maxPollRecords: BATCH,
      processMs: WORK_MS,
      commitIntervalMs: 1,
      sessionTimeoutMs: SESSION_MS,
      // Longer than it stops: it is the group that gives it up, and not the coordinator.
      transactionTimeoutMs: 60_000,
    }),
    readerOf({ topic: 'charges', isolationLevel: 'read_committed' }),
  ],
  faults: [
    {
      id: 'stops',
      fault: { type: 'pause', target: { role: 'assigned', group: 'x' } },
      when: { use: 'records-processed', args: { group: 'x', records: BATCH + p.done } },
      forMs: PAUSE_MS,
    },
  ],
  checks: checks(p),
  story: story(p, p.fencing === 'group' && off.includes('group.generation-check')),
});

export default defineScenario({
  id: 'messaging/zombie',
  title: 'A zombie',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KIP_98, KIP_447],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Nothing tells the two apart: both commit, and 40 orders are charged twice.',
      expect: { 'nothing-twice': { breaks: { witness: '40 times again' } } },
    },
    {
      name: 'group-metadata',
      about: 'The offsets say of which generation they are: those of an old one are refused.',
      params: { fencing: 'group' },
    },
    {
      name: 'transactional-id',
      about: 'The transactional id goes with the partition: its successor fences it.',
      params: { fencing: 'transactional-id' },
    },
    {
      name: 'unverified',
      about: 'The same where no leader asks the coordinator: the new epoch alone is guard enough.',
      params: { fencing: 'transactional-id' },
      ablations: ['transaction.verification'],
    },
    {
      name: 'unchecked',
      about: 'The generation is said, and the coordinator does not look at it: 40 are there twice.',
      params: { fencing: 'group' },
      ablations: ['group.generation-check'],
      expect: {
        'nothing-twice': { breaks: { witness: '40 times again' } },
        'as-reckoned': { breaks: { witness: '40 times again' } },
      },
    },
  ],
  thingsToTry: [
    'Let it stop after another order of its batch. Why does that change nothing?',
    'Watch the lag of the reader while the processor stands still. What does it wait for?',
    'Fence by the transactional id, and look when the records of the first are aborted.',
  ],
  leavesOut: [
    'transaction.timeout.ms, which would end the transaction by itself: Streams sets it to 10 s.',
    'Several partitions: one transactional id for each of them is one producer for each.',
  ],
});
