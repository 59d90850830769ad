/** What a broker of queues may be told: its queues, and RabbitMQ's settings by their names. */
import { over, word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { EXCHANGE_TYPES } from '../../protocols/queue/index.ts';

const strict = { additionalProperties: false } as const;

const queueSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, default: 'work', description: 'Its name.' }),
    queueType: field.choice(['classic', 'quorum'], {
      about: 'On the first broker alone, or on several: a majority of them has each message.',
      default: 'classic',
      source: 'RabbitMQ x-queue-type: classic unless the virtual host says so',
    }),
    quorumInitialGroupSize: field.count({
      about: 'How many brokers keep it, from the first on; of fewer brokers: all.',
      default: 3,
      min: 1,
      max: 99,
      source: 'RabbitMQ x-quorum-initial-group-size: 3',
    }),
    durable: field.flag({
      about: 'Its persistent messages are on the disk; otherwise a restart empties it.',
      default: true,
      source: 'AMQP 0-9-1 queue.declare durable; a quorum queue always is',
    }),
    deliveryLimit: Type.Integer({
      minimum: -1,
      maximum: 1_000_000,
      default: 20,
      unit: 'count',
      description:
        'How many deliveries of a message of a quorum queue may fail before it is tried a last ' +
        'time; -1: it goes on, and goes behind the others each time.',
      source: 'RabbitMQ x-delivery-limit: 20 since 4.0, none before; a classic queue has none',
    }),
    deadLetterQueue: field.text({
      about: 'The queue of this broker that takes what leaves this one unworked; empty: none.',
      default: '',
      source: 'RabbitMQ x-dead-letter-exchange: the default one, x-dead-letter-routing-key',
    }),
    deadLetterExchange: field.text({
      about: 'The exchange of this broker that what leaves it unworked goes to; empty: none.',
      default: '',
      source: 'RabbitMQ x-dead-letter-exchange',
    }),
    deadLetterRoutingKey: field.text({
      about: 'With which routing key; empty: with the one that the message has.',
      default: '',
      source: 'RabbitMQ x-dead-letter-routing-key',
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
  {
    ...strict,
    needs: [
      { settings: ['overflow'], any: [over('maxLength')] },
      {
        settings: ['deadLetterExchange'],
        any: [word('deadLetterQueue', '')],
        why: 'deadLetterQueue names where they go',
        hint: 'Leave one of them out.',
      },
      {
        settings: ['quorumInitialGroupSize', 'deliveryLimit'],
        any: [word('queueType', 'quorum')],
      },
      {
        settings: ['durable'],
        any: [word('queueType', 'classic')],
        why: 'a quorum queue is always durable',
      },
    ],
  },
);

const bindingSchema = Type.Object(
  {
    queue: Type.String({ minLength: 1, description: 'The queue of this broker that is bound.' }),
    routingKey: field.text({
      about: 'For messages with this key; of a topic exchange * is one word, # any number.',
      default: '',
      source: 'AMQP 0-9-1 queue.bind routing-key',
    }),
    fromMs: field.millis({
      about: 'When it is bound, by the clock of the broker: what came before it does not get.',
      default: 0,
    }),
  },
  strict,
);

const exchangeSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, default: 'events', description: 'Its name.' }),
    type: field.choice(EXCHANGE_TYPES, {
      about:
        'Whether a message goes to queues bound with its key, to all that are bound, or to ' +
        'those whose pattern fits its key.',
      default: 'direct',
      source: 'AMQP 0-9-1 exchange.declare type',
    }),
    bindings: Type.Array(bindingSchema, { default: [], description: 'Who is bound to it.' }),
  },
  strict,
);

export const queueBrokerConfig = Type.Object(
  {
    queues: Type.Array(queueSchema, {
      default: [{}],
      minItems: 1,
      description: 'Its queues; whoever names none means the first.',
    }),
    exchanges: Type.Array(exchangeSchema, {
      default: [],
      description: 'Its exchanges besides the default one, which knows each queue by its name.',
    }),
    consumerTimeoutMs: field.millis({
      about: 'A delivery that is not settled for so long closes its channel.',
      default: 1_800_000,
      min: 1,
      source: 'RabbitMQ consumer_timeout: 30 min',
    }),
    failureDetectorMs: field.millis({
      about:
        'A member of a quorum queue that hears nothing of its leader for once to twice as long ' +
        'stands for election.',
      default: 5_000,
      min: 4,
      max: 60_000,
      source: 'RabbitMQ raft.adaptive_failure_detector.poll_interval: 5 s',
    }),
    minSnapshotInterval: field.count({
      about: 'So many commands of a quorum queue after its last snapshot it takes the next.',
      default: 4_096,
      min: 1,
      max: 1_000_000,
      source: 'Ra min_snapshot_interval: 4096',
    }),
  },
  strict,
);

export type QueueBrokerConfig = Static<typeof queueBrokerConfig>;
