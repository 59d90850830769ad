/**
 * A compacted topic keeps of each key the last value. A reader that was away for too long goes on
 * where it was, and is not told of keys that were deleted meanwhile.
 */
import { defineScenario, field, plural } from 'faultline';
import type { CheckPlan, FaultEntry, GroupPlan, Plan, Static, StoryStep, TObject } from 'faultline';
import { brokersOf, consumer, controllerOf, producerOf } from '../log-parts.ts';
import { KAFKA_COMPACTION, KAFKA_TOPIC_CONFIGS, KIP_534 } from '../sources.ts';

const params = {
  deleteRetentionMs: field.millis({
    about: 'How long a tombstone stays after the cleaning that first sees it.',
    default: 3_000,
    min: 1_000,
    max: 60_000,
    source: 'Kafka delete.retention.ms: 24 h',
  }),
  deleted: field.count({
    about: 'How many of the forty keys are deleted; the first of them is written again later.',
    default: 20,
    min: 2,
    max: 40,
  }),
};
type Params = Static<TObject<typeof params>>;

const RULE = 'partition.tombstones';
const KEYS = 40;
const EVERY_MS = 25;
const RATE = 1_000 / EVERY_MS;
/** A time at which a loop over all keys begins with the first one. */
const WRITE_MS = 1_000;
/** Not before then, at the next time at which a loop over so many keys begins. */
const DELETE_FROM_MS = 8_000;
const deleteMs = ({ deleted }: Params): number =>
  Math.ceil(DELETE_FROM_MS / (deleted * EVERY_MS)) * deleted * EVERY_MS;
const FILL_MS = 10_000;
/** The reader stands still after all is written, and before anything is deleted. */
const AWAY_MS = 5_000;
const BACK_MS = 40_000;
const END_MS = 45_000;
/** Each broker looks so often whether half of a log is new. */
const CLEAN_MS = 1_000;
const SEGMENT_MS = 500;

/** The last instant of a loop of so many keys. */
const endOf = (startMs: number, keys: number): number => startMs + keys * EVERY_MS - 5;

const loopOf = (name: string, keys: number, startMs: number, share: number): GroupPlan => ({
  ...producerOf(
    { ratePerSecond: RATE, startMs, stopMs: endOf(startMs, keys) },
    {
      hasKeys: true,
      popularity: { kind: 'loop', keys, stepMs: EVERY_MS },
      ...(share > 0 ? { tombstoneShare: share } : {}),
    },
  ),
  name,
});

const groups = (p: Params): readonly GroupPlan[] => [
  controllerOf(),
  brokersOf(
    {
      cleanupPolicy: 'compact',
      segmentMs: SEGMENT_MS,
      deleteRetentionMs: p.deleteRetentionMs,
    },
    { logCleanerBackoffMs: CLEAN_MS },
  ),
  loopOf('writes', KEYS, WRITE_MS, 0),
  loopOf('deletes', p.deleted, deleteMs(p), 1),
  {
    ...producerOf(
      { ratePerSecond: RATE, startMs: FILL_MS, stopMs: BACK_MS },
      { hasKeys: true, popularity: { kind: 'uniform', keys: 1 } },
    ),
    name: 'goes-on',
  },
  { ...consumer, name: 'away' },
  { ...consumer, name: 'new' },
];

const faults: FaultEntry[] = [
  {
    id: 'reader-stands-still',
    fault: { type: 'pause', target: 'away' },
    atMs: AWAY_MS,
    forMs: BACK_MS - AWAY_MS,
  },
  { id: 'not-there-yet', fault: { type: 'crash', target: 'new' }, atMs: 10, forMs: BACK_MS - 10 },
];

/** Tombstones are first seen about a second after they are written, and cleanings are rare. */
const isShort = (p: Params, keeps: boolean): boolean => !keeps || p.deleteRetentionMs <= 20_000;
/** It depends on when the brokers clean. */
const isOpen = (p: Params, keeps: boolean): boolean =>
  keeps && p.deleteRetentionMs > 20_000 && p.deleteRetentionMs < 30_000;
/** All that are deleted for good: the first key is written on and on. */
const gone = ({ deleted }: Params): number => deleted - 1;

const checks = (p: Params, keeps: boolean): readonly CheckPlan[] => [
  {
    id: 'away-agrees',
    use: 'log-tables',
    args: { consumers: 'away' },
    about: 'The reader that was away has of each key the last value, and no key that is gone.',
  },
  {
    id: 'resurrected-as-reckoned',
    use: 'log-tables',
    args: {
      consumers: 'away',
      resurrected: isOpen(p, keeps) ? null : isShort(p, keeps) ? gone(p) : 0,
    },
    about: 'Exactly the keys whose tombstones it has missed live on in its table.',
  },
  {
    id: 'new-agrees',
    use: 'log-tables',
    args: { consumers: 'new' },
    about: 'Whoever reads from the start sees the last value of every key.',
  },
  {
    id: 'is-compacted',
    use: 'fact-count',
    args: { fact: 'partition.compacted', atLeast: 9 },
    about: 'Each broker compacts its log, again and again.',
  },
];

function because(p: Params, keeps: boolean): string {
  if (!keeps) {
    return (
      'A tombstone goes with the first cleaning here, whatever is set. The values that this ' +
      'reader had read are still in its table, and no record will ever say that they are gone.'
    );
  }
  return isShort(p, keeps)
    ? 'A tombstone may go once every reader can have seen it. This one did not: the values that ' +
        'it had read are still in its table, and no record will ever say that they are gone.'
    : 'Tombstones stay for longer than the reader was away. It reads them, late, and takes the ' +
        'keys out of its table.';
}

const story = (p: Params, keeps: boolean): readonly StoryStep[] => [
  {
    title: 'A table from a log',
    at: { ms: WRITE_MS + 1_500 },
    text:
      `${KEYS} keys are written. A reader makes a table of what it reads: by key the last value. ` +
      'The topic is compacted: of each key the log keeps the last record.',
    focus: ['away', 'b'],
  },
  {
    title: 'The reader stands still',
    at: { ms: AWAY_MS },
    text: 'It has read everything up to now, and does nothing for 35 seconds.',
    focus: ['away'],
  },
  {
    title: `${plural(p.deleted, 'key is', 'keys are')} deleted`,
    at: { ms: endOf(deleteMs(p), p.deleted) + 50 },
    text:
      'A record without a value, a tombstone, says that a key is gone. The first of these keys ' +
      'is written again afterwards, and so on: the log grows, and is compacted.',
    focus: ['b'],
    predict: {
      question: 'The reader will go on where it was. What will be wrong with its table?',
      options: [
        'Nothing.',
        `${plural(gone(p), 'key that is gone is', 'keys that are gone are')} still in it.`,
        'It lacks whatever was compacted meanwhile.',
      ],
      answer: isShort(p, keeps) ? 1 : 0,
      because: because(p, keeps),
    },
  },
  {
    title: isShort(p, keeps) ? 'Keys that live on' : 'Told in time',
    at: { ms: END_MS - 2_000 },
    text:
      (isShort(p, keeps)
        ? `${gone(p)} keys are in the table of the reader that was away, and in no log. `
        : 'The reader that was away has heard of all that is gone. ') +
      'Another reader has begun at the start only now: it sees the last value of every key, and ' +
      'nothing of those that are gone.',
    focus: ['away', 'new'],
    check: 'away-agrees',
  },
];

const SUMMARY =
  'A compacted topic keeps the last value of each key, for whoever reads it from the start. A ' +
  'reader that is away for longer than delete.retention.ms keeps what was deleted meanwhile.';

function plan(p: Params, ablations: readonly string[]): Plan {
  const keeps = !ablations.includes(RULE);
  return {
    title: 'Keys that live on',
    summary: SUMMARY,
    durationMs: END_MS,
    network: { latency: { kind: 'constant', ms: 1 } },
    groups: groups(p),
    faults,
    checks: checks(p, keeps),
    story: story(p, keeps),
  };
}

const LIVE_ON = { 'away-agrees': { breaks: { witness: 'of 19 resurrected' } } } as const;

export default defineScenario({
  id: 'messaging/compaction',
  title: 'Keys that live on',
  summary: SUMMARY,
  tier: 'hostile',
  sources: [KAFKA_COMPACTION, KAFKA_TOPIC_CONFIGS, KIP_534],
  params,
  plan,
  variants: [
    {
      name: 'default',
      about: 'Tombstones stay for 3 s: 19 deleted keys live on in the table of the late reader.',
      expect: LIVE_ON,
    },
    {
      name: 'long-enough',
      about: 'They stay for a minute, longer than it is away: both tables are right.',
      params: { deleteRetentionMs: 60_000 },
    },
    {
      name: 'dropped-at-once',
      about: 'The first cleaning takes them away, whatever is set: the same 19 keys.',
      params: { deleteRetentionMs: 60_000 },
      ablations: [RULE],
      expect: LIVE_ON,
    },
  ],
  thingsToTry: [
    'Wake the reader by hand at 12 s: are its tombstones still there?',
    'Let tombstones stay for 25 s. When is the log cleaned after that?',
    'Kill the reader by hand, and start it again: why is its table right then?',
  ],
  leavesOut: [
    'Readers that store their table and their position: a restart does not help those.',
    'Transactions, whose markers stay in the log for as long as tombstones.',
  ],
});
