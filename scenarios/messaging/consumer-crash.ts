/**
 * A consumer dies in the middle of a batch. What it has committed says where the next one goes on:
 * before the work, and the rest of the batch is lost; after it, and its beginning is done again.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, controllerOf, GROUP_BROKERS, membersOf, producerOf } from '../log-parts.ts';
import { KAFKA_CONSUMER_CONFIGS, KAFKA_DELIVERY } from '../sources.ts';

const params = {
  commit: field.choice(['before-work', 'after-work', 'auto'], {
    about:
      'When the consumer commits how far it is: as soon as it has a batch, when the batch is ' +
      'done, or by itself every five seconds.',
    default: 'before-work',
    source: 'Kafka enable.auto.commit, auto.commit.interval.ms, commitSync()',
  }),
  maxPollRecords: field.count({
    about: 'How many records a batch (a poll) has at most.',
    default: 20,
    min: 1,
    max: 60,
    source: 'Kafka max.poll.records: 500',
  }),
  crashAfter: field.count({
    about: 'After so many records the consumer dies.',
    default: 28,
    min: 1,
    max: 59,
  }),
};
type Params = Static<TObject<typeof params>>;

const TOTAL = 60;
const WORK_MS = 100;
const AUTO_COMMIT_MS = 5_000;
const START_MS = 1_000;
const RATE = 100;
const DOWN_MS = 1_000;

/** Of the batch that it dies in: how many are done, and how many it has in all. */
function batchOf({ maxPollRecords: n, crashAfter }: Params) {
  const done = crashAfter % n;
  return { done, size: Math.min(n, TOTAL - crashAfter + done) };
}

/** The records that were committed before the crash, where polls commit by themselves. */
function autoCommitted({ maxPollRecords: n, crashAfter }: Params): number {
  let committed = 0;
  let dueMs = AUTO_COMMIT_MS;
  for (let at = n; at <= crashAfter; at += n) {
    if (at * WORK_MS < dueMs) continue;
    committed = at;
    dueMs = at * WORK_MS + AUTO_COMMIT_MS;
  }
  return committed;
}

const lostOf = (p: Params): number =>
  p.commit === 'before-work' ? batchOf(p).size - batchOf(p).done : 0;

function repeatedOf(p: Params): number {
  if (p.commit === 'before-work') return 0;
  return p.commit === 'after-work' ? batchOf(p).done : p.crashAfter - autoCommitted(p);
}

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nothing-skipped',
    use: 'group-deliveries',
    about: 'Every record is worked on.',
  },
  {
    id: 'nothing-again',
    use: 'group-deliveries',
    args: { lost: null, repeated: 0 },
    about: 'No record is worked on twice.',
  },
  {
    id: 'as-reckoned',
    use: 'group-deliveries',
    args: { lost: lostOf(p), repeated: repeatedOf(p) },
    about:
      `Exactly ${plural(lostOf(p), 'record is', 'records are')} lost, and ${repeatedOf(p)} ` +
      `are worked on again.`,
  },
];

const records = (count: number): string => plural(count, 'record');

function because(p: Params): string {
  const { done, size } = batchOf(p);
  switch (p.commit) {
    case 'before-work':
      return (
        `Of the batch of ${size} that it was in, ${done === 0 ? 'none was' : `${done} were`} ` +
        'done, ' +
        `but all of it was committed: the next one begins behind it, and ${records(size - done)} ` +
        `${size - done === 1 ? 'is' : 'are'} lost.`
      );
    case 'after-work':
      return done === 0
        ? 'It died between two batches: all that was done was committed, and whoever comes next ' +
            'begins behind it.'
        : `The batches before were committed. Of the one that it was in, ${records(done)} ` +
            `${done === 1 ? 'was' : 'were'} done: whoever comes next is given the whole batch, ` +
            'and does that again.';
    case 'auto':
      return (
        `Polls commit every five seconds what the polls before have returned: that were ` +
        `${plural(autoCommitted(p), 'record')}. The ${repeatedOf(p)} since then are done again.`
      );
  }
}

const HOW: { readonly [commit in Params['commit']]: string } = {
  'before-work': 'As soon as it has a batch it commits it, and only then works on its records.',
  'after-work': 'When it has done all records of a batch it commits the batch.',
  auto: 'Every five seconds a poll commits by itself what the polls before have returned.',
};

const FIXES: { readonly [commit in Params['commit']]: string } = {
  'before-work':
    'This is “at most once”. No error was reported anywhere, and nobody will ever be given those ' +
    'records again.',
  'after-work':
    'This is “at least once”. If the work can be done twice without harm, say because it is kept ' +
    'by partition and offset, that is as good as once.',
  auto:
    'This is “at least once” as long as a poll is done before the next one begins. How much is ' +
    'done again depends on the time since the last commit, not on the size of a batch.',
};

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Sixty records',
    at: { ms: 2_500 },
    text:
      `There are ${TOTAL} records in one partition. A consumer joins its group, is given the ` +
      'partition, and asks the coordinator where to begin: nothing is committed yet.',
    focus: ['b', 'c'],
  },
  {
    title: 'At work',
    at: { when: 'records-processed', args: { group: 'c', records: 1 } },
    text:
      `It takes up to ${records(p.maxPollRecords)} at a time, ${WORK_MS} ms each. ` + HOW[p.commit],
    focus: ['c'],
    predict: {
      question:
        `After ${plural(p.crashAfter, 'record')} it dies, and starts again. What ` +
        `becomes of them?`,
      options: [
        'Each is worked on exactly once.',
        'Some are never worked on.',
        'Some are worked on twice.',
      ],
      answer: lostOf(p) > 0 ? 1 : repeatedOf(p) > 0 ? 2 : 0,
      because: because(p),
    },
  },
  {
    title: 'The crash',
    at: { when: 'records-processed', args: { group: 'c', records: p.crashAfter } },
    text:
      'It dies without a word. Started again it is a new member: the coordinator waits for the ' +
      'old one until its session is over, and then gives the partition to the new one.',
    focus: ['c', 'b'],
  },
  {
    title: 'The account',
    at: { ms: DURATION_MS - 1_000 },
    text: FIXES[p.commit],
    focus: ['c'],
    check: 'as-reckoned',
  },
];

const DURATION_MS = 30_000;
const SUMMARY =
  'A consumer dies in the middle of a batch. Committed before the work, the rest of the batch is ' +
  'lost; committed after it, the beginning is done again.';

const plan = (p: Params): Plan => ({
  title: 'When to commit',
  summary: SUMMARY,
  durationMs: DURATION_MS,
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({}, GROUP_BROKERS),
    producerOf({
      ratePerSecond: RATE,
      startMs: START_MS,
      stopMs: START_MS + (TOTAL * 1_000) / RATE + 5,
    }),
    membersOf(1, {
      maxPollRecords: p.maxPollRecords,
      processMs: WORK_MS,
      ...(p.commit === 'auto'
        ? { autoCommitIntervalMs: AUTO_COMMIT_MS }
        : { enableAutoCommit: false, commitWhen: p.commit }),
    }),
  ],
  faults: [
    {
      id: 'crash',
      fault: { type: 'crash', target: 'c' },
      when: { use: 'records-processed', args: { group: 'c', records: p.crashAfter } },
      forMs: DOWN_MS,
    },
  ],
  checks: checks(p),
  story: story(p),
});

export default defineScenario({
  id: 'messaging/consumer-crash',
  title: 'When to commit',
  summary: SUMMARY,
  tier: 'calm',
  sources: [KAFKA_DELIVERY, KAFKA_CONSUMER_CONFIGS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Committed before the work: of a batch of 20 the consumer had done 8; 12 are lost.',
      expect: { 'nothing-skipped': { breaks: { witness: '12 lost' } } },
    },
    {
      name: 'after-work',
      about: 'Committed after the work: nothing is lost, and 8 records are done again.',
      params: { commit: 'after-work' },
      expect: { 'nothing-again': { breaks: { witness: '8 times again' } } },
    },
    {
      name: 'auto',
      about: 'Committed by itself: five seconds were not over, and all 28 are done again.',
      params: { commit: 'auto' },
      expect: { 'nothing-again': { breaks: { witness: '28 times again' } } },
    },
    {
      name: 'one-by-one',
      about:
        'Committed after each record: here nothing is done twice, at the price of a commit each.',
      params: { commit: 'after-work', maxPollRecords: 1 },
    },
  ],
  thingsToTry: [
    'Let the consumer die after 40 records, at the end of a batch: what is lost, what done again?',
    'Commit before the work with one record in a batch. How many can a crash lose now?',
    'Let polls commit by themselves, ten records each, and the crash come after 59 records.',
  ],
  leavesOut: [
    'Work and commit in one transaction, and a store that knows which offsets it has: once each.',
    'Work that goes on in other threads while the next poll begins: auto-commit can lose that.',
  ],
});
