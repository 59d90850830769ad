/** What the invariants remember: of each server their own copy, of the group its past. */
import type { PeerId, RaftEntry, RaftMembers } from '../../contracts/raft.ts';
import { ChunkedList } from '../chunked-list.ts';
import type { HistoryTreeImage } from './history-tree.ts';
import type { RaftInvariantName } from './invariant-list.ts';

export interface Mirror {
  term: number;
  leading: boolean;
  commitIndex: number;
  durableIndex: number;
  /** The highest term this server ever spoke in, and the vote it gave last. */
  saidTerm: number;
  voteTerm: number;
  voteFor: PeerId;
  /** Its configuration, and the index that it came with; null before its first step. */
  members: RaftMembers | null;
  membersIndex: number;
  readonly log: ChunkedList<RaftEntry>;
}

export const newMirror = (): Mirror => ({
  term: 0,
  leading: false,
  commitIndex: 0,
  durableIndex: 0,
  saidTerm: 0,
  voteTerm: 0,
  voteFor: -1,
  members: null,
  membersIndex: 0,
  log: ChunkedList.empty<RaftEntry>(),
});

export const copyMirror = (mirror: Mirror): Mirror => ({ ...mirror, log: mirror.log.clone() });

export interface RaftFinding {
  readonly invariant: RaftInvariantName;
  readonly node: PeerId;
  /** One sentence with the terms and indexes that prove it. */
  readonly why: string;
}

export interface Election {
  readonly term: number;
  readonly leader: PeerId;
  /** The log that won the election. */
  readonly log: ChunkedList<RaftEntry>;
}

export interface Commit {
  readonly entry: RaftEntry;
  /** The term of the leader that committed it first. */
  readonly inTerm: number;
}

export interface Applied {
  readonly entry: RaftEntry;
  readonly by: PeerId;
}

export interface Counted {
  readonly index: number;
  readonly members: RaftMembers | null;
}

export interface RaftInvariantsImage {
  readonly slots: readonly number[];
  readonly counted: Counted;
  readonly mirrors: readonly Mirror[];
  readonly tree: HistoryTreeImage;
  readonly elections: readonly Election[];
  readonly commits: ChunkedList<Commit>;
  readonly applied: ChunkedList<Applied>;
  readonly findings: readonly RaftFinding[];
}
