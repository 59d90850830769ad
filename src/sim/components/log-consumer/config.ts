/**
 * What a consumer may be told: all that a reader of a log may, and, as a member of a group, what it
 * does about records that it cannot work on.
 *
 * Source: Spring for Apache Kafka, CommonErrorHandler; DEFAULT_BACK_OFF: FixedBackOff(0, 9)
 */
import { word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { defaultsOf } from '../../traffic/log-client.ts';
import { readerFields } from '../../traffic/log-reader/words.ts';
import { writerFields } from '../../traffic/log-writer/words.ts';
import type { WriterWords } from '../../traffic/log-writer/words.ts';

const INT_MAX = 2_147_483_647;

/** They matter to members of a group only. */
export const OF_ERRORS = {
  errorHandler: field.choice(['default', 'container-stopping'], {
    about:
      'A record that cannot be worked on is tried again, so and so often; or the consumer ends ' +
      'at it.',
    default: 'default',
    source: 'Spring for Apache Kafka DefaultErrorHandler, CommonContainerStoppingErrorHandler',
  }),
  backOffIntervalMs: field.millis({
    about: 'The pause before the next try: nothing is polled meanwhile.',
    default: 0,
    source: 'Spring FixedBackOff interval',
  }),
  backOffMaxAttempts: field.count({
    about: 'How often it is tried again; -1: for ever.',
    default: 9,
    min: -1,
    max: INT_MAX,
    source: 'Spring FixedBackOff maxAttempts: 9; UNLIMITED_ATTEMPTS',
  }),
  deadLetterTopic: field.text({
    about:
      'Where a record is written that was tried so often, to the partition of the same number; ' +
      'empty: it is passed over.',
    default: '',
    source: 'Spring for Apache Kafka DeadLetterPublishingRecoverer: the topic’s name and -dlt',
  }),
  deliveryTimeoutMs: field.millis({
    about: 'After so long a dead letter counts as not written, and the record is tried again.',
    default: 120_000,
    min: 1,
    source: 'Kafka delivery.timeout.ms',
  }),
  restartMs: field.millis({
    about: 'After so long a consumer that has ended at a record starts again; 0: never.',
    default: 0,
  }),
};

export const logConsumerConfig = Type.Object(
  { ...readerFields, ...OF_ERRORS },
  {
    additionalProperties: false,
    needs: [
      {
        settings: ['backOffIntervalMs', 'backOffMaxAttempts', 'deadLetterTopic'],
        any: [word('errorHandler', 'default')],
      },
      { settings: ['restartMs'], any: [word('errorHandler', 'container-stopping')] },
    ],
  },
);
export type LogConsumerConfig = Static<typeof logConsumerConfig>;

/** What the producer of its dead letters is told: Kafka’s defaults, but that none of them waits. */
export const writerWordsOf = (config: LogConsumerConfig): WriterWords => ({
  ...defaultsOf<WriterWords>(writerFields),
  topic: config.deadLetterTopic,
  lingerMs: 0,
  deliveryTimeoutMs: config.deliveryTimeoutMs,
  requestTimeoutMs: config.requestTimeoutMs,
  retryBackoffMs: config.retryBackoffMs,
  metadataMaxAgeMs: config.metadataMaxAgeMs,
});
