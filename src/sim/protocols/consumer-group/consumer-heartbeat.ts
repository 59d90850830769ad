/**
 * One heartbeat for all: with it a member joins, lives on, says what it has, hears what it may
 * have, and leaves. A member that has missed a step is fenced, and begins anew.
 *
 * Source: Apache Kafka 4.0, GroupMetadataManager.consumerGroupHeartbeat; KIP-848, KIP-1082
 * Leaves out: groups that change from the classic protocol while they have members, regular
 * expressions, racks, group.consumer.max.size.
 */
import type { GroupConsumerHeartbeat, GroupError } from '../../contracts/group.ts';
import { JOIN_EPOCH, LEAVE_EPOCH, LEAVE_STATIC_EPOCH } from '../../contracts/group.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { heartbeatRefused } from './answers.ts';
import {
  armConsumer,
  armRevocation,
  bump,
  changed,
  removeConsumer,
  replaceStatic,
} from './consumer-members.ts';
import { newConsumerGroup, phaseOf } from './consumer-state.ts';
import type { ConsumerGroup, ConsumerMember } from './consumer-state.ts';
import { reconcile } from './reconcile.ts';
import { groupOf } from './state.ts';
import type { Group, Step } from './state.ts';
import { dealPartitions } from './target.ts';

/** Of which nobody else in the step has to know the parts. */
interface Beat {
  readonly at: Step;
  readonly group: Group;
  readonly consumer: ConsumerGroup;
  readonly tag: number;
  readonly request: GroupConsumerHeartbeat;
}

export function onConsumerHeartbeat(at: Step, tag: number, request: GroupConsumerHeartbeat): void {
  const group = groupOf(at.state, request.group);
  const refuse = (error: GroupError): void => {
    at.out.push({ type: 'reply', tag, answer: heartbeatRefused(request.memberEpoch, error) });
  };
  if (group.members.size > 0 || group.pending.size > 0) return refuse('GROUP_ID_NOT_FOUND');
  const { serverAssignor } = request;
  if (serverAssignor !== null && !at.config.consumerAssignors.includes(serverAssignor)) {
    return refuse('UNSUPPORTED_ASSIGNOR');
  }
  const consumer = group.consumer ?? newConsumerGroup();
  const beat: Beat = { at, group, consumer, tag, request };
  const error = whyNot(beat);
  if (error !== null) return refuse(error);
  group.consumer = consumer;
  if (request.memberEpoch < JOIN_EPOCH) leave(beat);
  else attend(beat);
}

/** Who speaks is no member, or not in that epoch; null: it may go on. */
function whyNot({ consumer, request }: Beat): GroupError | null {
  const { memberId, groupInstanceId, memberEpoch, owned } = request;
  const member = consumer.members.get(memberId);
  const known = staticConsumer(consumer, groupInstanceId);
  const isOther = known !== undefined && known.id !== memberId;
  if (memberEpoch === JOIN_EPOCH) {
    return isOther && known.epoch !== LEAVE_STATIC_EPOCH ? 'UNRELEASED_INSTANCE_ID' : null;
  }
  if (isOther) return 'FENCED_INSTANCE_ID';
  if (member === undefined) return 'UNKNOWN_MEMBER_ID';
  if (memberEpoch < JOIN_EPOCH || memberEpoch === member.epoch) return null;
  // It may not have heard of its new epoch.
  const isRetry =
    memberEpoch === member.previousEpoch &&
    owned !== null &&
    owned.every((one) => member.assigned.includes(one));
  return isRetry ? null : 'FENCED_MEMBER_EPOCH';
}

function staticConsumer(
  { members }: ConsumerGroup,
  instance: string | null,
): ConsumerMember | undefined {
  if (instance === null) return undefined;
  return [...members.values()].find(({ groupInstanceId }) => groupInstanceId === instance);
}

/**
 * A dynamic member goes; a static one keeps its place for a session, with what it was left. What it
 * had to give up it has given up with that: it reads no more.
 */
function leave({ at, group, consumer, tag, request }: Beat): void {
  const { memberId, memberEpoch } = request;
  const member = consumer.members.get(memberId) as ConsumerMember;
  if (memberEpoch === LEAVE_EPOCH) removeConsumer(at, group, consumer, memberId, 'it leaves');
  else {
    const left = { ...member, epoch: LEAVE_STATIC_EPOCH, state: 'stable', revoking: [] } as const;
    consumer.members.set(memberId, left);
    changed(at, group, { for: 'nobody' });
  }
  const answer = { ...heartbeatRefused(memberEpoch, 'UNKNOWN_MEMBER_ID'), error: null };
  at.out.push({ type: 'reply', tag, answer });
}

function attend(beat: Beat): void {
  const { at, group, consumer, request, tag } = beat;
  const { memberId, owned } = request;
  const [before, phase] = [consumer.members.get(memberId), phaseOf(consumer)];
  const epoch = consumer.epoch;
  subscribe(beat);
  if (consumer.targetEpoch < consumer.epoch) dealPartitions(at, consumer);
  const joined = consumer.members.get(memberId) as ConsumerMember;
  const member = reconcile(consumer, joined, owned, at.config.rules);
  consumer.members.set(memberId, member);
  armConsumer(at, group, member);
  if (member.state !== before?.state) armRevocation(at, group, member);
  const isTold =
    before === undefined ||
    request.memberEpoch === JOIN_EPOCH ||
    owned !== null ||
    canonicalJson(before.assigned) !== canonicalJson(member.assigned);
  const answer = {
    ...heartbeatRefused(member.epoch, 'UNKNOWN_MEMBER_ID'),
    error: null,
    heartbeatIntervalMs: at.config.consumerHeartbeatIntervalMs,
    assignment: isTold ? member.assigned : null,
  };
  if (phase !== 'Stable' && phaseOf(consumer) === 'Stable') {
    const { size: members } = consumer.members;
    const fact = { group: group.id, generation: consumer.epoch, members };
    at.out.push({ type: 'told', fact: { type: 'group.stable', ...fact } });
  }
  if (member === before && consumer.epoch === epoch) at.out.push({ type: 'reply', tag, answer });
  else changed(at, group, { for: 'heartbeat', tag, answer });
}

/** It is new, or wants something else: then the group enters a new epoch. */
function subscribe({ at, group, consumer, request }: Beat): void {
  const { memberId, memberEpoch, groupInstanceId, rebalanceTimeoutMs, topics } = request;
  const { serverAssignor } = request;
  const wants = { rebalanceTimeoutMs, topics, serverAssignor };
  const known = consumer.members.get(memberId);
  const absent = staticConsumer(consumer, groupInstanceId);
  if (known === undefined && absent !== undefined) {
    const back = { ...absent, id: memberId, epoch: JOIN_EPOCH, ...wants };
    replaceStatic(at, group, consumer, absent, back);
    if (isSame(absent, back)) return;
    return bump(at, group, consumer, `${memberId} wants something else`);
  }
  if (known !== undefined) {
    if (isSame(known, { ...known, ...wants })) return;
    consumer.members.set(memberId, { ...known, ...wants });
    return bump(at, group, consumer, `${memberId} wants something else`);
  }
  consumer.members.set(memberId, {
    id: memberId,
    groupInstanceId,
    ...wants,
    epoch: memberEpoch,
    previousEpoch: -1,
    state: 'stable',
    assigned: [],
    revoking: [],
  });
  bump(at, group, consumer, `${memberId} has come`);
}

const isSame = (one: ConsumerMember, other: ConsumerMember): boolean =>
  canonicalJson(one.topics) === canonicalJson(other.topics) &&
  one.serverAssignor === other.serverAssignor;
