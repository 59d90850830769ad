/**
 * The sticky assignment of a group whose members all subscribe to the same topics.
 *
 * Invariant: shares differ by at most one, and within that nobody gives up a partition that it may
 * keep. Everybody keeps what it owns up to its quota, the lower or, for as many members as the
 * division leaves a rest, the higher one; what is then left is dealt in a circle, to the near first
 * where racks matter, even if that means giving up a partition whose replicas are all far away.
 *
 * Source: Kafka's AbstractStickyAssignor with equal subscriptions; KIP-54, KIP-881.
 */
import { invariant } from '../../kernel/errors.ts';
import { javaMapOrder } from '../hashing/java-string.ts';
import type { Claims } from './claims.ts';
import { nothingHeld } from './group.ts';
import type { Group } from './group.ts';
import { isInRack, isNear } from './racks.ts';
import type { Racks } from './racks.ts';

interface Dealing {
  readonly racks: Racks;
  readonly held: number[][];
  /** The lower and the higher quota, and how many members are to have the higher. */
  readonly low: number;
  readonly high: number;
  readonly highMembers: number;
  /** How many have it. */
  filled: number;
  /** Members below the lower quota, and those who could still go from the lower to the higher. */
  below: number[];
  mayRise: number[];
}

/** In the order of partition numbers, then of topics: what is kept spreads over the topics. */
function byNumberThenTopic(group: Group, a: number, b: number): number {
  const topicA = group.topicOf[a]!;
  const topicB = group.topicOf[b]!;
  return a - group.firstSlot[topicA]! - (b - group.firstSlot[topicB]!) || topicA - topicB;
}

function rise(dealing: Dealing): void {
  dealing.filled += 1;
  if (dealing.filled === dealing.highMembers) dealing.mayRise = [];
}

/** In the order of Kafka's own map: it decides who keeps the higher quota if several could. */
function keepOwned(group: Group, claims: Claims, dealing: Dealing): void {
  const { racks, low, high, highMembers } = dealing;
  for (const member of javaMapOrder(group.members.map(({ id }) => id))) {
    const owned = group.claims[member]!.filter(
      (slot) => claims.ownerOf[slot] === member && (!racks.matter || isNear(racks, member, slot)),
    );
    owned.sort((a, b) => byNumberThenTopic(group, a, b));
    const mayRise = dealing.filled < highMembers;
    if (owned.length < low) {
      dealing.held[member] = owned;
      dealing.below.push(member);
    } else if (owned.length >= high && mayRise) {
      dealing.held[member] = owned.slice(0, high);
      rise(dealing);
    } else {
      dealing.held[member] = owned.slice(0, low);
      if (mayRise) dealing.mayRise.push(member);
    }
  }
}

/** The place of the next member in the slot's racks, from `first` on around the circle. */
function nextNear(racks: Racks, slot: number, members: readonly number[], first: number): number {
  for (let step = 0; step < members.length; step++) {
    const place = (first + step) % members.length;
    if (isInRack(racks, members[place]!, slot)) return place;
  }
  return -1;
}

/** Deals to near members only. @returns the slots that are left */
function dealToNear(dealing: Dealing, slots: readonly number[]): number[] {
  const { racks, held, low, high } = dealing;
  let next = 0;
  return slots.filter((slot) => {
    const place = nextNear(racks, slot, dealing.below, next);
    if (place >= 0) {
      const member = dealing.below[place]!;
      held[member]!.push(slot);
      next = place + 1;
      if (held[member]!.length >= low) {
        dealing.below.splice(place, 1);
        next = place;
        if (low < high && dealing.filled < dealing.highMembers) dealing.mayRise.push(member);
      }
      if (next >= dealing.below.length) next = 0;
      return false;
    }
    const rising = nextNear(racks, slot, dealing.mayRise, 0);
    if (rising < 0) return true;
    held[dealing.mayRise[rising]!]!.push(slot);
    dealing.mayRise.splice(rising, 1);
    rise(dealing);
    return false;
  });
}

/** To those below the lower quota in a circle, then one more to each that may rise. */
function dealToAll(dealing: Dealing, slots: readonly number[]): void {
  const { held, low, below, mayRise } = dealing;
  let next = 0;
  for (const slot of slots) {
    if (below.length === 0) {
      const member = mayRise.shift();
      invariant(member !== undefined, 'a partition is left and every member has its quota');
      held[member]!.push(slot);
      continue;
    }
    if (next >= below.length) next = 0;
    const member = below[next]!;
    held[member]!.push(slot);
    if (held[member]!.length < low) {
      next += 1;
    } else {
      below.splice(next, 1);
      mayRise.push(member);
    }
  }
  invariant(below.length === 0, 'a member is below its quota and no partition is left');
}

/** Partitions that few members are near to come first: the others can still go to many. */
function scarceFirst(racks: Racks, slots: number[]): number[] {
  const near = new Map<number, number>();
  for (const slot of slots) {
    const members = racks.ofMember.filter((rack) => rack !== null && racks.ofSlot[slot]!.has(rack));
    near.set(slot, members.length);
  }
  return slots.sort((a, b) => near.get(a)! - near.get(b)! || a - b);
}

/** @returns for each member its slots */
export function assignByQuota(group: Group, claims: Claims, racks: Racks): number[][] {
  const members = group.members.length;
  const slots = group.topicOf.length;
  const low = Math.floor(slots / members);
  const highMembers = slots % members;
  const dealing: Dealing = {
    racks,
    held: nothingHeld(group),
    low,
    high: highMembers > 0 ? low + 1 : low,
    highMembers,
    filled: 0,
    below: [],
    mayRise: [],
  };
  keepOwned(group, claims, dealing);
  dealing.below.sort((a, b) => a - b);
  dealing.mayRise.sort((a, b) => a - b);
  const kept = new Set(dealing.held.flat());
  let left = group.topicOf.map((_topic, slot) => slot).filter((slot) => !kept.has(slot));
  left = scarceFirst(racks, left);
  if (racks.matter) left = dealToNear(dealing, left);
  dealToAll(dealing, left);
  return dealing.held;
}
