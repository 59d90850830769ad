/**
 * What a topic may be told, by Kafka's names: its replicas, and what becomes of old records.
 *
 * Differs: segments may be smaller than 1 MiB, the least since 4.0 (KIP-1030), so that a short run
 * rolls some of them.
 */
import type { TopicSpec } from '../../contracts/controller.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { word } from '../../contracts/needs.ts';
import { ms } from '../../kernel/time.ts';
import type { CleanupConfig } from '../../protocols/partition-log/index.ts';

const INT_MAX = 2_147_483_647;
const DAY_MS = 86_400_000;
const DELETES = ['delete', 'compact,delete'] as const;
const COMPACTS = ['compact', 'compact,delete'] as const;

const replication = {
  topic: Type.String({ minLength: 1, default: 'events', description: 'Its name.' }),
  partitions: field.count({
    about: 'Partitions.',
    default: 1,
    min: 1,
    max: 10_000,
    source: 'Kafka num.partitions: 1',
  }),
  replicationFactor: field.count({
    about: 'Replicas of each partition.',
    default: 1,
    min: 1,
    max: 99,
    source: 'Kafka default.replication.factor: 1',
  }),
  minInsyncReplicas: field.count({
    about:
      'With fewer in sync, acks=all is refused, and nothing more is committed; all replicas are ' +
      'always enough.',
    default: 1,
    min: 1,
    max: 99,
    source: 'Kafka min.insync.replicas: 1',
  }),
  uncleanLeaderElection: field.flag({
    about: 'Where nobody in sync lives, a replica that lags may lead: records are lost.',
    default: false,
    source: 'Kafka unclean.leader.election.enable: false',
  }),
};

const cleanup = {
  cleanupPolicy: field.choice(['delete', 'compact', 'compact,delete'], {
    about: 'What becomes of old records: they go, or of each key the last one stays.',
    default: 'delete',
    source: 'Kafka cleanup.policy',
  }),
  segmentBytes: field.count({
    about: 'A segment that would become larger is closed, and another one begun.',
    default: 1_073_741_824,
    min: 14,
    max: INT_MAX,
    source: 'Kafka segment.bytes: 1 GiB',
  }),
  segmentMs: field.millis({
    about: 'So is one whose first record is older than the next by more than this.',
    default: 7 * DAY_MS,
    min: 1,
    source: 'Kafka segment.ms: 7 days',
  }),
  retentionMs: field.millis({
    about: 'Segments whose last record is older go; -1: never.',
    default: 7 * DAY_MS,
    min: -1,
    source: 'Kafka retention.ms: 7 days',
  }),
  retentionBytes: field.number({
    about: 'The oldest segments go while the others are at least so large; -1: no limit.',
    default: -1,
    min: -1,
    unit: 'bytes',
    source: 'Kafka retention.bytes: -1',
  }),
  minCleanableDirtyRatio: field.probability({
    about: 'Compaction waits until a larger share of the log is new.',
    default: 0.5,
    source: 'Kafka min.cleanable.dirty.ratio',
  }),
  minCompactionLagMs: field.millis({
    about: 'Records that are younger are not compacted.',
    default: 0,
    source: 'Kafka min.compaction.lag.ms',
  }),
  deleteRetentionMs: field.millis({
    about: 'How long tombstones stay after the cleaning that first sees them.',
    default: DAY_MS,
    source: 'Kafka delete.retention.ms: 24 h',
  }),
};

export const topicSchema = Type.Object(
  { ...replication, ...cleanup },
  {
    additionalProperties: false,
    needs: [
      {
        settings: ['retentionMs', 'retentionBytes'],
        any: [word('cleanupPolicy', ...DELETES)],
      },
      {
        settings: ['minCleanableDirtyRatio', 'minCompactionLagMs', 'deleteRetentionMs'],
        any: [word('cleanupPolicy', ...COMPACTS)],
      },
    ],
  },
);

type TopicConfig = Static<typeof topicSchema>;

/** No more than there are. Source: Apache Kafka 4.0, Partition.effectiveMinIsr */
export const effectiveMinIsr = (minIsr: number, replicas: number): number =>
  Math.min(minIsr, replicas);

/** What the controller is told of it. */
export const specOf = (topic: TopicConfig): TopicSpec => ({
  topic: topic.topic,
  partitions: topic.partitions,
  replicationFactor: topic.replicationFactor,
  minInsyncReplicas: effectiveMinIsr(topic.minInsyncReplicas, topic.replicationFactor),
  uncleanLeaderElection: topic.uncleanLeaderElection,
});

const limited = (limit: number): number => (limit < 0 ? Infinity : limit);

export function cleanupOf(topic: TopicConfig): CleanupConfig {
  const { cleanupPolicy: policy } = topic;
  return {
    deletes: (DELETES as readonly string[]).includes(policy),
    compacts: (COMPACTS as readonly string[]).includes(policy),
    segmentBytes: topic.segmentBytes,
    segmentMicros: ms(topic.segmentMs),
    retentionMicros: topic.retentionMs < 0 ? Infinity : ms(topic.retentionMs),
    retentionBytes: limited(topic.retentionBytes),
    minCleanableDirtyRatio: topic.minCleanableDirtyRatio,
    minCompactionLagMicros: ms(topic.minCompactionLagMs),
    deleteRetentionMicros: ms(topic.deleteRetentionMs),
  };
}
