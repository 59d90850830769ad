/** Questions of a member to the coordinator of its group. */
import type { Message } from '../../contracts/contract.ts';
import { ms } from '../../kernel/time.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { AskedGroup, Membership } from './membership.ts';
import type { Ctx, LogReader } from './state.ts';

export function askGroup(
  state: LogReader,
  ctx: Ctx,
  request: Message,
  asked: AskedGroup,
  to: NodeIndex,
  timeoutMs = ctx.config.requestTimeoutMs,
): void {
  const tag = state.nextTag++;
  state.asked.set(tag, asked);
  ctx.call(to, request, { timeout: ms(timeoutMs), tag });
}

/** Each member has one of its own: what the group is given, and its number in it. */
export function instanceOf(ctx: Ctx): string | null {
  const { groupInstanceId } = ctx.config;
  if (groupInstanceId === '') return null;
  return `${groupInstanceId}-${ctx.members('peers').indexOf(ctx.self)}`;
}

export function retryLater(ctx: Ctx, member: Membership): void {
  const backoff = ms(ctx.config.retryBackoffMs);
  member.readyMicros = ctx.mono() + backoff;
  ctx.setTimer('group-retry', 0, backoff);
}
