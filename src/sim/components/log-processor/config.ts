/**
 * What a processor may be told: Kafka Streams' settings by their names, with its defaults, and of
 * the consumer and the producer inside of it what it leaves to be set.
 *
 * Source: Apache Kafka 4.0, StreamsConfig (CONSUMER_DEFAULT_OVERRIDES, PRODUCER_DEFAULT_OVERRIDES,
 * PRODUCER_EOS_OVERRIDES)
 */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { readerFields } from '../../traffic/log-reader/words.ts';
import { defaultsOf } from '../../traffic/log-client.ts';
import type { ReaderWords } from '../../traffic/log-reader/words.ts';
import { writerFields } from '../../traffic/log-writer/words.ts';
import type { WriterWords } from '../../traffic/log-writer/words.ts';

const INT_MAX = 2_147_483_647;

export const logProcessorConfig = Type.Object(
  {
    applicationId: field.text({
      about: 'The group that it is in, and what its transactional ids begin with.',
      default: 'app',
      source: 'Kafka Streams application.id',
    }),
    inputTopic: field.text({ about: 'What it reads; empty: the first topic.', default: '' }),
    outputTopic: field.text({
      about: 'Where it writes a record for each that it reads.',
      default: 'output',
    }),
    processingGuarantee: field.choice(
      ['at_least_once', 'exactly_once_v2', 'exactly_once', 'at_most_once'],
      {
        about:
          'When it commits how far it is: after what it wrote, in a transaction with that (with ' +
          'a transactional id for each process, or, before 4.0, for each partition), or before ' +
          'its work, as Streams never does.',
        default: 'at_least_once',
        source: 'Kafka Streams processing.guarantee; KIP-129, KIP-447, KIP-732',
      },
    ),
    commitIntervalMs: field.millis({
      about: 'How often it commits, when a poll is done; 0: 100 ms with exactly once, else 30 s.',
      default: 0,
      source: 'Kafka Streams commit.interval.ms',
    }),
    groupMetadata: field.flag({
      about: 'With offsets it says of which generation it is a member.',
      default: true,
      source: 'Kafka sendOffsetsToTransaction(offsets, groupMetadata); KIP-447',
    }),
    transactionTimeoutMs: field.millis({
      about: 'The coordinator aborts a transaction that is open for longer.',
      default: 10_000,
      min: 1,
      source: 'Kafka transaction.timeout.ms: 10 s in Streams',
    }),
    processMs: readerFields.processMs,
    maxPollRecords: field.count({
      about: 'How many records a poll returns at most.',
      default: 1_000,
      min: 1,
      max: INT_MAX,
      source: 'Kafka max.poll.records: 1 000 in Streams',
    }),
    autoOffsetReset: field.choice(['earliest', 'latest', 'none'], {
      about: 'Where it begins, and goes on when its position is not there any more.',
      default: 'earliest',
      source: 'Kafka auto.offset.reset: earliest in Streams',
    }),
    groupInstanceId: readerFields.groupInstanceId,
    partitionAssignmentStrategy: readerFields.partitionAssignmentStrategy,
    sessionTimeoutMs: readerFields.sessionTimeoutMs,
    heartbeatIntervalMs: readerFields.heartbeatIntervalMs,
    maxPollIntervalMs: readerFields.maxPollIntervalMs,
    fetchMaxWaitMs: readerFields.fetchMaxWaitMs,
    recordBytes: writerFields.recordBytes,
    lingerMs: field.millis({
      about: 'How long a batch waits for more records; an end of a transaction does not.',
      default: 100,
      source: 'Kafka linger.ms: 100 in Streams',
    }),
    batchSize: writerFields.batchSize,
    deliveryTimeoutMs: writerFields.deliveryTimeoutMs,
    requestTimeoutMs: readerFields.requestTimeoutMs,
    retryBackoffMs: readerFields.retryBackoffMs,
    metadataMaxAgeMs: readerFields.metadataMaxAgeMs,
  },
  {
    additionalProperties: false,
    needs: [
      {
        settings: ['groupMetadata'],
        any: [{ at: 'processingGuarantee', is: ['exactly_once_v2'] }],
      },
      {
        settings: ['transactionTimeoutMs'],
        any: [{ at: 'processingGuarantee', is: ['exactly_once_v2', 'exactly_once'] }],
      },
      {
        settings: ['commitIntervalMs'],
        any: [
          {
            at: 'processingGuarantee',
            is: ['at_least_once', 'exactly_once_v2', 'exactly_once'],
          },
        ],
      },
    ],
  },
);

export type LogProcessorConfig = Static<typeof logProcessorConfig>;

const AT_LEAST_ONCE_MS = 30_000;
const EXACTLY_ONCE_MS = 100;

export const isExactlyOnce = ({ processingGuarantee }: LogProcessorConfig): boolean =>
  processingGuarantee === 'exactly_once_v2' || processingGuarantee === 'exactly_once';

export function commitEveryMs(config: LogProcessorConfig): number {
  if (config.commitIntervalMs > 0) return config.commitIntervalMs;
  return isExactlyOnce(config) ? EXACTLY_ONCE_MS : AT_LEAST_ONCE_MS;
}

/** What the consumer inside of it is told. */
export function readerWordsOf(config: LogProcessorConfig): ReaderWords {
  const isFirst = config.processingGuarantee === 'at_most_once';
  return Object.freeze({
    ...defaultsOf<ReaderWords>(readerFields),
    ...config,
    topic: config.inputTopic,
    groupId: config.applicationId,
    enableAutoCommit: false,
    commitWhen: isFirst ? 'before-work' : 'never',
    isolationLevel: isExactlyOnce(config) ? 'read_committed' : 'read_uncommitted',
  });
}

/** What the producer inside of it is told: when transactions end is not its affair. */
export const writerWordsOf = (config: LogProcessorConfig): WriterWords =>
  Object.freeze({
    ...defaultsOf<WriterWords>(writerFields),
    ...config,
    topic: config.outputTopic,
    transactionRecords: Infinity,
    transactionMs: Infinity,
  });
