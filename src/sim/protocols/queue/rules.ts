/** The rules of a message queue that can be switched off, one by one, to see what each is for. */

export type QueueAblation =
  | 'queue.requeue-on-loss'
  | 'queue.original-place'
  | 'queue.prefetch'
  | 'queue.confirm-after-sync'
  | 'queue.delivery-limit'
  | 'queue.confirm-all-copies'
  | 'queue.confirm-after-majority'
  | 'queue.return-on-failover';

export interface QueueRule {
  readonly id: QueueAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const QUEUE_RULES: readonly QueueRule[] = [
  {
    id: 'queue.requeue-on-loss',
    rule: 'What a consumer has not settled when its channel ends is ready again.',
    breaks: 'At least once: what a consumer held when it died is gone, as with automatic acks.',
    source: 'RabbitMQ, Consumer Acknowledgements: automatic requeueing',
  },
  {
    id: 'queue.original-place',
    rule: 'A message that comes back takes its old place, before all that came later.',
    breaks: 'Order: what comes back stands behind everything that waits.',
    source: 'RabbitMQ, Consumer Acknowledgements: negative acknowledgement and requeuing',
  },
  {
    id: 'queue.prefetch',
    rule: 'A consumer holds at most its prefetch count of messages that are not settled.',
    breaks: 'Fairness: a slow consumer is handed its share of all, and others stand idle.',
    source: 'RabbitMQ, Consumer Prefetch: basic.qos',
  },
  {
    id: 'queue.confirm-after-sync',
    rule: 'A message is confirmed, and delivered, once it is on disk.',
    breaks: 'Durability: a crash takes what was confirmed to its publisher.',
    source: 'RabbitMQ, Publisher Confirms: when publishes are confirmed by the broker',
  },
  {
    id: 'queue.delivery-limit',
    rule: 'A message whose deliveries have failed more often than the limit leaves the queue.',
    breaks: 'Progress: a message that nobody can work on is delivered for ever.',
    source: 'RabbitMQ, Quorum Queues: poison message handling',
  },
  {
    id: 'queue.confirm-all-copies',
    rule: 'A message for several queues is confirmed once the last of them has it.',
    breaks: 'Durability: a crash takes it from a queue that was slower than the first.',
    source: 'RabbitMQ, Publisher Confirms: when publishes are confirmed by the broker',
  },
  {
    id: 'queue.confirm-after-majority',
    rule: 'A quorum queue confirms a message once a majority of its members has it on disk.',
    breaks: 'Durability: what was confirmed is gone when the leader is, and others go on.',
    source: 'RabbitMQ, Quorum Queues: publisher confirms',
  },
  {
    id: 'queue.return-on-failover',
    rule: 'A new leader takes back what consumers of the leader before it had not settled.',
    breaks: 'At least once: those messages are held for ever by channels that are gone.',
    source: 'RabbitMQ, Quorum Queues: a consumer whose node is down is suspected',
  },
];

export interface QueueRules {
  readonly requeueOnLoss: boolean;
  readonly originalPlace: boolean;
  readonly prefetch: boolean;
  readonly confirmAfterSync: boolean;
  readonly deliveryLimit: boolean;
  readonly confirmAllCopies: boolean;
  readonly confirmAfterMajority: boolean;
  readonly returnOnFailover: boolean;
}

export function queueRules(off: readonly string[]): QueueRules {
  return Object.freeze({
    requeueOnLoss: !off.includes('queue.requeue-on-loss'),
    originalPlace: !off.includes('queue.original-place'),
    prefetch: !off.includes('queue.prefetch'),
    confirmAfterSync: !off.includes('queue.confirm-after-sync'),
    deliveryLimit: !off.includes('queue.delivery-limit'),
    confirmAllCopies: !off.includes('queue.confirm-all-copies'),
    confirmAfterMajority: !off.includes('queue.confirm-after-majority'),
    returnOnFailover: !off.includes('queue.return-on-failover'),
  });
}
