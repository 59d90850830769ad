/**
 * The records of a group: one for its members and their assignment in each generation, and one for
 * each partition that it has committed. Of each key the last one counts.
 *
 * Source: Apache Kafka 4.0, GroupMetadataValue, OffsetCommitValue
 */
import type { CommittedOffset, Subscription } from '../../contracts/group.ts';
import type { LogRecord } from '../../contracts/record-batch.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { groupOf } from './state.ts';
import type { Group, GroupsState, Member } from './state.ts';

const OFFSET = 'offset';
const GROUP = 'group';

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

export function replayRecord(state: GroupsState, { key, value }: LogRecord): void {
  if (key === null || typeof value !== 'string') return;
  const [kind, id, partition] = JSON.parse(key) as [string, string, number];
  const group = groupOf(state, id);
  if (kind === OFFSET) {
    const [offset, leaderEpoch] = JSON.parse(value) as [number, number];
    group.offsets.set(partition, { partition, offset, leaderEpoch });
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
