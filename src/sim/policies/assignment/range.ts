/**
 * Range: for each topic by itself, its partitions in contiguous ranges, the first members of the
 * serving order getting one more where the division leaves a rest.
 *
 * Topics of equally many partitions and the same subscribers are co-partitioned: a member gets the
 * same numbers of each, so that it can join them. With racks, partitions go first to members near
 * to them, within the same shares, and co-partitioned topics only together; the rest go by range.
 *
 * Source: Kafka's RangeAssignor; KIP-881 for racks. KIP-848's server-side range is the same
 * without stickiness.
 */
import { assignmentOf, groupOf, nothingHeld, servingOrder } from './group.ts';
import type { Group } from './group.ts';
import { isNear, racksOf } from './racks.ts';
import type { Racks } from './racks.ts';
import type { Assignor } from './assignor.ts';

/** One topic while it is dealt out. */
interface Share {
  readonly firstSlot: number;
  readonly partitions: number;
  /** Its subscribers in serving order. */
  readonly members: readonly number[];
  readonly racks: Racks;
  readonly left: Set<number>;
  readonly given: Map<number, number>;
  /** What every member gets, and how many may still have one more. */
  readonly quota: number;
  extras: number;
}

function shareOf(group: Group, topic: number, order: readonly number[]): Share {
  const firstSlot = group.firstSlot[topic]!;
  const { partitions } = group.topics[topic]!;
  const slots = Array.from({ length: partitions }, (_none, index) => firstSlot + index);
  const subscribers = new Set(group.subscribers[topic]);
  const members = order.filter((member) => subscribers.has(member));
  return {
    firstSlot,
    partitions,
    members,
    racks: racksOf(group, members, slots),
    left: new Set(slots),
    given: new Map(members.map((member) => [member, 0])),
    quota: Math.floor(partitions / members.length),
    extras: partitions % members.length,
  };
}

function room(share: Share, member: number): number {
  const most = share.quota + (share.extras > 0 ? 1 : 0);
  return Math.max(0, most - share.given.get(member)!);
}

function give(share: Share, member: number, slots: readonly number[], held: number[][]): void {
  for (const slot of slots) {
    share.left.delete(slot);
    held[member]!.push(slot);
  }
  const given = share.given.get(member)! + slots.length;
  share.given.set(member, given);
  if (given > share.quota) share.extras -= 1;
}

/** Each member in turn takes the first slots that are left and that it may have. */
function giveRanges(share: Share, nearOnly: boolean, held: number[][]): void {
  for (const member of share.members) {
    const mine = [...share.left].filter((slot) => !nearOnly || isNear(share.racks, member, slot));
    const slots = mine.slice(0, room(share, member));
    if (slots.length > 0) give(share, member, slots, held);
  }
}

/** Partition by partition: to the first member that is near to it in all of the topics. */
function giveTogether(shares: readonly Share[], held: number[][]): void {
  const [{ members, partitions }] = shares as [Share];
  for (let partition = 0; partition < partitions; partition++) {
    const takes = (member: number) =>
      shares.every(
        (share) =>
          room(share, member) > 0 && isNear(share.racks, member, share.firstSlot + partition),
      );
    const member = members.find(takes);
    if (member === undefined) continue;
    for (const share of shares) give(share, member, [share.firstSlot + partition], held);
  }
}

function giveToNear(shares: readonly Share[], held: number[][]): void {
  const together = new Map<string, Share[]>();
  for (const share of shares) {
    const hasRack = share.members.some((member) => share.racks.ofMember[member] !== null);
    if (!hasRack) continue;
    const key = `${share.partitions}:${share.members.join()}`;
    const same = together.get(key);
    if (same === undefined) together.set(key, [share]);
    else same.push(share);
  }
  for (const same of together.values()) {
    if (same.length > 1) giveTogether(same, held);
    else if (same[0]!.racks.matter) giveRanges(same[0]!, true, held);
  }
}

export const rangeAssignor: Assignor = {
  name: 'range',
  about: 'Contiguous ranges of each topic by itself; co-partitioned topics stay together.',
  source: 'Kafka, RangeAssignor; KIP-881',
  protocol: 'eager',
  assign(members, topics) {
    const group = groupOf(members, topics);
    const order = servingOrder(group);
    const held = nothingHeld(group);
    const shares = group.topics.map((_topic, index) => shareOf(group, index, order));
    if (shares.some((share) => share.racks.matter)) giveToNear(shares, held);
    for (const share of shares) giveRanges(share, false, held);
    return assignmentOf(group, held);
  },
};
