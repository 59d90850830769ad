/**
 * A consumer needs longer for the records of one poll than it is given. It leaves its group, what
 * it has done is not committed, and the next member begins with the same records.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, controllerOf, GROUP_BROKERS, membersOf, producerOf } from '../log-parts.ts';
import { KAFKA_CONSUMER_CONFIGS, KIP_62 } from '../sources.ts';

const params = {
  maxPollRecords: field.count({
    about: 'How many records a poll returns at most.',
    default: 20,
    min: 1,
    max: 40,
    source: 'Kafka max.poll.records: 500',
  }),
  processMs: field.millis({
    about: 'Work for each record.',
    default: 500,
    min: 10,
    max: 1_000,
  }),
  maxPollIntervalMs: field.millis({
    about: 'Who does not poll for so long leaves the group.',
    default: 6_000,
    min: 1_000,
    max: 60_000,
    source: 'Kafka max.poll.interval.ms: 300 s',
  }),
};
type Params = Static<TObject<typeof params>>;

const TOTAL = 40;
const START_MS = 1_000;
const RATE = 100;
/** Work on all records, and as long again for the group to come to be; and all turns that count. */
function durationMs(p: Params): number {
  const turnsMs = takesTurns(p) ? STEADY_MS + ROUNDS * p.maxPollIntervalMs : 0;
  return Math.max(45_000, TOTAL * p.processMs + 10_000, turnsMs + 500);
}

const pollMs = ({ maxPollRecords, processMs }: Params): number =>
  Math.min(maxPollRecords, TOTAL) * processMs;
const isSlow = (p: Params): boolean => pollMs(p) >= p.maxPollIntervalMs;

/** Whoever has left is back well after the next one began, and well before that has to leave. */
const takesTurns = (p: Params): boolean =>
  pollMs(p) >= p.maxPollIntervalMs + 2_000 && pollMs(p) < 2 * p.maxPollIntervalMs - 1_000;
/** By then each interval is like the one before. */
const STEADY_MS = 18_000;
const ROUNDS = 4;

const onceAnInterval = (p: Params): CheckPlan => ({
  id: 'once-an-interval',
  use: 'fact-count',
  args: takesTurns(p)
    ? {
        fact: 'group.stable',
        atLeast: ROUNDS,
        atMost: ROUNDS,
        fromMs: STEADY_MS,
        untilMs: STEADY_MS + ROUNDS * p.maxPollIntervalMs,
      }
    : { fact: 'group.stable', atMost: 0, fromMs: STEADY_MS },
  about: isSlow(p)
    ? 'The generation of the group rises by one in each interval.'
    : 'The generation of the group does not rise any more.',
});

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nobody-leaves',
    use: 'fact-count',
    args: { fact: 'consumer.left', atMost: 0 },
    about: 'No member leaves the group because its work takes too long.',
  },
  {
    id: 'commits-move',
    use: 'gauge',
    args: { group: 'c', gauge: 'Commits', measure: 'total', across: 'sum', atLeast: 1 },
    about: 'The group commits how far it is.',
  },
  {
    id: 'once-each',
    use: 'group-deliveries',
    args: { repeated: 0 },
    about: 'No record is worked on twice.',
  },
  {
    id: 'group-settles',
    use: 'fact-count',
    args: { fact: 'group.stable', atMost: 1 },
    about: 'The group rebalances once, when its members come, and not again.',
  },
  ...(takesTurns(p) || !isSlow(p) ? [onceAnInterval(p)] : []),
];

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'A partition and two who could read it',
    at: { ms: 2_500 },
    text:
      `${TOTAL} records wait in one partition. Two consumers are in the group; one of them will ` +
      'be given the partition, and the other one stands by.',
    focus: ['b', 'c'],
  },
  {
    title: 'The first poll',
    at: { when: 'records-processed', args: { group: 'c', records: 1 } },
    text:
      `A poll returns ${plural(Math.min(p.maxPollRecords, TOTAL), 'record')}, ${p.processMs} ms ` +
      `of work ` +
      `each: ${pollMs(p) / 1_000} s. Whoever does not poll for ${p.maxPollIntervalMs / 1_000} s ` +
      'leaves the group. Heartbeats go on all the while: they come from another thread.',
    focus: ['c'],
    predict: {
      question: 'How far will the group be after half a minute?',
      options: [
        'It goes on, record by record.',
        'Nowhere: no offset is ever committed.',
        'The second consumer finishes what the first one has begun.',
      ],
      answer: isSlow(p) ? 1 : 0,
      because: isSlow(p)
        ? 'When its time is over the consumer leaves, though it goes on with its work. What it ' +
          'commits in the end is refused: it is no member any more. The other one is given the ' +
          'partition and begins with the same records, and it is just as slow.'
        : 'It is done with a poll before its time is over. It commits, polls again, and is a ' +
          'member all the while.',
    },
  },
  {
    title: isSlow(p) ? 'Again from the beginning' : 'On time',
    at: { ms: 30_000 },
    text: isSlow(p)
      ? 'Each of them works all the time, and each begins anew. The lag does not shrink, and the ' +
        'generation of the group rises by one in each interval.'
      : 'One rebalance in the beginning, and none since. The lag shrinks with every record.',
    focus: ['c', 'b'],
    check: 'commits-move',
  },
];

const SUMMARY =
  'A poll that takes longer than max.poll.interval.ms is never committed: its records go to ' +
  'another member, which is as slow. Fewer records for each poll mend it.';

const plan = (p: Params): Plan => ({
  title: 'A poll that takes too long',
  summary: SUMMARY,
  durationMs: durationMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf({}, GROUP_BROKERS),
    producerOf({
      ratePerSecond: RATE,
      startMs: START_MS,
      stopMs: START_MS + (TOTAL * 1_000) / RATE + 5,
    }),
    membersOf(2, {
      enableAutoCommit: false,
      commitWhen: 'after-work',
      maxPollRecords: p.maxPollRecords,
      processMs: p.processMs,
      maxPollIntervalMs: p.maxPollIntervalMs,
    }),
  ],
  faults: [],
  checks: checks(p),
  story: story(p),
});

const STUCK = {
  'nobody-leaves': { breaks: {} },
  'commits-move': { breaks: {} },
  'once-each': { breaks: {} },
  'group-settles': { breaks: {} },
} as const;

export default defineScenario({
  id: 'messaging/slow-poll',
  title: 'A poll that takes too long',
  summary: SUMMARY,
  tier: 'calm',
  sources: [KAFKA_CONSUMER_CONFIGS, KIP_62],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Ten seconds of work for a poll, six allowed: nothing is ever committed.',
      expect: STUCK,
    },
    {
      name: 'fewer-records',
      about: 'Half as many records in a poll take five seconds: the group goes on.',
      params: { maxPollRecords: 10 },
    },
    {
      name: 'longer-interval',
      about: 'Fifteen seconds allowed: the group goes on, and would notice a stuck member later.',
      params: { maxPollIntervalMs: 15_000 },
    },
    {
      name: 'quicker-work',
      about: 'Two fifths of the work for each record: four seconds, and the group goes on.',
      params: { processMs: 200 },
    },
  ],
  thingsToTry: [
    'Set max.poll.records to 11 and to 12, half a second of work each. What changes between them?',
    'Stop a consumer by hand in the variant fewer-records: when does the other one take over?',
    'Look at the generation of the consumers in the default run: when does it rise, and why?',
  ],
  leavesOut: [
    'Pausing the partitions and polling on while other threads do the work.',
    'Records that differ in how long they take: the longest poll counts, not the mean.',
  ],
});
