/** What a queue that lends may be told: the settings of Amazon SQS by their names. */
import { word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

export const visibilityQueueConfig = Type.Object(
  {
    visibilityTimeoutMs: field.millis({
      about: 'For how long a message that was received is seen by nobody else.',
      default: 30_000,
      max: 43_200_000,
      source: 'Amazon SQS VisibilityTimeout: 30 s, at most 12 h',
    }),
    maxReceiveCount: field.count({
      about: 'What was received so often goes to the dead letters; 0: no message ever does.',
      default: 0,
      max: 1_000,
      source: 'Amazon SQS RedrivePolicy maxReceiveCount: 1 to 1,000',
    }),
    fifoQueue: field.flag({
      about: 'Messages of a group come in order, one receive at a time; each is taken once.',
      default: false,
      source: 'Amazon SQS FifoQueue',
    }),
    deduplicationMs: field.millis({
      about: 'For how long a FIFO queue knows what it has taken.',
      default: 300_000,
      source: 'Amazon SQS: 5 min, which cannot be changed there',
    }),
  },
  {
    additionalProperties: false,
    needs: [{ settings: ['deduplicationMs'], any: [word('fifoQueue', true)] }],
  },
);

export type VisibilityQueueConfig = Static<typeof visibilityQueueConfig>;
