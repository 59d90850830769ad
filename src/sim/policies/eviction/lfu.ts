/**
 * LFU: the key with the fewest requests since it came in goes; among equals, the one that was not
 * asked for the longest.
 *
 * One list in the order of eviction, and for each count the newest key that has it: a hit moves a
 * key just above the newest of the next count, so that every step is O(1).
 *
 * Source: Shah, Mitra, Matani, "An O(1) algorithm for implementing the LFU cache eviction scheme",
 * 2010. Differs: one list with marks in place of a list of lists. Counts are forgotten when a key
 * goes (in-cache LFU), as there.
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import {
  NONE,
  checkCapacity,
  collect,
  dropSlot,
  makeSlots,
  pushAbove,
  slotOf,
  tailOf,
  takeSlot,
  unlink,
} from './slots.ts';
import type { Slots } from './slots.ts';

const LIST = 0;

export interface LfuState {
  readonly capacity: number;
  /** The mark is the number of requests since the key came in, itself included. */
  readonly slots: Slots;
  /** By number of requests: the newest slot with so many. */
  readonly newestWith: Map<number, number>;
}

export const lfu: EvictionPolicy<LfuState> = {
  name: 'lfu',
  about: 'The key with the fewest requests since it came in goes; ties go by age of last use.',
  source: 'Shah, Mitra, Matani, An O(1) algorithm for implementing the LFU cache eviction (2010)',
  start(capacity) {
    checkCapacity(capacity);
    return { capacity, slots: makeSlots(1), newestWith: new Map() };
  },
  has: ({ slots }, key) => slots.slotOf.has(key),
  touch(state, key) {
    const { slots, newestWith } = state;
    const slot = slotOf(slots, key);
    if (slot === NONE) return false;
    const count = slots.mark[slot]!;
    // Without a higher group its place is above its own: what stays there once it has left.
    const place = newestWith.get(count + 1) ?? newestWith.get(count)!;
    const below = place === slot ? slots.older[slot]! : place;
    leave(state, slot);
    unlink(slots, slot);
    slots.mark[slot] = count + 1;
    pushAbove(slots, LIST, below, slot);
    newestWith.set(count + 1, slot);
    return true;
  },
  insert(state, key) {
    const { capacity, slots, newestWith } = state;
    if (slots.slotOf.has(key)) return -1;
    let gone = -1;
    if (slots.slotOf.size >= capacity) {
      const victim = tailOf(slots, LIST);
      leave(state, victim);
      gone = dropSlot(slots, victim);
    }
    const slot = takeSlot(slots, key);
    slots.mark[slot] = 1;
    pushAbove(slots, LIST, newestWith.get(1) ?? LIST, slot);
    newestWith.set(1, slot);
    return gone;
  },
  remove(state, key) {
    const slot = slotOf(state.slots, key);
    if (slot === NONE) return false;
    leave(state, slot);
    dropSlot(state.slots, slot);
    return true;
  },
  size: ({ slots }) => slots.slotOf.size,
  order: ({ slots }, n) => collect(slots, LIST, n, []),
};

/** Before a slot leaves its count: the one below is the newest with it now, if there is one. */
function leave({ slots, newestWith }: LfuState, slot: number): void {
  const count = slots.mark[slot]!;
  if (newestWith.get(count) !== slot) return;
  const below = slots.older[slot]!;
  if (below !== LIST && slots.mark[below] === count) newestWith.set(count, below);
  else newestWith.delete(count);
}
