/**
 * The state of one Raft server: what it keeps in memory, what it reads back from disk, and cheap
 * copies for checkpoints.
 *
 * Volatile and durable are apart: a crash keeps only the `HardState` that completed writes have
 * built on disk (`applyPersist`), and `createRaft` starts again from that.
 */
import type { PeerId, RaftEntry } from '../../contracts/raft.ts';
import type { RaftConfig } from './config.ts';
import type { PersistEffect, RaftRole, SendEffect } from './effects.ts';
import { RaftLog } from './log.ts';

/** What the disk holds. */
export interface HardState {
  readonly term: number;
  readonly votedFor: PeerId | null;
  readonly entries: readonly RaftEntry[];
}

export const EMPTY_HARD_STATE: HardState = Object.freeze({
  term: 0,
  votedFor: null,
  entries: Object.freeze([]) as readonly RaftEntry[],
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
  readonly tag: number;
  readonly index: number;
  readonly round: number;
}

export interface PendingProposal {
  readonly tag: number;
  readonly index: number;
}

export interface RaftState {
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

  /** Answers to this server's (pre-)candidacy, parallel to `voters`. */
  votes: (boolean | null)[];

  /** Leader only, all parallel to `voters`. */
  match: number[];
  next: number[];
  /** True while one append at a time feels for the point where the logs meet. */
  probing: boolean[];
  /** A probe is under way: nothing more is sent until a reply or the next heartbeat's reply. */
  paused: boolean[];
  active: boolean[];
  ackedRound: number[];
  /** Last index of every append under way, oldest first. */
  inflight: number[][];
  proposals: PendingProposal[];
  reads: PendingRead[];
  /** The newest ReadIndex round sent, and the newest one a majority has answered. */
  round: number;
  confirmedRound: number;

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
}

export function createRaft(config: RaftConfig, hard: HardState = EMPTY_HARD_STATE): RaftState {
  const log = RaftLog.of(hard.entries);
  const size = config.voters.length;
  const zeros = (): number[] => new Array<number>(size).fill(0);
  return {
    role: 'follower',
    term: hard.term,
    votedFor: hard.votedFor,
    log,
    commitIndex: log.snapshotIndex,
    lastApplied: log.snapshotIndex,
    leader: null,
    heardAtMicros: 0,
    votes: new Array<boolean | null>(size).fill(null),
    match: zeros(),
    next: zeros(),
    probing: new Array<boolean>(size).fill(true),
    paused: new Array<boolean>(size).fill(false),
    active: new Array<boolean>(size).fill(false),
    ackedRound: zeros(),
    inflight: config.voters.map(() => []),
    proposals: [],
    reads: [],
    round: 0,
    confirmedRound: 0,
    pending: [],
    nextTicket: 1,
    writtenTicket: 0,
    hardTicket: 0,
    voteTicket: 0,
    durableIndex: log.lastIndex,
    dirtyHard: false,
    dirtyFrom: 0,
    dirtyTruncate: 0,
  };
}

/** A copy that later steps on either side do not disturb. Entries and messages are shared. */
export function cloneRaft(state: RaftState): RaftState {
  return {
    ...state,
    log: state.log.clone(),
    votes: state.votes.slice(),
    match: state.match.slice(),
    next: state.next.slice(),
    probing: state.probing.slice(),
    paused: state.paused.slice(),
    active: state.active.slice(),
    ackedRound: state.ackedRound.slice(),
    inflight: state.inflight.map((window) => window.slice()),
    proposals: state.proposals.slice(),
    reads: state.reads.slice(),
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
}

export function createRaftDisk(): RaftDisk {
  return { term: 0, votedFor: null, log: RaftLog.of([]) };
}

/** Performs one completed write. */
export function applyPersist(disk: RaftDisk, write: PersistEffect): void {
  disk.term = write.term;
  disk.votedFor = write.votedFor;
  if (write.truncateFrom !== null) disk.log.truncateFrom(write.truncateFrom);
  for (const entry of write.entries) disk.log.append(entry);
}

export function cloneRaftDisk(disk: RaftDisk): RaftDisk {
  return { term: disk.term, votedFor: disk.votedFor, log: disk.log.clone() };
}

/** What a restarting server reads back. */
export function readDisk(disk: RaftDisk): HardState {
  return { term: disk.term, votedFor: disk.votedFor, entries: disk.log.toArray() };
}
