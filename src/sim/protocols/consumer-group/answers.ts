/** Answers of a coordinator, and those of whoever is none. */
import type { CoordinatorError } from '../../contracts/broker.ts';
import type {
  GroupConsumerHeartbeatReply,
  GroupError,
  GroupJoined,
  GroupReply,
  GroupRequest,
  GroupSynced,
} from '../../contracts/group.ts';
import type { MachineEffect } from '../coordinator-machine.ts';
import type { Group, Member } from './state.ts';

const NOTHING: readonly never[] = Object.freeze([]);

const joinRefused = (memberId: string, error: GroupError): GroupJoined => ({
  type: 'group.joined',
  error,
  generation: -1,
  protocol: null,
  leader: '',
  memberId,
  members: NOTHING,
  skipAssignment: false,
});

export function refuseJoin(
  out: MachineEffect[],
  tag: number,
  memberId: string,
  error: GroupError,
): void {
  out.push({ type: 'reply', tag, answer: joinRefused(memberId, error) });
}

/** The leader is told who the members are. */
export function joined(group: Group, member: Member, skipAssignment = false): GroupJoined {
  const isLeader = group.leader === member.id;
  return {
    type: 'group.joined',
    error: null,
    generation: group.generation,
    protocol: group.protocol,
    leader: group.leader,
    memberId: member.id,
    members: isLeader
      ? [...group.members.values()].map(({ id: memberId, groupInstanceId, subscription }) => ({
          memberId,
          groupInstanceId,
          subscription,
        }))
      : NOTHING,
    skipAssignment,
  };
}

export const synced = (
  error: GroupError | null,
  partitions: readonly number[] = NOTHING,
): GroupSynced => ({ type: 'group.synced', error, partitions });

export const heartbeatRefused = (
  memberEpoch: number,
  error: GroupError,
): GroupConsumerHeartbeatReply => ({
  type: 'group.consumer-heartbeat-reply',
  error,
  memberEpoch,
  heartbeatIntervalMs: 0,
  assignment: null,
});

/** The answer of whoever is not the group's coordinator, or not yet. */
export function refuseGroupRequest(request: GroupRequest, error: CoordinatorError): GroupReply {
  switch (request.type) {
    case 'group.join':
      return joinRefused(request.memberId, error);
    case 'group.sync':
      return synced(error);
    case 'group.heartbeat':
      return { type: 'group.heartbeat-reply', error };
    case 'group.consumer-heartbeat':
      return heartbeatRefused(request.memberEpoch, error);
    case 'group.leave':
      return { type: 'group.left', error };
    case 'group.commit':
    case 'group.txn-commit':
      return { type: 'group.committed', error };
    case 'group.fetch-offsets':
      return { type: 'group.offsets', error, offsets: NOTHING };
  }
}
