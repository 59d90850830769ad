/**
 * The sticky assignment of a group whose members subscribe to different topics.
 *
 * Everybody keeps what it owns and still subscribes to (and, where racks matter, is near to). What
 * is left goes, topics of few subscribers first, to whoever has least. Then partitions move from
 * who has two more to who has least, until no such move is left.
 *
 * Invariant: no partition could move to a subscriber that has two fewer than its owner.
 *
 * Source: Kafka's AbstractStickyAssignor with unequal subscriptions; KIP-54, KIP-341, KIP-881.
 * Differs: a partition goes back to its earlier owner only if that one still subscribes; Kafka
 * takes all moves back if in the end they made nothing more even, here the last word is the rule.
 */
import type { Claims } from './claims.ts';
import { nothingHeld } from './group.ts';
import type { Group } from './group.ts';
import { isNear } from './racks.ts';
import type { Racks } from './racks.ts';
import { StickyMoves } from './sticky-moves.ts';

class StickyBalance {
  readonly #group: Group;
  readonly #claims: Claims;
  readonly #racks: Racks;
  readonly #moves: StickyMoves;
  /** -1: nobody, yet. */
  readonly #ownerOf: number[];
  readonly #counts: number[];
  /** Slots that have gone back although that made nothing more even. */
  readonly #sentBack = new Set<number>();
  #hasRevoked = false;

  constructor(group: Group, claims: Claims, racks: Racks) {
    this.#group = group;
    this.#claims = claims;
    this.#racks = racks;
    this.#moves = new StickyMoves(group.topicOf);
    this.#ownerOf = group.topicOf.map(() => -1);
    this.#counts = group.members.map(() => 0);
  }

  /** @returns for each member its slots */
  build(): number[][] {
    this.#keepOwned();
    const all = this.#slotsInOrder();
    const unowned = all.filter((slot) => this.#ownerOf[slot]! < 0);
    if (this.#racks.matter) this.#giveUnowned(unowned, true);
    this.#giveUnowned(unowned, false);
    // Where nobody had to give anything up, try with the new partitions alone first.
    if (!this.#hasRevoked) this.#even(unowned);
    this.#even(all);
    const held = nothingHeld(this.#group);
    for (const [slot, member] of this.#ownerOf.entries()) held[member]!.push(slot);
    return held;
  }

  #subscribers(slot: number): readonly number[] {
    return this.#group.subscribers[this.#group.topicOf[slot]!]!;
  }

  #give(slot: number, to: number): void {
    const from = this.#ownerOf[slot]!;
    if (from >= 0) this.#counts[from]! -= 1;
    this.#counts[to]! += 1;
    this.#ownerOf[slot] = to;
  }

  /** Topics of few subscribers first: their partitions have the least choice. */
  #slotsInOrder(): number[] {
    const slots = this.#group.topicOf.map((_topic, slot) => slot);
    return slots.sort((a, b) => this.#subscribers(a).length - this.#subscribers(b).length || a - b);
  }

  #keepOwned(): void {
    const { ownerOf } = this.#claims;
    for (let slot = 0; slot < ownerOf.length; slot++) {
      const member = ownerOf[slot]!;
      if (member < 0) continue;
      const isFar = this.#racks.matter && !isNear(this.#racks, member, slot);
      if (isFar || !this.#subscribers(slot).includes(member)) {
        this.#hasRevoked = true;
        continue;
      }
      this.#give(slot, member);
    }
  }

  /** The subscriber of the slot's topic with least, the first of several. */
  #least(slot: number, nearOnly: boolean): number {
    let best = -1;
    for (const member of this.#subscribers(slot)) {
      if (nearOnly && !isNear(this.#racks, member, slot)) continue;
      if (best < 0 || this.#counts[member]! < this.#counts[best]!) best = member;
    }
    return best;
  }

  #giveUnowned(slots: readonly number[], nearOnly: boolean): void {
    for (const slot of slots) {
      if (this.#ownerOf[slot]! >= 0) continue;
      const member = this.#least(slot, nearOnly);
      if (member >= 0) this.#give(slot, member);
    }
  }

  /** Moves slots of the list until none of them helps. */
  #even(slots: readonly number[]): void {
    let hasMoved = true;
    while (hasMoved) {
      hasMoved = false;
      for (const slot of slots) {
        const to = this.#destination(slot);
        if (to < 0) continue;
        this.#move(slot, to);
        hasMoved = true;
      }
    }
  }

  /** Its earlier owner, if that one has two fewer; else whoever has least; -1: it stays. */
  #destination(slot: number): number {
    const helps = (member: number) =>
      this.#counts[member]! + 1 < this.#counts[this.#ownerOf[slot]!]!;
    const earlier = this.#claims.earlierOwnerOf[slot]!;
    if (this.#subscribers(slot).includes(earlier) && helps(earlier)) return earlier;
    const least = this.#least(slot, false);
    return helps(least) ? least : -1;
  }

  #move(wanted: number, to: number): void {
    const slot = this.#standIn(wanted, to);
    this.#moves.record(slot, this.#ownerOf[slot]!, to);
    this.#give(slot, to);
  }

  /** What goes in its place; something that helps nobody only once, or there would be no end. */
  #standIn(wanted: number, to: number): number {
    const other = this.#moves.inPlaceOf(wanted, this.#ownerOf[wanted]!, to);
    if (this.#counts[to]! + 1 < this.#counts[this.#ownerOf[other]!]!) return other;
    if (this.#sentBack.has(other)) return wanted;
    this.#sentBack.add(other);
    return other;
  }
}

/** @returns for each member its slots */
export function assignByBalance(group: Group, claims: Claims, racks: Racks): number[][] {
  return new StickyBalance(group, claims, racks).build();
}
