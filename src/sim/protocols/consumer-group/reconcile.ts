/**
 * How a member comes from what it has to what the target assignment gives it: first it gives up,
 * then it says so, and only then it is handed what others have given up.
 *
 * Invariant: a partition is never assigned to a member while another one has it, or has not said
 * yet that it has given it up.
 *
 * Source: Apache Kafka 4.0, CurrentAssignmentBuilder; KIP-848
 */
import type { ConsumerGroup, ConsumerMember } from './consumer-state.ts';
import type { GroupRules } from './rules.ts';

const NONE: readonly number[] = Object.freeze([]);

/** @param owned what the member says that it has; null: nothing new */
export function reconcile(
  group: ConsumerGroup,
  member: ConsumerMember,
  owned: readonly number[] | null,
  rules: GroupRules,
): ConsumerMember {
  switch (member.state) {
    case 'stable':
      return member.epoch === group.targetEpoch ? member : next(group, member, rules);
    case 'unrevoked': {
      const isWaiting = owned === null || member.revoking.some((one) => owned.includes(one));
      if (isWaiting) return member;
      return next(group, { ...member, revoking: NONE }, rules);
    }
    case 'unreleased':
      return next(group, member, rules);
  }
}

function next(group: ConsumerGroup, member: ConsumerMember, rules: GroupRules): ConsumerMember {
  const { targetEpoch: epoch } = group;
  const target = group.target.get(member.id) ?? NONE;
  const kept = member.assigned.filter((one) => target.includes(one));
  const revoking = member.assigned.filter((one) => !target.includes(one));
  if (revoking.length > 0) return { ...member, state: 'unrevoked', assigned: kept, revoking };
  const wanted = target.filter((one) => !kept.includes(one));
  const free = rules.revokeBeforeAssign
    ? wanted.filter((one) => !isHeldByOther(group, member.id, one))
    : wanted;
  return {
    ...member,
    state: free.length < wanted.length ? 'unreleased' : 'stable',
    previousEpoch: member.epoch === epoch ? member.previousEpoch : member.epoch,
    epoch,
    assigned: free.length === 0 ? kept : [...kept, ...free].sort((a, b) => a - b),
    revoking: NONE,
  };
}

function isHeldByOther({ members }: ConsumerGroup, id: string, partition: number): boolean {
  for (const other of members.values()) {
    if (other.id === id) continue;
    if (other.assigned.includes(partition) || other.revoking.includes(partition)) return true;
  }
  return false;
}
