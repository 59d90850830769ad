/**
 * What goes into a step and what comes out.
 *
 * Effects come in the order in which the host must perform them. A `persist` effect starts a
 * write; whatever may be said only once it is on disk is held back by the protocol until the host
 * feeds `{ type: 'persisted', upTo: ticket }`. Writes complete in the order of their tickets.
 */
import type {
  PeerId,
  RaftCommand,
  RaftEntry,
  RaftMembers,
  RaftMessage,
  RaftSnapshot,
} from '../../contracts/raft.ts';
import type { MembersChange } from './members-change.ts';

export type RaftRole = 'follower' | 'pre-candidate' | 'candidate' | 'leader';
export type RaftTimer = 'election' | 'heartbeat' | 'check-quorum' | 'transfer';

/** Why a membership change does not start; `too-slow`: a new voter that never caught up. */
export type ChangeRefusal =
  | 'not-leader'
  | 'transferring'
  | 'catching-up'
  | 'no-commit-in-this-term'
  | 'another-is-pending'
  | 'not-possible'
  | 'too-slow';

export type ProposalRefusal = 'not-leader' | 'transferring' | 'too-many-uncommitted';
export type TransferRefusal = 'not-leader' | 'leads-already' | 'no-voter';

export type RaftInput =
  | { readonly type: 'start' }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: RaftMessage }
  | { readonly type: 'election-timeout' }
  | { readonly type: 'heartbeat-timeout' }
  | { readonly type: 'check-quorum-timeout' }
  | { readonly type: 'transfer-timeout' }
  | { readonly type: 'transfer-leadership'; readonly to: PeerId }
  | { readonly type: 'propose'; readonly command: RaftCommand; readonly tag: number }
  | { readonly type: 'change-members'; readonly change: MembersChange; readonly tag: number }
  | { readonly type: 'read'; readonly tag: number }
  | { readonly type: 'persisted'; readonly upTo: number }
  /** What the state machine was when `take-snapshot` asked for it, now or later. */
  | {
      readonly type: 'snapshot-taken';
      readonly index: number;
      readonly state: RaftCommand | null;
    };

/** A snapshot that goes to the disk in one piece with the disappearance of what it covers. */
export interface PersistedSnapshot {
  readonly snapshot: RaftSnapshot;
  /** The log starts after this entry from now on; empty if it does not hold it. */
  readonly compactedIndex: number;
  readonly compactedTerm: number;
}

/** One write to the disk: the term and vote as a whole, the log as a cut and an addition. */
export interface PersistEffect {
  readonly type: 'persist';
  readonly ticket: number;
  readonly term: number;
  readonly votedFor: PeerId | null;
  /** Drop the durable entries from this index on before appending; null to keep them all. */
  readonly truncateFrom: number | null;
  readonly entries: readonly RaftEntry[];
  /** Comes first, before the cut. */
  readonly install?: PersistedSnapshot;
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
  /** The log no longer holds the entries up to `upTo`; a snapshot does. */
  | { readonly type: 'compacted'; readonly upTo: number }
  /** The configuration in force: appended, or back in force, or out of a snapshot. */
  | {
      readonly type: 'configuration';
      readonly index: number;
      readonly members: RaftMembers;
    }
  /** Keep the state machine as it is now, after `index`: `snapshot-taken` asks for it. */
  | { readonly type: 'take-snapshot'; readonly index: number }
  /** Forget the state machine and go on from this one. */
  | { readonly type: 'restore-snapshot'; readonly snapshot: RaftSnapshot }
  /** Apply the entries `from` to `to`, both included. */
  | { readonly type: 'committed'; readonly from: number; readonly to: number }
  | {
      readonly type: 'propose-accepted';
      readonly tag: number;
      readonly index: number;
      readonly term: number;
    }
  | {
      readonly type: 'propose-refused';
      readonly tag: number;
      readonly reason: ProposalRefusal;
      /** Whom to ask instead, as far as is known. */
      readonly leader: PeerId | null;
    }
  | {
      readonly type: 'transfer-refused';
      readonly to: PeerId;
      readonly reason: TransferRefusal;
      readonly leader: PeerId | null;
    }
  /** Nobody took over within an election timeout, or another target was named. */
  | { readonly type: 'transfer-aborted'; readonly to: PeerId }
  /** A change that was accepted is told like a proposal: `propose-accepted`, `proposal-lost`. */
  | {
      readonly type: 'change-refused';
      readonly tag: number;
      readonly reason: ChangeRefusal;
      /** For people; empty where the reason says it all. */
      readonly why: string;
      readonly leader: PeerId | null;
    }
  /** The leader lost its office first: the entry may still commit, or not. Outcome unknown. */
  | { readonly type: 'proposal-lost'; readonly tag: number; readonly index: number }
  /** The state machine, applied up to `index`, may answer the read now. */
  | { readonly type: 'read-ready'; readonly tag: number; readonly index: number }
  | { readonly type: 'read-refused'; readonly tag: number; readonly leader: PeerId | null }
  | { readonly type: 'role'; readonly role: RaftRole; readonly term: number }
  | { readonly type: 'became-leader'; readonly term: number };
