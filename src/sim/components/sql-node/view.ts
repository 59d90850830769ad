/** What people see of a server of a replicated store. */
import type { View } from '../../node/behaviour.ts';
import type { ReplicaRole } from '../../protocols/primary-replica/state.ts';

export interface StandbyView {
  readonly name: string;
  readonly sent: number;
  readonly flushed: number;
  readonly applied: number;
  readonly isConnected: boolean;
}

export interface SqlNodeView extends View {
  readonly component: 'sql-node';
  readonly role: ReplicaRole;
  readonly timeline: number;
  /** The end of its log; up to where that is on disk; up to where readers see it. */
  readonly lsn: number;
  readonly flushed: number;
  readonly applied: number;
  /** Of a primary: up to where writes were answered. */
  readonly committed: number;
  readonly waiting: number;
  readonly standbys: readonly StandbyView[];
  /** Of a standby: whom it follows, a short name. */
  readonly upstream: string | null;
  /** Of a standby: where the log of the primary ended when it was last heard. */
  readonly sourceEnd: number;
  /** Of the leader key that it holds; 0: none. */
  readonly token: number;
  /** Of that key, by its own clock; null: it holds none. */
  readonly lease: {
    readonly endsAtMicros: number;
    /** The shortest that its settings allow: the key itself is the affair of its store. */
    readonly ttlMicros: number;
  } | null;
  /** Of semi-synchronous replication: whether it waits for replicas now. */
  readonly isSemiSyncOn: boolean;
  /** Its log has left that of the primary, and it cannot follow. */
  readonly isStuck: boolean;
}
