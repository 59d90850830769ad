/**
 * A processor stops between the offsets that it has handed over in its transaction and the order to
 * commit. Its successor asks where to begin: nobody knows, until that transaction has ended.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  controllerOf,
  processorOf,
  producerOf,
  readerOf,
  TRANSACTION_BROKERS,
} from '../log-parts.ts';
import { KIP_129, KIP_447 } from '../sources.ts';

const params = {
  pauseMs: field.millis({
    about: 'How long it stops.',
    default: 20_000,
    min: 20_000,
    max: 40_000,
  }),
  patience: field.choice(['producer', 'streams'], {
    about:
      'How long the coordinator lets a transaction be open: a minute, as of a plain producer, or ' +
      'ten seconds, as in Streams, and it looks every ten seconds.',
    default: 'producer',
    source: 'Kafka transaction.timeout.ms: 60 s; 10 s in Streams',
  }),
};
type Params = Static<TObject<typeof params>>;

const RULE = 'group.stable-offsets';

const TOTAL = 60;
const BATCH = 20;
const WORK_MS = 100;
const START_MS = 1_000;
const RATE = 100;
const SESSION_MS = 6_000;
const TIMEOUT_MS = { producer: 60_000, streams: 10_000 } as const;

const waits = (ablations: readonly string[]): boolean => !ablations.includes(RULE);

/** The transaction that is open when it stops is aborted before it goes on. */
const isAborted = ({ patience }: Params): boolean => patience === 'streams';

/** Both have done the batch, and both commit. */
const repeatedOf = (p: Params, ablations: readonly string[]): number =>
  waits(ablations) || isAborted(p) ? 0 : BATCH;

const endMs = ({ pauseMs }: Params): number => 10_000 + pauseMs + 20_000;

const checks = (p: Params, ablations: readonly string[]): readonly CheckPlan[] => [
  {
    id: 'nothing-twice',
    use: 'derived-records',
    about: 'Who reads committed records finds one for each order, and no order twice.',
  },
  {
    id: 'as-reckoned',
    use: 'derived-records',
    args: { lost: 0, repeated: repeatedOf(p, ablations) },
    about: `Nothing is lost, and exactly ${repeatedOf(p, ablations)} are there twice.`,
  },
  {
    id: 'taken-over',
    use: 'fact-count',
    args: { fact: 'group.member-removed', atLeast: 1 },
    about: 'The group gives up the one that has stopped.',
  },
  ...(waits(ablations) ? [waited] : []),
  ...(isAborted(p) ? [timedOut] : []),
];

const waited: CheckPlan = {
  id: 'waited',
  use: 'fact-count',
  args: { fact: 'group.offsets-unstable', atLeast: 10 },
  about: 'Its successor asks again and again, and is told to wait.',
};

const timedOut: CheckPlan = {
  id: 'timed-out',
  use: 'fact-count',
  args: { fact: 'transaction.fenced', atLeast: 1 },
  about: 'The coordinator ends the transaction in place of the one that has stopped.',
};

function because(p: Params, ablations: readonly string[]): string {
  if (!waits(ablations)) {
    return isAborted(p)
      ? 'It is told that nothing was committed, and does the batch again. Here that is right: ' +
          'the other transaction is aborted by its timeout.'
      : 'It is told that nothing was committed, and does the batch once more. When the other one ' +
          'goes on it commits as well: its offsets were taken long ago, and nobody asks of which ' +
          `generation it is. ${BATCH} orders are charged twice.`;
  }
  return isAborted(p)
    ? 'It is told UNSTABLE_OFFSET_COMMIT, and asks again. The coordinator of transactions aborts ' +
        'what takes too long: then the offsets are those of before, and the batch is done again. ' +
        'When the other one goes on it is fenced.'
    : 'It is told UNSTABLE_OFFSET_COMMIT, and asks again. When the other one goes on it commits: ' +
        'its offsets count, and its successor begins behind them.';
}

function ending(p: Params, ablations: readonly string[]): string {
  if (repeatedOf(p, ablations) > 0) {
    return `All orders are charged, ${BATCH} of them twice: each of the two has committed its own.`;
  }
  const which = isAborted(p) ? 'the charges of the first one were aborted' : 'by the first one';
  return isAborted(p)
    ? `Each order is charged once, by the successor: ${which}.`
    : `Each order is charged once: the first ${BATCH} ${which}, the others by its successor.`;
}

const story = (p: Params, ablations: readonly string[]): readonly StoryStep[] => [
  {
    title: 'One at work, one in waiting',
    at: { ms: 3_500 },
    text:
      `There are ${TOTAL} orders in one partition, and two processors. One of them has the ` +
      `partition: it charges ${BATCH} orders in each transaction, and hands over how far it is.`,
    focus: ['x', 'b'],
  },
  {
    title: 'Handed over, not committed',
    at: { when: 'offsets-pending', args: { group: 'b' } },
    text:
      'Its first batch is done, and its offsets are with the coordinator of the group. Before ' +
      'it says that the transaction shall be committed it stops.',
    focus: ['x'],
    predict: {
      question:
        `After ${SESSION_MS / 1_000} s the other one is given the partition, and asks where to ` +
        'begin. Where?',
      options: [
        'Nowhere yet: it has to wait.',
        'At the first order: nothing is committed.',
        `Behind the first ${BATCH}: the offsets are there.`,
      ],
      answer: waits(ablations) ? 0 : 1,
      because: because(p, ablations),
    },
  },
  {
    title: waits(ablations) ? 'It waits' : 'It begins',
    at: { ms: 15_000 },
    text: waits(ablations)
      ? 'Whether these orders are charged is not decided. It asks every 100 ms.'
      : 'It does the same orders again, while it is not decided whether they are charged.',
    focus: ['x', 'b'],
  },
  {
    title: 'The account',
    at: { ms: endMs(p) - 1_000 },
    text: ending(p, ablations),
    focus: ['x', 'c'],
    check: 'as-reckoned',
  },
];

const SUMMARY =
  'A processor stops when the offsets in its transaction are taken, and the transaction is not ' +
  'committed. Whoever is given its partition must wait for the end of that, or does it again.';

const topicOf = (topic: string) => ({ topic, partitions: 1, replicationFactor: 3 });

const groups = (p: Params): readonly GroupPlan[] => [
  controllerOf(),
  brokersOf({}, { topics: [topicOf('orders'), topicOf('charges')], ...TRANSACTION_BROKERS }),
  producerOf(
    { ratePerSecond: RATE, startMs: START_MS, stopMs: START_MS + (TOTAL * 1_000) / RATE + 5 },
    { topic: 'orders' },
  ),
  processorOf(2, {
    processingGuarantee: 'exactly_once_v2',
    outputTopic: 'charges',
    maxPollRecords: BATCH,
    processMs: WORK_MS,
    commitIntervalMs: 1,
    sessionTimeoutMs: SESSION_MS,
    transactionTimeoutMs: TIMEOUT_MS[p.patience],
  }),
  readerOf({ topic: 'charges', isolationLevel: 'read_committed' }),
];

const plan = (p: Params, ablations: readonly string[]): Plan => ({
  title: 'Offsets that are pending',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: groups(p),
  faults: [
    {
      id: 'stops',
      fault: { type: 'pause', target: { role: 'assigned', group: 'x' } },
      when: { use: 'offsets-pending', args: { group: 'b' } },
      forMs: p.pauseMs,
    },
  ],
  checks: checks(p, ablations),
  story: story(p, ablations),
});

export default defineScenario({
  id: 'messaging/pending-offsets',
  title: 'Offsets that are pending',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KIP_447, KIP_129],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Its successor waits for the commit, and begins behind it: none is there twice.',
    },
    {
      name: 'no-wait',
      about: 'It is told that nothing is committed, and both commit: 20 are there twice.',
      ablations: [RULE],
      expect: { 'nothing-twice': { breaks: { witness: '20 times again' } } },
    },
    {
      name: 'timed-out',
      about: 'With ten seconds the transaction is aborted meanwhile, and the batch is done again.',
      params: { patience: 'streams' },
    },
  ],
  thingsToTry: [
    'Let it stop for 40 s: how long does the other one wait?',
    'Switch off the rule in the third variant: why is nothing there twice?',
    'Let it stop a moment earlier, by hand, while it still works on the batch. Who is refused?',
  ],
  leavesOut: [
    'The time between the decision and its marker, which is short here: it is pending then, too.',
    'Several partitions: it waits for those whose offsets are pending, and works on the others.',
  ],
});
