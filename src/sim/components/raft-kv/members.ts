/**
 * Who belongs to the group, and who leads it, as an operator asks for it.
 *
 * Keeps: an operator is answered once; what was refused before anything was written is told as
 * such, and what was under way when the leader lost its office is told as unknown.
 */
import type {
  RaftAdminChange,
  RaftAdminDone,
  RaftAdminTransfer,
} from '../../contracts/raft-admin.ts';
import type { RaftMembers } from '../../contracts/raft.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import { NO_CALL } from '../../node/behaviour.ts';
import type { RaftEffect, RaftInput } from '../../protocols/raft/effects.ts';
import type { RaftKvConfig } from './config.ts';
import type { RaftKvFact } from './facts.ts';
import type { RaftKvState } from './state.ts';

type Ctx = Context<RaftKvConfig>;
type Feed = (state: RaftKvState, ctx: Ctx, input: RaftInput) => void;

export function onChange(
  state: RaftKvState,
  ctx: Ctx,
  { changes, transition, catchUp = false }: RaftAdminChange,
  call: CallRef,
  feed: Feed,
): void {
  const tag = state.nextTag++;
  state.proposing.set(tag, call);
  feed(state, ctx, { type: 'change-members', change: { changes, transition, catchUp }, tag });
  if (state.proposing.has(tag)) state.catchingUp = tag;
}

export function onTransfer(
  state: RaftKvState,
  ctx: Ctx,
  { to }: Pick<RaftAdminTransfer, 'to'>,
  call: CallRef,
  feed: Feed,
): void {
  const before = state.transfers.length;
  state.transfers.push(call);
  feed(state, ctx, { type: 'transfer-leadership', to });
  const { transferTo } = state.raft;
  if (transferTo !== null && state.transfers.length > before) {
    ctx.tell<RaftKvFact>({ type: 'raft.transfer', to: ctx.nameOf(to) });
  }
}

/** It leads no more: whoever wanted another leader has one, or will. */
export function endTransfers(state: RaftKvState, ctx: Ctx): void {
  for (const call of state.transfers.splice(0)) done(ctx, call);
}

export function done(ctx: Ctx, call: CallRef): void {
  if (call !== NO_CALL) ctx.reply<RaftAdminDone>(call, { type: 'raft-admin.done' });
}

export function refuse(ctx: Ctx, call: CallRef, code: string, detail?: unknown): void {
  if (call !== NO_CALL) ctx.refuse(call, code, detail);
}

type Refused = Extract<
  RaftEffect,
  { type: 'change-refused' | 'transfer-refused' | 'transfer-aborted' }
>;

export function tellRefused(state: RaftKvState, ctx: Ctx, effect: Refused): void {
  if (effect.type === 'change-refused') return refuseChange(state, ctx, effect);
  if (effect.type === 'transfer-aborted') {
    ctx.tell<RaftKvFact>({ type: 'raft.transfer-aborted', to: ctx.nameOf(effect.to) });
    // One that names another target takes its place, and waits on.
    const waiting = state.raft.transferTo === null ? 0 : 1;
    for (const call of state.transfers.splice(0, state.transfers.length - waiting)) {
      refuse(ctx, call, 'transfer-aborted');
    }
    return;
  }
  const call = state.transfers.pop() ?? NO_CALL;
  if (effect.reason === 'not-leader') refuse(ctx, call, 'not-leader', { leader: effect.leader });
  else refuse(ctx, call, 'not-possible', { why: effect.reason });
}

function refuseChange(
  state: RaftKvState,
  ctx: Ctx,
  effect: Extract<RaftEffect, { type: 'change-refused' }>,
): void {
  const call = state.proposing.get(effect.tag) ?? NO_CALL;
  state.proposing.delete(effect.tag);
  const hadBegun = state.catchingUp === effect.tag;
  if (hadBegun) state.catchingUp = -1;
  switch (effect.reason) {
    case 'not-leader':
      if (hadBegun) return refuse(ctx, call, 'lost-leadership');
      return refuse(ctx, call, 'not-leader', { leader: effect.leader });
    case 'not-possible':
      return refuse(ctx, call, 'not-possible', { why: effect.why });
    case 'too-slow':
      return refuse(ctx, call, 'too-slow');
    case 'transferring':
    case 'catching-up':
    case 'no-commit-in-this-term':
    case 'another-is-pending':
      return refuse(ctx, call, 'busy', { why: effect.reason });
  }
}

/** Told by each server when a configuration comes into force on it. */
export function tellMembers(
  state: RaftKvState,
  ctx: Ctx,
  { index, members }: Extract<RaftEffect, { type: 'configuration' }>,
): void {
  const { voters, outgoing, learners } = namesOf(members, (node) => ctx.nameOf(node));
  const type = state.raft.role === 'leader' ? 'raft.members-changed' : 'raft.members-adopted';
  ctx.tell<RaftKvFact>({ type, index, voters, outgoing, learners });
}

/** As people read them: `n1 n2 n3`. */
export function namesOf(
  members: RaftMembers,
  nameOf: (node: NodeIndex) => string,
): { readonly voters: string; readonly outgoing: string; readonly learners: string } {
  const join = (nodes: readonly NodeIndex[]): string => nodes.map(nameOf).join(' ');
  return {
    voters: join(members.voters),
    outgoing: join(members.outgoing),
    learners: join(members.learners),
  };
}
