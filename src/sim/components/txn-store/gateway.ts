/**
 * The shard that a client talks to: it hands each statement to the shard of its row, and ends the
 * transaction on all of them.
 *
 * Invariant: of a refused transaction nothing is left on any shard that can be reached; those that
 * cannot be give it up by themselves, as long as they have not voted.
 */
import type { Statement, TxnCommit, TxnCommitted, TxnResult } from '../../contracts/txn.ts';
import type { TxnBegin, TxnBegun, TxnStatement } from '../../contracts/txn.ts';
import type { ShardAbort, ShardResult, ShardStatement } from '../../contracts/txn-commit.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef, CallResult } from '../../node/behaviour.ts';
import type { Fate } from '../../contracts/txn-commit.ts';
import { levelRules } from '../../protocols/isolation/levels.ts';
import { hear, nextStamp } from '../../protocols/isolation/state.ts';
import type { Outcome, TxnHead } from '../../protocols/isolation/state.ts';
import type { TxnStoreFact } from './facts.ts';
import type { Gateway } from './shard.ts';
import { abortHere, feedCommit, statementHere } from './shard.ts';
import { engineAt, shardOf } from './state.ts';
import type { Ctx, Session, TxnStoreState } from './state.ts';

export function begin(state: TxnStoreState, ctx: Ctx, { readOnly }: TxnBegin, call: CallRef): void {
  const txn = ctx.unique();
  state.sessions.set(txn, {
    txn,
    snapshot: nextStamp(engineAt(state, ctx)),
    sinceMicros: ctx.wall(),
    readOnly,
    shards: [],
    hasWrites: false,
    seq: 0,
    isCommitting: false,
    call: null,
    struck: null,
  });
  armIdle(ctx, txn);
  ctx.reply<TxnBegun>(call, { type: 'txn.begun', txn });
}

function armIdle(ctx: Ctx, txn: number): void {
  ctx.setTimer('idle', txn, ms(ctx.config.idleInTransactionSessionTimeoutMs));
}

const headOf = (ctx: Ctx, { txn, snapshot, sinceMicros, readOnly }: Session): TxnHead => ({
  txn,
  gateway: ctx.self,
  snapshot,
  sinceMicros,
  readOnly,
});

const keyOf = (statement: Statement): string =>
  statement.do === 'scan' ? statement.prefix : statement.key;

export function statement(
  state: TxnStoreState,
  ctx: Ctx,
  { txn, seq, statement: asked }: TxnStatement,
  call: CallRef,
): void {
  const session = state.sessions.get(txn);
  if (session === undefined || session.isCommitting) return ctx.refuse(call, '25P01');
  if (seq <= session.seq) return;
  session.seq = seq;
  session.call = call;
  if (session.struck !== null) return fail(state, ctx, session, session.struck);
  ctx.cancelTimer('idle', txn);
  if (asked.do !== 'read' && asked.do !== 'scan') session.hasWrites = true;
  const owner = shardOf(ctx, keyOf(asked));
  const first = !session.shards.includes(owner);
  if (first) session.shards.push(owner);
  const head = headOf(ctx, session);
  if (owner === ctx.self) return statementHere(state, ctx, GATEWAY, head, first, seq, asked, null);
  const tag = state.nextTag++;
  state.away.set(tag, txn);
  ctx.call<ShardStatement>(
    owner,
    { type: 'shard.statement', ...head, first, seq, statement: asked },
    { timeout: ms(ctx.config.statementTimeoutMs), tag },
  );
}

/** A statement that another shard did. */
export function onAway(state: TxnStoreState, ctx: Ctx, tag: number, result: CallResult): void {
  const session = state.sessions.get(state.away.get(tag) ?? NaN);
  state.away.delete(tag);
  if (session === undefined) return;
  if (result.outcome === 'ok') {
    const { value, xmin, rows } = result.value as ShardResult;
    return statementDone(state, ctx, session, {
      type: 'done',
      value,
      xmin,
      ...(rows === undefined ? {} : { rows }),
    });
  }
  const { code, detail } = result.error;
  const why = (detail as { readonly why?: string } | undefined)?.why ?? 'a shard did not answer';
  fail(state, ctx, session, { code: result.outcome === 'fail' ? code : '08006', why });
}

function statementDone(state: TxnStoreState, ctx: Ctx, session: Session, outcome: Outcome): void {
  if (outcome.type === 'refused') return fail(state, ctx, session, outcome);
  const { call } = session;
  session.call = null;
  armIdle(ctx, session.txn);
  if (call === null) return;
  const { value, xmin, rows } = outcome;
  ctx.reply<TxnResult>(call, {
    type: 'txn.result',
    value,
    xmin,
    ...(rows === undefined ? {} : { rows }),
  });
}

/** It aborts: everywhere, and whoever waits is told why. */
function fail(
  state: TxnStoreState,
  ctx: Ctx,
  session: Session,
  { code, why }: { readonly code: string; readonly why: string },
): void {
  const { call, txn } = session;
  endEverywhere(state, ctx, session);
  noteAbort(state, ctx, txn, code, why);
  if (call !== null) ctx.refuse(call, code, { why });
}

function noteAbort(state: TxnStoreState, ctx: Ctx, txn: number, code: string, why: string): void {
  state.counts.aborted += 1;
  if (code === '40001') state.counts.serialization += 1;
  ctx.tell<TxnStoreFact>({ type: 'txn.aborted', txn, code, why });
}

function endEverywhere(state: TxnStoreState, ctx: Ctx, { txn, shards }: Session): void {
  state.sessions.delete(txn);
  ctx.cancelTimer('idle', txn);
  for (const shard of shards) {
    if (shard === ctx.self) abortHere(state, ctx, GATEWAY, txn);
    else ctx.send<ShardAbort>(shard, { type: 'shard.abort', txn });
  }
}

export function commit(state: TxnStoreState, ctx: Ctx, { txn }: TxnCommit, call: CallRef): void {
  const session = state.sessions.get(txn);
  // A copy of a commit that is over may overtake its answer: who is not here any more may have
  // committed.
  if (session === undefined) return ctx.refuse(call, '08007');
  if (session.isCommitting) return;
  session.call = call;
  if (session.struck !== null) return fail(state, ctx, session, session.struck);
  ctx.cancelTimer('idle', txn);
  if (hasNothingToCommit(ctx, session)) {
    endEverywhere(state, ctx, session);
    state.counts.committed += 1;
    return ctx.reply<TxnCommitted>(call, { type: 'txn.committed', at: session.snapshot });
  }
  session.isCommitting = true;
  feedCommit(state, ctx, GATEWAY, { type: 'commit', txn, participants: session.shards });
}

/** What it has read was one snapshot, or was promised nothing: nobody need agree to its end. */
function hasNothingToCommit(ctx: Ctx, { shards, hasWrites, readOnly }: Session): boolean {
  if (shards.length === 0) return true;
  const { reads, ssi } = levelRules(ctx.config.isolation);
  return !hasWrites && !ssi && (readOnly || reads !== 'locked');
}

function onFate(state: TxnStoreState, ctx: Ctx, txn: number, fate: Fate): void {
  const session = state.sessions.get(txn);
  if (session === undefined) return;
  state.sessions.delete(txn);
  const { call, shards } = session;
  if (fate.commit) {
    hear(engineAt(state, ctx), fate.at);
    state.counts.committed += 1;
    ctx.tell<TxnStoreFact>({ type: 'txn.committed', txn, shards: shards.length });
    if (call !== null) ctx.reply<TxnCommitted>(call, { type: 'txn.committed', at: fate.at });
    return;
  }
  noteAbort(state, ctx, txn, fate.code, 'it could not be prepared everywhere');
  if (call !== null) ctx.refuse(call, fate.code);
}

export function abortAsked(state: TxnStoreState, ctx: Ctx, txn: number, call: CallRef): void {
  const session = state.sessions.get(txn);
  if (session?.isCommitting === true) return ctx.refuse(call, '25P01');
  if (session !== undefined) {
    endEverywhere(state, ctx, session);
    noteAbort(state, ctx, txn, '', 'its client wants it so');
  }
  ctx.reply(call, { type: 'txn.aborted' });
}

/** A shard has aborted it by itself; the client hears of it when it next asks. */
function onStruck(
  state: TxnStoreState,
  ctx: Ctx,
  txn: number,
  struck: { readonly code: string; readonly why: string },
): void {
  const session = state.sessions.get(txn);
  if (session === undefined || session.isCommitting || session.struck !== null) return;
  if (session.call !== null) return fail(state, ctx, session, struck);
  session.struck = struck;
  for (const shard of session.shards) {
    if (shard === ctx.self) abortHere(state, ctx, GATEWAY, txn);
    else ctx.send<ShardAbort>(shard, { type: 'shard.abort', txn });
  }
}

export function onIdle(state: TxnStoreState, ctx: Ctx, txn: number): void {
  const session = state.sessions.get(txn);
  if (session === undefined || session.isCommitting) return;
  fail(state, ctx, session, { code: '25P03', why: 'its client has said nothing for too long' });
}

/** What the shard of this node is given, to tell its news to. */
export const GATEWAY: Gateway = Object.freeze({
  done: statementDone,
  struck: onStruck,
  fate: onFate,
});
