/** What the store of a cluster's leader key remembers. */
import type { PeerId } from '../../contracts/raft.ts';
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import type { LeaseDisk, LeaseRecord, LeaseState } from '../../protocols/lease/lease.ts';

/** The only lock. */
export const LEADER_KEY = 'leader';

/** Beside the leader key; never changed, but replaced. */
export interface Status {
  /** Who took the key last. */
  readonly owner: PeerId | null;
  /** Where the log of the primary ended when it last renewed. */
  readonly optime: number;
  readonly sync: readonly PeerId[];
}

export interface DcsState {
  readonly leases: LeaseState;
  status: Status;
  readonly asking: Map<number, { readonly call: CallRef; readonly from: NodeIndex }>;
  nextTag: number;
  /** Renewals that wait until what they change is on disk, oldest first. */
  readonly renewals: { readonly ticket: number; readonly token: number; readonly tag: number }[];
}

export interface DcsDisk {
  readonly lease: LeaseDisk;
  status: Status;
}
export interface DcsRecord {
  readonly lease: LeaseRecord | null;
  readonly status: Status;
}

export const copyDisk = ({ lease, status }: DcsDisk): DcsDisk => ({
  lease: { lastToken: lease.lastToken, held: new Map(lease.held) },
  status,
});

/** Who holds the key now. */
export function leaderOf({ leases, status }: DcsState, monoMicros: number): PeerId | null {
  const lease = leases.leases.get(LEADER_KEY);
  return lease !== undefined && monoMicros < lease.endsMicros ? status.owner : null;
}
