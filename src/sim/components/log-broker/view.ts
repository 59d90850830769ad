/** What people see of a broker. */
import type { Marker } from '../../contracts/record-batch.ts';
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
  /** LSO: who reads committed records goes no further. */
  readonly lastStable: number;
  /** LEO */
  readonly logEnd: number;
  /** Short names. */
  readonly isr: readonly string[];
  /** Where each leader epoch begins in its log. */
  readonly epochs: readonly { readonly epoch: number; readonly startOffset: number }[];
  /** Of its newest offsets those that end a transaction, and those of open ones. */
  readonly markers: readonly { readonly offset: number; readonly marker: Marker }[];
  readonly open: readonly number[];
  /** What it has dropped last, in this life of the broker: from which offset on, and when. */
  readonly cut: {
    readonly to: number;
    readonly dropped: number;
    readonly atMicros: number;
  } | null;
}

export interface LogBrokerView extends View {
  readonly component: 'log-broker';
  readonly isRegistered: boolean;
  readonly isFenced: boolean;
  readonly replicas: readonly ReplicaView[];
}
