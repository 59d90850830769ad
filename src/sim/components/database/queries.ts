/**
 * A query from its arrival to its answer: its row's lock, work on a core, the commit.
 *
 * Invariants: a row's lock has at most one holder, and those who wait get it in the order in which
 * they came; what a write left is seen by others from its commit on, which is when its lock is
 * free; a write that was answered is on disk (with synchronousCommit).
 *
 * Source: PostgreSQL, chapters 13 (row locks, read committed) and 30.4 (asynchronous commit).
 */
import type { SqlQuery, SqlRows } from '../../contracts/sql.ts';
import { micros, ms } from '../../kernel/time.ts';
import { hashText } from '../../kernel/trace-hash.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import { sampleMicros } from '../../policies/distribution.ts';
import { enter, leave } from '../../traffic/flow.ts';
import type { DatabaseConfig } from './config.ts';
import type { DatabaseFact } from './facts.ts';
import { replicate } from './replication.ts';
import { appendLog, versionOf } from './state.ts';
import type { DatabaseState, Query, Row, Statement } from './state.ts';

type Ctx = Context<DatabaseConfig>;

/** Whether a statement is slow is drawn apart from how long it takes. */
const SLOW = 0x51ed270b;

const queryAt = (state: DatabaseState, slot: number): Query => state.queries[slot] as Query;

export function onQuery(
  state: DatabaseState,
  ctx: Ctx,
  message: SqlQuery,
  _from: NodeIndex,
  call: CallRef,
): void {
  if (message.write && state.isReplica) {
    state.refused += 1;
    return ctx.refuse(call, 'read-only');
  }
  const now = ctx.mono();
  const { statement, write, key, seed, keys } = message;
  const query: Query = {
    call,
    statement,
    write,
    key,
    seed,
    wanted: message.version ?? -1,
    arrivedMicros: now,
    waitsSinceMicros: now,
  };
  if (keys !== undefined) query.keys = keys;
  const slot = state.freeQueries.pop() ?? state.queries.length;
  state.queries[slot] = query;
  enter(state.flow, now);
  if (isLocking(state, query) && !lock(state, ctx, slot, key)) return;
  begin(state, ctx, slot);
}

/** A write of a row that does not exist finds nothing to lock. */
const isLocking = ({ config }: DatabaseState, { write, key }: Query): boolean =>
  write && key < config.rows;

/** False: another write has the row, and this one waits. */
function lock(state: DatabaseState, ctx: Ctx, slot: number, key: number): boolean {
  const waiting = state.locks.get(key);
  if (waiting === undefined) {
    state.locks.set(key, []);
    return true;
  }
  waiting.push(slot);
  state.lockWaits += 1;
  enter(state.lockFlow, ctx.mono());
  const { lockTimeoutMs } = ctx.config;
  if (lockTimeoutMs > 0) ctx.setTimer('lock', slot, ms(lockTimeoutMs));
  return false;
}

export function onLockTimeout(state: DatabaseState, ctx: Ctx, slot: number): void {
  const { key, call, waitsSinceMicros } = queryAt(state, slot);
  const waiting = state.locks.get(key) ?? [];
  waiting.splice(waiting.indexOf(slot), 1);
  state.lockWaits -= 1;
  state.lockTimeouts += 1;
  leave(state.lockFlow, waitsSinceMicros, ctx.mono());
  ctx.tell<DatabaseFact>({ type: 'database.lock-timeout', key, waiting: waiting.length });
  release(state, ctx, slot);
  ctx.refuse(call, 'lock-timeout');
}

/** The row is free: whoever waits the longest gets it. */
function unlock(state: DatabaseState, ctx: Ctx, key: number): void {
  const next = state.locks.get(key)?.shift();
  if (next === undefined) {
    state.locks.delete(key);
    return;
  }
  state.lockWaits -= 1;
  leave(state.lockFlow, queryAt(state, next).waitsSinceMicros, ctx.mono());
  if (ctx.config.lockTimeoutMs > 0) ctx.cancelTimer('lock', next);
  begin(state, ctx, next);
}

/** Asks the cores for what the statement costs. */
function begin(state: DatabaseState, ctx: Ctx, slot: number): void {
  const { statement, write, seed, keys } = queryAt(state, slot);
  const { purpose, read, write: written } = statementOf(state, ctx, statement);
  const cost = write ? written : read;
  const isSlow = cost.slowShare > 0 && ctx.seeded(seed, purpose ^ SLOW).open01() < cost.slowShare;
  const first = sampleMicros(isSlow ? cost.slowTime : cost.time, ctx.seeded(seed, purpose));
  const demand = keys === undefined ? first : first + furtherMicros(ctx, keys.length);
  state.working += 1;
  ctx.work(micros(demand), slot);
}

/** What a statement's rows after the first cost, all together. */
const furtherMicros = ({ config }: Ctx, rows: number): number =>
  Math.round((rows - 1) * (config.furtherRowMs ?? FURTHER_ROW_MS) * 1_000);
const FURTHER_ROW_MS = 0.05;

function statementOf(state: DatabaseState, ctx: Ctx, name: string): Statement {
  let statement = state.statements.get(name);
  if (statement === undefined) {
    const { config } = ctx;
    const own = config.statements.find((one) => one.statement === name);
    const [group = ''] = ctx.id.split('/');
    statement = Object.freeze({
      purpose: hashText(group) ^ hashText(name),
      read: own ?? config.read,
      write: own ?? config.write,
    });
    state.statements.set(name, statement);
  }
  return statement;
}

/** The work is done: a read is answered, a write commits. */
export function onWorked(state: DatabaseState, ctx: Ctx, slot: number): void {
  const query = queryAt(state, slot);
  state.working -= 1;
  if (!isLocking(state, query)) {
    if (query.write) state.writes += 1;
    else state.reads += 1;
    if (query.keys !== undefined) return answerAll(state, ctx, slot, query.keys);
    return answer(state, ctx, slot, versionOf(state, query.key));
  }
  const { commitMs } = ctx.config;
  if (commitMs > 0) ctx.setTimer('commit', slot, ms(commitMs));
  else commit(state, ctx, slot);
}

export function commit(state: DatabaseState, ctx: Ctx, slot: number): void {
  const { key, wanted } = queryAt(state, slot);
  const before = versionOf(state, key);
  const version = wanted < 0 ? before + 1 : Math.max(before, wanted);
  const row: Row = Object.freeze({ key, version, position: state.written + 1 });
  state.written = row.position;
  ctx.write(row);
  if (ctx.config.synchronousCommit) {
    appendLog(state, row, slot, ctx.mono());
    ctx.sync(row.position);
    return;
  }
  appendLog(state, row, -1, ctx.mono());
  if (!state.isFlushDue) {
    state.isFlushDue = true;
    ctx.setTimer('flush', 0, ms(ctx.config.walWriterDelayMs));
  }
  publish(state, ctx, slot, row);
}

export function flush(state: DatabaseState, ctx: Ctx): void {
  state.isFlushDue = false;
  ctx.sync(state.written);
}

/** All writes up to this position are on disk. */
export function onSynced(state: DatabaseState, ctx: Ctx, position: number): void {
  state.flushed = Math.max(state.flushed, position);
  for (;;) {
    const first = state.log[0];
    if (first === undefined || first.row.position > position) return;
    state.log.shift();
    leave(state.logFlow, first.sinceMicros, ctx.mono());
    replicate(state, ctx, first.row);
    if (first.slot >= 0) publish(state, ctx, first.slot, first.row);
  }
}

/** The write can be seen, is answered, and its row is free. */
function publish(state: DatabaseState, ctx: Ctx, slot: number, row: Row): void {
  state.rows.set(row.key, row);
  state.writes += 1;
  answer(state, ctx, slot, row.version);
  unlock(state, ctx, row.key);
}

function answer(state: DatabaseState, ctx: Ctx, slot: number, version: number): void {
  const { call } = queryAt(state, slot);
  release(state, ctx, slot);
  ctx.reply<SqlRows>(call, { type: 'sql.rows', version });
}

function answerAll(state: DatabaseState, ctx: Ctx, slot: number, keys: readonly number[]): void {
  const { call } = queryAt(state, slot);
  const versions = keys.map((key) => versionOf(state, key));
  const version = versions.reduce((newest, one) => Math.max(newest, one), -1);
  release(state, ctx, slot);
  ctx.reply<SqlRows>(call, { type: 'sql.rows', version, versions });
}

function release(state: DatabaseState, ctx: Ctx, slot: number): void {
  leave(state.flow, queryAt(state, slot).arrivedMicros, ctx.mono());
  state.freeQueries.push(slot);
}
