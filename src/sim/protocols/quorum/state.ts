/**
 * The state of one node of a quorum store: what it holds, what is under way, whom it misses.
 *
 * Invariant: `cells` and `hints` are what the disk will hold once everything is written; a cell, a
 * hint and a message are immutable, so copies share them.
 */
import type { QuorumCell, QuorumMessage } from '../../contracts/quorum.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { QuorumConfig } from './config.ts';
import type { QuorumEffect, QuorumFact, QuorumRecord, QuorumTimer } from './effects.ts';

/** A write kept for a replica that missed it. */
export interface Hint {
  readonly target: PeerId;
  readonly key: string;
  readonly cell: QuorumCell;
  readonly wallMicros: number;
}

/** Who is asked in an operation: a replica, or whoever stands in for it. */
export interface Target {
  readonly node: PeerId;
  /** The replica that `node` stands in for. */
  readonly hintFor: PeerId | null;
  answered: boolean;
}

export interface WriteOp {
  readonly kind: 'write';
  readonly id: number;
  readonly tag: number;
  readonly key: string;
  readonly cell: QuorumCell;
  /** Who else asked for it, when it was forwarded. */
  readonly forwardedBy: { readonly node: PeerId; readonly id: number } | null;
  readonly targets: Target[];
  /** Replicas that missed it and have a hint here. */
  hinted: number;
  replied: boolean;
  suspected: boolean;
}

export interface ReadOp {
  readonly kind: 'read';
  readonly id: number;
  readonly tag: number;
  readonly key: string;
  readonly targets: Target[];
  /** By place of the target; undefined until it has answered. */
  readonly held: (QuorumCell | null | undefined)[];
  merged: QuorumCell | null;
  /** Replicas that must acknowledge a repair before the answer; null: not repairing. */
  repairing: PeerId[] | null;
  replied: boolean;
  suspected: boolean;
}

/** A request that another node coordinates. */
export interface ForwardOp {
  readonly kind: 'forward';
  readonly id: number;
  readonly tag: number;
  readonly to: PeerId;
}

export type Op = WriteOp | ReadOp | ForwardOp;

/** One side of a comparison of Merkle trees. */
export interface Exchange {
  readonly session: number;
  readonly tree: Uint32Array;
}

export interface QuorumState {
  readonly cells: Map<string, QuorumCell>;
  /** By target and key: see `hintName`. */
  readonly hints: Map<string, Hint>;
  readonly ops: Map<number, Op>;
  nextId: number;
  /** The last timestamp given, or heard of by a hybrid clock: the next one is higher. */
  lastStamp: number;
  /** Of a hybrid clock: orders the stamps that share `lastStamp`. */
  lastCount?: number;
  /** Peers that did not answer, and since when (monotonic). */
  readonly down: Map<PeerId, number>;
  ticket: number;
  /** Everything up to this ticket is on disk. */
  durableTicket: number;
  /** Whether something was written since the last sync of a periodic commit log. */
  dirty: boolean;
  /** Acknowledgements that wait for their ticket, oldest first. */
  readonly waiting: { readonly ticket: number; readonly to: PeerId; readonly id: number }[];
  /** Timers that stay armed while there is something to do. */
  readonly armed: Set<string>;
  /** Hints under way to their replicas, by the id of the write. */
  readonly handingOff: Map<number, Hint>;
  /** Comparisons that this node began, and those in which it answers, by peer. */
  readonly began: Map<PeerId, Exchange>;
  readonly answers: Map<PeerId, Exchange>;
  nextPeer: number;
  /** What was done so far. */
  repairs: number;
  handedOff: number;
  hintsMade: number;
  synced: number;
}

export interface QuorumDisk {
  readonly cells: Map<string, QuorumCell>;
  readonly hints: Map<string, Hint>;
}

export const createDisk = (): QuorumDisk => ({ cells: new Map(), hints: new Map() });
export const cloneDisk = (disk: QuorumDisk): QuorumDisk => ({
  cells: new Map(disk.cells),
  hints: new Map(disk.hints),
});

export const hintName = (target: PeerId, key: string): string => `${target} ${key}`;

export function applyRecord(disk: QuorumDisk, { key, cell, hint }: QuorumRecord): void {
  if (hint === null) {
    if (cell === null) disk.cells.delete(key);
    else disk.cells.set(key, cell);
    return;
  }
  const name = hintName(hint.target, key);
  if (cell === null) disk.hints.delete(name);
  else disk.hints.set(name, { ...hint, key, cell });
}

export function createState(config: QuorumConfig, disk: QuorumDisk): QuorumState {
  return {
    ...cloneDisk(disk),
    ops: new Map(),
    nextId: config.firstId,
    lastStamp: 0,
    down: new Map(),
    ticket: 0,
    durableTicket: 0,
    dirty: false,
    waiting: [],
    armed: new Set(),
    handingOff: new Map(),
    began: new Map(),
    answers: new Map(),
    nextPeer: 0,
    repairs: 0,
    handedOff: 0,
    hintsMade: 0,
    synced: 0,
  };
}

function cloneOp(op: Op): Op {
  if (op.kind === 'forward') return op;
  const targets = op.targets.map((target) => ({ ...target }));
  if (op.kind === 'write') return { ...op, targets };
  return { ...op, targets, held: op.held.slice(), repairing: op.repairing?.slice() ?? null };
}

export function cloneState(state: QuorumState): QuorumState {
  const ops = new Map<number, Op>();
  for (const [id, op] of state.ops) ops.set(id, cloneOp(op));
  return {
    ...state,
    cells: new Map(state.cells),
    hints: new Map(state.hints),
    ops,
    down: new Map(state.down),
    waiting: state.waiting.slice(),
    armed: new Set(state.armed),
    handingOff: new Map(state.handingOff),
    // A tree is never changed once it is built.
    began: new Map(state.began),
    answers: new Map(state.answers),
  };
}

/** What a step has at hand. */
export interface Step {
  readonly config: QuorumConfig;
  readonly state: QuorumState;
  readonly monoMicros: number;
  readonly wallMicros: number;
  readonly out: QuorumEffect[];
}

export const send = ({ out }: Step, to: PeerId, message: QuorumMessage): void =>
  void out.push({ type: 'send', to, message });

export const tell = ({ out }: Step, fact: QuorumFact): void =>
  void out.push({ type: 'told', fact });

/** Arms one of the timers that run while there is something to do, unless it runs already. */
export function arm({ state, out }: Step, timer: QuorumTimer, afterMicros: number): void {
  if (state.armed.has(timer)) return;
  state.armed.add(timer);
  out.push({ type: 'set-timer', timer, key: 0, afterMicros });
}

export const isUp = ({ state }: Step, peer: PeerId): boolean => !state.down.has(peer);
