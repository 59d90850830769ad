/**
 * The coordinator of consumer groups, as a machine over the records of `__consumer_offsets`.
 *
 * Source: Apache Kafka 4.0, GroupCoordinatorShard, OffsetMetadataManager
 */
import type { CoordinatorError } from '../../contracts/broker.ts';
import type { Message } from '../../contracts/contract.ts';
import type { GroupRequest } from '../../contracts/group.ts';
import type { CoordinatorMachine } from '../coordinator-machine.ts';
import { commitOffsets, fetchOffsets, onAppended, replayRecord } from './offsets.ts';
import type { GroupsState } from './state.ts';

export function groupMachine(): CoordinatorMachine<GroupsState, GroupRequest> {
  return {
    create: () => ({ groups: new Map(), promised: new Map() }),
    replay(state, { records }) {
      for (const record of records) replayRecord(state, record);
    },
    step(state, input, _at, out) {
      if (input.type === 'appended') return onAppended(state, input.ticket, input.error, out);
      if (input.type !== 'request') return;
      const { tag, request } = input;
      switch (request.type) {
        case 'group.commit':
          return commitOffsets(state, tag, request, out);
        case 'group.fetch-offsets':
          return fetchOffsets(state, tag, request, out);
        default:
          out.push({ type: 'reply', tag, answer: refuseGroupRequest(request, 'NOT_COORDINATOR') });
      }
    },
    copy: ({ groups, promised }) => ({
      groups: new Map(
        [...groups].map(([id, group]) => [id, { ...group, offsets: new Map(group.offsets) }]),
      ),
      promised: new Map(promised),
    }),
    plain: (state) => state,
  };
}

/** The answer of whoever is not the group's coordinator, or not yet. */
export function refuseGroupRequest(request: GroupRequest, error: CoordinatorError): Message {
  switch (request.type) {
    case 'group.join': {
      const { memberId } = request;
      const nobody = { protocol: null, leader: '', memberId, members: [], skipAssignment: false };
      return { type: 'group.joined', error, generation: -1, ...nobody } as Message;
    }
    case 'group.sync':
      return { type: 'group.synced', error, partitions: [] } as Message;
    case 'group.heartbeat':
      return { type: 'group.heartbeat-reply', error } as Message;
    case 'group.leave':
      return { type: 'group.left', error } as Message;
    case 'group.commit':
      return { type: 'group.committed', error } as Message;
    case 'group.fetch-offsets':
      return { type: 'group.offsets', error, offsets: [] } as Message;
  }
}
