/**
 * The records of a group: one for its members and their assignment in each generation, and one for
 * each partition that it has committed. Of each key the last one counts.
 *
 * Source: Apache Kafka 4.0, GroupMetadataValue, OffsetCommitValue
 */
import type { CommittedOffset, Subscription } from '../../contracts/group.ts';
import type { LogRecord, Marker, RecordBatch } from '../../contracts/record-batch.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import type { ConsumerMember } from './consumer-state.ts';
import { groupOf } from './state.ts';
import type { Group, GroupsState, Member, OpenOffset } from './state.ts';

const OFFSET = 'offset';
const GROUP = 'group';
const CONSUMERS = 'consumers';

export const recordOfOffset = (group: string, offset: CommittedOffset): LogRecord => ({
  key: canonicalJson([OFFSET, group, offset.partition]),
  value: canonicalJson([offset.offset, offset.leaderEpoch]),
});

interface KeptMember {
  readonly id: string;
  readonly groupInstanceId: string | null;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly string[];
  readonly subscription: Subscription;
  readonly assignment: readonly number[];
}
interface KeptGroup {
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string;
  readonly members: readonly KeptMember[];
}

export function recordOfGroup(
  group: Group,
  assigned: ReadonlyMap<string, readonly number[]> | null,
): LogRecord {
  const { generation, protocol, leader } = group;
  const members = [...group.members.values()].map((member): KeptMember => {
    const { joinTag: _join, syncTag: _sync, assignment, ...kept } = member;
    return {
      ...kept,
      assignment: assigned === null ? assignment : (assigned.get(member.id) ?? []),
    };
  });
  const kept: KeptGroup = { generation, protocol, leader, members };
  return { key: canonicalJson([GROUP, group.id]), value: canonicalJson(kept) };
}

/** Differs: one record for all of it, where Kafka has one for each member and its assignments. */
export function recordOfConsumerGroup({ id, consumer }: Group): LogRecord {
  const { epoch = 0, targetEpoch = 0, target = [], members = [] } = consumer ?? {};
  const kept = { epoch, targetEpoch, target: [...target], members: [...members.values()] };
  return { key: canonicalJson([CONSUMERS, id]), value: canonicalJson(kept) };
}

interface KeptConsumers {
  readonly epoch: number;
  readonly targetEpoch: number;
  readonly target: readonly (readonly [string, readonly number[]])[];
  readonly members: readonly ConsumerMember[];
}

/** Offsets of a transaction count when its marker says so. */
export function replayBatch(state: GroupsState, batch: RecordBatch): void {
  const { producerId, marker, isTransactional, records } = batch;
  if (marker !== null) return endOpen(state, producerId, marker);
  // Before all that this coordinator writes itself.
  const order = Number.MIN_SAFE_INTEGER + batch.baseOffset;
  for (const record of records) {
    replayRecord(state, record, isTransactional ? producerId : null, order);
  }
}

export function addOpen(state: GroupsState, producerId: number, offset: OpenOffset): void {
  state.open.set(producerId, [...(state.open.get(producerId) ?? []), offset]);
}

/** They could not be written. */
export function takeBack(
  { open }: GroupsState,
  producerId: number,
  offsets: readonly CommittedOffset[],
): void {
  const left = (open.get(producerId) ?? []).filter(
    (one) =>
      !offsets.some(({ partition, offset }) => {
        return partition === one.partition && offset === one.offset;
      }),
  );
  if (left.length > 0) open.set(producerId, left);
  else open.delete(producerId);
}

export function endOpen(state: GroupsState, producerId: number, marker: Marker): void {
  const open = state.open.get(producerId) ?? [];
  state.open.delete(producerId);
  if (marker === 'abort') return;
  for (const { group, order, isOutdated, ...offset } of open) {
    if (isOutdated !== true) count(state, group, offset, order);
  }
}

/**
 * From now on it counts. Of those in open transactions that were written before it none will, even
 * if it commits later: the log is compacted, and keeps the last record.
 */
export function count(
  state: GroupsState,
  group: string,
  offset: CommittedOffset,
  order: number,
): void {
  const { partition } = offset;
  groupOf(state, group).offsets.set(partition, offset);
  for (const [producerId, open] of state.open) {
    const isBefore = (one: OpenOffset): boolean =>
      one.group === group && one.partition === partition && one.order < order;
    if (!open.some(isBefore)) continue;
    const marked = open.map((one) => (isBefore(one) ? { ...one, isOutdated: true as const } : one));
    state.open.set(producerId, marked);
  }
}

function replayRecord(
  state: GroupsState,
  { key, value }: LogRecord,
  producerId: number | null,
  order: number,
): void {
  if (key === null || typeof value !== 'string') return;
  const [kind, id, partition] = JSON.parse(key) as [string, string, number];
  const group = groupOf(state, id);
  if (kind === OFFSET) {
    const [offset, leaderEpoch] = JSON.parse(value) as [number, number];
    const one = { partition, offset, leaderEpoch };
    if (producerId === null) count(state, id, one, order);
    else addOpen(state, producerId, { ...one, group: id, order });
    return;
  }
  if (kind === CONSUMERS) {
    const { target, members, ...epochs } = JSON.parse(value) as KeptConsumers;
    const all = new Map(members.map((member) => [member.id, member]));
    group.consumer = { ...epochs, target: new Map(target), members: all };
    return;
  }
  const kept = JSON.parse(value) as KeptGroup;
  group.generation = kept.generation;
  group.protocol = kept.protocol;
  group.leader = kept.leader;
  group.members.clear();
  for (const one of kept.members) {
    const member: Member = { ...one, joinTag: -1, syncTag: -1 };
    group.members.set(member.id, member);
  }
  group.phase = kept.members.length > 0 ? 'Stable' : 'Empty';
}
