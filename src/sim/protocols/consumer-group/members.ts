/**
 * The members of a group: who speaks, who is alive, who goes.
 *
 * Source: Apache Kafka 4.0, GroupMetadataManager (classicGroupHeartbeat, classicGroupLeave,
 * expireClassicGroupMemberHeartbeat); KIP-345
 */
import type {
  GroupError,
  GroupHeartbeat,
  GroupHeartbeatReply,
  GroupLeave,
  GroupLeft,
} from '../../contracts/group.ts';
import { completeIfAll, prepareRebalance } from './rebalance.ts';
import { armSession, dropMember, refusalOf, sessionTimer, strangerError } from './roster.ts';
import type { Group, Member, Step } from './state.ts';

export function onHeartbeat(at: Step, tag: number, request: GroupHeartbeat): void {
  const group = at.state.groups.get(request.group);
  const reply = (error: GroupError | null): void => {
    const answer: GroupHeartbeatReply = { type: 'group.heartbeat-reply', error };
    at.out.push({ type: 'reply', tag, answer });
  };
  if (group === undefined) return reply('UNKNOWN_MEMBER_ID');
  const error = refusalOf(group, request);
  if (error !== null) return reply(error);
  armSession(at, group, group.members.get(request.memberId) as Member);
  reply(group.phase === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : null);
}

export function onLeave(at: Step, tag: number, request: GroupLeave): void {
  const reply = (error: GroupError | null): void => {
    const answer: GroupLeft = { type: 'group.left', error };
    at.out.push({ type: 'reply', tag, answer });
  };
  const group = at.state.groups.get(request.group);
  if (group === undefined) return reply('UNKNOWN_MEMBER_ID');
  if (group.pending.has(request.memberId)) {
    forgetPending(at, group, request.memberId);
    return reply(null);
  }
  const error = strangerError(group, request);
  reply(error);
  if (error === null) remove(at, group, request.memberId, 'it leaves');
}

/** A whole session without a word. Whoever waits for an answer is taken for alive. */
export function onSessionOver(at: Step, groupId: string, memberId: string): void {
  const group = at.state.groups.get(groupId);
  if (group === undefined) return;
  if (group.pending.has(memberId)) return forgetPending(at, group, memberId);
  const member = group.members.get(memberId);
  if (member === undefined) return;
  if (member.joinTag >= 0 || member.syncTag >= 0) return armSession(at, group, member);
  remove(at, group, memberId, 'its session is over');
}

function forgetPending(at: Step, group: Group, memberId: string): void {
  group.pending.delete(memberId);
  at.out.push({ type: 'cancel-timer', timer: sessionTimer(group.id, memberId) });
  if (group.phase === 'PreparingRebalance') completeIfAll(at, group);
}

/** The others share what it had. */
export function remove(at: Step, group: Group, memberId: string, why: string): void {
  dropMember(at, group, memberId, why);
  if (group.phase === 'PreparingRebalance') completeIfAll(at, group);
  else if (group.phase !== 'Empty') prepareRebalance(at, group, `${memberId} is gone: ${why}`);
}
