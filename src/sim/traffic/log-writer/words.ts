/** What a writer of a log may be told: Kafka's settings by their names. */
import { field } from '../../contracts/schema.ts';
import type { Static, TObject } from '../../contracts/schema.ts';
import { PARTITIONER_NAMES } from '../../policies/partitioning/index.ts';

const INT_MAX = 2_147_483_647;

export const writerFields = {
  recordBytes: field.count({
    about: 'Bytes of a record in a batch, its key included.',
    default: 100,
    min: 1,
    max: 1_048_576,
  }),
  acks: field.choice(['all', '1', '0'], {
    about: 'Who must have a record before it counts as written: all in sync, the leader, nobody.',
    default: 'all',
    source: 'Kafka acks: all since 3.0',
  }),
  lingerMs: field.millis({
    about: 'How long a batch waits for more records.',
    default: 5,
    source: 'Kafka linger.ms: 5 since 4.0, 0 before',
  }),
  batchSize: field.count({
    about: 'Bytes of a batch: a full one does not linger.',
    default: 16_384,
    max: INT_MAX,
    source: 'Kafka batch.size',
  }),
  maxRequestSize: field.count({
    about: 'Bytes of a request; a whole batch at least.',
    default: 1_048_576,
    max: INT_MAX,
    source: 'Kafka max.request.size',
  }),
  bufferMemory: field.count({
    about: 'Bytes of records that are not answered yet.',
    default: 33_554_432,
    source: 'Kafka buffer.memory',
  }),
  enableIdempotence: field.flag({
    about: 'Batches are numbered: brokers refuse duplicates and gaps.',
    default: true,
    source: 'Kafka enable.idempotence: true since 3.0',
  }),
  transactionTimeoutMs: field.millis({
    about: 'The coordinator aborts a transaction that is open for longer.',
    default: 60_000,
    min: 1,
    source: 'Kafka transaction.timeout.ms',
  }),
  maxInFlightRequestsPerConnection: field.count({
    about: 'Requests under way to a broker.',
    default: 5,
    min: 1,
    max: 1_000,
    source: 'Kafka max.in.flight.requests.per.connection',
  }),
  retries: field.count({
    about: 'How often a batch is sent again.',
    default: INT_MAX,
    max: INT_MAX,
    source: 'Kafka retries: 2^31 - 1',
  }),
  retryBackoffMs: field.millis({
    about: 'The pause before the second try; it doubles from try to try.',
    default: 100,
    source: 'Kafka retry.backoff.ms; KIP-580',
  }),
  retryBackoffMaxMs: field.millis({
    about: 'The longest pause.',
    default: 1_000,
    source: 'Kafka retry.backoff.max.ms',
  }),
  requestTimeoutMs: field.millis({
    about: 'How long a request waits for its answer.',
    default: 30_000,
    min: 1,
    source: 'Kafka request.timeout.ms',
  }),
  deliveryTimeoutMs: field.millis({
    about: 'After so long a record is given up, whatever is under way.',
    default: 120_000,
    min: 1,
    source: 'Kafka delivery.timeout.ms',
  }),
  metadataMaxAgeMs: field.millis({
    about: 'How often it asks who leads, without need.',
    default: 300_000,
    min: 1,
    source: 'Kafka metadata.max.age.ms',
  }),
  partitioner: field.choice(PARTITIONER_NAMES, {
    about: 'Which partition a record goes to.',
    default: 'built-in',
    source: 'Kafka partitioner.class: none',
  }),
  partitionerAdaptivePartitioningEnable: field.flag({
    about: 'Records without keys go more often to brokers that are quick.',
    default: true,
    source: 'Kafka partitioner.adaptive.partitioning.enable',
  }),
  partitionerIgnoreKeys: field.flag({
    about: 'Records with keys are treated like those without.',
    default: false,
    source: 'Kafka partitioner.ignore.keys',
  }),
  transactionRecords: field.count({
    about: 'Records of a transaction.',
    default: 10,
    min: 1,
    max: INT_MAX,
  }),
  transactionMs: field.millis({
    about: 'After so long its application ends one that has fewer.',
    default: 1_000,
    min: 1,
  }),
  abortShare: field.probability({
    about: 'Of transactions: its application aborts them.',
    default: 0,
  }),
  abortEvery: field.count({
    about: 'Its application aborts each transaction with such a number; 0: by abortShare.',
    default: 0,
    max: INT_MAX,
  }),
};

/** What of it matters to whoever writes; the first topic where none is named. */
export type WriterWords = Static<TObject<typeof writerFields>> & { readonly topic: string };
