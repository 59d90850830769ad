/**
 * The conversation between the members of one Raft group.
 *
 * Messages are plain, immutable data: once sent, a message and every entry in it are shared by
 * whoever holds them (in-flight copies, logs, checkpoints), so nobody may write to them.
 * The sender is not part of a message: the host that delivers it says who sent it.
 *
 * Source: Ongaro & Ousterhout, "In Search of an Understandable Consensus Algorithm" (extended
 * version), figure 2; PreVote and ReadIndex from Ongaro's dissertation, sections 9.6 and 6.4.
 * Snapshots, membership change and transfer of leadership: its chapters 5, 4 and section 3.10.
 */

import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';

/** The host's index of a node. */
export type PeerId = number;

/** What the state machine will execute. Raft never looks inside. */
export type RaftCommand = string | number | object;

/**
 * Who belongs to a group. While `outgoing` is not empty the configuration is joint: every decision
 * needs a majority of `voters` and one of `outgoing` (paper 6).
 */
export interface RaftMembers {
  readonly voters: readonly PeerId[];
  /** The voters before a joint change; empty otherwise. */
  readonly outgoing: readonly PeerId[];
  /** They receive the log and have no say (dissertation 4.2.1). */
  readonly learners: readonly PeerId[];
  /** Voters of the outgoing half that become learners when the joint change ends (etcd). */
  readonly learnersNext: readonly PeerId[];
  /** The leader ends a joint configuration by itself as soon as it is committed. */
  readonly autoLeave: boolean;
}

/**
 * One slot of the log. A null command is the no-op that a new leader writes, or an entry whose
 * `members` are the configuration from this index on.
 */
export interface RaftEntry {
  readonly term: number;
  readonly index: number;
  readonly command: RaftCommand | null;
  readonly members?: RaftMembers;
}

/** The state machine after the entries up to `index`, which it replaces (paper 7). */
export interface RaftSnapshot {
  /** The paper's lastIncludedIndex and lastIncludedTerm. */
  readonly index: number;
  readonly term: number;
  /** The newest configuration at or before `index`. */
  readonly members: RaftMembers;
  /** What the state machine is. Raft never looks inside. */
  readonly state: RaftCommand | null;
}

export interface RaftVote {
  readonly type: 'raft.vote';
  readonly term: number;
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
  /** The leader itself wants this election: nobody refuses for its sake (dissertation 4.2.3). */
  readonly transfer?: true;
}

export interface RaftVoteReply {
  readonly type: 'raft.vote-reply';
  readonly term: number;
  readonly granted: boolean;
}

/** Asks "would you vote for me in `term`?", where `term` is one above the sender's own. */
export interface RaftPreVote {
  readonly type: 'raft.pre-vote';
  readonly term: number;
  readonly lastLogIndex: number;
  readonly lastLogTerm: number;
}

/** A grant carries the term asked for; a refusal carries the term of the one who refuses. */
export interface RaftPreVoteReply {
  readonly type: 'raft.pre-vote-reply';
  readonly term: number;
  readonly granted: boolean;
}

export interface RaftAppend {
  readonly type: 'raft.append';
  readonly term: number;
  readonly prevLogIndex: number;
  readonly prevLogTerm: number;
  readonly entries: readonly RaftEntry[];
  readonly commit: number;
  /** The leader's ReadIndex round at sending; the reply echoes it. */
  readonly round: number;
}

/**
 * On success `index` is the last entry known to match. On refusal it is the `prevLogIndex` that
 * was refused, and the hint names the last entry of the follower that may still match.
 */
export interface RaftAppendReply {
  readonly type: 'raft.append-reply';
  readonly term: number;
  readonly success: boolean;
  readonly index: number;
  readonly hintIndex: number;
  readonly hintTerm: number;
  readonly round: number;
}

/**
 * Keeps followers quiet, confirms a ReadIndex round and carries a commit index that the leader
 * knows this follower to hold.
 *
 * Differs: the paper's heartbeat is an AppendEntries without entries. A message of its own (as in
 * etcd) cannot be refused by the consistency check, so a heartbeat that overtakes an append does
 * not throw the follower's stream back to probing.
 */
export interface RaftHeartbeat {
  readonly type: 'raft.heartbeat';
  readonly term: number;
  readonly commit: number;
  readonly round: number;
}

export interface RaftHeartbeatReply {
  readonly type: 'raft.heartbeat-reply';
  readonly term: number;
  readonly round: number;
}

/**
 * The state machine for a follower whose next entry the leader no longer has. Answered like an
 * append.
 *
 * Differs: in one piece, where the paper sends chunks at offsets.
 */
export interface RaftInstallSnapshot {
  readonly type: 'raft.install-snapshot';
  readonly term: number;
  readonly snapshot: RaftSnapshot;
  readonly round: number;
}

/** From a leader to a follower that has its whole log: stand for election at once. */
export interface RaftTimeoutNow {
  readonly type: 'raft.timeout-now';
  readonly term: number;
}

/** A follower asks the leader from which index on a read that it was given is up to date. */
export interface RaftReadIndex {
  readonly type: 'raft.read-index';
  readonly term: number;
  readonly id: number;
}

export interface RaftReadIndexReply {
  readonly type: 'raft.read-index-reply';
  readonly term: number;
  readonly id: number;
  readonly index: number;
}

export type RaftMessage =
  | RaftVote
  | RaftVoteReply
  | RaftPreVote
  | RaftPreVoteReply
  | RaftAppend
  | RaftAppendReply
  | RaftHeartbeat
  | RaftHeartbeatReply
  | RaftInstallSnapshot
  | RaftTimeoutNow
  | RaftReadIndex
  | RaftReadIndexReply;

function mix(a: number, b: number, c: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca77);
  h = Math.imul(h ^ (h >>> 15), 0xc2b2ae3d) ^ Math.imul(c, 0x27d4eb2f);
  return h ^ (h >>> 13);
}

function countEntries(count: number): string {
  return plural(count, 'entry', 'entries');
}

export const raft = defineContract<RaftMessage>({
  name: 'raft',
  about: 'The servers of one Raft group elect a leader, who replicates its log to the others.',
  source: 'Raft paper (extended version) figure 2; dissertation 6.4 and 9.6',
  messages: {
    'raft.vote': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.term, m.lastLogIndex, m.lastLogTerm),
      label: (m) => `vote for me in term ${m.term}`,
    },
    'raft.vote-reply': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.term, m.granted ? 1 : 0, 0),
      label: (m) => `${m.granted ? 'vote' : 'no vote'} in term ${m.term}`,
    },
    'raft.pre-vote': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.term, m.lastLogIndex, m.lastLogTerm),
      label: (m) => `would you vote for me in term ${m.term}?`,
    },
    'raft.pre-vote-reply': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.term, m.granted ? 1 : 0, 0),
      label: (m) =>
        m.granted ? `I would, in term ${m.term}` : `I would not; my term is ${m.term}`,
    },
    'raft.append': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => {
        const place = mix(m.prevLogIndex, m.prevLogTerm, m.entries.length);
        return mix(m.term, place, mix(m.commit, m.round, 0));
      },
      label: (m) =>
        m.entries.length === 0
          ? `nothing after ${m.prevLogIndex}, committed to ${m.commit}`
          : `append ${countEntries(m.entries.length)} after ${m.prevLogIndex}`,
    },
    'raft.append-reply': {
      role: 'notice',
      flight: 'acknowledgement',
      digest: (m) => {
        const hint = mix(m.hintIndex, m.hintTerm, m.round);
        return mix(m.term, m.index * 2 + (m.success ? 1 : 0), hint);
      },
      label: (m) => (m.success ? `stored up to ${m.index}` : `no match at ${m.index}`),
    },
    'raft.heartbeat': {
      role: 'notice',
      flight: 'heartbeat',
      digest: (m) => mix(m.term, m.commit, m.round),
      label: (m) => `heartbeat of term ${m.term}`,
    },
    'raft.heartbeat-reply': {
      role: 'notice',
      flight: 'heartbeat',
      digest: (m) => mix(m.term, m.round, 0),
      label: (m) => `alive in term ${m.term}`,
    },
    'raft.install-snapshot': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => mix(m.term, m.snapshot.index, mix(m.snapshot.term, m.round, 0)),
      label: (m) => `state after entry ${m.snapshot.index}`,
    },
    'raft.timeout-now': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.term, 1, 0),
      label: (m) => `take over from term ${m.term}`,
    },
    'raft.read-index': {
      role: 'notice',
      flight: 'request',
      digest: (m) => mix(m.term, m.id, 0),
      label: (m) => `from which index may I answer read ${m.id}?`,
    },
    'raft.read-index-reply': {
      role: 'notice',
      flight: 'response',
      digest: (m) => mix(m.term, m.id, m.index),
      label: (m) => `read ${m.id} from index ${m.index}`,
    },
  },
  errors: [],
});
