/** What people see of a broker of queues. */
import type { View } from '../../node/behaviour.ts';

export interface QueueView {
  readonly name: string;
  readonly ready: number;
  readonly unacked: number;
  readonly consumers: number;
  /** It takes the dead letters of others. */
  readonly isForDead: boolean;
  /** Null: it is classic. Of a quorum queue: whether this broker leads it. */
  readonly leads: boolean | null;
  /** Of a quorum queue that is kept here: the term of its Raft. Null: it is not. */
  readonly term: number | null;
}

export interface BindingView {
  readonly queue: string;
  readonly routingKey: string;
  /** It is there by now. */
  readonly isBound: boolean;
}
export interface ExchangeView {
  readonly name: string;
  readonly type: string;
  readonly bindings: readonly BindingView[];
}

export interface QueueBrokerView extends View {
  readonly component: 'queue-broker';
  readonly queues: readonly QueueView[];
  readonly exchanges: readonly ExchangeView[];
  readonly ready: number;
  readonly unacked: number;
  /** Messages in queues for dead letters. */
  readonly dead: number;
  readonly deadLettered: number;
  readonly dropped: number;
  /** Messages for which no queue was bound. */
  readonly unroutable: number;
}
