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
}

export interface QueueBrokerView extends View {
  readonly component: 'queue-broker';
  readonly queues: readonly QueueView[];
  readonly ready: number;
  readonly unacked: number;
  /** Messages in queues for dead letters. */
  readonly dead: number;
  readonly deadLettered: number;
  readonly dropped: number;
}
