/**
 * Uniform: the broker's own default of the newer protocol, where the coordinator decides. Shares
 * differ by at most one; members keep what they own up to their share, the first of them the share
 * with one more, and what is left goes to the members with room, one after the other.
 *
 * Source: KIP-848; Kafka's UniformHomogeneousAssignmentBuilder.
 * Differs: members and topics come in the order of their ids and names, where Kafka has that of a
 * map of random ids; for unequal subscriptions it is the sticky assignor's balance, where Kafka has
 * another search for the same end. It knows no racks, as Kafka's since 4.0.
 */
import { assignmentOf, groupOf } from './group.ts';
import type { Group } from './group.ts';
import { claimsOf } from './claims.ts';
import type { Claims } from './claims.ts';
import { withoutRacks } from './racks.ts';
import { assignByBalance } from './sticky-balance.ts';
import { isAlike } from './sticky.ts';
import type { Assignor } from './assignor.ts';

function assignUniform(group: Group, claims: Claims): number[][] {
  const members = group.members.length;
  const slots = group.topicOf.map((_topic, slot) => slot);
  const least = Math.floor(slots.length / members);
  const extras = slots.length % members;
  const quotaOf = (member: number) => least + (member < extras ? 1 : 0);
  const held = group.members.map((_member, member) =>
    slots.filter((slot) => claims.ownerOf[slot] === member).slice(0, quotaOf(member)),
  );
  const kept = new Set(held.flat());
  const left = slots.filter((slot) => !kept.has(slot));
  // What nobody owned comes before what somebody had to give up.
  left.sort((a, b) => Number(claims.ownerOf[a]! >= 0) - Number(claims.ownerOf[b]! >= 0) || a - b);
  let next = 0;
  for (const [member, mine] of held.entries()) {
    const room = quotaOf(member) - mine.length;
    mine.push(...left.slice(next, next + room));
    next += room;
  }
  return held;
}

export const uniformAssignor: Assignor = {
  name: 'uniform',
  about: 'Even shares decided by the broker; members keep what fits into their share.',
  source: 'KIP-848; Kafka, UniformAssignor',
  protocol: 'cooperative',
  assign(members, topics) {
    const group = groupOf(members, topics);
    if (group.members.length === 0) return new Map();
    const claims = claimsOf(group);
    const held = isAlike(group)
      ? assignUniform(group, claims)
      : assignByBalance(group, claims, withoutRacks(group));
    return assignmentOf(group, held);
  },
};
