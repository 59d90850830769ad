/**
 * 2Q, full version: keys seen once pass through a FIFO (A1in); those that are asked for again
 * after they left it, while still remembered (A1out), come into an LRU list (Am).
 *
 * Source: Johnson & Shasha, "2Q: a low overhead high performance buffer management replacement
 * algorithm", VLDB 1994, section 3.1; Kin 25 %, Kout 50 % as recommended there. Differs, where the
 * paper is silent: the key that comes back leaves A1out before room is made; with Am empty the
 * victim is taken from A1in.
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import {
  NONE,
  checkCapacity,
  collect,
  dropSlot,
  makeSlots,
  moveToHead,
  pushHead,
  slotOf,
  tailOf,
  takeSlot,
} from './slots.ts';
import type { Slots } from './slots.ts';

const AM = 0;
const A1_IN = 1;
const A1_OUT = 2;
const KIN = 0.25;
const KOUT = 0.5;

export interface TwoQueueState {
  readonly capacity: number;
  readonly inMax: number;
  readonly outMax: number;
  readonly slots: Slots;
}

export const twoQueue: EvictionPolicy<TwoQueueState> = {
  name: '2q',
  about: 'A FIFO for keys seen once, an LRU list for those that come back after it.',
  source: 'Johnson & Shasha, 2Q (VLDB 1994), full version',
  start(capacity, settings = {}) {
    checkCapacity(capacity);
    const inMax = Math.floor(capacity * (settings.kin ?? KIN));
    const outMax = Math.floor(capacity * (settings.kout ?? KOUT));
    return { capacity, inMax, outMax, slots: makeSlots(3) };
  },
  has: ({ slots }, key) => isIn(slots, slotOf(slots, key)),
  touch({ slots }, key) {
    const slot = slotOf(slots, key);
    if (!isIn(slots, slot)) return false;
    // A hit in A1in changes nothing: references soon after the first are correlated with it.
    if (slots.listOf[slot] === AM) moveToHead(slots, AM, slot);
    return true;
  },
  insert(state, key) {
    const { slots } = state;
    const slot = slotOf(slots, key);
    if (isIn(slots, slot)) return -1;
    const isKnown = slot !== NONE;
    if (isKnown) dropSlot(slots, slot);
    const gone = size(slots) < state.capacity ? -1 : evict(state);
    pushHead(slots, isKnown ? AM : A1_IN, takeSlot(slots, key));
    return gone;
  },
  remove({ slots }, key) {
    const slot = slotOf(slots, key);
    if (!isIn(slots, slot)) return false;
    dropSlot(slots, slot);
    return true;
  },
  size: ({ slots }) => size(slots),
  order({ slots, inMax }, n) {
    const excess = Math.max(0, slots.lengths[A1_IN]! - inMax);
    const keys = collect(slots, A1_IN, Math.min(n, excess), []);
    collect(slots, AM, n, keys);
    if (keys.length < n) keys.push(...collect(slots, A1_IN, excess + n, []).slice(excess));
    return keys.slice(0, n);
  },
};

function isIn(slots: Slots, slot: number): boolean {
  return slot !== NONE && slots.listOf[slot] !== A1_OUT;
}

function size(slots: Slots): number {
  return slots.lengths[AM]! + slots.lengths[A1_IN]!;
}

function evict({ slots, inMax, outMax }: TwoQueueState): number {
  // What falls out of Am is not remembered: it was not asked for in a long time.
  if (slots.lengths[A1_IN]! <= inMax && slots.lengths[AM]! > 0) {
    return dropSlot(slots, tailOf(slots, AM));
  }
  const slot = tailOf(slots, A1_IN);
  const key = slots.keys[slot]!;
  moveToHead(slots, A1_OUT, slot);
  if (slots.lengths[A1_OUT]! > outMax) dropSlot(slots, tailOf(slots, A1_OUT));
  return key;
}
