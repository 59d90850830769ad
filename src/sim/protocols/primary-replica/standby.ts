/**
 * A standby: follows one primary, writes its log to disk, applies it one write after the other,
 * and answers reads from what it has applied.
 *
 * Invariant: it applies the log in order, and nothing that is not on its disk.
 *
 * Sources: PostgreSQL 17, 26.2 to 26.4 (hot standby, recovery_min_apply_delay), pg_rewind; MySQL
 * WAIT_FOR_EXECUTED_GTID_SET for reads that wait.
 * Differs: recovery_min_apply_delay counts from when a record came, not from its commit.
 */
import type { PeerId } from '../../contracts/raft.ts';
import type { ReplicaDiverged, ReplicaWal } from '../../contracts/replica.ts';
import { invariant } from '../../kernel/errors.ts';
import type { ReplicaConfig } from './config.ts';
import { applyDueMicros, applyDueNow, takeInOrder } from './shipping.ts';
import type { ReplicaState, Step, WalPiece } from './state.ts';
import { applyUpTo, arm, disarm, sync } from './state.ts';
import { cutHistory } from './wal.ts';
import type { TimelineHistory } from './wal.ts';

/** Writes of a rewound tail that a fact names. */
const NAMED_WRITES = 5;

/** Streams from this primary from now on. */
export function follow(at: Step, primary: PeerId): void {
  const { state, out } = at;
  state.upstream = primary;
  out.push({ type: 'persist', record: { type: 'role', isStandby: true, primary } });
  out.push({
    type: 'told',
    fact: { type: 'replica.following', primary, lsn: state.wal.length },
  });
  openSession(at);
}

/** It still rewinds: what it drops was written by itself, so any primary will do. */
export function followLater({ state, out }: Step, primary: PeerId): void {
  state.upstream = primary;
  out.push({ type: 'persist', record: { type: 'role', isStandby: true, primary } });
}

function openSession(at: Step): void {
  const { state } = at;
  state.session += 1;
  state.received = state.wal.length;
  state.early.clear();
  state.isStuck = false;
  state.isLinked = false;
  report(at, true);
}

/** No more of the stream that it followed. */
export function closeSession(at: Step): void {
  const { state } = at;
  state.session += 1;
  state.upstream = null;
  state.isLinked = false;
  state.early.clear();
  disarm(at, 'status');
}

/**
 * For how long it has had no link to its primary; 0: it has one. A link over which nothing came for
 * wal_sender_timeout is gone, since the last word of the primary.
 */
export function linkDownMicros(
  config: ReplicaConfig,
  state: ReplicaState,
  monoMicros: number,
): number {
  const silence = monoMicros - state.heardMicros;
  const isUp = state.isLinked && silence < config.walSenderTimeoutMicros;
  return isUp ? 0 : Math.max(1, silence);
}

/** Says what it has: because something changed, or because it is time to. */
export function report(at: Step, isRegular: boolean): void {
  const { config, state, out } = at;
  if (state.upstream === null || state.role !== 'standby') return;
  const write = state.wal.length;
  const flush = config.rules.flushBeforeAcknowledge ? state.flushed : write;
  const { session, applied: apply, history } = state;
  out.push({
    type: 'send',
    to: state.upstream,
    message: { type: 'replica.status', session, isRegular, write, flush, apply, history },
  });
  if (isRegular) arm(at, 'status', config.statusIntervalMicros);
}

export function onWal(at: Step, from: PeerId, message: ReplicaWal): void {
  const { config, state, out } = at;
  if (state.role !== 'standby' || from !== state.upstream) return;
  if (message.session !== state.session || state.isStuck) return;
  state.isLinked = true;
  state.heardMicros = at.monoMicros;
  state.sourceEnd = Math.max(message.end, state.wal.length);
  if (!isSameHistory(state.history, message.history)) {
    state.history = message.history;
    out.push({ type: 'persist', record: { type: 'history', history: message.history } });
  }
  const before = state.wal.length;
  const last = message.records[message.records.length - 1];
  if (last === undefined) return;
  const piece: WalPiece = { position: last.lsn, records: message.records };
  takeInOrder(state, message.after, piece, (next) => append(at, next));
  if (state.wal.length === before) return;
  sync(at, state.wal.length);
  const isTold =
    config.synchronousCommit === 'remote_write' || !config.rules.flushBeforeAcknowledge;
  if (isTold) report(at, false);
}

const isSameHistory = (a: TimelineHistory, b: TimelineHistory): boolean =>
  a === b ||
  (a.length === b.length &&
    a.every((one, i) => one.timeline === b[i]?.timeline && one.by === b[i]?.by));

function append({ state, out }: Step, { records }: WalPiece): void {
  for (const record of records) {
    if (record.lsn <= state.wal.length) continue;
    invariant(record.lsn === state.wal.length + 1, 'a log has no gaps');
    state.wal.push(record);
    out.push({ type: 'persist', record: { type: 'append', record } });
  }
}

/** More of the log is on disk: it waits for the one that applies it. */
export function onStandbyFlushed(at: Step): void {
  const { config, state, draws, monoMicros } = at;
  const queued = state.replay[state.replay.length - 1];
  const wasIdle = queued === undefined;
  let due = queued?.dueMicros ?? 0;
  for (let lsn = (queued?.lsn ?? state.applied) + 1; lsn <= state.flushed; lsn++) {
    const cost = draws.replayMicros();
    due = applyDueMicros(due, monoMicros, config.minApplyDelayMicros, cost);
    state.replay.push({ lsn, dueMicros: due });
  }
  report(at, false);
  if (wasIdle) replayDue(at);
}

/** Applies what is due, and tells whoever waits for it. */
export function replayDue(at: Step): void {
  const { config, state, monoMicros } = at;
  const before = state.applied;
  const next = applyDueNow(state.replay, monoMicros, ({ lsn }) => applyUpTo(state, lsn));
  if (next !== null) arm(at, 'replay', next - monoMicros);
  if (state.applied === before) return;
  state.replayLagMicros = at.wallMicros - state.appliedWallMicros;
  if (config.synchronousCommit === 'remote_apply') report(at, false);
  answerReads(at);
}

export function read(at: Step, tag: number, key: string, after: number): void {
  const { config, state, out, monoMicros } = at;
  if (after <= state.applied) return answerRead(at, tag, key);
  if (config.tokenPolicy === 'redirect') {
    out.push({ type: 'refuse', tag, code: 'replica-behind', leader: state.upstream });
    return;
  }
  const untilMicros = monoMicros + config.tokenTimeoutMicros;
  state.reads.push({ tag, key, after, untilMicros });
  if (!state.armed.has('token')) arm(at, 'token', config.tokenTimeoutMicros);
}

export function answerRead({ state, out }: Step, tag: number, key: string): void {
  const value = state.store.get(key) ?? null;
  out.push({ type: 'answer', tag, reply: { type: 'kv.value', value, lsn: state.applied } });
}

function answerReads(at: Step): void {
  const { state } = at;
  if (state.reads.length === 0) return;
  for (const one of state.reads.splice(0)) {
    if (one.after <= state.applied) answerRead(at, one.tag, one.key);
    else state.reads.push(one);
  }
}

/** Reads that have waited for long enough go to the primary. */
export function onTokenTimer(at: Step): void {
  const { state, out, monoMicros } = at;
  for (const one of state.reads.splice(0)) {
    if (one.untilMicros > monoMicros) state.reads.push(one);
    else out.push({ type: 'refuse', tag: one.tag, code: 'replica-behind', leader: state.upstream });
  }
  const [oldest] = state.reads;
  if (oldest !== undefined) arm(at, 'token', oldest.untilMicros - monoMicros);
}

/** The primary says that the two logs have parted. */
export function onDiverged(at: Step, from: PeerId, { session, at: common }: ReplicaDiverged): void {
  const { config, state, out } = at;
  if (state.role !== 'standby' || from !== state.upstream || session !== state.session) return;
  if (config.usePgRewind) return rewind(at, common);
  if (state.isStuck) return;
  state.isStuck = true;
  const ahead = state.wal.length - common;
  out.push({ type: 'told', fact: { type: 'replica.stuck', at: common, ahead } });
}

/** Drops what it has and the primary has not; then it is a standby like any other. */
function rewind(at: Step, common: number): void {
  const { config, state, out } = at;
  const tail = state.wal.slice(common, state.wal.length);
  const isOwn = tail.every(({ by }) => by === config.id);
  const known = isOwn ? state.acknowledged : null;
  const named = tail.slice(0, known === null ? NAMED_WRITES : Math.max(0, known - common));
  out.push({
    type: 'told',
    fact: {
      type: 'replica.rewound',
      at: common,
      dropped: tail.length,
      acknowledged: known === null ? null : Math.min(tail.length, Math.max(0, known - common)),
      writes: named.slice(0, NAMED_WRITES).map(({ key, value }) => ({ key, value })),
    },
  });
  state.rewound += tail.length;
  state.role = 'rewinding';
  state.history = cutHistory(state.history, common);
  state.wal.truncate(common);
  out.push({ type: 'persist', record: { type: 'truncate', to: common, history: state.history } });
  state.syncs.splice(0);
  state.replay.splice(0);
  state.flushed = Math.min(state.flushed, common);
  sync(at, common);
  state.store.clear();
  state.applied = 0;
  applyUpTo(state, common);
  disarm(at, 'status');
  disarm(at, 'replay');
  arm(at, 'recovery', config.rewindMicros);
}

export function onRewound(at: Step): void {
  const { state } = at;
  state.role = 'standby';
  if (state.upstream !== null) openSession(at);
}
