/** What a reader of a log may be told: its partitions, its pace, and Kafka’s settings by name. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

const INT_MAX = 2_147_483_647;

export const readerFields = {
  topic: field.text({ about: 'What it reads; empty: the first topic.', default: '' }),
  partitions: Type.Array(Type.Integer({ minimum: 0, maximum: INT_MAX }), {
    default: [],
    description:
      'The numbers of the partitions that it reads (assign); none: those of the topic are ' +
      'dealt among the members of the group, by their numbers.',
  }),
  groupId: field.text({
    about: 'The group that it joins; empty: it assigns its partitions itself.',
    default: '',
    source: 'Kafka group.id',
  }),
  groupProtocol: field.choice(['classic', 'consumer'], {
    about:
      'Members deal partitions among themselves, all at once; or the coordinator does, and ' +
      'each comes to its share by itself (KIP-848).',
    default: 'classic',
    source: 'Kafka group.protocol',
  }),
  groupRemoteAssignor: field.choice(['', 'uniform', 'range'], {
    about: 'How the coordinator shall deal them; empty: as it likes.',
    default: '',
    source: 'Kafka group.remote.assignor',
  }),
  groupInstanceId: field.text({
    about: 'A static member: its number is added. Back in time, it has what it had.',
    default: '',
    source: 'Kafka group.instance.id; KIP-345',
  }),
  clientRack: field.flag({
    about:
      'It says in which zone it is: strategies give it partitions with a replica there, as far ' +
      'as that costs no balance. The rack of a broker is its zone.',
    default: false,
    source: 'Kafka client.rack; KIP-881',
  }),
  partitionAssignmentStrategy: Type.Array(
    Type.Enum(['range', 'roundrobin', 'sticky', 'cooperative-sticky']),
    {
      default: ['range', 'cooperative-sticky'],
      minItems: 1,
      uniqueItems: true,
      description:
        'How partitions are dealt, in the order of preference (Kafka ' +
        'partition.assignment.strategy); cooperative if all of them are.',
    },
  ),
  sessionTimeoutMs: field.millis({
    about: 'A member that is silent for so long is out.',
    default: 45_000,
    min: 1,
    source: 'Kafka session.timeout.ms',
  }),
  heartbeatIntervalMs: field.millis({
    about: 'How often it says that it lives.',
    default: 3_000,
    min: 1,
    source: 'Kafka heartbeat.interval.ms',
  }),
  maxPollIntervalMs: field.millis({
    about: 'Who does not poll for so long leaves; a rebalance waits for members as long.',
    default: 300_000,
    min: 1,
    source: 'Kafka max.poll.interval.ms',
  }),
  enableAutoCommit: field.flag({
    about: 'Polls commit what the ones before have returned, every so often.',
    default: true,
    source: 'Kafka enable.auto.commit',
  }),
  autoCommitIntervalMs: field.millis({
    about: 'How often they do.',
    default: 5_000,
    source: 'Kafka auto.commit.interval.ms',
  }),
  commitWhen: field.choice(['after-work', 'before-work', 'never'], {
    about: 'Without enableAutoCommit: when the application commits the records of a poll.',
    default: 'after-work',
    source: 'Kafka commitSync()',
  }),
  processMs: field.millis({
    about: 'Work for each record before the next poll.',
    default: 0,
  }),
  maxPollRecords: field.count({
    about: 'How many records a poll returns at most.',
    default: 500,
    min: 1,
    max: INT_MAX,
    source: 'Kafka max.poll.records',
  }),
  autoOffsetReset: field.choice(['latest', 'earliest', 'none'], {
    about:
      'Where it begins, and goes on when its position is not there any more; with none it reads ' +
      'no more then, and without a group begins at the end.',
    default: 'latest',
    source: 'Kafka auto.offset.reset',
  }),
  isolationLevel: field.choice(['read_uncommitted', 'read_committed'], {
    about: 'Whether records of open and aborted transactions are read.',
    default: 'read_uncommitted',
    source: 'Kafka isolation.level',
  }),
  fetchMinBytes: field.count({
    about: 'How much a fetch waits for.',
    default: 1,
    min: 1,
    max: INT_MAX,
    source: 'Kafka fetch.min.bytes',
  }),
  fetchMaxWaitMs: field.millis({
    about: 'How long it waits at the broker.',
    default: 500,
    source: 'Kafka fetch.max.wait.ms',
  }),
  fetchMaxBytes: field.count({
    about: 'How much a fetch brings; a whole batch at least.',
    default: 52_428_800,
    max: INT_MAX,
    source: 'Kafka fetch.max.bytes',
  }),
  maxPartitionFetchBytes: field.count({
    about: 'How much of a partition it brings; a whole batch at least.',
    default: 1_048_576,
    min: 1,
    max: INT_MAX,
    source: 'Kafka max.partition.fetch.bytes',
  }),
  requestTimeoutMs: field.millis({
    about: 'How long a request waits for its answer.',
    default: 30_000,
    min: 1,
    source: 'Kafka request.timeout.ms',
  }),
  retryBackoffMs: field.millis({
    about: 'The pause after an error.',
    default: 100,
    source: 'Kafka retry.backoff.ms',
  }),
  metadataMaxAgeMs: field.millis({
    about: 'How often it asks who leads, without need.',
    default: 300_000,
    min: 1,
    source: 'Kafka metadata.max.age.ms',
  }),
};

export const readerWords = Type.Object(readerFields, { additionalProperties: false });
export type ReaderWords = Static<typeof readerWords>;
