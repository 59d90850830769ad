/**
 * An orderly end: the records at hand are done, what was read is committed, and a dynamic member
 * leaves its group at once; a static one is expected back within its session.
 *
 * Source: Apache Kafka 4.0, KafkaConsumer.close, AbstractCoordinator.maybeLeaveGroup; KIP-345
 * Leaves out: that it waits for the answers.
 */
import type { GroupLeave } from '../../contracts/group.ts';
import type { Duration } from '../../kernel/time.ts';
import { askGroup, instanceOf } from './asking.ts';
import { commitPositions } from './commits.ts';
import { leaveConsumer, speaksConsumer } from './consumer-protocol.ts';
import type { Membership } from './membership.ts';
import type { Ctx, LogReader } from './state.ts';

export function onTerminate(state: LogReader, ctx: Ctx): void {
  const { membership: member, isBusy } = state;
  if (member === null) return ctx.exit(null);
  member.isClosing = true;
  if (!isBusy && !member.isCommitting) close(state, ctx, member);
}

interface Closing {
  /** Whether it says that it goes, as who is not expected back. */
  readonly leaves?: boolean;
  /** When the process starts again; null: never. */
  readonly restartAfter?: Duration | null;
}

export function close(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  { leaves = true, restartAfter = null }: Closing = {},
): void {
  const { groupId: group, enableAutoCommit } = ctx.config;
  const { memberId, generation, coordinator } = member;
  const isKnown = memberId !== '' && coordinator >= 0;
  if (isKnown && generation >= 0 && enableAutoCommit) {
    commitPositions(state, ctx, member, 'nothing');
  }
  const groupInstanceId = instanceOf(ctx);
  if (speaksConsumer(ctx.config)) leaveConsumer(state, ctx, member);
  else if (isKnown && leaves && groupInstanceId === null) {
    const request: GroupLeave = { type: 'group.leave', group, memberId, groupInstanceId };
    askGroup(state, ctx, request, { about: 'group', what: 'leave', generation }, coordinator);
  }
  ctx.exit(restartAfter);
}
