/**
 * SIEVE: a hand goes from the oldest key to the newest over a queue in which nothing moves; keys
 * that were asked for lose their bit and stay where they are, the first other one goes.
 *
 * Source: Zhang, Yang, Yue, Vigfusson, Rashmi, "SIEVE is Simpler than LRU", NSDI 2024, algorithm 1.
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import {
  NONE,
  checkCapacity,
  dropSlot,
  makeSlots,
  pushHead,
  slotOf,
  tailOf,
  takeSlot,
} from './slots.ts';
import type { Slots } from './slots.ts';

const QUEUE = 0;

export interface SieveState {
  readonly capacity: number;
  readonly slots: Slots;
  /** The slot that is looked at next, NONE for the oldest. */
  hand: number;
}

export const sieve: EvictionPolicy<SieveState> = {
  name: 'sieve',
  about: 'A hand sweeps from old to new over a queue; what was asked for since stays in place.',
  source: 'Zhang et al., SIEVE is Simpler than LRU (NSDI 2024), algorithm 1',
  start(capacity) {
    checkCapacity(capacity);
    return { capacity, slots: makeSlots(1), hand: NONE };
  },
  has: ({ slots }, key) => slots.slotOf.has(key),
  touch({ slots }, key) {
    const slot = slotOf(slots, key);
    if (slot === NONE) return false;
    slots.mark[slot] = 1;
    return true;
  },
  insert(state, key) {
    const { capacity, slots } = state;
    if (slots.slotOf.has(key)) return -1;
    const gone = slots.slotOf.size < capacity ? -1 : evict(state);
    pushHead(slots, QUEUE, takeSlot(slots, key));
    return gone;
  },
  remove(state, key) {
    const slot = slotOf(state.slots, key);
    if (slot === NONE) return false;
    if (slot === state.hand) state.hand = state.slots.newer[slot]!;
    dropSlot(state.slots, slot);
    return true;
  },
  size: ({ slots }) => slots.slotOf.size,
  order(state, n) {
    const keys = sweep(state, 0, n, []);
    return sweep(state, 1, n, keys);
  },
};

/** The next slot on the way to the newest, from there to the oldest again. */
function after(slots: Slots, slot: number): number {
  const next = slots.newer[slot]!;
  return next === QUEUE ? tailOf(slots, QUEUE) : next;
}

function evict(state: SieveState): number {
  const { slots } = state;
  let slot = state.hand === NONE ? tailOf(slots, QUEUE) : state.hand;
  while (slots.mark[slot] === 1) {
    slots.mark[slot] = 0;
    slot = after(slots, slot);
  }
  // Above the newest is the end of the list, which is NONE: the next sweep begins at the oldest.
  state.hand = slots.newer[slot]!;
  return dropSlot(slots, slot);
}

/** Adds the keys with that mark in the order in which the hand comes by. */
function sweep({ slots, hand }: SieveState, mark: number, n: number, keys: number[]): number[] {
  let slot = hand === NONE ? tailOf(slots, QUEUE) : hand;
  for (let left = slots.slotOf.size; left > 0 && keys.length < n; left--) {
    if (slots.mark[slot] === mark) keys.push(slots.keys[slot]!);
    slot = after(slots, slot);
  }
  return keys;
}
