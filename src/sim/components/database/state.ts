/**
 * A database's state: rows, queries under way, locks, connections, and the log of writes.
 *
 * Rows and records are never changed once made, so that checkpoints, disk and memory share them.
 */
import { clonePlain } from '../../kernel/clone.ts';
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import type { Distribution } from '../../policies/distribution.ts';
import type { Shipment } from '../../protocols/primary-replica/shipping.ts';
import { enter, newFlow } from '../../traffic/flow.ts';
import type { FlowCount } from '../../traffic/flow.ts';
import type { DatabaseConfig } from './config.ts';

/** A row as one write left it; also the record of that write. */
export interface Row {
  readonly key: number;
  readonly version: number;
  /** The place of the write in the log of all writes. */
  readonly position: number;
}

/** What is on disk. */
export interface Stored {
  readonly rows: Map<number, Row>;
  position: number;
}

export const newStored = (): Stored => ({ rows: new Map(), position: 0 });

export function store(stored: Stored, row: Row): void {
  stored.rows.set(row.key, row);
  stored.position = row.position;
}

export const copyStored = ({ rows, position }: Stored): Stored => ({
  rows: new Map(rows),
  position,
});

/** What a statement costs. */
interface Cost {
  readonly time: Distribution;
  readonly slowShare: number;
  readonly slowTime: Distribution;
}
export interface Statement {
  /** What its draws are told apart by. */
  readonly purpose: number;
  readonly read: Cost;
  readonly write: Cost;
}

/** A query from its arrival to its answer. Slots are used again. */
export interface Query {
  call: CallRef;
  statement: string;
  write: boolean;
  key: number;
  /** Of a read of several rows. */
  keys?: readonly number[];
  seed: number;
  /** The version that a write shall leave at least, or -1. */
  wanted: number;
  arrivedMicros: number;
  /** When it began to wait for its row's lock. */
  waitsSinceMicros: number;
}

/** A write on its way to the disk. */
interface Logged {
  readonly row: Row;
  /** The query that is answered then; -1: nobody waits. */
  readonly slot: number;
  readonly sinceMicros: number;
}

export interface Follower extends Shipment {
  readonly node: NodeIndex;
}

/** A write that a replica has, and when it applies it. */
export interface Held {
  readonly row: Row;
  readonly sinceMicros: number;
  readonly dueMicros: number;
}

export interface DatabaseState {
  /** Its own configuration, frozen: for what people see. */
  readonly config: DatabaseConfig;
  readonly isReplica: boolean;
  readonly coreCount: number;
  /** By name; made when one is first met. */
  readonly statements: Map<string, Statement>;
  /** Rows that were ever written, as readers see them. */
  readonly rows: Map<number, Row>;
  /** The newest position that was given, and the newest on disk. */
  written: number;
  flushed: number;
  readonly queries: Query[];
  readonly freeQueries: number[];
  /** Queries that the cores have. */
  working: number;
  /** Rows that are locked, and who waits for each, first come first. */
  readonly locks: Map<number, number[]>;
  lockWaits: number;
  /** Open connections, by client: see `connections.ts`. */
  readonly connections: Map<number, number>;
  /** Clients that are asked whether they are still there: how often in vain. */
  readonly silent: Map<number, number>;
  connected: number;
  isFull: boolean;
  /** Writes that are not on disk yet, in order. */
  readonly log: Logged[];
  isFlushDue: boolean;
  readonly followers: Follower[];
  /** Of a replica: the position up to which it has everything. */
  received: number;
  /** Of a replica: writes that came too early, by the position that they come after. */
  readonly early: Map<number, Row>;
  /** Of a replica: writes that it has but holds back, in order. */
  readonly held: Held[];
  readonly flow: FlowCount;
  readonly lockFlow: FlowCount;
  /** Of writes that are not on disk yet. */
  readonly logFlow: FlowCount;
  /** Of a replica: of writes that it holds back. */
  readonly heldFlow: FlowCount;
  reads: number;
  writes: number;
  lockTimeouts: number;
  refused: number;
}

export const newState = (
  config: DatabaseConfig,
  stored: Stored,
  isReplica: boolean,
  coreCount: number,
): DatabaseState => ({
  config,
  isReplica,
  coreCount,
  statements: new Map(),
  rows: new Map(stored.rows),
  written: stored.position,
  flushed: stored.position,
  queries: [],
  freeQueries: [],
  working: 0,
  locks: new Map(),
  lockWaits: 0,
  connections: new Map(),
  silent: new Map(),
  connected: 0,
  isFull: false,
  log: [],
  isFlushDue: false,
  followers: [],
  received: stored.position,
  early: new Map(),
  held: [],
  flow: newFlow(),
  lockFlow: newFlow(),
  logFlow: newFlow(),
  heldFlow: newFlow(),
  reads: 0,
  writes: 0,
  lockTimeouts: 0,
  refused: 0,
});

/** A copy that shares the rows. */
export function copyState({ rows, ...rest }: DatabaseState): DatabaseState {
  return { ...clonePlain(rest), rows: new Map(rows) };
}

/** A write waits for the disk. */
export function appendLog(state: DatabaseState, row: Row, slot: number, nowMicros: number): void {
  state.log.push({ row, slot, sinceMicros: nowMicros });
  enter(state.logFlow, nowMicros);
}

export const versionOf = ({ rows, config }: DatabaseState, key: number): number =>
  key >= config.rows ? -1 : (rows.get(key)?.version ?? 0);
