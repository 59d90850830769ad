/**
 * What goes into a step and what comes out.
 *
 * Effects come in the order in which the host must perform them. A `persist` effect starts a
 * write; what may be said only once it is on disk is held back until the host feeds
 * `{ type: 'persisted', upTo: ticket }`. Writes complete in the order of their tickets.
 */
import type {
  Ballot,
  PaxosCommand,
  PaxosEntry,
  PaxosMessage,
} from '../../contracts/multi-paxos.ts';

/** The host's index of a node. */
export type PeerId = number;

/** A candidate is in phase 1 of its ballot; a leader has finished it. */
export type PaxosRole = 'follower' | 'candidate' | 'leader';
export type PaxosTimer = 'election' | 'ping';

export type PaxosInput =
  | { readonly type: 'start' }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: PaxosMessage }
  | { readonly type: 'election-timeout' }
  | { readonly type: 'ping-timeout' }
  | { readonly type: 'propose'; readonly command: PaxosCommand; readonly tag: number }
  | { readonly type: 'read'; readonly tag: number }
  | { readonly type: 'persisted'; readonly upTo: number };

export interface PaxosPersist {
  readonly type: 'persist';
  readonly ticket: number;
  /** Null: as it was. */
  readonly promised: Ballot | null;
  readonly entries: readonly PaxosEntry[];
}

export interface PaxosSend {
  readonly type: 'send';
  readonly to: PeerId;
  readonly message: PaxosMessage;
}

export type PaxosEffect =
  | PaxosPersist
  | PaxosSend
  | { readonly type: 'set-timer'; readonly timer: PaxosTimer; readonly afterMicros: number }
  | { readonly type: 'cancel-timer'; readonly timer: PaxosTimer }
  | { readonly type: 'role'; readonly role: PaxosRole; readonly ballot: Ballot }
  /** A leader asks for these values; each is proposed once in a ballot. */
  | { readonly type: 'proposed'; readonly entries: readonly PaxosEntry[] }
  /** A leader counts its own acceptance of these slots. */
  | { readonly type: 'self-accepted'; readonly ballot: Ballot; readonly slots: readonly number[] }
  /** Known to be chosen, one after the other: apply the slots `from` to `to`, both included. */
  | { readonly type: 'committed'; readonly from: number; readonly to: number }
  | { readonly type: 'propose-accepted'; readonly tag: number; readonly slot: number }
  | {
      readonly type: 'propose-refused';
      readonly tag: number;
      /** Whom to ask instead, as far as is known. */
      readonly leader: PeerId | null;
    }
  /** The leader was preempted first: the value may still be chosen, or not. Outcome unknown. */
  | { readonly type: 'proposal-lost'; readonly tag: number; readonly slot: number }
  /** The state machine, applied up to `slot`, may answer the read now. */
  | { readonly type: 'read-ready'; readonly tag: number; readonly slot: number }
  | { readonly type: 'read-refused'; readonly tag: number; readonly leader: PeerId | null };
