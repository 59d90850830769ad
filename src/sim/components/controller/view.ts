/** What people see of a controller: its place in the quorum, the brokers, and the partitions. */
import type { View } from '../../node/behaviour.ts';

export interface ControllerView extends View {
  readonly component: 'controller';
  readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
  readonly isActive: boolean;
  readonly term: number;
  /** Up to where it knows the metadata. */
  readonly metadataOffset: number;
  readonly brokers: readonly {
    readonly name: string;
    readonly brokerEpoch: number;
    readonly state: 'fenced' | 'active' | 'shutting-down';
  }[];
  readonly partitions: readonly {
    /** `orders-0` */
    readonly name: string;
    /** Short names; null: nobody leads. */
    readonly leader: string | null;
    readonly preferred: string;
    readonly isr: readonly string[];
    readonly elr: readonly string[];
    readonly replicas: readonly string[];
    readonly leaderEpoch: number;
    readonly partitionEpoch: number;
    readonly isRecovering: boolean;
  }[];
}
