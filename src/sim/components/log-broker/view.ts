/** What people see of a broker. */
import type { View } from '../../node/behaviour.ts';

export interface ReplicaView {
  readonly partition: number;
  readonly name: string;
  readonly isLeader: boolean;
  /** A short name; null: nobody leads. */
  readonly leader: string | null;
  readonly leaderEpoch: number;
  readonly logStart: number;
  readonly highWatermark: number;
  /** LEO */
  readonly logEnd: number;
  /** Short names. */
  readonly isr: readonly string[];
  /** Where each leader epoch begins in its log. */
  readonly epochs: readonly { readonly epoch: number; readonly startOffset: number }[];
}

export interface LogBrokerView extends View {
  readonly component: 'log-broker';
  readonly isRegistered: boolean;
  readonly isFenced: boolean;
  readonly replicas: readonly ReplicaView[];
}
