/**
 * A primary: writes go to its log, the log goes to its disk and from there to the standbys.
 *
 * Invariant: a standby is sent nothing that is not on the primary's disk, and only after what
 * they have in common was found.
 *
 * Sources: PostgreSQL 17, walsender.c, xlog.c; MySQL 8.4, 19.4.10
 */
import type { KvCas, KvPut, KvValue } from '../../contracts/kv.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { ReplicaStatus, WalRecord } from '../../contracts/replica.ts';
import { advance, resumeSemiSync } from './commit.ts';
import type { DemoteReason } from './effects.ts';
import { onReport } from './shipping.ts';
import type { Standby, Step } from './state.ts';
import { applyUpTo, arm, disarm, sync } from './state.ts';
import { currentTimeline, divergence } from './wal.ts';

/** The most records that one message carries. */
const RECORDS_PER_MESSAGE = 256;

/** It takes writes from now on; what it has is what there is. */
export function beginPrimary({ state, out }: Step): void {
  state.role = 'primary';
  state.upstream = null;
  if (state.isStandby) {
    state.isStandby = false;
    out.push({ type: 'persist', record: { type: 'role', isStandby: false, primary: null } });
  }
  state.committed = state.wal.length;
  state.standbys = [];
  state.semiSyncOn = true;
  state.replay.splice(0);
}

/** It takes no writes any more, and waits to be told whom to follow. */
export function demote(at: Step, reason: DemoteReason): void {
  const { state, out } = at;
  const lsn = state.wal.length;
  const pending = state.pending.splice(0);
  out.push({
    type: 'told',
    fact: { type: 'replica.demoted', reason, lsn, pending: pending.length },
  });
  for (const { tag } of pending) {
    out.push({ type: 'refuse', tag, code: 'lost-leadership', leader: null });
  }
  if (state.role === 'primary') {
    state.acknowledged = state.committed;
    if (state.flushed < lsn) sync(at, lsn);
    // Its log is what it recovers from: what nobody was told of is in it, too.
    applyUpTo(state, lsn);
  }
  state.role = 'standby';
  state.isStandby = true;
  out.push({ type: 'persist', record: { type: 'role', isStandby: true, primary: null } });
  state.standbys = [];
  state.received = lsn;
  state.keeper.token = 0;
  state.keeper.syncNames.splice(0);
  state.keeper.syncWritten = [];
  disarm(at, 'watchdog');
  disarm(at, 'semi-sync');
}

/** What a write would find in the row: writes that are not committed yet hold its lock. */
function newestValue({ state }: Step, key: string): KvValue {
  for (let lsn = state.wal.length; lsn > state.applied; lsn--) {
    const record = state.wal.at(lsn - 1) as WalRecord;
    if (record.key === key) return record.value;
  }
  return state.store.get(key) ?? null;
}

export function write(at: Step, tag: number, request: KvPut | KvCas): void {
  const { config, state, out, monoMicros: sinceMicros } = at;
  const { key, value } = request;
  if (request.type === 'kv.cas' && newestValue(at, key) !== request.expected) {
    // What it was compared with is known to hold only when that is committed.
    state.pending.push({ lsn: state.wal.length, tag, applied: false, sinceMicros });
    return advance(at);
  }
  const lsn = state.wal.length + 1;
  const record: WalRecord = Object.freeze({
    lsn,
    timeline: currentTimeline(state.history),
    by: config.id,
    key,
    value,
    wallMicros: at.wallMicros,
  });
  state.wal.push(record);
  out.push({ type: 'persist', record: { type: 'append', record } });
  state.pending.push({ lsn, tag, applied: true, sinceMicros });
  if (config.replication === 'semi-synchronous' || config.synchronousCommit !== 'off') {
    sync(at, lsn);
  } else if (!state.armed.has('wal-writer')) arm(at, 'wal-writer', config.walWriterDelayMicros);
  if (!config.rules.flushBeforeSend) shipToAll(at);
  advance(at);
}

/** The primary's disk has more of the log. */
export function onPrimaryFlushed(at: Step): void {
  shipToAll(at);
  advance(at);
}

function shipToAll(at: Step): void {
  for (const standby of at.state.standbys) ship(at, standby, false);
}

/** Sends what a standby was not sent yet; an empty message tells it where the log ends. */
function ship({ config, state, out }: Step, standby: Standby, isAlive: boolean): void {
  const limit = config.rules.flushBeforeSend ? state.flushed : state.wal.length;
  let first = true;
  while (standby.sent < limit || (first && isAlive)) {
    first = false;
    const after = standby.sent;
    const to = Math.min(limit, after + RECORDS_PER_MESSAGE);
    const records = Object.freeze(state.wal.slice(after, to));
    standby.sent = Math.max(after, to);
    const { session } = standby;
    const { history } = state;
    out.push({
      type: 'send',
      to: standby.node,
      message: { type: 'replica.wal', session, after, records, end: limit, history },
    });
  }
}

/** A standby says what it has: of a new session, whether it may stream is looked at first. */
export function onStatus(at: Step, from: PeerId, message: ReplicaStatus): void {
  const { state } = at;
  if (state.role !== 'primary') return;
  let standby = state.standbys.find(({ node }) => node === from);
  if (standby !== undefined && message.session < standby.session) return;
  if (standby?.session !== message.session) {
    if (refused(at, from, message)) return;
    standby = admit(at, from, message);
  }
  standby.write = Math.max(standby.write, message.write);
  standby.flush = Math.max(standby.flush, message.flush);
  standby.apply = Math.max(standby.apply, message.apply);
  standby.heardMicros = at.monoMicros;
  if (message.isRegular) {
    const reported = standby;
    onReport(reported, message.write, false, () => ship(at, reported, true));
  } else ship(at, standby, false);
  advance(at);
  resumeSemiSync(at);
}

function refused({ config, state, out }: Step, from: PeerId, message: ReplicaStatus): boolean {
  const parted = divergence(state.history, message.history, message.write);
  if (parted === null || !config.rules.rewind) return false;
  const { session } = message;
  out.push({ type: 'send', to: from, message: { type: 'replica.diverged', session, at: parted } });
  return true;
}

function admit({ state, monoMicros }: Step, from: PeerId, message: ReplicaStatus): Standby {
  const { session, write: sent } = message;
  state.standbys = state.standbys.filter(({ node }) => node !== from);
  const standby: Standby = {
    node: from,
    session,
    sent,
    sentAtReport: sent,
    write: 0,
    flush: 0,
    apply: 0,
    heardMicros: monoMicros,
  };
  state.standbys.push(standby);
  return standby;
}
