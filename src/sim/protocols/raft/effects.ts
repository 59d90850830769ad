/**
 * What goes into a step and what comes out.
 *
 * Effects come in the order in which the host must perform them. A `persist` effect starts a
 * write; whatever may be said only once it is on disk is held back by the protocol until the host
 * feeds `{ type: 'persisted', upTo: ticket }`. Writes complete in the order of their tickets.
 */
import type { PeerId, RaftCommand, RaftEntry, RaftMessage } from '../../contracts/raft.ts';

export type RaftRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader';
export type RaftTimer = 'election' | 'heartbeat' | 'check-quorum';

export type RaftInput =
  | { readonly type: 'start' }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: RaftMessage }
  | { readonly type: 'election-timeout' }
  | { readonly type: 'heartbeat-timeout' }
  | { readonly type: 'check-quorum-timeout' }
  | { readonly type: 'propose'; readonly command: RaftCommand; readonly tag: number }
  | { readonly type: 'read'; readonly tag: number }
  | { readonly type: 'persisted'; readonly upTo: number };

/** One write to the disk: the term and vote as a whole, the log as a cut and an addition. */
export interface PersistEffect {
  readonly type: 'persist';
  readonly ticket: number;
  readonly term: number;
  readonly votedFor: PeerId | null;
  /** Drop the durable entries from this index on before appending; null to keep them all. */
  readonly truncateFrom: number | null;
  readonly entries: readonly RaftEntry[];
}

export interface SendEffect {
  readonly type: 'send';
  readonly to: PeerId;
  readonly message: RaftMessage;
}

export type RaftEffect =
  | PersistEffect
  | SendEffect
  | { readonly type: 'set-timer'; readonly timer: RaftTimer; readonly afterMicros: number }
  | { readonly type: 'cancel-timer'; readonly timer: RaftTimer }
  | { readonly type: 'appended'; readonly fromIndex: number; readonly toIndex: number }
  | { readonly type: 'truncated'; readonly fromIndex: number }
  /** Apply the entries `from` to `to`, both included. */
  | { readonly type: 'committed'; readonly from: number; readonly to: number }
  | {
      readonly type: 'propose-accepted';
      readonly tag: number;
      readonly index: number;
      readonly term: number;
    }
  | { readonly type: 'propose-refused'; readonly tag: number; readonly leader: PeerId | null }
  /** The leader lost its office first: the entry may still commit, or not. Outcome unknown. */
  | { readonly type: 'proposal-lost'; readonly tag: number; readonly index: number }
  /** The state machine, applied up to `index`, may answer the read now. */
  | { readonly type: 'read-ready'; readonly tag: number; readonly index: number }
  | { readonly type: 'read-refused'; readonly tag: number; readonly leader: PeerId | null }
  | { readonly type: 'role'; readonly role: RaftRole; readonly term: number }
  | { readonly type: 'became-leader'; readonly term: number };
