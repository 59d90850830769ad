/**
 * A processor dies in the middle of a batch: it has read records, written others for them, and has
 * not said yet how far it is. What becomes of them depends on the order of those two, or on their
 * being one.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import {
  brokersOf,
  controllerOf,
  GROUP_BROKERS,
  processorOf,
  producerOf,
  readerOf,
  TRANSACTION_BROKERS,
} from '../log-parts.ts';
import { KAFKA_DELIVERY, KIP_129, KIP_98 } from '../sources.ts';

const params = {
  guarantee: field.choice(['at_most_once', 'at_least_once', 'exactly_once_v2'], {
    about:
      'What is first: the offsets of a batch, or what is written for it; or both in one ' +
      'transaction.',
    default: 'at_least_once',
    source: 'Kafka Streams processing.guarantee',
  }),
  reader: field.choice(['read_committed', 'read_uncommitted'], {
    about: 'How the reader of the output reads.',
    default: 'read_committed',
    source: 'Kafka isolation.level',
  }),
  maxPollRecords: field.count({
    about: 'How many records a batch (a poll) has at most.',
    default: 20,
    min: 1,
    max: 60,
    source: 'Kafka max.poll.records',
  }),
  crashAfter: field.count({
    about: 'After so many records the processor dies.',
    default: 28,
    min: 1,
    max: 59,
  }),
};
type Params = Static<TObject<typeof params>>;

const TOTAL = 60;
const WORK_MS = 100;
const START_MS = 1_000;
const RATE = 100;
const DOWN_MS = 1_000;
const DURATION_MS = 30_000;

/** Of the batch that it dies in: how many are done, and how many it has in all. */
function batchOf({ maxPollRecords: n, crashAfter }: Params) {
  const done = crashAfter % n;
  return { done, size: Math.min(n, TOTAL - crashAfter + done) };
}

/** The batch that ends with the last record before the crash is written, and not committed. */
function doneOf(p: Params): number {
  const { done } = batchOf(p);
  return done === 0 ? Math.min(p.maxPollRecords, p.crashAfter) : done;
}

/** Where a batch ends with the last record before the crash, the next one is committed by then. */
function lostOf(p: Params): number {
  const { done, size } = batchOf(p);
  return p.guarantee === 'at_most_once' ? size - done : 0;
}

/** The first record of a transaction waits until its partition is known to be in it. */
function abortedOf(p: Params): number {
  const written = doneOf(p);
  return written > 1 ? written : 0;
}

function repeatedOf(p: Params): number {
  switch (p.guarantee) {
    case 'at_most_once':
      return 0;
    case 'at_least_once':
      return doneOf(p);
    case 'exactly_once_v2':
      return p.reader === 'read_uncommitted' ? abortedOf(p) : 0;
  }
}

const readOf = (p: Params): number => TOTAL - lostOf(p) + repeatedOf(p);

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nothing-lost',
    use: 'derived-records',
    args: { isolation: p.reader, repeated: null },
    about: 'For every record that the group is beyond there is one that was written for it.',
  },
  {
    id: 'nothing-twice',
    use: 'derived-records',
    args: { isolation: p.reader, lost: null },
    about: 'For no record there are two.',
  },
  {
    id: 'as-reckoned',
    use: 'derived-records',
    args: { isolation: p.reader, lost: lostOf(p), repeated: repeatedOf(p) },
    about: `Exactly ${lostOf(p)} are lost, and ${repeatedOf(p)} are there twice.`,
  },
  {
    id: 'read-as-reckoned',
    use: 'gauge',
    args: {
      group: 'c',
      gauge: 'Records read',
      measure: 'total',
      atLeast: readOf(p),
      atMost: readOf(p),
    },
    about:
      `The reader is given ${plural(readOf(p), 'record')}: all that its isolation lets it ` +
      `see.`,
  },
];

function because(p: Params): string {
  const { done, size } = batchOf(p);
  const again = doneOf(p);
  switch (p.guarantee) {
    case 'at_most_once':
      return (
        `Of the batch of ${size} that it was in, ${done} were done, but all of it was committed ` +
        `before. Whoever goes on begins behind it: ` +
        `${plural(lostOf(p), 'record is', 'records are')} lost.`
      );
    case 'at_least_once':
      return (
        `What it wrote for ${plural(again, 'record')} is in the output, but that it is beyond ` +
        `them was not ` +
        'committed yet: they are read again, and written again.'
      );
    case 'exactly_once_v2':
      return p.reader === 'read_committed'
        ? `What it wrote for ${plural(again, 'record')} is in the output, in a transaction that ` +
            `nobody ` +
            'ended. Its successor has its transactional id: the coordinator aborts what is open, ' +
            'and those who read committed records never see it.'
        : `What it wrote for ${plural(again, 'record')} is in the output, in a transaction that ` +
            `was ` +
            'aborted. This reader did not ask for committed records only: it is given them all.';
  }
}

function ending(p: Params): string {
  const given = `The reader is given ${readOf(p)} charges for ${TOTAL} orders`;
  switch (p.guarantee) {
    case 'at_most_once':
      return `${given}. No error says so: the group is beyond all of them.`;
    case 'at_least_once':
      return `${given}. If each says for which order it is, its readers can drop the second.`;
    case 'exactly_once_v2':
      return p.reader === 'read_committed'
        ? `${given}. Those that were aborted are in the log, too: it passes over them.`
        : `${given}. A transaction is one for those only who ask for committed records.`;
  }
}

const HOW: { readonly [guarantee in Params['guarantee']]: string } = {
  at_most_once: 'As soon as it has a batch it commits how far it is, and only then does its work.',
  at_least_once: 'When all that it wrote for a batch is acknowledged, it commits how far it is.',
  exactly_once_v2:
    'What it writes for a batch and how far it is are in one transaction, which ends with the ' +
    'batch.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'From one topic to another',
    at: { ms: 2_500 },
    text:
      `There are ${TOTAL} orders. A processor joins its group, is given the partition, and will ` +
      'write one charge for each order.',
    focus: ['b', 'x'],
  },
  {
    title: 'At work',
    at: { when: 'records-processed', args: { group: 'x', records: 1 } },
    text: `It takes up to ${p.maxPollRecords} at a time, ${WORK_MS} ms each. ${HOW[p.guarantee]}`,
    focus: ['x'],
    predict: {
      question: `After ${plural(p.crashAfter, 'order')} it dies, and starts again. Who is charged?`,
      options: ['Everybody once.', 'Some are not charged.', 'Some are charged twice.'],
      answer: lostOf(p) > 0 ? 1 : repeatedOf(p) > 0 ? 2 : 0,
      because: because(p),
    },
  },
  {
    title: 'The crash',
    at: { when: 'records-processed', args: { group: 'x', records: p.crashAfter } },
    text:
      'It dies between what it wrote and what it would have committed. Its session has to end ' +
      'before the partition is given to its successor.',
    focus: ['x', 'b'],
  },
  {
    title: 'The account',
    at: { ms: DURATION_MS - 1_000 },
    text: ending(p),
    focus: ['x', 'c'],
    check: 'as-reckoned',
  },
];

const SUMMARY =
  'A processor dies between writing and saying how far it is. Said first, records are lost; ' +
  'written first, they are there twice; in one transaction, neither.';

function groups(p: Params): readonly GroupPlan[] {
  const isExact = p.guarantee === 'exactly_once_v2';
  const topics = [
    { topic: 'orders', partitions: 1, replicationFactor: 3 },
    { topic: 'charges', partitions: 1, replicationFactor: 3 },
  ];
  const stopMs = START_MS + (TOTAL * 1_000) / RATE + 5;
  return [
    controllerOf(),
    brokersOf({}, { topics, ...(isExact ? TRANSACTION_BROKERS : GROUP_BROKERS) }),
    producerOf({ ratePerSecond: RATE, startMs: START_MS, stopMs }, { topic: 'orders' }),
    processorOf(1, {
      processingGuarantee: p.guarantee,
      outputTopic: 'charges',
      maxPollRecords: p.maxPollRecords,
      processMs: WORK_MS,
      ...(p.guarantee === 'at_most_once' ? {} : { commitIntervalMs: 1 }),
    }),
    readerOf({ topic: 'charges', isolationLevel: p.reader }),
  ];
}

const plan = (p: Params): Plan => ({
  title: 'Exactly once',
  summary: SUMMARY,
  durationMs: DURATION_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: groups(p),
  faults: [
    {
      id: 'crash',
      fault: { type: 'crash', target: 'x' },
      when: { use: 'records-processed', args: { group: 'x', records: p.crashAfter } },
      forMs: DOWN_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/exactly-once',
  title: 'Exactly once',
  summary: SUMMARY,
  tier: 'calm',
  sources: [KAFKA_DELIVERY, KIP_98, KIP_129],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Written, then committed: of a batch of 20 it had done 8, and those are there twice.',
      expect: { 'nothing-twice': { breaks: { witness: '8 times again' } } },
    },
    {
      name: 'commit-first',
      about: 'Committed, then written: the other 12 of the batch are lost.',
      params: { guarantee: 'at_most_once' },
      expect: { 'nothing-lost': { breaks: { witness: '12 lost' } } },
    },
    {
      name: 'transaction',
      about: 'Both in one transaction: none is lost, and none is there twice.',
      params: { guarantee: 'exactly_once_v2' },
    },
    {
      name: 'read-uncommitted',
      about: 'The same, but the reader takes whatever is in the log: 8 of an aborted transaction.',
      params: { guarantee: 'exactly_once_v2', reader: 'read_uncommitted' },
      expect: {
        'nothing-twice': { breaks: { witness: '8 times again' } },
        'log-history': { breaks: { witness: 'had ended the transaction' } },
      },
    },
  ],
  thingsToTry: [
    'Let the processor die after 40 orders, at the end of a batch: what is lost, what is twice?',
    'Switch off transaction.aborted-ranges in the third variant: what does the reader see?',
    'Commit first, with one record in a batch. How many can a crash lose now?',
  ],
  leavesOut: [
    'State stores and their changelogs, which are written in the same transaction.',
    'Effects outside of the log: a mail that was sent is in no transaction.',
  ],
});
