/**
 * The state of one Raft server: what it keeps in memory, what it reads back from disk, and cheap
 * copies for checkpoints.
 *
 * Volatile and durable are apart: a crash keeps only the `HardState` that completed writes have
 * built on disk (`applyPersist`), and `createRaft` starts again from that.
 */
import type { PeerId, RaftEntry, RaftSnapshot } from '../../contracts/raft.ts';
import type { RaftConfig } from './config.ts';
import { configurationOf } from './configuration.ts';
import type { Configuration, PlacedMembers } from './configuration.ts';
import type { PersistEffect, RaftRole, SendEffect } from './effects.ts';
import { RaftLog } from './log.ts';
import { copyProgress, newProgress } from './progress.ts';
import type { Progress } from './progress.ts';

/** What the disk holds. */
export interface HardState {
  readonly term: number;
  readonly votedFor: PeerId | null;
  /** The log starts after this entry. */
  readonly compactedIndex: number;
  readonly compactedTerm: number;
  readonly entries: readonly RaftEntry[];
  readonly snapshot: RaftSnapshot | null;
}

export const EMPTY_HARD_STATE: HardState = Object.freeze({
  term: 0,
  votedFor: null,
  compactedIndex: 0,
  compactedTerm: 0,
  entries: Object.freeze([]) as readonly RaftEntry[],
  snapshot: null,
});

/** A write under way, and what may be sent once it is on disk. */
export interface PendingWrite {
  readonly ticket: number;
  /** The last index this write makes durable; lowered when a later truncation undoes it. */
  lastIndex: number;
  readonly sends: SendEffect[];
}

/** A read that waits. Round 0: for the first commit of the term. */
export interface PendingRead {
  /** The follower that asked for it; null for a read of this server's own. */
  readonly from: PeerId | null;
  readonly tag: number;
  readonly index: number;
  readonly round: number;
}

export interface PendingProposal {
  readonly tag: number;
  readonly index: number;
}

/** When a ReadIndex round went out: a lease counts from there. */
export interface LeaseRound {
  readonly round: number;
  readonly at: number;
}

/** A follower's read that its leader was asked about; index -1 until it has answered. */
export interface AskedRead {
  readonly tag: number;
  /** Under which the leader was asked. */
  readonly id: number;
  readonly index: number;
}

/** A new server that learns before it votes, in rounds. */
export interface CatchUp {
  readonly peer: PeerId;
  readonly tag: number;
  readonly round: number;
  /** The round is over when the server has stored this entry. */
  readonly target: number;
  readonly startedAt: number;
}

export interface RaftState extends Progress {
  role: RaftRole;
  term: number;
  votedFor: PeerId | null;
  readonly log: RaftLog;
  commitIndex: number;
  /** Equal to `commitIndex` after every step: the host applies on the `committed` effect. */
  lastApplied: number;
  leader: PeerId | null;
  /** When the current leader was last heard, on the server's own clock. */
  heardAtMicros: number;

  /** In force, and all that a deletion could bring back, oldest first. */
  conf: Configuration;
  configurations: PlacedMembers[];
  /** The newest snapshot of the state machine; the log may start before it. */
  snapshot: RaftSnapshot | null;
  /** The index of the newest snapshot that was asked for. */
  snapshotAskedAt: number;
  catchUp: CatchUp | null;
  /** To whom this leader hands over its office. */
  transferTo: PeerId | null;

  proposals: PendingProposal[];
  reads: PendingRead[];
  /** The newest ReadIndex round sent, and the newest one a majority has answered. */
  round: number;
  confirmedRound: number;
  /** Reads that wait for an entry of their own. */
  logReads: PendingProposal[];
  asked: AskedRead[];
  leaseRounds: LeaseRound[];
  leaseUntil: number;
  /** A transfer was begun in this term: no lease until the next. */
  leaseBarred: boolean;

  /** Writes under way, oldest first. */
  pending: PendingWrite[];
  nextTicket: number;
  writtenTicket: number;
  /** The newest ticket that wrote the term or the vote. */
  hardTicket: number;
  /** The ticket that makes this server's vote for itself durable; 0 when there is none. */
  voteTicket: number;
  /** The last index on disk. */
  durableIndex: number;

  /** Changes of this step not yet handed to the disk; always clean between steps. */
  dirtyHard: boolean;
  dirtyFrom: number;
  dirtyTruncate: number;
  dirtySnapshot: boolean;
}

export function createRaft(config: RaftConfig, hard: HardState = EMPTY_HARD_STATE): RaftState {
  const { snapshot, entries } = hard;
  const log = RaftLog.of(entries, hard.compactedIndex, hard.compactedTerm);
  const configurations = configurationsOf(config, hard);
  // How far the log is committed is not on the disk: by then nothing after the snapshot counts.
  const used = config.rules.configurationAtAppend ? configurations.length - 1 : 0;
  const { members, index } = configurations[used] as PlacedMembers;
  const conf = configurationOf(config.id, members, index, config.quorums);
  const applied = snapshot?.index ?? 0;
  return {
    role: 'follower',
    term: hard.term,
    votedFor: hard.votedFor,
    log,
    commitIndex: applied,
    lastApplied: applied,
    leader: null,
    heardAtMicros: 0,
    conf,
    configurations,
    snapshot,
    snapshotAskedAt: applied,
    catchUp: null,
    transferTo: null,
    ...newProgress(conf.peers.length),
    proposals: [],
    reads: [],
    round: 0,
    confirmedRound: 0,
    logReads: [],
    asked: [],
    leaseRounds: [],
    leaseUntil: 0,
    leaseBarred: false,
    pending: [],
    nextTicket: 1,
    writtenTicket: 0,
    hardTicket: 0,
    voteTicket: 0,
    durableIndex: log.lastIndex,
    dirtyHard: false,
    dirtyFrom: 0,
    dirtyTruncate: 0,
    dirtySnapshot: false,
  };
}

/** What the snapshot and the entries after it say about who belongs to the group. */
function configurationsOf(config: RaftConfig, hard: HardState): PlacedMembers[] {
  const { snapshot, entries } = hard;
  const index = snapshot?.index ?? 0;
  const found: PlacedMembers[] = [{ index, members: snapshot?.members ?? config.members }];
  for (const { index: at, members } of entries) {
    if (members !== undefined && at > index) found.push({ index: at, members });
  }
  return found;
}

/** A copy that later steps on either side do not disturb. Entries and messages are shared. */
export function cloneRaft(state: RaftState): RaftState {
  return {
    ...state,
    log: state.log.clone(),
    ...copyProgress(state),
    configurations: state.configurations.slice(),
    proposals: state.proposals.slice(),
    reads: state.reads.slice(),
    logReads: state.logReads.slice(),
    asked: state.asked.slice(),
    leaseRounds: state.leaseRounds.slice(),
    pending: state.pending.map((write) => ({
      ticket: write.ticket,
      lastIndex: write.lastIndex,
      sends: write.sends.slice(),
    })),
  };
}

/** The durable state of a server as its completed writes build it, in ticket order. */
export interface RaftDisk {
  term: number;
  votedFor: PeerId | null;
  readonly log: RaftLog;
  snapshot: RaftSnapshot | null;
}

export function createRaftDisk(): RaftDisk {
  return { term: 0, votedFor: null, log: RaftLog.of([]), snapshot: null };
}

/** Performs one completed write. */
export function applyPersist(disk: RaftDisk, write: PersistEffect): void {
  disk.term = write.term;
  disk.votedFor = write.votedFor;
  const { install } = write;
  if (install !== undefined) {
    disk.snapshot = install.snapshot;
    disk.log.compactTo(install.compactedIndex, install.compactedTerm);
  }
  if (write.truncateFrom !== null) disk.log.truncateFrom(write.truncateFrom);
  for (const entry of write.entries) disk.log.append(entry);
}

export function cloneRaftDisk(disk: RaftDisk): RaftDisk {
  const { term, votedFor, log, snapshot } = disk;
  return { term, votedFor, log: log.clone(), snapshot };
}

/** What a restarting server reads back. */
export function readDisk(disk: RaftDisk): HardState {
  const { term, votedFor, log, snapshot } = disk;
  const { compactedIndex, compactedTerm } = log;
  return { term, votedFor, compactedIndex, compactedTerm, entries: log.toArray(), snapshot };
}
