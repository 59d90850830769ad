/**
 * What one shard keeps: versions of rows, transactions, locks, and who waits.
 *
 * Invariants
 *  - The versions of a row are in the order in which they were written. While exclusive locks are
 *    held until the end that is the order of their commits, too.
 *  - Stamps that this shard gives rise strictly, and are larger than any snapshot it has served.
 *
 * Sources: Bernstein and Goodman, Multiversion Concurrency Control (1983); Clock-SI (SRDS 2013)
 */
import type { PeerId } from '../../contracts/raft.ts';
import type { Stamp, Statement, TxnRow, TxnValue } from '../../contracts/txn.ts';
import {
  HYBRID_ZERO,
  compareHybrid,
  hybridReceive,
  hybridTick,
} from '../../policies/clocks/index.ts';
import type { LockTable } from './lock-table.ts';
import { createLockTable } from './lock-table.ts';
import type { LockingRules } from './locking-rules.ts';
import type { Isolation } from './levels.ts';
import type { MvccRules } from './mvcc-rules.ts';

/** What becomes of a request that would wait in a circle, or for long. */
export const DEADLOCK_POLICIES = ['detect', 'wound-wait', 'timeout'] as const;
export type DeadlockPolicy = (typeof DEADLOCK_POLICIES)[number];

export interface EngineConfig {
  readonly isolation: Isolation;
  readonly deadlocks: DeadlockPolicy;
  /** By how much clocks may be wrong, at most. */
  readonly uncertaintyMicros: number;
  /** How long versions and the reads of finished transactions are kept. */
  readonly keepMicros: number;
  readonly rules: MvccRules & LockingRules;
}

/** Immutable. */
export interface Version {
  readonly writer: number;
  readonly value: TxnValue;
  /** When it was committed; null: not yet. */
  readonly at: Stamp | null;
}

/** What a shard must know of a transaction of which it hears for the first time. */
export interface TxnHead {
  readonly txn: number;
  /** Whom its client talks to. */
  readonly gateway: PeerId;
  readonly snapshot: Stamp;
  /** When it began, for who is older. */
  readonly sinceMicros: number;
  readonly readOnly: boolean;
}

export interface TxnState extends TxnHead {
  status: 'active' | 'prepared' | 'committed';
  /** When it was prepared, then when it was committed. */
  at: Stamp | null;
  /** Keys that it has written. */
  readonly writes: Set<string>;
  /** Kept where reads are tracked (SIREAD). */
  readonly reads: Set<string>;
  readonly scans: Set<string>;
  /** Somebody concurrent has missed a write of this one: an rw-antidependency comes in. */
  hasIn: boolean;
  /** This one has missed a write of somebody concurrent: one goes out. */
  hasOut: boolean;
  isDoomed: boolean;
  /** Prepared with other shards: its fate is not decided here. */
  isShared: boolean;
  /** The number of its last statement here. */
  seq: number;
}

export interface Wait {
  readonly txn: number;
  readonly statement: Statement;
  readonly why: 'lock' | 'prepared';
}

export interface EngineState {
  clock: Stamp;
  readonly rows: Map<string, Version[]>;
  readonly txns: Map<number, TxnState>;
  readonly locks: LockTable;
  readonly waits: Map<number, Wait>;
  /** Snapshots before this one cannot be read any more. */
  horizon: Stamp;
}

export type Refusal = '40001' | '40P01' | '55P03' | '25P01' | '25006' | '72000' | '08006';

export interface Seen {
  readonly value: TxnValue;
  readonly xmin: number | null;
}
export type Outcome =
  | (Seen & { readonly type: 'done'; readonly rows?: readonly TxnRow[] })
  | { readonly type: 'refused'; readonly code: Refusal; readonly why: string };

/** Who wrote what is there from the start. */
export const NOBODY = -1;

export type EngineEffect =
  | { readonly type: 'answered'; readonly tag: number; readonly outcome: Outcome }
  | {
      readonly type: 'waiting';
      readonly tag: number;
      readonly txn: number;
      readonly on: readonly number[];
      readonly why: Wait['why'];
    }
  /** Aborted though nobody asked: whoever runs it must be told. */
  | {
      readonly type: 'struck';
      readonly txn: number;
      readonly gateway: PeerId;
      readonly code: Refusal;
      readonly why: string;
    }
  | { readonly type: 'deadlock'; readonly circle: readonly number[] };

/** One step: what it works on. */
export interface Engine {
  readonly config: EngineConfig;
  readonly state: EngineState;
  readonly wallMicros: number;
  readonly out: EngineEffect[];
}

export const createEngine = (horizon: Stamp = HYBRID_ZERO): EngineState => ({
  clock: horizon,
  rows: new Map(),
  txns: new Map(),
  locks: createLockTable(),
  waits: new Map(),
  horizon,
});

/** Later than all stamps before it here, and than true time where clocks are as good as said. */
export function nextStamp({ config, state, wallMicros }: Engine): Stamp {
  state.clock = hybridTick(state.clock, wallMicros + config.uncertaintyMicros);
  return state.clock;
}

/** What is stamped from now on is later than `heard`. */
export function hear({ config, state, wallMicros }: Engine, heard: Stamp): void {
  state.clock = hybridReceive(state.clock, heard, wallMicros + config.uncertaintyMicros);
}

export const isLater = (a: Stamp, b: Stamp): boolean => compareHybrid(a, b) > 0;

export const answer = ({ out }: Engine, tag: number, outcome: Outcome): void =>
  void out.push({ type: 'answered', tag, outcome });

export const refusal = (code: Refusal, why: string): Outcome => ({ type: 'refused', code, why });
