/**
 * The coordinator of consumer groups, as a machine over the records of `__consumer_offsets`.
 *
 * Source: Apache Kafka 4.0, GroupCoordinatorShard, GroupMetadataManager
 * Leaves out: groups that are deleted, and limits of their size.
 */
import type { GroupCommitted, GroupRequest } from '../../contracts/group.ts';
import type { AppendError, CoordinatorMachine } from '../coordinator-machine.ts';
import { heartbeatRefused } from './answers.ts';
import { onConsumerHeartbeat } from './consumer-heartbeat.ts';
import { armAllConsumers, onConsumerSilent, onRevokeTimer, REVOKE } from './consumer-members.ts';
import { onJoin } from './join.ts';
import { onHeartbeat, onLeave, onSessionOver } from './members.ts';
import { onCommit, onFetchOffsets, onTxnCommit } from './offsets.ts';
import { onAssigned, onRebalanceTimer, onSync, onSyncTimer, REBALANCE, SYNC } from './rebalance.ts';
import { count, endOpen, replayBatch, takeBack } from './records.ts';
import { armSession, SESSION } from './roster.ts';
import { copyGroup, errorOf } from './state.ts';
import type { GroupConfig, GroupsState, Step } from './state.ts';

export function groupMachine(config: GroupConfig): CoordinatorMachine<GroupsState, GroupRequest> {
  return {
    create: () => ({ groups: new Map(), open: new Map(), promised: new Map(), nextTicket: 0 }),
    replay: replayBatch,
    step(state, input, at, out) {
      const step: Step = { config, state, at, out };
      switch (input.type) {
        case 'loaded':
          return onLoaded(step);
        case 'request':
          return onRequest(step, input.tag, input.request);
        case 'appended':
          return onAppended(step, input.ticket, input.error);
        case 'timer':
          return onTimer(step, input.timer);
        case 'marker':
          return endOpen(state, input.producerId, input.marker);
        case 'answered':
      }
    },
    copy: ({ groups, open, promised, nextTicket }) => ({
      open: new Map(open),
      groups: new Map([...groups].map(([id, group]) => [id, copyGroup(group)])),
      promised: new Map(promised),
      nextTicket,
    }),
    plain: ({ open, ...rest }) => (open.size === 0 ? rest : { ...rest, open }),
  };
}

/** Members have a whole session from now on, whatever they said to the coordinator before. */
function onLoaded(at: Step): void {
  for (const group of at.state.groups.values()) {
    for (const member of group.members.values()) armSession(at, group, member);
    armAllConsumers(at, group);
  }
}

function onRequest(at: Step, tag: number, request: GroupRequest): void {
  switch (request.type) {
    case 'group.join':
      return onJoin(at, tag, request);
    case 'group.sync':
      return onSync(at, tag, request);
    case 'group.heartbeat':
      return onHeartbeat(at, tag, request);
    case 'group.consumer-heartbeat':
      return onConsumerHeartbeat(at, tag, request);
    case 'group.leave':
      return onLeave(at, tag, request);
    case 'group.commit':
      return onCommit(at, tag, request);
    case 'group.txn-commit':
      return onTxnCommit(at, tag, request);
    case 'group.fetch-offsets':
      return onFetchOffsets(at, tag, request);
  }
}

function onTimer(at: Step, timer: string): void {
  const [kind, id, member] = JSON.parse(timer) as [string, string, string];
  const group = at.state.groups.get(id);
  if (group === undefined) return;
  const isConsumer = group.consumer?.members.has(member) === true;
  if (kind === SESSION && isConsumer) onConsumerSilent(at, group, member);
  else if (kind === SESSION) onSessionOver(at, id, member);
  else if (kind === REVOKE) onRevokeTimer(at, group, member);
  else if (kind === REBALANCE) onRebalanceTimer(at, group);
  else if (kind === SYNC) onSyncTimer(at, group);
}

function onAppended(at: Step, ticket: number, error: AppendError | null): void {
  const { state, out } = at;
  const promised = state.promised.get(ticket);
  state.promised.delete(ticket);
  if (promised === undefined || promised.for === 'nobody') return;
  if (promised.for === 'heartbeat') {
    const { tag, answer } = promised;
    const said = error === null ? answer : heartbeatRefused(answer.memberEpoch, errorOf(error));
    out.push({ type: 'reply', tag, answer: said });
    return;
  }
  const group = state.groups.get(promised.group);
  if (group === undefined) return;
  if (promised.for === 'sync') {
    const isDue = group.phase === 'CompletingRebalance' && group.generation === promised.generation;
    if (isDue) onAssigned(at, group, promised.assigned, error);
    return;
  }
  const { producerId, offsets } = promised;
  if (producerId !== undefined) {
    if (error !== null && error !== 'REQUEST_TIMED_OUT') takeBack(state, producerId, offsets);
  } else if (error === null) for (const one of offsets) count(state, group.id, one, ticket);
  const answer: GroupCommitted = {
    type: 'group.committed',
    error: error === null ? null : errorOf(error),
  };
  out.push({ type: 'reply', tag: promised.tag, answer });
}
