/**
 * What must be true of all servers of one store at any moment, from their states alone.
 *
 * Invariants
 *  - One primary: at most one server takes writes (with a leader key, and clocks that run alike).
 *  - Prefix: of two logs that hold the same record at one LSN, all before it is the same; a standby
 *    that streams holds nothing at an LSN that its primary does not hold there.
 *  - A standby applies nothing that is not on its disk.
 *
 * Source: PostgreSQL 17, 26.2; the log matching property of Raft, for logs of timelines
 */
import type { PeerId } from '../../contracts/raft.ts';
import type { WalRecord } from '../../contracts/replica.ts';
import type { ReplicaState } from './state.ts';

export interface Server {
  readonly id: PeerId;
  readonly state: ReplicaState;
}

export interface Violation {
  readonly invariant: 'one-primary' | 'prefix' | 'applied-on-disk';
  readonly servers: readonly PeerId[];
  /** Where, of logs that disagree. */
  readonly lsn: number;
}

/** After a crash a primary may write another record under the same LSN and timeline. */
const isSame = (a: WalRecord, b: WalRecord): boolean =>
  a === b ||
  (a.timeline === b.timeline &&
    a.by === b.by &&
    a.key === b.key &&
    a.value === b.value &&
    a.wallMicros === b.wallMicros);

/** The first LSN at which both hold a record, and not the same; 0: none. */
export function firstDifference(a: ReplicaState, b: ReplicaState): number {
  const end = Math.min(a.wal.length, b.wal.length);
  for (let at = 0; at < end; at++) {
    if (!isSame(a.wal.at(at)!, b.wal.at(at)!)) return at + 1;
  }
  return 0;
}

/** Two logs that part and meet again hold the same record after one that differs. */
function meetsAgain(a: ReplicaState, b: ReplicaState, from: number): boolean {
  const end = Math.min(a.wal.length, b.wal.length);
  for (let at = from; at < end; at++) if (isSame(a.wal.at(at)!, b.wal.at(at)!)) return true;
  return false;
}

export function violations(servers: readonly Server[]): Violation[] {
  const found: Violation[] = [];
  const primaries = servers.filter(({ state }) => state.role === 'primary');
  if (primaries.length > 1) {
    found.push({ invariant: 'one-primary', servers: primaries.map(({ id }) => id), lsn: 0 });
  }
  servers.forEach((one, i) => {
    const { state, id } = one;
    if (state.role === 'standby' && state.replay.length > 0 && state.applied > state.flushed) {
      found.push({ invariant: 'applied-on-disk', servers: [id], lsn: state.applied });
    }
    for (const other of servers.slice(i + 1)) {
      const lsn = firstDifference(state, other.state);
      if (lsn === 0) continue;
      if (streams(one, other) || streams(other, one) || meetsAgain(state, other.state, lsn)) {
        found.push({ invariant: 'prefix', servers: [id, other.id], lsn });
      }
    }
  });
  return found;
}

/** Whether the primary has let this standby stream: then it has looked at its log. */
const streams = (primary: Server, { id, state }: Server): boolean =>
  primary.state.role === 'primary' &&
  state.role === 'standby' &&
  state.upstream === primary.id &&
  primary.state.standbys.some(({ node, session }) => node === id && session === state.session);
