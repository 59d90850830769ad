/**
 * The sticky assignment of a group whose members subscribe to different topics.
 *
 * Everybody keeps what it owns and still subscribes to (and, where racks matter, is near to). What
 * is left goes, topics of few subscribers first, to whoever has least. Then partitions move from
 * who has two more to who has least, until no such move is left.
 *
 * Invariant: no partition could move to a subscriber that has two fewer than its owner, unless
 * moving would not make the group more even as a whole.
 *
 * Source: Kafka's AbstractStickyAssignor with unequal subscriptions; KIP-54, KIP-341, KIP-881.
 * Differs: a partition goes back to its earlier owner only if that one still subscribes.
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
  /** Topics of each member. */
  readonly #topicsOf: readonly ReadonlySet<number>[];
  held: number[][];
  #ownerOf: number[];
  /** Members who take part: those who own, or could own, what another could own as well. */
  #active: number[];
  #hasRevoked = false;

  constructor(group: Group, claims: Claims, racks: Racks) {
    this.#group = group;
    this.#claims = claims;
    this.#racks = racks;
    this.#moves = new StickyMoves(group.topicOf);
    this.#active = group.members.map((_member, index) => index);
    this.#topicsOf = this.#active.map((member) => {
      const topics = group.topics.map((_topic, index) => index);
      return new Set(topics.filter((topic) => group.subscribers[topic]!.includes(member)));
    });
    this.held = nothingHeld(group);
    this.#ownerOf = new Array<number>(group.topicOf.length).fill(-1);
  }

  build(): void {
    this.#keepOwned();
    const isFirst = this.held.every((slots) => slots.length === 0);
    const all = this.#slotsInOrder();
    const unowned = all.filter((slot) => this.#ownerOf[slot]! < 0);
    if (this.#racks.matter) for (const slot of unowned) this.#give(slot, true);
    for (const slot of unowned) this.#give(slot, false);
    this.#active = this.#active.filter((member) => this.#takesPart(member));
    const isShared = (slot: number) => this.#subscribers(slot).length > 1;
    const held = this.held.map((slots) => [...slots]);
    const ownerOf = [...this.#ownerOf];
    const before = this.#unevenness();
    // Where nobody had to give anything up, try with the new partitions alone first.
    if (!this.#hasRevoked) this.#even(unowned.filter(isShared));
    const hasMoved = this.#even(all.filter(isShared));
    if (isFirst || !hasMoved || this.#unevenness() < before) return;
    this.held = held;
    this.#ownerOf = ownerOf;
  }

  #subscribers(slot: number): readonly number[] {
    return this.#group.subscribers[this.#group.topicOf[slot]!]!;
  }

  #count(member: number): number {
    return this.held[member]!.length;
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
      this.held[member]!.push(slot);
      this.#ownerOf[slot] = member;
    }
  }

  /** The subscriber of the slot's topic with least, the first of several. */
  #least(slot: number, nearOnly: boolean): number {
    let best = -1;
    for (const member of this.#subscribers(slot)) {
      if (nearOnly && !isNear(this.#racks, member, slot)) continue;
      if (best < 0 || this.#count(member) < this.#count(best)) best = member;
    }
    return best;
  }

  #give(slot: number, nearOnly: boolean): void {
    if (this.#ownerOf[slot]! >= 0) return;
    const member = this.#least(slot, nearOnly);
    if (member < 0) return;
    this.held[member]!.push(slot);
    this.#ownerOf[slot] = member;
  }

  #takesPart(member: number): boolean {
    let most = 0;
    for (const topic of this.#topicsOf[member]!) most += this.#group.topics[topic]!.partitions;
    if (this.#count(member) < most) return true;
    return this.held[member]!.some((slot) => this.#subscribers(slot).length > 1);
  }

  /** The sum of the differences of all pairs. */
  #unevenness(): number {
    let sum = 0;
    for (const one of this.#active) {
      for (const other of this.#active) {
        if (other < one) sum += Math.abs(this.#count(one) - this.#count(other));
      }
    }
    return sum;
  }

  /** Whether some subscriber of the slot has two fewer than its owner. */
  #wouldEven(slot: number): boolean {
    const owner = this.#count(this.#ownerOf[slot]!);
    return this.#subscribers(slot).some((member) => this.#count(member) + 1 < owner);
  }

  #isEven(): boolean {
    const counts = this.#active.map((member) => this.#count(member));
    if (counts.length === 0 || Math.max(...counts) - Math.min(...counts) <= 1) return true;
    return !this.#ownerOf.some((_owner, slot) => this.#wouldEven(slot));
  }

  /** Moves slots of the list until none of them helps. @returns whether any has moved */
  #even(slots: readonly number[]): boolean {
    let hasMoved = false;
    for (;;) {
      let hasMovedNow = false;
      for (const slot of slots) {
        if (this.#isEven()) break;
        const to = this.#destination(slot);
        if (to < 0) continue;
        this.#move(slot, to);
        hasMovedNow = true;
      }
      if (!hasMovedNow) return hasMoved;
      hasMoved = true;
    }
  }

  /** Its earlier owner, if that one has two fewer; else whoever has least; -1: it stays. */
  #destination(slot: number): number {
    const earlier = this.#claims.earlierOwnerOf[slot]!;
    const owner = this.#count(this.#ownerOf[slot]!);
    const mayReturn = earlier >= 0 && this.#subscribers(slot).includes(earlier);
    if (mayReturn && owner > this.#count(earlier) + 1) return earlier;
    return this.#wouldEven(slot) ? this.#least(slot, false) : -1;
  }

  #move(wanted: number, to: number): void {
    const slot = this.#moves.inPlaceOf(wanted, this.#ownerOf[wanted]!, to);
    const from = this.#ownerOf[slot]!;
    this.#moves.record(slot, from, to);
    this.held[from] = this.held[from]!.filter((other) => other !== slot);
    this.held[to]!.push(slot);
    this.#ownerOf[slot] = to;
  }
}

/** @returns for each member its slots */
export function assignByBalance(group: Group, claims: Claims, racks: Racks): number[][] {
  const balance = new StickyBalance(group, claims, racks);
  balance.build();
  return balance.held;
}
