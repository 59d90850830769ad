/** What people see of a client node: what is under way and how its operations ended. */
import type { View } from '../../node/behaviour.ts';

export interface KvClientView extends View {
  readonly component: 'kv-client';
  readonly inFlight: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly retries: number;
  /** The newest operations that ended, newest first, at most 6. */
  readonly recent: readonly {
    readonly label: string;
    readonly outcome: 'ok' | 'fail' | 'unknown';
  }[];
  /** The server that it takes for the leader, or null. */
  readonly target: string | null;
}
