/** The state of a Raft key-value server: the protocol's, the machine's, and who waits for what. */
import type { CallRef } from '../../node/behaviour.ts';
import type { RaftConfig } from '../../protocols/raft/config.ts';
import type { RaftEffect } from '../../protocols/raft/effects.ts';
import { cloneRaft } from '../../protocols/raft/state.ts';
import type { RaftState } from '../../protocols/raft/state.ts';
import { copyMachine } from '../kv-machine.ts';
import type { Machine, MachineImage, SessionRules } from '../kv-machine.ts';
import type { Serving } from '../kv-serving.ts';

export interface WaitingWrite {
  readonly call: CallRef;
  readonly term: number;
  /** What is asked for, where it is no write. */
  readonly asks?: 'members' | 'session';
}

export interface RaftKvState extends Serving {
  readonly config: RaftConfig;
  readonly sessionRules: SessionRules;
  readonly raft: RaftState;
  /** Accepted proposals by log index. */
  readonly writes: Map<number, WaitingWrite>;
  /** The tag of the change whose new voter still learns; -1 when there is none. */
  catchingUp: number;
  /** Who wants another leader, oldest first. */
  readonly transfers: CallRef[];
  /** The machine as it was at an index; null but within an event. */
  snapshotDue: { readonly index: number; readonly machine: MachineImage } | null;
  /** The effects of the step under way or, between steps, of the last one. */
  effects: readonly RaftEffect[];
}

export function copyState(state: RaftKvState): RaftKvState {
  return {
    config: state.config,
    sessionRules: state.sessionRules,
    raft: cloneRaft(state.raft),
    ...copyMachine(state),
    nextTag: state.nextTag,
    proposing: new Map(state.proposing),
    writes: new Map(state.writes),
    reads: new Map(state.reads),
    catchingUp: state.catchingUp,
    transfers: state.transfers.slice(),
    snapshotDue: null,
    effects: [],
  };
}

/** Everything that tells two servers apart, without what is fixed at the start. */
export function plainState(state: RaftKvState): unknown {
  const { sessions, sessionMicros, catchingUp, transfers } = state;
  return {
    raft: plainRaft(state.raft),
    store: state.store,
    nextTag: state.nextTag,
    proposing: state.proposing,
    writes: state.writes,
    reads: state.reads,
    ...(sessionMicros > 0 ? { sessions: plainSessions(sessions), sessionMicros } : {}),
    ...(catchingUp >= 0 ? { catchingUp } : {}),
    ...(transfers.length > 0 ? { transfers } : {}),
  };
}

const plainSessions = (sessions: Machine['sessions']): unknown =>
  [...sessions].map(([id, session]) => ({ id, ...session }));

/** What few servers ever have is told once they have it. */
function plainRaft(raft: RaftState): unknown {
  const { conf, configurations, snapshot, snapshotAskedAt, dirtySnapshot, ...rest } = raft;
  const { snapshots, snapshotsSentAt, log, catchUp, transferTo, ...reading } = rest;
  const { logReads, asked, leaseRounds, leaseUntil, leaseBarred, ...old } = reading;
  const reads = raft.reads.map(({ from, ...read }) => (from === null ? read : { from, ...read }));
  const plain = { ...old, reads, log: log.toArray() };
  const compacted = snapshot !== null || dirtySnapshot;
  return {
    ...plain,
    ...(compacted ? { snapshot, snapshotAskedAt, from: log.compactedIndex } : {}),
    ...(snapshots.some((index) => index > 0) ? { snapshots, snapshotsSentAt } : {}),
    ...(conf.index > 0 ? { members: conf.members, configurations } : {}),
    ...(catchUp === null ? {} : { catchUp }),
    ...(transferTo === null ? {} : { transferTo }),
    ...(logReads.length + asked.length > 0 ? { logReads, asked } : {}),
    ...(leaseUntil > 0 || leaseBarred ? { leaseRounds, leaseUntil, leaseBarred } : {}),
  };
}
