/**
 * A consumer that is slower than its producer falls behind, by the difference of the two rates and
 * for as long as records come; then it catches up. Unless the log is cut off behind it first.
 */
import { defineScenario, field } from 'faultline';
import type { CheckPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, consumer, controllerOf, producerOf } from '../log-parts.ts';
import { KAFKA_CONSUMER_CONFIGS, KAFKA_TOPIC_CONFIGS } from '../sources.ts';

const params = {
  processMs: field.millis({
    about: 'What the consumer needs for a record.',
    default: 20,
    min: 5,
    max: 40,
  }),
  retentionMs: field.millis({
    about: 'How long a record is kept; -1: for ever.',
    default: -1,
    min: -1,
    max: 30_000,
    source: 'Kafka retention.ms: 7 days',
  }),
};
type Params = Static<TObject<typeof params>>;

const RATE = 100;
const START_MS = 1_000;
const STOP_MS = 21_000;
const WRITTEN = (RATE * (STOP_MS - START_MS)) / 1_000;
/** A segment and a check later at most what is too old is gone. */
const SEGMENT_MS = 500;
const CHECK_MS = 500;
/** Records are still there so long after they are too old, at most. */
const LATE_MS = SEGMENT_MS + CHECK_MS;

/** Records a second that it can read. */
const pace = (p: Params): number => 1_000 / p.processMs;
const isSlow = (p: Params): boolean => pace(p) < RATE;
const keepsAll = (p: Params): boolean => p.retentionMs < 0;
/** How long there is anything to read, unless it has read all before. */
const openMs = (p: Params): number => (keepsAll(p) ? Infinity : STOP_MS - START_MS + p.retentionMs);
const most = (p: Params, lateMs: number): number =>
  Math.min(WRITTEN, Math.floor((pace(p) * (openMs(p) + lateMs)) / 1_000));
const losesSome = (p: Params): boolean => isSlow(p) && most(p, LATE_MS + 500) < WRITTEN;
/** It reads until there is nothing left. */
const doneMs = (p: Params): number => START_MS + (most(p, LATE_MS) * 1_000) / pace(p);
const endMs = (p: Params): number =>
  Math.ceil(Math.max(STOP_MS, doneMs(p)) / 1_000) * 1_000 + 4_000;

/** The most that is ever unread: what comes too much, or all that is kept. */
function lagMax(p: Params): number {
  if (!isSlow(p)) return 0;
  const grown = ((RATE - pace(p)) * (STOP_MS - START_MS)) / 1_000;
  return keepsAll(p) ? grown : Math.min(grown, (RATE * p.retentionMs) / 1_000);
}

/** Of polls, batches and segments that are under way. */
const SLACK = 30 + (RATE * LATE_MS) / 1_000;

const POLL = 5;
/** The first check of retention for which even the last record is too old. */
const goneMs = (p: Params): number =>
  (Math.floor((STOP_MS + p.retentionMs) / CHECK_MS) + 1) * CHECK_MS;
/**
 * It is never idle until then. By a poll or two that is not exact: one is under way in the end, and
 * one was fetched ahead; whether they are before that or after is a matter of milliseconds.
 */
const read = (p: Params): number =>
  losesSome(p) ? Math.floor((pace(p) * (goneMs(p) - START_MS)) / 1_000) : WRITTEN;
const slack = (p: Params): number => (losesSome(p) && !isSettled(p) ? 2 * POLL : 0);
/** With these none of that comes near: every seed shows what is reckoned, exactly. */
const SETTLED: Params = { processMs: 20, retentionMs: 5_000 };
const isSettled = (p: Params): boolean =>
  p.processMs === SETTLED.processMs && p.retentionMs === SETTLED.retentionMs;
/** Whenever the segment goes that it is in, it asks where to go on, and reads nothing meanwhile. */
const ASKING_MS = 10;
const asking = (p: Params): number =>
  Math.ceil(((goneMs(p) / SEGMENT_MS) * ASKING_MS) / p.processMs);

function readAtLeast(p: Params): number {
  if (isSettled(p)) return read(p);
  if (losesSome(p)) return read(p) - slack(p) - asking(p);
  // It depends on when the log is looked at whether it loses any.
  return isSlow(p) && most(p, 0) < WRITTEN ? most(p, 0) - asking(p) : WRITTEN;
}

const readAsReckoned = (p: Params): CheckPlan => ({
  id: 'read-as-reckoned',
  use: 'gauge',
  args: {
    group: 'c',
    gauge: 'Records read',
    measure: 'total',
    atLeast: readAtLeast(p),
    atMost: Math.min(WRITTEN, read(p) + slack(p)),
  },
  about: 'It reads at its own pace, for as long as there is anything that it has not read.',
});

const checks = (p: Params): readonly CheckPlan[] => [
  {
    id: 'nothing-skipped',
    use: 'log-history',
    about: 'Each acknowledged record is read.',
  },
  {
    id: 'position-is-there',
    use: 'fact-count',
    args: { fact: 'consumer.reset', atMost: 0 },
    about: 'What the consumer asks for next has not been deleted.',
  },
  readAsReckoned(p),
  {
    id: 'lag-as-reckoned',
    use: 'gauge',
    args: {
      group: 'c',
      gauge: 'Lag',
      measure: 'max',
      atLeast: lagMax(p) > SLACK ? lagMax(p) - SLACK : null,
      atMost: lagMax(p) + SLACK,
    },
    about: 'It falls behind by what comes more than it reads, until the log is cut off behind it.',
  },
];

const seconds = (ms: number): string => `${ms / 1_000} s`;

function ending(p: Params): string {
  if (!isSlow(p)) return 'It has read everything as it came.';
  if (!losesSome(p)) {
    return (
      `Nothing comes any more. It catches up: ${lagMax(p)} records at ${pace(p)} a second take ` +
      `${seconds((lagMax(p) * 1_000) / pace(p))}.`
    );
  }
  return (
    `It could read ${pace(p)} a second for ${seconds(goneMs(p) - START_MS)}: until the broker ` +
    'looked at its log and found the last record too old. ' +
    `That makes ${read(p)}; the other ${WRITTEN - read(p)} of ${WRITTEN} it has never seen. ` +
    'It was told (OFFSET_OUT_OF_RANGE), and went on at the earliest record there was.'
  );
}

const story = (p: Params): readonly StoryStep[] => [
  {
    title: 'Two rates',
    at: { ms: 5_000 },
    text:
      `${RATE} records a second come in, and the consumer can read ${pace(p)}. Its lag is what ` +
      'is written and not read.',
    focus: ['p', 'c'],
    predict: {
      question: `Records come for ${seconds(STOP_MS - START_MS)}. How far behind is it at worst?`,
      options: [
        'Hardly at all.',
        `By as many seconds as records come: ${WRITTEN} records.`,
        `By about ${lagMax(p) === 0 ? 500 : lagMax(p)} records.`,
      ],
      answer: isSlow(p) ? 2 : 0,
      because: isSlow(p)
        ? `The lag grows by ${RATE - pace(p)} a second, the difference of the two rates` +
          (keepsAll(p)
            ? '.'
            : `. A record is kept for ${seconds(p.retentionMs)}: more than that many seconds of ` +
              'records cannot be unread, for older ones are gone.')
        : 'It reads faster than records come: each waits only for the next poll.',
    },
  },
  {
    title: 'No more records',
    at: { ms: STOP_MS },
    text: 'The producer stops. What is unread now is there to be read, or to be deleted.',
    focus: ['b', 'c'],
  },
  {
    title: losesSome(p) ? 'Gone before it was read' : 'Everything is read',
    at: { ms: endMs(p) - 1_000 },
    text: ending(p),
    focus: ['c'],
    check: 'nothing-skipped',
  },
];

const SUMMARY =
  'A slow consumer falls behind by a difference of two rates, and catches up by it. With a short ' +
  'retention its backlog is deleted instead, and nobody but the consumer is told.';

const plan = (p: Params): Plan => ({
  title: 'The slow consumer',
  summary: SUMMARY,
  durationMs: endMs(p),
  network: { latency: { kind: 'constant', ms: 1 } },
  groups: [
    controllerOf(),
    brokersOf(
      keepsAll(p) ? { retentionMs: -1 } : { retentionMs: p.retentionMs, segmentMs: SEGMENT_MS },
      keepsAll(p) ? {} : { logRetentionCheckIntervalMs: CHECK_MS },
    ),
    // The last record comes as it stops.
    producerOf({ ratePerSecond: RATE, startMs: START_MS, stopMs: STOP_MS + 5 }, { lingerMs: 45 }),
    {
      ...consumer,
      config: {
        autoOffsetReset: 'earliest',
        processMs: p.processMs,
        maxPollRecords: POLL,
        maxPartitionFetchBytes: 600,
      },
    },
  ],
  faults: [],
  checks: checks(p),
  story: story(p),
});

const GONE = { 'nothing-skipped': { breaks: {} }, 'position-is-there': { breaks: {} } } as const;

export default defineScenario({
  id: 'messaging/slow-consumer',
  title: 'The slow consumer',
  summary: SUMMARY,
  tier: 'calm',
  sources: [KAFKA_CONSUMER_CONFIGS, KAFKA_TOPIC_CONFIGS],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: '100 a second come, 50 are read: 1,000 behind after 20 s, and 20 s later none.',
    },
    {
      name: 'retention',
      about: 'Records are kept for 5 s: of 2,000 it reads 1,275, and 725 are gone.',
      params: { retentionMs: SETTLED.retentionMs },
      expect: GONE,
    },
    {
      name: 'long-enough',
      about: 'Kept for 30 s: no record waits longer than 20 s, so all are read.',
      params: { retentionMs: 30_000 },
    },
    {
      name: 'fast',
      about: 'The same retention of 5 s, and a consumer that is faster than its producer.',
      params: { processMs: 5, retentionMs: 5_000 },
    },
  ],
  thingsToTry: [
    'How long would records have to be kept in the second variant? The last one waits for 20 s.',
    'Let a record take 40 ms: how long does it take to catch up?',
    'Set autoOffsetReset to latest in your head: what does it read after its first reset?',
  ],
  leavesOut: [
    'More consumers: a group would share partitions, and this topic has only one.',
    'What is fetched ahead: here it is little, elsewhere it is read although it is deleted.',
    'Retention by size, which gives a slow consumer less time the more is written.',
  ],
});
