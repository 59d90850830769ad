/**
 * What the shards of a transactional store say to each other: statements on the way to their shard,
 * and whether a transaction commits.
 *
 * Sources: Gray (1978); Mohan, Lindsay, Obermarck (TODS 1986); Skeen, Nonblocking Commit Protocols
 * (SIGMOD 1981); Gray and Lamport, Consensus on Transaction Commit (TODS 2006)
 */
import { defineContract } from './contract.ts';
import type { PeerId } from './raft.ts';
import { digestStatement, digestTxnValue, showStatement } from './txn.ts';
import type { Stamp, Statement, TxnRow, TxnValue } from './txn.ts';

export interface ShardStatement {
  readonly type: 'shard.statement';
  readonly txn: number;
  /** Whom the client talks to. */
  readonly gateway: PeerId;
  readonly snapshot: Stamp;
  readonly sinceMicros: number;
  readonly readOnly: boolean;
  /** The first of this transaction to this shard: a later one that finds it unknown must fail. */
  readonly first: boolean;
  readonly seq: number;
  readonly statement: Statement;
}
export interface ShardResult {
  readonly type: 'shard.result';
  readonly value: TxnValue;
  readonly xmin: number | null;
  readonly rows?: readonly TxnRow[];
}
/** It ends here: nothing of it was prepared. */
export interface ShardAbort {
  readonly type: 'shard.abort';
  readonly txn: number;
}
/** The shard has aborted it, though nobody asked. */
export interface ShardStruck {
  readonly type: 'shard.struck';
  readonly txn: number;
  readonly code: string;
  readonly why: string;
}

export type Vote =
  | {
      readonly yes: true;
      readonly at: Stamp;
      readonly hasIn: boolean;
      readonly hasOut: boolean;
    }
  | { readonly yes: false; readonly code: string };

export interface Fate {
  readonly commit: boolean;
  readonly at: Stamp;
  readonly hasIn: boolean;
  readonly hasOut: boolean;
  /** Of an abort: why, for the client. */
  readonly code: string;
}

export interface CommitPrepare {
  readonly type: 'commit.prepare';
  readonly txn: number;
  readonly participants: readonly PeerId[];
}
export interface CommitVote {
  readonly type: 'commit.vote';
  readonly txn: number;
  readonly vote: Vote;
}
export interface CommitDecide {
  readonly type: 'commit.decide';
  readonly txn: number;
  readonly fate: Fate;
}
export interface CommitDone {
  readonly type: 'commit.done';
  readonly txn: number;
}
/** A participant in doubt asks. */
export interface CommitInquire {
  readonly type: 'commit.inquire';
  readonly txn: number;
}
/** 3PC: everybody has voted yes, and this is what will be. */
export interface CommitPrecommit {
  readonly type: 'commit.precommit';
  readonly txn: number;
  readonly fate: Fate;
}
export interface CommitPrecommitted {
  readonly type: 'commit.precommitted';
  readonly txn: number;
}
/** 3PC: how far a participant is; a fate where it knows one, or is precommitted to one. */
export interface CommitState {
  readonly type: 'commit.state';
  readonly txn: number;
  readonly phase: 'unknown' | 'prepared' | 'precommitted' | 'ended';
  readonly fate: Fate | null;
}
export type RmVote = readonly [participant: PeerId, vote: Vote];
/** Paxos Commit, phase 2a: of a participant for itself at ballot 0, or of a leader for all. */
export interface CommitAccept {
  readonly type: 'commit.accept';
  readonly txn: number;
  readonly ballot: number;
  readonly leader: PeerId;
  readonly votes: readonly RmVote[];
}
export interface CommitAccepted {
  readonly type: 'commit.accepted';
  readonly txn: number;
  readonly ballot: number;
  readonly votes: readonly RmVote[];
}
/** Phase 1a and 1b. */
export interface CommitAskPromise {
  readonly type: 'commit.ask-promise';
  readonly txn: number;
  readonly ballot: number;
}
export interface CommitPromise {
  readonly type: 'commit.promise';
  readonly txn: number;
  readonly ballot: number;
  readonly accepted: readonly (readonly [participant: PeerId, ballot: number, vote: Vote])[];
}
/** All participants know: acceptors need remember the fate alone. */
export interface CommitForget {
  readonly type: 'commit.forget';
  readonly txn: number;
  readonly fate: Fate;
}

export type CommitNotice =
  | CommitPrepare
  | CommitVote
  | CommitDecide
  | CommitDone
  | CommitInquire
  | CommitPrecommit
  | CommitPrecommitted
  | CommitState
  | CommitAccept
  | CommitAccepted
  | CommitAskPromise
  | CommitPromise
  | CommitForget;
export type TxnCommitMessage =
  CommitNotice | ShardStatement | ShardResult | ShardAbort | ShardStruck;

const mix = (a: number, b: number): number => (Math.imul(a, 31) ^ b) | 0;
const ofVote = (vote: Vote): number => (vote.yes ? mix(vote.at.l, vote.at.c) : -1);
const ofFate = (fate: Fate | null): number =>
  fate === null ? 0 : mix(fate.commit ? 1 : 2, mix(fate.at.l, fate.at.c));
const ofVotes = (votes: readonly RmVote[]): number =>
  votes.reduce((word, [participant, vote]) => mix(mix(word, participant), ofVote(vote)), 0);
const showVote = (vote: Vote): string => (vote.yes ? 'yes' : 'no');
const showFate = (fate: Fate): string => (fate.commit ? 'commit' : 'abort');

export const txnCommit = defineContract<TxnCommitMessage>({
  name: 'txn-commit',
  about: 'Shards hand on statements, and agree whether a transaction commits.',
  source: 'Gray (1978); Skeen (SIGMOD 1981); Gray and Lamport (TODS 2006)',
  messages: {
    'shard.statement': {
      role: 'request',
      flight: 'request',
      digest: (m) => mix(m.txn, digestStatement(m.statement)),
      label: (m) => `${m.txn}: ${showStatement(m.statement)}`,
    },
    'shard.result': {
      role: 'reply',
      flight: 'response',
      digest: (m) => mix(digestTxnValue(m.value), m.rows?.length ?? 0),
      label: () => 'done',
    },
    'shard.abort': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => m.txn,
      label: (m) => `end ${m.txn}`,
    },
    'shard.struck': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => m.txn,
      label: (m) => `${m.txn} was aborted: ${m.code}`,
    },
    'commit.prepare': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => m.txn,
      label: (m) => `prepare ${m.txn}`,
    },
    'commit.vote': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.txn, ofVote(m.vote)),
      label: (m) => `${m.txn}: ${showVote(m.vote)}`,
    },
    'commit.decide': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => mix(m.txn, ofFate(m.fate)),
      label: (m) => `${showFate(m.fate)} ${m.txn}`,
    },
    'commit.done': {
      role: 'notice',
      flight: 'response',
      digest: (m) => m.txn,
      label: (m) => `${m.txn} done`,
    },
    'commit.inquire': {
      role: 'notice',
      flight: 'heartbeat',
      digest: (m) => m.txn,
      label: (m) => `what of ${m.txn}?`,
    },
    'commit.precommit': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.txn, ofFate(m.fate)),
      label: (m) => `precommit ${m.txn}`,
    },
    'commit.precommitted': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => m.txn,
      label: (m) => `${m.txn} precommitted`,
    },
    'commit.state': {
      role: 'notice',
      flight: 'response',
      digest: (m) => mix(mix(m.txn, m.phase.length), ofFate(m.fate)),
      label: (m) => `${m.txn} is ${m.phase}`,
    },
    'commit.accept': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(mix(m.txn, m.ballot), ofVotes(m.votes)),
      label: (m) => `accept ${m.txn} at ballot ${m.ballot}`,
    },
    'commit.accepted': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(mix(m.txn, m.ballot), ofVotes(m.votes)),
      label: (m) => `accepted ${m.txn} at ballot ${m.ballot}`,
    },
    'commit.ask-promise': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(m.txn, m.ballot),
      label: (m) => `promise ballot ${m.ballot} for ${m.txn}`,
    },
    'commit.promise': {
      role: 'notice',
      flight: 'vote',
      digest: (m) => mix(mix(m.txn, m.ballot), m.accepted.length),
      label: (m) => `ballot ${m.ballot} promised for ${m.txn}`,
    },
    'commit.forget': {
      role: 'notice',
      flight: 'replication',
      digest: (m) => m.txn,
      label: (m) => `forget ${m.txn}`,
    },
  },
  errors: [],
});
