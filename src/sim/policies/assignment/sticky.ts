/**
 * Sticky: as even as subscriptions allow, and then as little moved as possible.
 *
 * Source: Kafka's StickyAssignor; KIP-54, KIP-341, KIP-881.
 */
import { assignmentOf, groupOf } from './group.ts';
import type { Group } from './group.ts';
import { claimsOf } from './claims.ts';
import type { Claims } from './claims.ts';
import { racksOf } from './racks.ts';
import { assignByBalance } from './sticky-balance.ts';
import { assignByQuota } from './sticky-quota.ts';
import type { Assignor } from './assignor.ts';

/** Whether all members subscribe to the same topics, of those that exist. */
export function isAlike(group: Group): boolean {
  return group.subscribers.every(({ length }) => length === group.members.length);
}

/** @returns for each member its slots */
export function assignSticky(group: Group, claims: Claims): number[][] {
  const members = group.members.map((_member, index) => index);
  if (members.length === 0) return [];
  const slots = group.topicOf.map((_topic, slot) => slot);
  const racks = racksOf(group, members, slots);
  return (isAlike(group) ? assignByQuota : assignByBalance)(group, claims, racks);
}

export const stickyAssignor: Assignor = {
  name: 'sticky',
  about: 'As even as subscriptions allow, and then as few moves as possible; all pause meanwhile.',
  source: 'Kafka, StickyAssignor; KIP-54, KIP-881',
  protocol: 'eager',
  assign(members, topics) {
    const group = groupOf(members, topics);
    return assignmentOf(group, assignSticky(group, claimsOf(group)));
  },
};
