/** What a broker of queues may be told: its queues, and RabbitMQ's settings by their names. */
import { over } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';

const strict = { additionalProperties: false } as const;

const queueSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, default: 'work', description: 'Its name.' }),
    deliveryLimit: Type.Integer({
      minimum: -1,
      maximum: 1_000_000,
      default: 20,
      unit: 'count',
      description:
        'How many deliveries may fail before a message is tried a last time; -1: it goes on.',
      source: 'RabbitMQ x-delivery-limit: 20 since 4.0, none before',
    }),
    deadLetterQueue: field.text({
      about: 'The queue of this broker that takes what leaves this one unworked; empty: none.',
      default: '',
      source: 'RabbitMQ x-dead-letter-exchange, x-dead-letter-routing-key',
    }),
    messageTtlMs: field.millis({
      about: 'How long a message may wait; 0: as long as it takes.',
      default: 0,
      source: 'RabbitMQ x-message-ttl',
    }),
    maxLength: field.count({
      about: 'How many messages may be ready; 0: no bound.',
      default: 0,
      source: 'RabbitMQ x-max-length',
    }),
    overflow: field.choice(['drop-head', 'reject-publish'], {
      about: 'At its length it loses what has waited longest, or refuses what comes.',
      default: 'drop-head',
      source: 'RabbitMQ x-overflow: drop-head',
    }),
  },
  { ...strict, needs: [{ settings: ['overflow'], any: [over('maxLength')] }] },
);

export const queueBrokerConfig = Type.Object(
  {
    queues: Type.Array(queueSchema, {
      default: [{}],
      minItems: 1,
      description: 'Its queues; whoever names none means the first.',
    }),
    consumerTimeoutMs: field.millis({
      about: 'A delivery that is not settled for so long closes its channel.',
      default: 1_800_000,
      min: 1,
      source: 'RabbitMQ consumer_timeout: 30 min',
    }),
  },
  strict,
);

export type QueueBrokerConfig = Static<typeof queueBrokerConfig>;
