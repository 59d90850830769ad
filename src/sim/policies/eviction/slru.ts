/**
 * Segmented LRU: a key comes in on probation, its first hit there protects it; what falls out of
 * the protected segment is on probation again, and victims are taken from probation.
 *
 * Source: Karedla, Love, Wherry, "Caching strategies to improve disk system performance", IEEE
 * Computer, 1994; the protected share of 80 % is that of Caffeine.
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
  removeKey,
  slotOf,
  tailOf,
  takeSlot,
} from './slots.ts';
import type { Slots } from './slots.ts';

const PROBATION = 0;
const PROTECTED = 1;
const PROTECTED_SHARE = 0.8;

export interface SlruState {
  readonly capacity: number;
  readonly protectedMax: number;
  readonly slots: Slots;
}

export const slru: EvictionPolicy<SlruState> = {
  name: 'slru',
  about: 'Two LRU lists: a hit lifts a key from probation to the protected one.',
  source: 'Karedla, Love, Wherry, Caching strategies to improve disk system performance (1994)',
  start(capacity, settings = {}) {
    checkCapacity(capacity);
    const protectedMax = Math.floor(capacity * (settings.protectedShare ?? PROTECTED_SHARE));
    return { capacity, protectedMax, slots: makeSlots(2) };
  },
  has: ({ slots }, key) => slots.slotOf.has(key),
  touch({ protectedMax, slots }, key) {
    const slot = slotOf(slots, key);
    if (slot === NONE) return false;
    moveToHead(slots, PROTECTED, slot);
    if (slots.lengths[PROTECTED]! > protectedMax) {
      moveToHead(slots, PROBATION, tailOf(slots, PROTECTED));
    }
    return true;
  },
  insert({ capacity, slots }, key) {
    if (slots.slotOf.has(key)) return -1;
    let gone = -1;
    if (slots.slotOf.size >= capacity) {
      const list = slots.lengths[PROBATION]! > 0 ? PROBATION : PROTECTED;
      gone = dropSlot(slots, tailOf(slots, list));
    }
    pushHead(slots, PROBATION, takeSlot(slots, key));
    return gone;
  },
  remove: ({ slots }, key) => removeKey(slots, key),
  size: ({ slots }) => slots.slotOf.size,
  order: ({ slots }, n) => collect(slots, PROTECTED, n, collect(slots, PROBATION, n, [])),
};
