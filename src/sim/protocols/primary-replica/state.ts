/**
 * The state of one server: its log, what readers see of it, and what it knows of the others.
 *
 * Volatile and durable are apart: a crash keeps the `ReplicaDisk` that completed writes have built.
 * Records, histories and messages are immutable, so copies share them.
 */
import type { DcsCluster, DcsRequest } from '../../contracts/dcs.ts';
import type { KvValue } from '../../contracts/kv.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { ReplicaHealthReply, WalRecord } from '../../contracts/replica.ts';
import { ChunkedList } from '../chunked-list.ts';
import type { ReplicaConfig } from './config.ts';
import type { ReplicaEffect, ReplicaRecord, ReplicaTimer } from './effects.ts';
import type { Piece, Shipment } from './shipping.ts';
import type { TimelineHistory } from './wal.ts';

export type ReplicaRole = 'primary' | 'standby' | 'promoting' | 'recovering' | 'rewinding';

/** What a primary knows of a standby that streams from it. */
export interface Standby extends Shipment {
  readonly node: PeerId;
  session: number;
  write: number;
  flush: number;
  apply: number;
  heardMicros: number;
}

/** A write that waits for its answer. */
export interface PendingCommit {
  /** It is answered when all up to here is committed. */
  readonly lsn: number;
  readonly tag: number;
  /** False for a comparison that failed: it wrote nothing. */
  readonly applied: boolean;
  readonly sinceMicros: number;
}

/** A record that a standby has on disk, and when it is applied. */
export interface Replaying {
  readonly lsn: number;
  readonly dueMicros: number;
}

/** A stretch of the log on its way. */
export interface WalPiece extends Piece {
  readonly records: readonly WalRecord[];
}

/** A read that waits for a position to be applied. */
export interface WaitingRead {
  readonly tag: number;
  readonly key: string;
  readonly after: number;
  readonly untilMicros: number;
}

/** A request to the DCS under way. */
export interface Asking {
  readonly id: number;
  readonly request: DcsRequest;
  /** Since when this one is tried, and how often it was. */
  readonly sinceMicros: number;
  readonly tries: number;
}

/** What the part that Patroni plays remembers. */
export interface Keeper {
  /** The cluster as the DCS last showed it. */
  cluster: DcsCluster | null;
  /** Of the leader key that this server holds; 0: none. */
  token: number;
  /** By this server's clock: the key is surely in force until then. */
  leaseEndMicros: number;
  asking: Asking | null;
  nextId: number;
  /** Who has answered how far it is, in the round under way; null: not looking. */
  race: Map<PeerId, ReplicaHealthReply | null> | null;
  round: number;
  /** Of synchronous_mode: for whom the primary waits, and since which position. */
  syncNames: { readonly node: PeerId; readonly since: number }[];
  /** Whom the DCS names as synchronous, and whom the renewal under way would. */
  syncWritten: readonly PeerId[];
  syncAsked: readonly PeerId[];
  recoveringSinceMicros: number;
}

export interface ReplicaState {
  role: ReplicaRole;
  /** Whether it was started, or demoted, as a standby. */
  isStandby: boolean;
  /** The record of LSN n is at place n - 1. */
  readonly wal: ChunkedList<WalRecord>;
  history: TimelineHistory;
  flushed: number;
  /** Of readers: all up to `applied`. */
  readonly store: Map<string, KvValue>;
  applied: number;
  nextTicket: number;
  /** Syncs under way, oldest first; `promotes`: the end of a promotion. */
  readonly syncs: { readonly ticket: number; readonly lsn: number; readonly promotes: boolean }[];

  /** Of a primary: up to where writes are answered. Of an old one: up to where they were. */
  committed: number;
  /** The same, but null after a crash: what was answered is not on disk. */
  acknowledged: number | null;
  readonly pending: PendingCommit[];
  standbys: Standby[];
  semiSyncOn: boolean;

  /** Of a standby: whom it follows, and how much it has. */
  upstream: PeerId | null;
  session: number;
  received: number;
  readonly early: Map<number, WalPiece>;
  readonly replay: Replaying[];
  /** Where the primary's log ended when it was last heard. */
  sourceEnd: number;
  /** When the newest applied record was committed, by the primary's clock. */
  appliedWallMicros: number;
  /** How long that had taken, by this server's wall clock (PostgreSQL replay_lag). */
  replayLagMicros: number;
  isStuck: boolean;
  /** Whether this stream has brought anything, and when a primary was last heard. */
  isLinked: boolean;
  heardMicros: number;
  readonly reads: WaitingRead[];

  readonly keeper: Keeper;
  readonly armed: Set<ReplicaTimer>;
  /** Records dropped by rewinds. */
  rewound: number;
}

/** What is on disk. */
export interface ReplicaDisk {
  readonly wal: ChunkedList<WalRecord>;
  history: TimelineHistory;
  isStandby: boolean | null;
  primary: PeerId | null;
}

export const createReplicaDisk = (): ReplicaDisk => ({
  wal: ChunkedList.empty(),
  history: [],
  isStandby: null,
  primary: null,
});

export function applyReplicaRecord(disk: ReplicaDisk, record: ReplicaRecord): void {
  switch (record.type) {
    case 'append':
      disk.wal.push(record.record);
      return;
    case 'truncate':
      disk.wal.truncate(record.to);
      disk.history = record.history;
      return;
    case 'history':
      disk.history = record.history;
      return;
    case 'role':
      disk.isStandby = record.isStandby;
      disk.primary = record.primary;
  }
}

export const cloneReplicaDisk = (disk: ReplicaDisk): ReplicaDisk => ({
  ...disk,
  wal: disk.wal.clone(),
});

/** At the start of a life: everything that is on disk is in the log, and nothing is applied. */
export function createReplica(config: ReplicaConfig, disk: ReplicaDisk): ReplicaState {
  const first = config.peers[0] ?? config.id;
  const isFirst = first === config.id;
  const end = disk.wal.length;
  const { history } = disk;
  const isStandby = disk.isStandby ?? !isFirst;
  return {
    role: 'recovering',
    isStandby,
    wal: disk.wal.clone(),
    history:
      history.length > 0 ? history : Object.freeze([{ timeline: 1, by: first, from: 0 } as const]),
    flushed: end,
    store: new Map(),
    applied: 0,
    nextTicket: 1,
    syncs: [],
    committed: 0,
    acknowledged: isStandby || end === 0 ? 0 : null,
    pending: [],
    standbys: [],
    semiSyncOn: true,
    upstream: disk.primary,
    session: config.life * SESSIONS_PER_LIFE,
    received: end,
    early: new Map(),
    replay: [],
    sourceEnd: end,
    appliedWallMicros: 0,
    replayLagMicros: 0,
    isStuck: false,
    isLinked: false,
    heardMicros: 0,
    reads: [],
    keeper: {
      cluster: null,
      token: 0,
      leaseEndMicros: 0,
      asking: null,
      nextId: config.life * SESSIONS_PER_LIFE,
      race: null,
      round: 0,
      syncNames: [],
      syncWritten: [],
      syncAsked: [],
      recoveringSinceMicros: 0,
    },
    armed: new Set(),
    rewound: 0,
  };
}

/** Streams of one life: numbers of another life are larger than all of them. */
const SESSIONS_PER_LIFE = 1_000_000;

export function cloneReplica(state: ReplicaState): ReplicaState {
  const { keeper } = state;
  return {
    ...state,
    wal: state.wal.clone(),
    store: new Map(state.store),
    syncs: state.syncs.slice(),
    pending: state.pending.slice(),
    standbys: state.standbys.map((standby) => ({ ...standby })),
    early: new Map(state.early),
    replay: state.replay.slice(),
    reads: state.reads.slice(),
    armed: new Set(state.armed),
    keeper: {
      ...keeper,
      race: keeper.race === null ? null : new Map(keeper.race),
      syncNames: keeper.syncNames.slice(),
    },
  };
}

/** One step under way: what it works on, when, and where its effects go. */
export interface Step {
  readonly config: ReplicaConfig;
  readonly state: ReplicaState;
  readonly monoMicros: number;
  readonly wallMicros: number;
  readonly draws: ReplicaDraws;
  readonly out: ReplicaEffect[];
}

/** What the host draws. */
export interface ReplicaDraws {
  /** What it costs to apply one write. */
  replayMicros(): number;
  /** Uniform in (0, 1). */
  unit(): number;
}

export function arm({ state, out }: Step, timer: ReplicaTimer, afterMicros: number): void {
  state.armed.add(timer);
  out.push({ type: 'set-timer', timer, afterMicros: Math.max(0, afterMicros) });
}

export function disarm({ state, out }: Step, timer: ReplicaTimer): void {
  if (state.armed.delete(timer)) out.push({ type: 'cancel-timer', timer });
}

/** Asks for everything so far to be on disk, the log up to `lsn` among it. */
export function sync({ state, out }: Step, lsn: number, promotes = false): void {
  const ticket = state.nextTicket++;
  state.syncs.push({ ticket, lsn, promotes });
  out.push({ type: 'sync', ticket });
}

/** Readers see the log up to here. */
export function applyUpTo(state: ReplicaState, lsn: number): void {
  while (state.applied < lsn) {
    const record = state.wal.at(state.applied) as WalRecord;
    if (record.value === null) state.store.delete(record.key);
    else state.store.set(record.key, record.value);
    state.applied = record.lsn;
    state.appliedWallMicros = record.wallMicros;
  }
}
