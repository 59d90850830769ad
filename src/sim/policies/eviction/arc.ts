/**
 * ARC: two LRU lists, of keys seen once (T1) and more often (T2) lately, whose shares follow the
 * hits among the keys that each of them has lost (B1, B2).
 *
 * Source: Megiddo & Modha, "ARC: a self-tuning, low overhead replacement cache", FAST 2003,
 * figure 4. The target `p` is a real number, as there. Differs: a ghost is looked up when its key
 * is inserted, not when it is asked for; room is made only when the cache is full, which after a
 * removal it may not be.
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

const T1 = 0;
const T2 = 1;
const B1 = 2;
const B2 = 3;

export interface ArcState {
  readonly capacity: number;
  readonly slots: Slots;
  /** The target length of T1, 0..capacity. */
  p: number;
}

export const arc: EvictionPolicy<ArcState> = {
  name: 'arc',
  about: 'Balances recent against frequent keys by the hits among those that each has lost.',
  source: 'Megiddo & Modha, ARC (FAST 2003), figure 4',
  start(capacity) {
    checkCapacity(capacity);
    return { capacity, slots: makeSlots(4), p: 0 };
  },
  has: ({ slots }, key) => isIn(slots, slotOf(slots, key)),
  touch({ slots }, key) {
    const slot = slotOf(slots, key);
    if (!isIn(slots, slot)) return false;
    moveToHead(slots, T2, slot);
    return true;
  },
  insert(state, key) {
    const { slots } = state;
    const slot = slotOf(slots, key);
    if (isIn(slots, slot)) return -1;
    if (slot === NONE) return insertNew(state, key);
    const isInB2 = slots.listOf[slot] === B2;
    adapt(state, isInB2);
    const gone = replace(state, isInB2);
    moveToHead(slots, T2, slot);
    return gone;
  },
  remove({ slots }, key) {
    const slot = slotOf(slots, key);
    if (!isIn(slots, slot)) return false;
    dropSlot(slots, slot);
    return true;
  },
  size: ({ slots }) => slots.lengths[T1]! + slots.lengths[T2]!,
  order({ slots, p }, n) {
    const excess = Math.max(0, slots.lengths[T1]! - Math.floor(p));
    const keys = collect(slots, T1, Math.min(n, excess), []);
    collect(slots, T2, n, keys);
    if (keys.length < n) keys.push(...collect(slots, T1, excess + n, []).slice(excess));
    return keys.slice(0, n);
  },
};

function isIn(slots: Slots, slot: number): boolean {
  return slot !== NONE && slots.listOf[slot]! <= T2;
}

/** Cases II and III: a hit among the lost keys of one list makes that list longer. */
function adapt(state: ArcState, isInB2: boolean): void {
  const b1 = state.slots.lengths[B1]!;
  const b2 = state.slots.lengths[B2]!;
  if (isInB2) state.p = Math.max(0, state.p - Math.max(1, b1 / b2));
  else state.p = Math.min(state.capacity, state.p + Math.max(1, b2 / b1));
}

/** Case IV: nothing is known of the key. */
function insertNew(state: ArcState, key: number): number {
  const { capacity, slots } = state;
  const [t1 = 0, t2 = 0, b1 = 0, b2 = 0] = slots.lengths;
  let gone = -1;
  if (t1 + b1 === capacity) {
    if (t1 < capacity) {
      dropSlot(slots, tailOf(slots, B1));
      gone = replace(state, false);
    } else {
      gone = dropSlot(slots, tailOf(slots, T1));
    }
  } else if (t1 + t2 + b1 + b2 >= capacity) {
    if (t1 + t2 + b1 + b2 === 2 * capacity) dropSlot(slots, tailOf(slots, B2));
    gone = replace(state, false);
  }
  pushHead(slots, T1, takeSlot(slots, key));
  return gone;
}

function replace({ capacity, slots, p }: ArcState, isInB2: boolean): number {
  const t1 = slots.lengths[T1]!;
  const t2 = slots.lengths[T2]!;
  if (t1 + t2 < capacity) return -1;
  const isFromT1 = t1 > 0 && (t1 > p || (isInB2 && t1 === p) || t2 === 0);
  const slot = tailOf(slots, isFromT1 ? T1 : T2);
  const key = slots.keys[slot]!;
  moveToHead(slots, isFromT1 ? B1 : B2, slot);
  return key;
}
