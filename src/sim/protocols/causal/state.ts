/**
 * The state of one datacentre of a causal store: what is visible, what is held back, what the
 * others have not applied yet.
 *
 * Invariants: `applied` of an origin is the number of its writes that are visible or were replaced,
 * without a gap; with every rule on, whatever a visible write depends on is visible, too. Writes
 * are immutable, so copies share them.
 */
import type { CausalMessage, CausalWrite } from '../../contracts/causal.ts';
import type { KvContext, KvReply, KvValue } from '../../contracts/kv.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { CausalRules } from './rules.ts';

export interface CausalConfig {
  readonly id: PeerId;
  readonly peers: readonly PeerId[];
  /** How long without news of a peer until what it has not applied is sent again. */
  readonly resendMicros: number;
  /** Writes in one message that is sent again. */
  readonly batchMax: number;
  readonly rules: CausalRules;
}

export type CausalTimer = 'resend';

export type CausalInput =
  | { readonly type: 'start' }
  | {
      readonly type: 'write';
      readonly tag: number;
      readonly key: string;
      readonly value: KvValue;
      /** What its client has seen. */
      readonly dependencies: KvContext;
    }
  | { readonly type: 'read'; readonly tag: number; readonly key: string }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: CausalMessage }
  /** Everything up to this ticket is on disk. */
  | { readonly type: 'persisted'; readonly ticket: number }
  | { readonly type: 'timer'; readonly timer: CausalTimer };

/** One change of what is on disk: a write applied, or own writes that all have. */
export type CausalRecord =
  | {
      readonly type: 'apply';
      readonly write: CausalWrite;
      /** Made here: it is kept until all others have it. */
      readonly isKept: boolean;
      readonly lastWriterWins: boolean;
    }
  | { readonly type: 'trim'; readonly count: number };

export type CausalFact =
  | {
      readonly type: 'causal.held-back';
      readonly key: string;
      readonly from: PeerId;
      /** The first dependency that is missing: a write of this origin. */
      readonly waitsFor: PeerId;
      readonly count: number;
    }
  | { readonly type: 'causal.released'; readonly key: string; readonly heldMicros: number }
  | { readonly type: 'causal.outdated'; readonly key: string; readonly from: PeerId };

/** The host performs them in this order. */
export type CausalEffect =
  | { readonly type: 'send'; readonly to: PeerId; readonly message: CausalMessage }
  | { readonly type: 'persist'; readonly record: CausalRecord }
  /** Asks for everything so far to be made durable, and to be told with the ticket. */
  | { readonly type: 'sync'; readonly ticket: number }
  | { readonly type: 'set-timer'; readonly timer: CausalTimer; readonly afterMicros: number }
  /** The answer to the request under this tag, or the code of an error. */
  | { readonly type: 'answer'; readonly tag: number; readonly reply: KvReply | string }
  | { readonly type: 'told'; readonly fact: CausalFact };

/** What survives a crash. */
export interface CausalDisk {
  /** The version that stands, by key. */
  readonly cells: Map<string, CausalWrite>;
  /** By origin: how many of its writes are applied. */
  readonly applied: Map<PeerId, number>;
  /** Own writes that some of the others have not applied, oldest first. */
  readonly outbox: CausalWrite[];
  lamport: number;
}

export interface Held {
  readonly write: CausalWrite;
  readonly sinceMicros: number;
}

/** On its way to the disk; the tag of the client that waits, or -1. */
export interface Storing {
  readonly ticket: number;
  readonly write: CausalWrite;
  readonly tag: number;
}

export interface CausalState extends CausalDisk {
  /** The Lamport clock, and the number of the last own write. */
  clock: number;
  count: number;
  /** Writes from elsewhere that wait for others, in the order of their arrival. */
  readonly held: Held[];
  readonly storing: Storing[];
  /** By origin: how many of its writes are applied or on their way to the disk. */
  readonly taken: Map<PeerId, number>;
  ticket: number;
  /** By peer: how many own writes it has applied, and had at the last look. */
  readonly acknowledged: Map<PeerId, number>;
  readonly looked: Map<PeerId, number>;
  /** By peer: the last own write that was sent to it. */
  readonly sent: Map<PeerId, number>;
  resending: boolean;
  /** Writes of others that were held back for a while, and that lost against a later stamp. */
  heldBack: number;
  outdated: number;
}

export const createDisk = (): CausalDisk => ({
  cells: new Map(),
  applied: new Map(),
  outbox: [],
  lamport: 0,
});

export const cloneDisk = ({ cells, applied, outbox, lamport }: CausalDisk): CausalDisk => ({
  cells: new Map(cells),
  applied: new Map(applied),
  outbox: outbox.slice(),
  lamport,
});

/** The later version: by Lamport stamp, then by node. */
export const isLater = (a: CausalWrite, b: CausalWrite): boolean =>
  a.lamport === b.lamport ? a.origin > b.origin : a.lamport > b.lamport;

/** Returns whether the write is what its key holds now. */
export function applyWrite(disk: CausalDisk, write: CausalWrite, lastWriterWins: boolean): boolean {
  disk.applied.set(write.origin, Math.max(write.count, disk.applied.get(write.origin) ?? 0));
  disk.lamport = Math.max(disk.lamport, write.lamport);
  const before = disk.cells.get(write.key);
  const wins = before === undefined || !lastWriterWins || isLater(write, before);
  if (!wins) return false;
  // To the end: it is the one written last.
  disk.cells.delete(write.key);
  disk.cells.set(write.key, write);
  return true;
}

export function trim(outbox: CausalWrite[], count: number): void {
  let gone = 0;
  while (gone < outbox.length && outbox[gone]!.count <= count) gone += 1;
  outbox.splice(0, gone);
}

export function applyRecord(disk: CausalDisk, record: CausalRecord): void {
  if (record.type === 'trim') return trim(disk.outbox, record.count);
  applyWrite(disk, record.write, record.lastWriterWins);
  if (record.isKept) disk.outbox.push(record.write);
}

export function createState({ id, peers }: CausalConfig, disk: CausalDisk): CausalState {
  const kept = cloneDisk(disk);
  const count = kept.applied.get(id) ?? 0;
  // All before the first that is kept was applied by everybody.
  const known = (kept.outbox[0]?.count ?? count + 1) - 1;
  const byPeer = (): Map<PeerId, number> =>
    new Map(peers.filter((peer) => peer !== id).map((peer) => [peer, known]));
  return {
    ...kept,
    clock: kept.lamport,
    count,
    held: [],
    storing: [],
    taken: new Map(kept.applied),
    ticket: 0,
    acknowledged: byPeer(),
    looked: new Map(),
    sent: byPeer(),
    resending: false,
    heldBack: 0,
    outdated: 0,
  };
}

export const cloneState = (state: CausalState): CausalState => ({
  ...state,
  ...cloneDisk(state),
  held: state.held.slice(),
  storing: state.storing.slice(),
  taken: new Map(state.taken),
  acknowledged: new Map(state.acknowledged),
  looked: new Map(state.looked),
  sent: new Map(state.sent),
});
