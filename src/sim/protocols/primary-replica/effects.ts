/** What goes into a step of a replicated store's server and what comes out of it. */
import type { DcsReply, DcsRequest } from '../../contracts/dcs.ts';
import type { KvCas, KvPut, KvReply, KvValue } from '../../contracts/kv.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type {
  ReplicaHealth,
  ReplicaHealthReply,
  ReplicaMessage,
  WalRecord,
} from '../../contracts/replica.ts';
import type { TimelineHistory } from './wal.ts';

export type ReplicaTimer =
  'loop' | 'status' | 'semi-sync' | 'replay' | 'wal-writer' | 'watchdog' | 'recovery' | 'token';

/** Messages that expect no reply. */
export type ReplicaNotice = Exclude<ReplicaMessage, ReplicaHealth | ReplicaHealthReply>;

export type ReplicaInput =
  | { readonly type: 'start' }
  | { readonly type: 'write'; readonly tag: number; readonly request: KvPut | KvCas }
  | {
      readonly type: 'read';
      readonly tag: number;
      readonly key: string;
      /** The position that the reader wants to see applied; 0: any. */
      readonly after: number;
    }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: ReplicaNotice }
  | { readonly type: 'health'; readonly tag: number }
  /** The answer of a peer that was asked how far it is; null: none came. */
  | {
      readonly type: 'healthy';
      readonly peer: PeerId;
      readonly round: number;
      readonly health: ReplicaHealthReply | null;
    }
  /** The answer of the DCS: null: none came; a text: the code of its refusal. */
  | { readonly type: 'dcs'; readonly id: number; readonly reply: DcsReply | string | null }
  | { readonly type: 'persisted'; readonly ticket: number }
  | { readonly type: 'timer'; readonly timer: ReplicaTimer }
  /** An operator's command. */
  | { readonly type: 'promote' }
  | { readonly type: 'follow'; readonly primary: PeerId }
  | { readonly type: 'terminate' };

/** One change of what is on disk. */
export type ReplicaRecord =
  | { readonly type: 'append'; readonly record: WalRecord }
  | { readonly type: 'truncate'; readonly to: number; readonly history: TimelineHistory }
  | { readonly type: 'history'; readonly history: TimelineHistory }
  /** PostgreSQL's standby.signal and primary_conninfo. */
  | { readonly type: 'role'; readonly isStandby: boolean; readonly primary: PeerId | null };

export type DemoteReason =
  /** The DCS did not answer; the key was lost; the watchdog struck; another leads; an operator. */
  'no-dcs' | 'lost-key' | 'watchdog' | 'other-leader' | 'operator';

export type ReplicaFact =
  | {
      readonly type: 'replica.promoted';
      readonly timeline: number;
      readonly lsn: number;
      /** Of the leader key; 0 without a DCS. */
      readonly token: number;
    }
  /** A primary that was started again and still holds the key: it goes on. */
  | { readonly type: 'replica.resumed'; readonly timeline: number; readonly lsn: number }
  | {
      readonly type: 'replica.demoted';
      readonly reason: DemoteReason;
      readonly lsn: number;
      /** Writes that were not answered yet. */
      readonly pending: number;
    }
  | { readonly type: 'replica.following'; readonly primary: PeerId; readonly lsn: number }
  | {
      readonly type: 'replica.rewound';
      readonly at: number;
      readonly dropped: number;
      /** How many of them it had acknowledged as primary; null: it has forgotten in a crash. */
      readonly acknowledged: number | null;
      /** The first of them that are lost. */
      readonly writes: readonly { readonly key: string; readonly value: KvValue }[];
    }
  | { readonly type: 'replica.stuck'; readonly at: number; readonly ahead: number }
  | { readonly type: 'replica.semi-sync-off'; readonly waiting: number }
  | { readonly type: 'replica.semi-sync-on' }
  | { readonly type: 'replica.sync-standbys'; readonly standbys: readonly PeerId[] }
  | {
      readonly type: 'replica.not-candidate';
      readonly why: 'lag' | 'not-sync' | 'behind' | 'primary-alive';
      /** By how many records it is behind, where that is why. */
      readonly behind: number;
    }
  | { readonly type: 'replica.released'; readonly token: number };

/** The host performs them in this order: what is persisted is so before what follows is sent. */
export type ReplicaEffect =
  | { readonly type: 'send'; readonly to: PeerId; readonly message: ReplicaNotice }
  | { readonly type: 'ask-health'; readonly to: PeerId; readonly round: number }
  | {
      readonly type: 'ask-dcs';
      readonly id: number;
      readonly request: DcsRequest;
      readonly timeoutMicros: number;
    }
  | { readonly type: 'persist'; readonly record: ReplicaRecord }
  | { readonly type: 'sync'; readonly ticket: number }
  | { readonly type: 'set-timer'; readonly timer: ReplicaTimer; readonly afterMicros: number }
  | { readonly type: 'cancel-timer'; readonly timer: ReplicaTimer }
  | {
      readonly type: 'answer';
      readonly tag: number;
      readonly reply: KvReply | ReplicaHealthReply;
    }
  | {
      readonly type: 'refuse';
      readonly tag: number;
      readonly code:
        'not-leader' | 'lost-leadership' | 'starting-up' | 'replica-behind' | 'no-replicas';
      readonly leader: PeerId | null;
    }
  | { readonly type: 'told'; readonly fact: ReplicaFact };
