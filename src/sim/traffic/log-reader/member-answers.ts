/**
 * What the coordinator says to a member, and what follows from that.
 *
 * Source: Apache Kafka 4.0, AbstractCoordinator (JoinGroupResponseHandler and its like)
 */
import type { BrokerCoordinator } from '../../contracts/broker.ts';
import type {
  GroupCommitted,
  GroupConsumerHeartbeatReply,
  GroupError,
  GroupHeartbeatReply,
  GroupJoined,
  GroupOffsets,
  GroupSynced,
} from '../../contracts/group.ts';
import { ms } from '../../kernel/time.ts';
import type { CallResult } from '../../node/behaviour.ts';
import { retryLater } from './asking.ts';
import { onConsumerBeat } from './consumer-protocol.ts';
import type { LogReaderFact } from './facts.ts';
import { forgetGeneration, giveUp, join, sync } from './member.ts';
import type { AskedGroup, Membership } from './membership.ts';
import { trackOf } from './state.ts';
import type { Ctx, LogReader } from './state.ts';
import { startWork } from './work.ts';

type Answer =
  | GroupJoined
  | GroupSynced
  | GroupHeartbeatReply
  | GroupConsumerHeartbeatReply
  | GroupOffsets
  | GroupCommitted
  | BrokerCoordinator;

export function onGroupAnswer(
  state: LogReader,
  ctx: Ctx,
  asked: AskedGroup,
  result: CallResult,
): void {
  const { membership: member } = state;
  if (member === null || member.phase === 'ended') return;
  const answer = result.outcome === 'ok' ? (result.value as Answer) : null;
  if (asked.what === 'beat') member.isBeating = false;
  if (asked.what === 'offsets') member.isAskingOffsets = false;
  if (asked.what === 'coordinator') {
    return onCoordinator(ctx, member, answer as BrokerCoordinator | null);
  }
  // Of a generation that it has left since: nobody waits for that any more.
  const isOld = 'generation' in asked && asked.generation !== member.generation;
  if (asked.what === 'leave') return;
  if (isOld && asked.what !== 'commit') return;
  const error = answer === null ? 'COORDINATOR_NOT_AVAILABLE' : (answer.error ?? null);
  if (error !== null) noteError(state, ctx, member, error);
  switch (asked.what) {
    case 'join':
      return onJoined(state, ctx, member, answer as GroupJoined | null);
    case 'sync':
      if (error === null) onSynced(member, answer as GroupSynced);
      else if (member.phase === 'syncing') member.phase = 'unjoined';
      return;
    case 'offsets':
      if (error === null) onOffsets(state, member, asked, answer as GroupOffsets);
      return;
    case 'commit':
      return onCommitted(state, ctx, member, asked, error);
    case 'beat':
      return onConsumerBeat(
        state,
        ctx,
        member,
        answer as GroupConsumerHeartbeatReply | null,
        error,
      );
  }
}

function onCoordinator(ctx: Ctx, member: Membership, answer: BrokerCoordinator | null): void {
  member.isFinding = false;
  if (answer === null || answer.error !== null) return retryLater(ctx, member);
  member.coordinator = answer.node;
  if (member.retry !== null) retryLater(ctx, member);
}

/** What an error says of the member itself. */
function noteError(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  error: NonNullable<Answer['error']> | GroupError,
): void {
  switch (error) {
    case 'NOT_COORDINATOR':
    case 'COORDINATOR_NOT_AVAILABLE':
      member.coordinator = -1;
      return retryLater(ctx, member);
    case 'COORDINATOR_LOAD_IN_PROGRESS':
    case 'UNSTABLE_OFFSET_COMMIT':
      return retryLater(ctx, member);
    case 'REBALANCE_IN_PROGRESS':
      member.mustRejoin = true;
      return;
    case 'ILLEGAL_GENERATION':
      // Its id may be known all the same: another coordinator may lack the newest generation.
      return forgetGeneration(ctx, member, member.memberId);
    case 'UNKNOWN_MEMBER_ID':
    case 'FENCED_MEMBER_EPOCH':
      return forgetGeneration(ctx, member);
    case 'UNRELEASED_INSTANCE_ID':
    case 'UNSUPPORTED_ASSIGNOR':
    case 'GROUP_ID_NOT_FOUND':
    case 'FENCED_INSTANCE_ID':
    case 'INCONSISTENT_GROUP_PROTOCOL':
    case 'INVALID_SESSION_TIMEOUT':
      ctx.tell<LogReaderFact>({ type: 'consumer.ended', group: ctx.config.groupId, error });
      forgetGeneration(ctx, member);
      member.phase = 'ended';
      giveUp(state, ctx, member, false);
      return;
    case 'MEMBER_ID_REQUIRED':
    case 'STALE_MEMBER_EPOCH':
    case 'INVALID_PRODUCER_EPOCH':
    case 'INVALID_TXN_STATE':
  }
}

function onJoined(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  answer: GroupJoined | null,
): void {
  if (member.phase === 'ended') return;
  if (answer?.error === 'MEMBER_ID_REQUIRED') {
    member.memberId = answer.memberId;
    return join(state, ctx, member);
  }
  if (answer === null || answer.error !== null) {
    member.phase = 'unjoined';
    return retryLater(ctx, member);
  }
  member.generation = answer.generation;
  member.memberId = answer.memberId;
  member.protocol = answer.protocol;
  ctx.setTimer('beat', 0, ms(ctx.config.heartbeatIntervalMs));
  sync(state, ctx, member, answer.skipAssignment ? [] : answer.members);
}

/** Taken with the next poll. */
function onSynced(member: Membership, { partitions }: GroupSynced): void {
  member.phase = 'stable';
  member.assigned = partitions;
}

function onOffsets(
  state: LogReader,
  member: Membership,
  { tracks }: Extract<AskedGroup, { readonly what: 'offsets' }>,
  { offsets }: GroupOffsets,
): void {
  offsets.forEach(({ partition, offset, leaderEpoch }, at) => {
    const track = trackOf(state, tracks[at] as number);
    if (track === undefined) return;
    track.needsCommitted = false;
    // Nothing: autoOffsetReset says where it begins.
    if (offset < 0) return;
    track.position = offset;
    track.readEpoch = leaderEpoch;
    member.committed.set(partition, offset);
  });
}

const MAY_RETRY: readonly (string | null)[] = [
  'NOT_COORDINATOR',
  'COORDINATOR_NOT_AVAILABLE',
  'COORDINATOR_LOAD_IN_PROGRESS',
];

type AskedCommit = Extract<AskedGroup, { readonly what: 'commit' }>;

function onCommitted(
  state: LogReader,
  ctx: Ctx,
  member: Membership,
  { offsets, then, generation }: AskedCommit,
  error: string | null,
): void {
  if (error === null) {
    for (const { partition, offset } of offsets) member.committed.set(partition, offset);
    member.commits += 1;
  }
  if (then === 'nothing') return;
  const isStale = error === 'STALE_MEMBER_EPOCH' && member.generation >= 0;
  if (isStale || (MAY_RETRY.includes(error) && generation === member.generation)) {
    member.retry = { offsets, then };
    return retryLater(ctx, member);
  }
  member.isCommitting = false;
  if (error !== null) {
    member.failedCommits += 1;
    ctx.tell<LogReaderFact>({ type: 'consumer.commit-failed', error });
  }
  if (then !== 'work') return;
  // What could not be committed is not worked on: others are given it.
  if (error === null) startWork(state, ctx, member);
  else member.work = null;
}
