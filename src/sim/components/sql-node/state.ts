/** The state of a server of a replicated store: the protocol's, and who waits for what. */
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import type { ReplicaConfig } from '../../protocols/primary-replica/config.ts';
import { cloneReplica } from '../../protocols/primary-replica/state.ts';
import type { ReplicaDisk, ReplicaState } from '../../protocols/primary-replica/state.ts';

/** What a call of its own was about. */
export type Asked =
  | { readonly about: 'dcs'; readonly id: number }
  | { readonly about: 'health'; readonly peer: NodeIndex; readonly round: number };

export interface SqlNodeState {
  readonly config: ReplicaConfig;
  readonly recordBytes: number;
  readonly replica: ReplicaState;
  nextTag: number;
  /** Clients and peers that wait, by tag. */
  readonly calls: Map<number, CallRef>;
  readonly asked: Map<number, Asked>;
  /** Whether sentinels have asked what it is. */
  isWatched: boolean;
  reads: number;
  writes: number;
}

export const copyState = (state: SqlNodeState): SqlNodeState => ({
  ...state,
  replica: cloneReplica(state.replica),
  calls: new Map(state.calls),
  asked: new Map(state.asked),
});

const plainWal = <T extends Pick<ReplicaDisk, 'wal'>>(of: T) => ({
  ...of,
  wal: of.wal.slice(0, of.wal.length),
});

/** Everything that tells two servers apart, without what is fixed at the start. */
export function plainState({ config: _, replica, isWatched, ...rest }: SqlNodeState): unknown {
  const { isLinked, heardMicros, ...known } = replica;
  // Nobody but a sentinel is told of the link.
  const link = isWatched ? { isLinked, heardMicros } : {};
  return { ...rest, replica: { ...plainWal(known), ...link } };
}

export const plainDisk = (disk: ReplicaDisk): unknown => plainWal(disk);
