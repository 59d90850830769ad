/** Which broker leads a queue, as far as this one knows, and what to say where it is another. */
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import type { Ctx, Hosted, QueueBrokerState } from './state.ts';

/** Null: nobody, as far as is known here. */
export function leaderOf(state: QueueBrokerState, ctx: Ctx, place: number): NodeIndex | null {
  const { members, replica, config } = state.hosted[place] as Hosted;
  if (replica === null || !config.isReplicated) return members[0] ?? null;
  const { leader } = replica.raft;
  return leader === ctx.self && !replica.isInOffice ? null : leader;
}

export const isLedHere = (state: QueueBrokerState, ctx: Ctx, place: number): boolean =>
  leaderOf(state, ctx, place) === ctx.self;

export function refuseElsewhere(
  state: QueueBrokerState,
  ctx: Ctx,
  place: number,
  call: CallRef,
): void {
  ctx.refuse(call, 'not-leader', { leader: leaderOf(state, ctx, place) });
}
