/**
 * How a replica follows: the primary sends it each write that is on disk, in order; the replica
 * says from time to time up to where it has everything, and gets again what was lost.
 *
 * Invariant: a replica applies writes in the order of the log, and its rows are never newer than
 * the primary's.
 *
 * Source: PostgreSQL, chapter 27 (streaming replication, hot standby, recovery_min_apply_delay).
 * Differs: of writes of one row that a replica missed it is sent only the newest.
 */
import type { SqlFollow, SqlReplicate } from '../../contracts/sql.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { Context, NodeIndex } from '../../node/behaviour.ts';
import { sampleMicros } from '../../policies/distribution.ts';
import {
  applyDueMicros,
  applyDueNow,
  onReport,
  takeInOrder,
} from '../../protocols/primary-replica/shipping.ts';
import { enter, leave } from '../../traffic/flow.ts';
import type { DatabaseConfig } from './config.ts';
import type { DatabaseFact } from './facts.ts';
import { appendLog } from './state.ts';
import type { DatabaseState, Follower, Row } from './state.ts';

type Ctx = Context<DatabaseConfig>;

/** Sends a write that is on disk to all who follow. */
export function replicate(state: DatabaseState, ctx: Ctx, row: Row): void {
  for (const follower of state.followers) send(ctx, follower, row);
}

function send(ctx: Ctx, follower: Follower, { key, version, position }: Row): void {
  const after = follower.sent;
  follower.sent = position;
  ctx.send<SqlReplicate>(follower.node, { type: 'sql.replicate', key, version, position, after });
}

/**
 * A replica says what it has. It is sent the rest when it is new here or has just started, or when
 * it still lacks what had been sent when it last said so.
 */
export function onFollow(
  state: DatabaseState,
  ctx: Ctx,
  message: SqlFollow,
  from: NodeIndex,
): void {
  const { position } = message;
  let follower = state.followers.find(({ node }) => node === from);
  const isNew = follower === undefined;
  if (follower === undefined) {
    follower = { node: from, sent: position, sentAtReport: position };
    state.followers.push(follower);
  }
  const followed = follower;
  onReport(followed, position, isNew || message.isFresh, (again) => {
    if (again) sendRest(state, ctx, followed);
  });
}

/** Everything on disk after what it has. */
function sendRest(state: DatabaseState, ctx: Ctx, follower: Follower): void {
  const { node: replica, sent } = follower;
  const behind = [...state.rows.values()].filter(
    (row) => row.position > sent && row.position <= state.flushed,
  );
  behind.sort((a, b) => a.position - b.position);
  ctx.tell<DatabaseFact>({ type: 'database.followed', replica, behind: behind.length });
  for (const row of behind) send(ctx, follower, row);
}

/** Of a replica: says what it has, now and again. */
export function report(state: DatabaseState, ctx: Ctx, isFresh: boolean): void {
  const [primary] = ctx.members('primary');
  if (primary !== undefined) {
    ctx.send<SqlFollow>(primary, { type: 'sql.follow', position: state.received, isFresh });
  }
  ctx.setTimer('status', 0, ms(ctx.config.statusIntervalMs));
}

/** Of a replica: a write came. Out of order it waits for those before it. */
export function onReplicate(state: DatabaseState, ctx: Ctx, message: SqlReplicate): void {
  const { key, version, position, after } = message;
  const row: Row = Object.freeze({ key, version, position });
  takeInOrder(state, after, row, (next) => hold(state, ctx, next));
}

function hold(state: DatabaseState, ctx: Ctx, row: Row): void {
  const delay = sampleMicros(ctx.config.replicationDelay, ctx.stream('replication'));
  const last = state.held[state.held.length - 1];
  const now = ctx.mono();
  const due = applyDueMicros(last?.dueMicros ?? 0, now, delay);
  state.held.push({ row, sinceMicros: now, dueMicros: due });
  enter(state.heldFlow, now);
  if (last === undefined) applyDue(state, ctx);
}

/** Of a replica: applies what it has held back for long enough. */
export function applyDue(state: DatabaseState, ctx: Ctx): void {
  const now = ctx.mono();
  let newest = 0;
  const next = applyDueNow(state.held, now, ({ row, sinceMicros }) => {
    leave(state.heldFlow, sinceMicros, now);
    state.rows.set(row.key, row);
    state.written = row.position;
    state.writes += 1;
    ctx.write(row);
    appendLog(state, row, -1, now);
    newest = row.position;
  });
  if (next !== null) ctx.setTimer('apply', 0, micros(next - now));
  if (newest > 0) ctx.sync(newest);
}
