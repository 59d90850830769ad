/**
 * Committed offsets: a record for each group and partition, of which the last one counts.
 *
 * Source: Apache Kafka 4.0, OffsetMetadataManager
 * Leaves out: the expiration of offsets (offsets.retention.minutes), and metadata of commits.
 */
import type { CoordinatorError } from '../../contracts/broker.ts';
import type {
  CommittedOffset,
  GroupCommit,
  GroupCommitted,
  GroupFetchOffsets,
  GroupOffsets,
} from '../../contracts/group.ts';
import type { LogRecord } from '../../contracts/record-batch.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import type { AppendError, MachineEffect } from '../coordinator-machine.ts';
import type { Group, GroupsState } from './state.ts';

export function groupOf({ groups }: GroupsState, id: string): Group {
  let group = groups.get(id);
  if (group === undefined) groups.set(id, (group = { id, offsets: new Map() }));
  return group;
}

const OFFSET = 'offset';

const recordOf = (group: string, offset: CommittedOffset): LogRecord => ({
  key: canonicalJson([OFFSET, group, offset.partition]),
  value: canonicalJson([offset.offset, offset.leaderEpoch]),
});

export function replayRecord(state: GroupsState, { key, value }: LogRecord): void {
  const [kind, group, partition] = JSON.parse(key ?? '[]') as [string, string, number];
  if (kind !== OFFSET || typeof value !== 'string') return;
  const [offset, leaderEpoch] = JSON.parse(value) as [number, number];
  groupOf(state, group).offsets.set(partition, { partition, offset, leaderEpoch });
}

/** It counts once it is written; whoever committed it hears when it is replicated. */
export function commitOffsets(
  state: GroupsState,
  tag: number,
  { group, offsets }: GroupCommit,
  out: MachineEffect[],
): void {
  state.promised.set(tag, { tag, group, offsets });
  const records = offsets.map((one) => recordOf(group, one));
  out.push({ type: 'append', ticket: tag, records });
}

const UNKNOWN = { offset: -1, leaderEpoch: -1 } as const;

export function fetchOffsets(
  state: GroupsState,
  tag: number,
  { group, partitions }: GroupFetchOffsets,
  out: MachineEffect[],
): void {
  const known = state.groups.get(group)?.offsets;
  const offsets = partitions.map((partition) => known?.get(partition) ?? { partition, ...UNKNOWN });
  const answer: GroupOffsets = { type: 'group.offsets', error: null, offsets };
  out.push({ type: 'reply', tag, answer });
}

export function onAppended(
  state: GroupsState,
  ticket: number,
  appendError: AppendError | null,
  out: MachineEffect[],
): void {
  const promised = state.promised.get(ticket);
  if (promised === undefined) return;
  state.promised.delete(ticket);
  const error = appendError === null ? null : errorOf(appendError);
  if (error === null) {
    const { offsets } = groupOf(state, promised.group);
    for (const one of promised.offsets) offsets.set(one.partition, one);
  }
  const answer: GroupCommitted = { type: 'group.committed', error };
  out.push({ type: 'reply', tag: promised.tag, answer });
}

/** What whoever asked is told when its coordinator could not write. */
export function errorOf(error: AppendError): CoordinatorError {
  return error === 'NOT_LEADER_OR_FOLLOWER' ? 'NOT_COORDINATOR' : 'COORDINATOR_NOT_AVAILABLE';
}
