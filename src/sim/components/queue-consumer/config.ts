/** What a consumer may be told. */
import { word } from '../../contracts/needs.ts';
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { workSchema } from '../../traffic/queue-work.ts';

export const queueConsumerConfig = Type.Object(
  {
    queue: field.text({ about: 'What it consumes; empty: the first queue.', default: '' }),
    prefetch: field.count({
      about: 'How many messages it holds that are not settled; 0: no limit.',
      default: 0,
      max: 65_535,
      source: 'AMQP 0-9-1 basic.qos; RabbitMQ: 0 unless the client says so, 100 to 300 advised',
    }),
    autoAck: field.flag({
      about: 'A message counts as done when it arrives, before any work on it.',
      default: false,
      source: 'AMQP 0-9-1 basic.consume no-ack',
    }),
    work: workSchema,
    concurrency: field.count({
      about: 'How many messages it works on at once.',
      default: 1,
      min: 1,
      max: 10_000,
    }),
    onPoison: field.choice(['requeue', 'reject', 'crash'], {
      about:
        'What a message does that cannot be worked on: it goes back (nack with requeue), is ' +
        'refused for good (reject), or takes the process with it.',
      default: 'requeue',
      source: 'AMQP 0-9-1 basic.reject, basic.nack',
    }),
    restartMs: field.millis({
      about: 'How long a process that a message has ended needs to start again.',
      default: 1_000,
    }),
    heartbeatMs: field.millis({
      about: 'After so long without a sign of life either end closes the channel.',
      default: 60_000,
      min: 2,
      source: 'RabbitMQ heartbeat: 60 s; a sign each half of it',
    }),
    reconnectMs: field.millis({
      about: 'The pause before it opens a channel again.',
      default: 5_000,
      source: 'RabbitMQ Java client: network recovery interval, 5 s',
    }),
  },
  {
    additionalProperties: false,
    needs: [
      {
        settings: ['prefetch'],
        any: [word('autoAck', false)],
        why: 'what counts as done at once is never held',
      },
      { settings: ['restartMs'], any: [word('onPoison', 'crash')] },
    ],
  },
);

export type QueueConsumerConfig = Static<typeof queueConsumerConfig>;
