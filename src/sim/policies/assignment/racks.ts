/**
 * Which members are near which partitions: a member reads from a replica in its own rack for less.
 *
 * Racks matter only if a member's rack holds some replica and not every partition has a replica in
 * every rack: otherwise all members are equally near, or equally far.
 *
 * Source: KIP-881. All replicas count, those outside the ISR too: they will soon be back.
 */
import type { Group } from './group.ts';

export interface Racks {
  /** Whether they tell one assignment from another. */
  readonly matter: boolean;
  /** The rack of each member; null: it has none. */
  readonly ofMember: readonly (string | null)[];
  /** The racks of the replicas of each slot; none where they are not known. */
  readonly ofSlot: readonly ReadonlySet<string>[];
}

/**
 * @param among the members who compete, indices
 * @param slots what they compete for
 */
export function racksOf(group: Group, among: readonly number[], slots: readonly number[]): Racks {
  const ofMember = group.members.map(({ rack }) => (rack === '' ? null : rack));
  const ofSlot = group.topicOf.map((topic, slot) => {
    const racks = group.topics[topic]!.replicaRacks[slot - group.firstSlot[topic]!];
    return new Set(racks);
  });
  const all = new Set(slots.flatMap((slot) => [...ofSlot[slot]!]));
  const isNear = among.some((member) => all.has(ofMember[member] ?? ''));
  const everywhere = slots.every((slot) => ofSlot[slot]!.size === all.size);
  return { matter: isNear && !everywhere, ofMember, ofSlot };
}

/** For an assignor that does not ask: nobody is near to anything. */
export function withoutRacks(group: Group): Racks {
  const nowhere: ReadonlySet<string> = new Set();
  return {
    matter: false,
    ofMember: group.members.map(() => null),
    ofSlot: group.topicOf.map(() => nowhere),
  };
}

/** Whether the member has a rack, and a replica of the slot is in it. */
export function isInRack(racks: Racks, member: number, slot: number): boolean {
  const rack = racks.ofMember[member]!;
  return rack !== null && racks.ofSlot[slot]!.has(rack);
}

/** Whether nothing is lost by giving the slot to the member: one without a rack is near to all. */
export function isNear(racks: Racks, member: number, slot: number): boolean {
  return racks.ofMember[member] === null || isInRack(racks, member, slot);
}
