/**
 * The conversation of workers with a queue from which they take messages for a time, under a
 * receipt, and delete what they have done.
 *
 * Source: Amazon SQS: ReceiveMessage, DeleteMessage, ChangeMessageVisibility
 */
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';
import type { QueuedMessage } from './queue.ts';

export interface ReceiptReceive {
  readonly type: 'receipt.receive';
  /** MaxNumberOfMessages */
  readonly most: number;
  /** WaitTimeSeconds: how long to wait for one; 0: not at all. */
  readonly waitMicros: number;
}
export interface ReceivedMessage {
  readonly receipt: number;
  readonly message: QueuedMessage;
  /** ApproximateReceiveCount */
  readonly receives: number;
}
export interface ReceiptReceived {
  readonly type: 'receipt.received';
  readonly messages: readonly ReceivedMessage[];
}
export interface ReceiptDelete {
  readonly type: 'receipt.delete';
  readonly receipt: number;
}
/** ChangeMessageVisibility; 0: at once visible to all. */
export interface ReceiptChange {
  readonly type: 'receipt.change';
  readonly receipt: number;
  readonly timeoutMicros: number;
}
/** Also where the receipt was void and nothing was done. */
export interface ReceiptDone {
  readonly type: 'receipt.done';
}
export type ReceiptMessage =
  ReceiptReceive | ReceiptReceived | ReceiptDelete | ReceiptChange | ReceiptDone;

export const receipt = defineContract<ReceiptMessage>({
  name: 'receipt',
  about: 'A worker takes messages for a time, and deletes what it has done.',
  source: 'Amazon SQS: ReceiveMessage, DeleteMessage, ChangeMessageVisibility',
  overConnections: true,
  messages: {
    'receipt.receive': {
      role: 'request',
      flight: 'control',
      digest: (m) => m.most | 0,
      label: (m) => `up to ${plural(m.most, 'message')}, please`,
    },
    'receipt.received': {
      role: 'reply',
      flight: 'request',
      digest: (m) => m.messages.reduce((h, one) => (Math.imul(h, 31) + one.receipt) | 0, 1),
      label: (m) =>
        m.messages.length === 1
          ? `message ${m.messages[0]?.message.value ?? 0}`
          : `${plural(m.messages.length, 'message')}`,
    },
    'receipt.delete': {
      role: 'request',
      flight: 'acknowledgement',
      digest: (m) => m.receipt | 0,
      label: (m) => `delete under receipt ${m.receipt}`,
    },
    'receipt.change': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) => (Math.imul(m.receipt, 31) + m.timeoutMicros) | 0,
      label: (m) => (m.timeoutMicros === 0 ? 'give it to another' : 'more time, please'),
    },
    'receipt.done': {
      role: 'reply',
      flight: 'response',
      digest: () => 0,
      label: () => 'done',
    },
  },
  errors: [],
});
