/** What a broker may be told: the topics of its cluster, and Kafka's settings by their names. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { topicSchema } from './topic.ts';

const strict = { additionalProperties: false } as const;

export const logBrokerConfig = Type.Object(
  {
    topics: Type.Array(topicSchema, {
      default: [{}],
      minItems: 1,
      description: 'The topics of the cluster; a partition is named by its place among all.',
    }),
    replicaLagTimeMaxMs: field.millis({
      about: 'A follower that has not caught up for so long leaves the ISR.',
      default: 30_000,
      min: 1,
      source: 'Kafka replica.lag.time.max.ms: 30 s; looked at every half of it',
    }),
    replicaFetchWaitMaxMs: field.millis({
      about: 'How long a follower’s fetch waits at the leader for something new.',
      default: 500,
      source: 'Kafka replica.fetch.wait.max.ms',
    }),
    replicaFetchMinBytes: field.count({
      about: 'How much a follower’s fetch waits for.',
      default: 1,
      min: 1,
      max: 2_147_483_647,
      source: 'Kafka replica.fetch.min.bytes',
    }),
    replicaFetchMaxBytes: field.count({
      about: 'How much of a partition a fetch brings; a whole batch at least.',
      default: 1_048_576,
      max: 2_147_483_647,
      source: 'Kafka replica.fetch.max.bytes',
    }),
    replicaFetchResponseMaxBytes: field.count({
      about: 'How much of all partitions a fetch brings; a whole batch at least.',
      default: 10_485_760,
      max: 2_147_483_647,
      source: 'Kafka replica.fetch.response.max.bytes',
    }),
    replicaFetchBackoffMs: field.millis({
      about: 'How long a follower leaves a partition alone after an error.',
      default: 1_000,
      min: 0.001,
      source: 'Kafka replica.fetch.backoff.ms',
    }),
    replicaSocketTimeoutMs: field.millis({
      about: 'How long a follower waits for an answer.',
      default: 30_000,
      min: 1,
      source: 'Kafka replica.socket.timeout.ms',
    }),
    replicaHighWatermarkCheckpointIntervalMs: field.millis({
      about: 'How often high watermarks are written down.',
      default: 5_000,
      min: 1,
      source: 'Kafka replica.high.watermark.checkpoint.interval.ms',
    }),
    truncateOnFetch: field.flag({
      about: 'Followers truncate when a fetch says so; without it they ask first, as before 2.7.',
      default: true,
      source: 'KIP-595; inter.broker.protocol.version >= 2.7',
    }),
    logRetentionCheckIntervalMs: field.millis({
      about: 'How often retention looks at the logs.',
      default: 300_000,
      min: 1,
      source: 'Kafka log.retention.check.interval.ms: 5 min',
    }),
    logCleanerBackoffMs: field.millis({
      about: 'How often the cleaner looks whether a compacted topic is dirty enough.',
      default: 15_000,
      min: 1,
      source: 'Kafka log.cleaner.backoff.ms: 15 s',
    }),
    offsetsTopicNumPartitions: field.count({
      about: 'Partitions of __consumer_offsets, made when the first group comes.',
      default: 50,
      min: 1,
      max: 1_000,
      source: 'Kafka offsets.topic.num.partitions',
    }),
    offsetsTopicReplicationFactor: field.count({
      about: 'Replicas of each of them; with fewer brokers there are no groups.',
      default: 3,
      min: 1,
      max: 99,
      source: 'Kafka offsets.topic.replication.factor',
    }),
    offsetsCommitTimeoutMs: field.millis({
      about: 'How long a coordinator waits until what it wrote is replicated.',
      default: 5_000,
      min: 1,
      source: 'Kafka offsets.commit.timeout.ms',
    }),
    groupInitialRebalanceDelayMs: field.millis({
      about: 'How long the first rebalance of a group waits for more members.',
      default: 3_000,
      source: 'Kafka group.initial.rebalance.delay.ms',
    }),
    groupMinSessionTimeoutMs: field.millis({
      about: 'A member with a shorter session is refused.',
      default: 6_000,
      min: 1,
      source: 'Kafka group.min.session.timeout.ms',
    }),
    groupMaxSessionTimeoutMs: field.millis({
      about: 'A member with a longer session is refused.',
      default: 1_800_000,
      min: 1,
      source: 'Kafka group.max.session.timeout.ms',
    }),
    groupConsumerSessionTimeoutMs: field.millis({
      about: 'A member with the consumer protocol that is silent for so long is out.',
      default: 45_000,
      min: 1,
      source: 'Kafka group.consumer.session.timeout.ms',
    }),
    groupConsumerHeartbeatIntervalMs: field.millis({
      about: 'How often such a member says that it lives.',
      default: 5_000,
      min: 1,
      source: 'Kafka group.consumer.heartbeat.interval.ms',
    }),
    groupConsumerAssignors: Type.Array(Type.Enum(['uniform', 'range']), {
      default: ['uniform', 'range'],
      minItems: 1,
      uniqueItems: true,
      description:
        'How a coordinator may deal partitions (Kafka group.consumer.assignors); the first one ' +
        'for members that name none.',
    }),
    transactionVersion: Type.Union([Type.Literal(1), Type.Literal(2)], {
      default: 2,
      description:
        'With 2 each end of a transaction begins a new producer epoch (KIP-890; Kafka ' +
        'transaction.version: 2 since 4.0).',
    }),
    transactionStateLogNumPartitions: field.count({
      about: 'Partitions of __transaction_state, made when the first transactional id comes.',
      default: 50,
      min: 1,
      max: 1_000,
      source: 'Kafka transaction.state.log.num.partitions',
    }),
    transactionStateLogReplicationFactor: field.count({
      about: 'Replicas of each of them; with fewer brokers there are no transactions.',
      default: 3,
      min: 1,
      max: 99,
      source: 'Kafka transaction.state.log.replication.factor',
    }),
    transactionStateLogMinIsr: field.count({
      about: 'With fewer of them in sync no transaction goes on; all of them are always enough.',
      default: 2,
      min: 1,
      max: 99,
      source: 'Kafka transaction.state.log.min.isr',
    }),
    transactionMaxTimeoutMs: field.millis({
      about: 'A producer with a longer transaction.timeout.ms is refused.',
      default: 900_000,
      min: 1,
      source: 'Kafka transaction.max.timeout.ms',
    }),
    transactionAbortTimedOutTransactionCleanupIntervalMs: field.millis({
      about: 'How often a coordinator looks for transactions that take too long.',
      default: 10_000,
      min: 1,
      source: 'Kafka transaction.abort.timed.out.transaction.cleanup.interval.ms',
    }),
    controllerSocketTimeoutMs: field.millis({
      about: 'How long a question to the controller waits for its answer before it is asked again.',
      default: 30_000,
      min: 1,
      source: 'Kafka controller.socket.timeout.ms',
    }),
    brokerHeartbeatIntervalMs: field.millis({
      about: 'How often a broker tells the controller that it lives.',
      default: 2_000,
      min: 1,
      source: 'Kafka broker.heartbeat.interval.ms',
    }),
    brokerSessionTimeoutMs: field.millis({
      about: 'Heartbeats wait half as long for an answer; the controller fences after all of it.',
      default: 9_000,
      min: 1,
      source: 'Kafka broker.session.timeout.ms',
    }),
  },
  strict,
);

export type LogBrokerConfig = Static<typeof logBrokerConfig>;
