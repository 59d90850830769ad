/** What people see of a database. */
import type { ViewField } from '../../node/behaviour.ts';

export interface DatabaseView {
  readonly component: 'database';
  readonly isReplica: boolean;
  readonly connections: number;
  readonly maxConnections: number;
  readonly busyCores: number;
  readonly cores: number;
  /** Queries that wait for a core. */
  readonly queued: number;
  /** Writes that wait for the lock of their row. */
  readonly lockWaits: number;
  /** Rows that are locked. */
  readonly locks: number;
  readonly reads: number;
  readonly writes: number;
  /** Of a replica: writes that it has and holds back. */
  readonly lag: number;
  readonly fields: readonly ViewField[];
}
