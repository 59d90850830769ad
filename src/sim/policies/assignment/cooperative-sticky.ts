/**
 * Cooperative sticky: the target of the sticky assignor, but a partition that moves between living
 * members is withheld until its owner has given it up. Then the group rebalances once more.
 *
 * Invariant: a partition is given to a member only if it owned it already, or nobody else says
 * that it does. So no two members ever read one partition at the same time.
 *
 * As in Kafka, a group whose members differ both in their racks and in their subscriptions may
 * never rest: each rebalance finds another far partition to move. If only one differs it does.
 *
 * Source: Kafka's CooperativeStickyAssignor; KIP-429.
 */
import { assignmentOf, groupOf } from './group.ts';
import { claimsOf } from './claims.ts';
import { assignSticky } from './sticky.ts';
import type { Assignor } from './assignor.ts';

export const cooperativeStickyAssignor: Assignor = {
  name: 'cooperative-sticky',
  about: 'As sticky, but what moves is withheld for one rebalance; the rest goes on meanwhile.',
  source: 'Kafka, CooperativeStickyAssignor; KIP-429',
  protocol: 'cooperative',
  assign(members, topics) {
    const group = groupOf(members, topics);
    const claims = claimsOf(group);
    const held = assignSticky(group, claims).map((slots, member) =>
      slots.filter((slot) => claims.ownerOf[slot] === member || claims.claimants[slot] === 0),
    );
    return assignmentOf(group, held);
  },
};
