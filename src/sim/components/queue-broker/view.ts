/** What people see of a broker of queues. */
import type { View } from '../../node/behaviour.ts';

export interface QueueView {
  readonly name: string;
  readonly ready: number;
  readonly unacked: number;
  readonly consumers: number;
  /** It takes the dead letters of others. */
  readonly isForDead: boolean;
}

export interface QueueBrokerView extends View {
  readonly component: 'queue-broker';
  readonly queues: readonly QueueView[];
  readonly ready: number;
  readonly unacked: number;
  readonly deadLettered: number;
  readonly dropped: number;
}
