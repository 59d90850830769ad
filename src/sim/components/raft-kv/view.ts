/** What people see of a Raft server: the numbers of Figure 2, and the tail of the log. */
import type { View } from '../../node/behaviour.ts';

/** The log strip shows this many entries at the most: the newest. */
export const LOG_STRIP_ENTRIES = 12;

export interface LogCell {
  readonly index: number;
  readonly term: number;
  readonly committed: boolean;
  readonly durable: boolean;
  /** "no-op", "x = 3". */
  readonly label: string;
}

export interface RaftKvView extends View {
  readonly component: 'raft-kv';
  readonly role: 'follower' | 'pre-candidate' | 'candidate' | 'leader';
  readonly term: number;
  /** Short name, or null. */
  readonly votedFor: string | null;
  readonly leader: string | null;
  readonly commitIndex: number;
  readonly lastApplied: number;
  readonly lastIndex: number;
  /** Oldest first. */
  readonly log: readonly LogCell[];
  /** Votes of this candidate's round: who answered what. */
  readonly votes: readonly { readonly from: string; readonly granted: boolean }[];
  /** Of a leader, per peer. */
  readonly peers: readonly {
    readonly name: string;
    readonly next: number;
    readonly match: number;
    readonly mode: 'probe' | 'replicate' | 'snapshot';
  }[];
  /** Keys held, newest written first, at most 8. */
  readonly store: readonly { readonly key: string; readonly value: string }[];
}
