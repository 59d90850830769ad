/**
 * A member of a group with the consumer protocol (KIP-848): its heartbeats say what it has, their
 * answers what it shall have, and it comes to that with its next poll.
 *
 * Invariant: it says that it has given up a partition once it has committed how far it is there
 * and reads it no more; it reads what it was told that it may.
 *
 * Source: Apache Kafka 4.0, ConsumerMembershipManager, ConsumerHeartbeatRequestManager; KIP-1082
 * Differs: Kafka gives partitions up on another thread, and waits for a poll only where the
 * application listens to rebalances; here it is taken to.
 */
import type {
  GroupConsumerHeartbeat,
  GroupConsumerHeartbeatReply,
  GroupError,
} from '../../contracts/group.ts';
import { JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH } from '../../contracts/group.ts';
import { ms } from '../../kernel/time.ts';
import { askGroup, instanceOf } from './asking.ts';
import type { Membership } from './membership.ts';
import type { Ctx, LogReader } from './state.ts';
import type { ReaderWords } from './words.ts';

export const speaksConsumer = ({ groupProtocol }: ReaderWords): boolean =>
  groupProtocol === 'consumer';

const requestOf = (
  ctx: Ctx,
  { memberId }: Membership,
  memberEpoch: number,
  owned: readonly number[] | null,
): GroupConsumerHeartbeat => ({
  type: 'group.consumer-heartbeat',
  group: ctx.config.groupId,
  memberId,
  memberEpoch,
  groupInstanceId: instanceOf(ctx),
  rebalanceTimeoutMs: ctx.config.maxPollIntervalMs,
  topics: [ctx.config.topic],
  serverAssignor: ctx.config.groupRemoteAssignor === '' ? null : ctx.config.groupRemoteAssignor,
  owned,
});

/** Its coordinator is known; one heartbeat is out at a time. */
export function beatConsumer(state: LogReader, ctx: Ctx, member: Membership): void {
  const { generation, consumer, coordinator } = member;
  if (consumer === undefined || member.isBeating || coordinator < 0) return;
  if (member.memberId === '') member.memberId = `${ctx.nameOf(ctx.self)}-${ctx.unique()}`;
  const isJoining = generation < 0;
  const owned = state.tracks.map(({ partition }) => partition);
  const said = isJoining ? [] : consumer.mustSay ? owned : null;
  consumer.mustSay = false;
  member.isBeating = true;
  if (!isJoining) ctx.setTimer('beat', 0, ms(consumer.heartbeatIntervalMs));
  const request = requestOf(ctx, member, isJoining ? JOIN_EPOCH : generation, said);
  askGroup(state, ctx, request, { about: 'group', what: 'beat', generation }, coordinator);
}

/** A static member says that it will be back. */
export function leaveConsumer(state: LogReader, ctx: Ctx, member: Membership): void {
  const { generation, coordinator } = member;
  if (coordinator < 0 || generation < 0) return;
  const epoch = instanceOf(ctx) === null ? LEAVE_EPOCH : LEAVE_STATIC_EPOCH;
  const asked = { about: 'group', what: 'leave', generation } as const;
  askGroup(state, ctx, requestOf(ctx, member, epoch, null), asked, coordinator);
}

/** What it hears; its errors were noted. */
export function onConsumerBeat(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  answer: GroupConsumerHeartbeatReply | null,
  error: GroupError | null,
): void {
  const { consumer } = member;
  if (consumer === undefined) return;
  if (answer === null || error !== null) {
    if (member.phase === 'joining') member.phase = 'unjoined';
    // It may not have arrived.
    consumer.mustSay = true;
    return;
  }
  const { memberEpoch, heartbeatIntervalMs, assignment } = answer;
  member.generation = memberEpoch;
  member.phase = 'stable';
  consumer.heartbeatIntervalMs = heartbeatIntervalMs;
  ctx.setTimer('beat', 0, ms(heartbeatIntervalMs));
  if (assignment !== null) {
    const has = state.tracks.map(({ partition }) => partition);
    const isSame = has.length === assignment.length && has.every((p) => assignment.includes(p));
    member.assigned = isSame ? null : assignment;
  }
  if (consumer.mustSay) beatConsumer(state, ctx, member);
}

/** It has what it was told: others wait to hear that it has given up what it had. */
export function sayWhatItHas(state: LogReader, ctx: Ctx, member: Membership): void {
  if (member.consumer === undefined) return;
  member.consumer.mustSay = true;
  beatConsumer(state, ctx, member);
}
