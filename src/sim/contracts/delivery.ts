/**
 * The conversation of a broker with consumers to whom it hands messages: a channel, deliveries on
 * it, and what became of each.
 *
 * A delivery is a request and its settlement the answer, so that a consumer whose process ends is
 * seen at once by its machine's reset, and one that is silent by the heartbeats that do not come.
 *
 * Source: AMQP 0-9-1, basic.consume, basic.deliver, basic.ack, basic.nack, heartbeats
 */
import { defineContract } from './contract.ts';
import { NOT_LED_HERE } from './queue.ts';
import type { QueuedMessage } from './queue.ts';

export interface DeliveryConsume {
  readonly type: 'delivery.consume';
  /** The consumer's name for it, which nobody else in the run uses. */
  readonly channel: number;
  /** Empty: the first that there is. */
  readonly queue: string;
  /** 0: no limit. */
  readonly prefetch: number;
  /** After so long without one the channel is closed. */
  readonly heartbeatMicros: number;
}
export interface DeliveryConsuming {
  readonly type: 'delivery.consuming';
}
/** Answered after half the time of a heartbeat: its next one comes then. */
export interface DeliveryHeartbeat {
  readonly type: 'delivery.heartbeat';
  readonly channel: number;
}
export interface DeliveryAlive {
  readonly type: 'delivery.alive';
}
export interface DeliveryDeliver {
  readonly type: 'delivery.deliver';
  readonly channel: number;
  readonly tag: number;
  readonly message: QueuedMessage;
  /** It may have been delivered before. */
  readonly isRedelivered: boolean;
  /** How many of its deliveries have failed. */
  readonly failures: number;
}
export interface DeliverySettled {
  readonly type: 'delivery.settled';
  readonly verdict: 'ack' | 'requeue' | 'reject';
}
export type DeliveryMessage =
  | DeliveryConsume
  | DeliveryConsuming
  | DeliveryHeartbeat
  | DeliveryAlive
  | DeliveryDeliver
  | DeliverySettled;

const VERDICTS = ['ack', 'requeue', 'reject'] as const;
const LABELS = { ack: 'done', requeue: 'failed, once more', reject: 'rejected' } as const;

export const delivery = defineContract<DeliveryMessage>({
  name: 'delivery',
  about: 'A broker hands messages to consumers, who settle each.',
  source: 'AMQP 0-9-1, class basic',
  overConnections: true,
  keepsOrder: true,
  messages: {
    'delivery.consume': {
      role: 'request',
      flight: 'control',
      digest: (m) => (Math.imul(m.channel, 31) + m.prefetch) | 0,
      label: (m) => `messages, please, ${m.prefetch === 0 ? 'all' : m.prefetch} at a time`,
    },
    'delivery.consuming': {
      role: 'reply',
      flight: 'control',
      digest: () => 1,
      label: () => 'channel open',
    },
    'delivery.heartbeat': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) => m.channel | 0,
      label: (m) => `channel ${m.channel} lives`,
    },
    'delivery.alive': {
      role: 'reply',
      flight: 'heartbeat',
      digest: () => 0,
      label: () => 'so does its other end',
    },
    'delivery.deliver': {
      role: 'request',
      flight: (m) => (m.isRedelivered ? 'retry' : 'request'),
      digest: (m) => (Math.imul(m.message.value, 31) + m.tag) | 0,
      label: (m) => `message ${m.message.value}${m.isRedelivered ? ', again' : ''}`,
    },
    'delivery.settled': {
      role: 'reply',
      flight: 'acknowledgement',
      digest: (m) => VERDICTS.indexOf(m.verdict),
      label: (m) => LABELS[m.verdict],
    },
  },
  errors: [
    ...NOT_LED_HERE,
    { code: 'no-such-queue', definite: true, means: 'there is no queue of that name' },
    { code: 'no-such-channel', definite: true, means: 'the channel was closed, or never opened' },
  ],
});
