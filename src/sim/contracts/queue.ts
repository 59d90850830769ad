/**
 * The conversation of producers with a queue, of whatever kind: messages are handed over one by
 * one, and confirmed once they are safe.
 *
 * Source: AMQP 0-9-1, basic.publish; RabbitMQ, Publisher Confirms; Amazon SQS, SendMessage
 */
import { defineContract } from './contract.ts';
import type { ErrorSpec } from './contract.ts';

/** Why, and in which queue, a message became a dead letter, and how often. */
export interface Death {
  readonly queue: string;
  readonly reason: string;
  readonly count: number;
}

/** Frozen: queues, deliveries, disks and checkpoints share it. */
export interface QueuedMessage {
  /** No other message of the run has it: the number of its operation in the history. */
  readonly value: number;
  /** 32 bits from which consumers draw what work on it costs: the same at each of them. */
  readonly seed: number;
  /** Work on it always fails. */
  readonly isPoison: boolean;
  /** Its message group; '': none. */
  readonly group: string;
  /** When it was published, by the wall clock of its producer. */
  readonly publishedMicros: number;
  /** How long it may wait; 0: as long as its queue lets it. */
  readonly ttlMicros: number;
  readonly deaths: readonly Death[];
  /** AMQP delivery-mode 1: a classic queue does not write it down. Left out: it is persistent. */
  readonly isTransient?: true;
  /** Left out: it went to the default exchange, whose keys are the names of queues. */
  readonly routingKey?: string;
}

export interface QueuePublish {
  readonly type: 'queue.publish';
  /** Empty: the first that there is. */
  readonly queue: string;
  readonly message: QueuedMessage;
  /** Left out: the default exchange, which has the message go to `queue`. */
  readonly exchange?: string;
  /** What no queue is bound for comes back. */
  readonly isMandatory?: true;
}
/** The same without an answer. */
export interface QueuePost {
  readonly type: 'queue.post';
  readonly queue: string;
  readonly message: QueuedMessage;
  readonly exchange?: string;
}
export interface QueueConfirmed {
  readonly type: 'queue.confirmed';
}
export type QueueMessage = QueuePublish | QueuePost | QueueConfirmed;

/** Of queues on several brokers: who asks another broker than the one that leads. */
export const NOT_LED_HERE: readonly ErrorSpec[] = [
  {
    code: 'not-leader',
    definite: true,
    means: 'another broker leads the queue; `detail.leader` names it, as far as is known',
  },
  {
    code: 'lost-leadership',
    definite: false,
    means: 'the broker no longer leads the queue; what was asked may be done, or not',
  },
];

export const queue = defineContract<QueueMessage>({
  name: 'queue',
  about: 'A producer hands messages to a queue, which confirms each that is safe.',
  source: 'AMQP 0-9-1; RabbitMQ, Publisher Confirms; Amazon SQS, SendMessage',
  overConnections: true,
  keepsOrder: true,
  messages: {
    'queue.publish': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.message.value | 0,
      label: (m) => `message ${m.message.value}`,
    },
    'queue.post': {
      role: 'notice',
      flight: 'request',
      digest: (m) => m.message.value | 0,
      label: (m) => `message ${m.message.value}, no answer wanted`,
    },
    'queue.confirmed': {
      role: 'reply',
      flight: 'acknowledgement',
      digest: () => 1,
      label: () => 'confirmed',
    },
  },
  errors: [
    { code: 'no-such-queue', definite: true, means: 'there is no queue of that name' },
    { code: 'no-such-exchange', definite: true, means: 'there is no exchange of that name' },
    {
      code: 'no-route',
      definite: true,
      means: 'returned: it is mandatory, and no queue is bound for it (AMQP 312)',
    },
    {
      code: 'partly-taken',
      definite: false,
      means: 'one of the queues that it goes to is full; others have it',
    },
    ...NOT_LED_HERE,
    { code: 'queue-full', definite: true, means: 'the queue is at its length and takes no more' },
    {
      code: 'rolled-back',
      definite: true,
      means: 'what was to be kept of it was taken back: it never was',
    },
  ],
});
