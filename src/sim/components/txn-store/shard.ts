/** A shard at work: it does statements on its rows, votes, and carries out what the steps say. */
import type { Statement } from '../../contracts/txn.ts';
import type { Fate, ShardResult, ShardStatement, ShardStruck } from '../../contracts/txn-commit.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallRef } from '../../node/behaviour.ts';
import type { CommitEffect, CommitInput, ResourceManager } from '../../protocols/commit/state.ts';
import { stepCommit } from '../../protocols/commit/step.ts';
import { abort, ask, enlist, giveUpWaiting, strike } from '../../protocols/isolation/engine.ts';
import { commit as commitVersions, prepare } from '../../protocols/isolation/finish.ts';
import type { Engine, EngineEffect, Outcome, TxnHead } from '../../protocols/isolation/state.ts';
import type { TxnStoreFact } from './facts.ts';
import { commitConfig, engineAt } from './state.ts';
import type { Ctx, Session, TxnStoreState } from './state.ts';

/** Whom a shard tells what has become of transactions: the gateway on the same node. */
export interface Gateway {
  done(state: TxnStoreState, ctx: Ctx, session: Session, outcome: Outcome): void;
  struck(
    state: TxnStoreState,
    ctx: Ctx,
    txn: number,
    why: { readonly code: string; readonly why: string },
  ): void;
  fate(state: TxnStoreState, ctx: Ctx, txn: number, fate: Fate): void;
}

/** One use of the engine, and everything that follows from it. */
function use(state: TxnStoreState, ctx: Ctx, gateway: Gateway, deed: (at: Engine) => void): void {
  const at = engineAt(state, ctx);
  deed(at);
  for (let i = 0; i < at.out.length; i++) carryOut(state, ctx, gateway, at.out[i] as EngineEffect);
}

export function statementHere(
  state: TxnStoreState,
  ctx: Ctx,
  gateway: Gateway,
  head: TxnHead,
  first: boolean,
  seq: number,
  statement: Statement,
  call: CallRef | null,
): void {
  const { txn } = head;
  let known = state.engine.txns.get(txn);
  if (known !== undefined && seq <= known.seq) return;
  const tag = state.nextTag++;
  state.asking.set(tag, { txn, call });
  use(state, ctx, gateway, (at) => {
    if (known === undefined && first) known = enlist(at, head);
    if (known === undefined) {
      const why = 'it is not known here any more';
      at.out.push({ type: 'answered', tag, outcome: { type: 'refused', code: '08006', why } });
      return;
    }
    known.seq = seq;
    if (call !== null) ctx.setTimer('orphan', txn, orphanAfter(ctx));
    ask(at, txn, statement, tag);
  });
}

/** Its gateway, too, is silent. */
const orphanAfter = (ctx: Ctx) => ms(2 * ctx.config.idleInTransactionSessionTimeoutMs);

export function statementAsked(
  state: TxnStoreState,
  ctx: Ctx,
  gateway: Gateway,
  message: ShardStatement,
  call: CallRef,
): void {
  const { txn, snapshot, sinceMicros, readOnly, first, seq, statement } = message;
  const head: TxnHead = { txn, gateway: message.gateway, snapshot, sinceMicros, readOnly };
  statementHere(state, ctx, gateway, head, first, seq, statement, call);
}

function carryOut(state: TxnStoreState, ctx: Ctx, gateway: Gateway, effect: EngineEffect): void {
  switch (effect.type) {
    case 'answered':
      return answered(state, ctx, gateway, effect.tag, effect.outcome);
    case 'waiting':
      state.counts.waits += 1;
      ctx.tell<TxnStoreFact>({
        type: 'txn.waits',
        txn: effect.txn,
        on: effect.on,
        why: effect.why,
      });
      if (effect.why === 'lock') ctx.setTimer('lock', effect.tag, ms(ctx.config.lockTimeoutMs));
      return;
    case 'struck': {
      const { txn, code, why, gateway: to } = effect;
      if (to === ctx.self) return gateway.struck(state, ctx, txn, { code, why });
      return ctx.send<ShardStruck>(to, { type: 'shard.struck', txn, code, why });
    }
    case 'deadlock':
      state.counts.deadlocks += 1;
      return ctx.tell<TxnStoreFact>({ type: 'txn.deadlock', circle: effect.circle });
  }
}

function answered(
  state: TxnStoreState,
  ctx: Ctx,
  gateway: Gateway,
  tag: number,
  outcome: Outcome,
): void {
  const asking = state.asking.get(tag);
  if (asking === undefined) return;
  state.asking.delete(tag);
  ctx.cancelTimer('lock', tag);
  const { txn, call } = asking;
  if (call === null) {
    const session = state.sessions.get(txn);
    if (session !== undefined) gateway.done(state, ctx, session, outcome);
    return;
  }
  if (outcome.type === 'refused') return ctx.refuse(call, outcome.code, { why: outcome.why });
  const { value, xmin, rows } = outcome;
  ctx.reply<ShardResult>(call, {
    type: 'shard.result',
    value,
    xmin,
    ...(rows === undefined ? {} : { rows }),
  });
}

export const abortHere = (state: TxnStoreState, ctx: Ctx, gateway: Gateway, txn: number): void =>
  use(state, ctx, gateway, (at) => {
    // What has voted yes is bound: only its coordinator aborts it.
    if (at.state.txns.get(txn)?.status === 'active') abort(at, txn, '25P01', 'it has aborted');
  });

export const lockTimedOut = (state: TxnStoreState, ctx: Ctx, gateway: Gateway, tag: number): void =>
  use(state, ctx, gateway, (at) => giveUpWaiting(at, tag));

export const orphaned = (state: TxnStoreState, ctx: Ctx, gateway: Gateway, txn: number): void =>
  use(state, ctx, gateway, (at) => {
    const known = at.state.txns.get(txn);
    if (known?.status === 'active') strike(at, txn, '08006', 'its gateway is silent');
  });

/** One input to the commit protocol, and everything that follows from it. */
export function feedCommit(
  state: TxnStoreState,
  ctx: Ctx,
  gateway: Gateway,
  input: CommitInput,
): void {
  const effects: CommitEffect[] = [];
  stepCommit(commitConfig(ctx), state.commit, resourceManager(state, ctx, gateway), input, effects);
  for (let i = 0; i < effects.length; i++) perform(state, ctx, gateway, effects[i] as CommitEffect);
}

const resourceManager = (state: TxnStoreState, ctx: Ctx, gateway: Gateway): ResourceManager => ({
  prepare(txn, alone) {
    let answer: ReturnType<ResourceManager['prepare']> = {
      vote: { yes: false, code: '08006' },
      writes: [],
    };
    use(state, ctx, gateway, (at) => {
      const prepared = prepare(at, txn, alone);
      if (prepared.type === 'refused') {
        answer = { vote: { yes: false, code: prepared.code }, writes: [] };
      } else if (prepared.type === 'prepared') {
        const { at: stamp, hasIn, hasOut, writes } = prepared;
        answer = { vote: Object.freeze({ yes: true, at: stamp, hasIn, hasOut }), writes };
      }
    });
    return answer;
  },
});

function perform(state: TxnStoreState, ctx: Ctx, gateway: Gateway, effect: CommitEffect): void {
  switch (effect.type) {
    case 'send':
      return ctx.send(effect.to, effect.message);
    case 'persist':
      return ctx.write(effect.record);
    case 'sync':
      return ctx.sync(effect.ticket);
    case 'set-timer':
      return ctx.setTimer(effect.timer, effect.txn, micros(effect.afterMicros));
    case 'cancel-timer':
      return ctx.cancelTimer(effect.timer, effect.txn);
    case 'apply': {
      const { txn, fate, alone } = effect;
      const edges = alone ? null : fate;
      ctx.cancelTimer('orphan', txn);
      return use(state, ctx, gateway, (at) => {
        if (fate.commit) commitVersions(at, txn, fate.at, edges);
        else abort(at, txn, '25P01', 'it has aborted');
      });
    }
    case 'answer':
      return gateway.fate(state, ctx, effect.txn, effect.fate);
    case 'told':
      return ctx.tell<TxnStoreFact>(effect.fact);
  }
}
