/** What goes into a step of a quorum store and what comes out of it. */
import type { CrdtUpdate } from '../../contracts/crdt.ts';
import type { KvContext, KvReply, KvValue } from '../../contracts/kv.ts';
import type { QuorumCell, QuorumMessage } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';

/** Timers by name; `op` has the operation as its key, the others 0. */
export type QuorumTimer = 'op' | 'commit-log' | 'handoff' | 'probe' | 'compaction' | 'anti-entropy';

export interface PutRequest {
  readonly type: 'kv.put';
  readonly key: string;
  readonly value: KvValue;
  readonly context?: KvContext;
}
export interface UpdateRequest {
  readonly type: 'kv.update';
  readonly key: string;
  readonly update: CrdtUpdate;
}

export type QuorumInput =
  | { readonly type: 'start' }
  | { readonly type: 'write'; readonly tag: number; readonly request: PutRequest | UpdateRequest }
  | { readonly type: 'read'; readonly tag: number; readonly key: string }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: QuorumMessage }
  /** Everything up to this ticket is on disk. */
  | { readonly type: 'persisted'; readonly ticket: number }
  | { readonly type: 'timer'; readonly timer: QuorumTimer; readonly key: number };

/** One change of what is on disk. A null cell: there is none any more. */
export interface QuorumRecord {
  readonly key: string;
  readonly cell: QuorumCell | null;
  /** Of a hint: for whom it is kept, and since when. */
  readonly hint: { readonly target: PeerId; readonly wallMicros: number } | null;
}

export type QuorumFact =
  | { readonly type: 'quorum.suspected'; readonly peer: PeerId }
  | { readonly type: 'quorum.back'; readonly peer: PeerId; readonly hints: number }
  | { readonly type: 'quorum.hinted'; readonly key: string; readonly target: PeerId }
  | { readonly type: 'quorum.handed-off'; readonly target: PeerId; readonly hints: number }
  | { readonly type: 'quorum.hint-refused'; readonly key: string; readonly target: PeerId }
  | { readonly type: 'quorum.hints-expired'; readonly hints: number }
  | { readonly type: 'quorum.read-repair'; readonly key: string; readonly replicas: number }
  | { readonly type: 'quorum.siblings'; readonly key: string; readonly count: number }
  | { readonly type: 'quorum.synced'; readonly peer: PeerId; readonly keys: number }
  | { readonly type: 'quorum.purged'; readonly keys: number };

/** The host performs them in this order: what is persisted is so before what follows is sent. */
export type QuorumEffect =
  | { readonly type: 'send'; readonly to: PeerId; readonly message: QuorumMessage }
  | { readonly type: 'persist'; readonly record: QuorumRecord }
  /** Asks for everything so far to be made durable, and to be told with the ticket. */
  | { readonly type: 'sync'; readonly ticket: number }
  | {
      readonly type: 'set-timer';
      readonly timer: QuorumTimer;
      readonly key: number;
      readonly afterMicros: number;
    }
  | { readonly type: 'cancel-timer'; readonly timer: QuorumTimer; readonly key: number }
  /** The answer to the request under this tag, or the code of an error. */
  | { readonly type: 'answer'; readonly tag: number; readonly reply: KvReply | string }
  | { readonly type: 'told'; readonly fact: QuorumFact };
