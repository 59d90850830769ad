/** What a producer of messages may be told. */
import { over, word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { arrivalsSchema } from '../../traffic/arrivals-schema.ts';
import { popularitySchema } from '../../traffic/popularity-schema.ts';

const DAY_MS = 86_400_000;

export const queueProducerConfig = Type.Object(
  {
    queue: field.text({ about: 'Where it publishes; empty: the first queue.', default: '' }),
    exchange: field.text({
      about: 'To which exchange; empty: the default one, for which the key is the queue.',
      default: '',
      source: 'AMQP 0-9-1 basic.publish exchange',
    }),
    routingKeys: Type.Array(Type.String(), {
      default: [''],
      minItems: 1,
      maxItems: 1_000,
      description: 'The routing keys of its messages, in turn.',
      source: 'AMQP 0-9-1 basic.publish routing-key',
    }),
    mandatory: field.flag({
      about: 'What no queue is bound for comes back; without it, it is dropped, and confirmed.',
      default: false,
      source: 'AMQP 0-9-1 basic.publish mandatory, basic.return',
    }),
    arrivals: arrivalsSchema,
    startMs: field.millis({ about: 'When the load begins.', default: 0, max: DAY_MS }),
    stopMs: field.millis({
      about: 'When no new message comes any more; 0: never.',
      default: 0,
      max: DAY_MS,
    }),
    messagesMax: field.count({ about: 'So many messages and no more; 0: no bound.', default: 0 }),
    poisonEvery: field.count({
      about: 'Each so many-th message can never be worked on; 0: none.',
      default: 0,
    }),
    poisonMax: field.count({ about: 'So many of these and no more; 0: no bound.', default: 0 }),
    hasGroups: field.flag({
      about: 'Messages belong to groups, whose order a FIFO queue keeps.',
      default: false,
      source: 'Amazon SQS MessageGroupId',
    }),
    popularity: popularitySchema('messages'),
    messageTtlMs: field.millis({
      about: 'How long a message may wait; 0: as long as its queue lets it.',
      default: 0,
      source: 'AMQP 0-9-1 expiration',
    }),
    deliveryMode: field.choice(['persistent', 'transient'], {
      about: 'Whether a classic queue writes its messages down.',
      default: 'persistent',
      source: 'AMQP 0-9-1 delivery-mode: 2, or 1, which is what a client sends that says nothing',
    }),
    publisherConfirms: field.flag({
      about: 'Wait for the queue to say that a message is safe; without it, it counts when sent.',
      default: true,
      source: 'RabbitMQ confirm.select; amqp clients do not ask for it by themselves',
    }),
    confirmTimeoutMs: field.millis({
      about: 'How long it waits for that.',
      default: 5_000,
      min: 1,
    }),
    retries: field.count({
      about: 'How often a message that is not confirmed is published again, as another copy.',
      default: 0,
      max: 1_000_000,
    }),
    retryMs: field.millis({ about: 'The pause before that.', default: 100 }),
  },
  {
    additionalProperties: false,
    needs: [
      {
        settings: ['queue'],
        any: [word('exchange', '')],
        why: 'it publishes to an exchange',
        hint: 'Leave one of them out.',
      },
      { settings: ['popularity'], any: [word('hasGroups', true)] },
      { settings: ['poisonMax'], any: [over('poisonEvery')] },
      { settings: ['confirmTimeoutMs', 'retries'], any: [word('publisherConfirms', true)] },
      { settings: ['retryMs'], any: [over('retries')] },
    ],
  },
);

export type QueueProducerConfig = Static<typeof queueProducerConfig>;
