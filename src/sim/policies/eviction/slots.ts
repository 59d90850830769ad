/**
 * Keys in slots, and doubly linked lists through the slots: what the states of all eviction
 * policies are made of. Plain data, O(1) for every step, no allocation once it has grown.
 *
 * Invariant: slots 0..lists-1 are the ends of the lists (a list is a ring through its end); every
 * other slot below `used` either holds a key, found by `slotOf`, and stands in the list `listOf`,
 * or waits in the chain of free slots.
 */
import { InvariantError } from '../../kernel/errors.ts';

/** No slot. Slot 0 is the end of a list, so that it never holds a key. */
export const NONE = 0;
const LEAST_ROOM = 64;

export interface Slots {
  readonly slotOf: Map<number, number>;
  /** The key of each slot: keys may be wider than 32 bits. */
  keys: Float64Array;
  /** Towards the head, which is where keys come in. */
  newer: Int32Array;
  /** Towards the tail, which is where most policies take their victims. */
  older: Int32Array;
  listOf: Uint8Array;
  /** A small number of the policy's own: a bit, a count. */
  mark: Int32Array;
  readonly lengths: number[];
  /** Head of the chain of free slots, by `older`. */
  free: number;
  used: number;
}

export function makeSlots(lists: number): Slots {
  const slots: Slots = {
    slotOf: new Map(),
    keys: new Float64Array(LEAST_ROOM),
    newer: new Int32Array(LEAST_ROOM),
    older: new Int32Array(LEAST_ROOM),
    listOf: new Uint8Array(LEAST_ROOM),
    mark: new Int32Array(LEAST_ROOM),
    lengths: new Array<number>(lists).fill(0),
    free: NONE,
    used: lists,
  };
  for (let list = 0; list < lists; list++) {
    slots.newer[list] = list;
    slots.older[list] = list;
    slots.listOf[list] = list;
    slots.keys[list] = -1;
  }
  return slots;
}

/** A capacity that a cache can have. */
export function checkCapacity(capacity: number): void {
  if (!Number.isSafeInteger(capacity) || capacity < 1) {
    throw new InvariantError(`a cache cannot hold ${capacity} keys`);
  }
}

/** The slot of a key, or NONE. */
export function slotOf(slots: Slots, key: number): number {
  return slots.slotOf.get(key) ?? NONE;
}

/** A slot for a new key, in no list yet, its mark 0. */
export function takeSlot(slots: Slots, key: number): number {
  let slot = slots.free;
  if (slot === NONE) {
    slot = slots.used++;
    if (slot === slots.keys.length) grow(slots);
  } else {
    slots.free = slots.older[slot]!;
  }
  slots.keys[slot] = key;
  slots.mark[slot] = 0;
  slots.slotOf.set(key, slot);
  return slot;
}

/** Gives the slot of a key back that stands in no list any more. */
export function freeSlot(slots: Slots, slot: number): void {
  slots.slotOf.delete(slots.keys[slot]!);
  slots.keys[slot] = -1;
  slots.older[slot] = slots.free;
  slots.free = slot;
}

/** Puts a slot that is in no list at the head of one. */
export function pushHead(slots: Slots, list: number, slot: number): void {
  const { newer, older } = slots;
  const first = older[list]!;
  newer[slot] = list;
  older[slot] = first;
  newer[first] = slot;
  older[list] = slot;
  slots.listOf[slot] = list;
  slots.lengths[list] = slots.lengths[list]! + 1;
}

/** Puts a slot that is in no list right above one that is in the list. */
export function pushAbove(slots: Slots, list: number, below: number, slot: number): void {
  const { newer, older } = slots;
  const above = newer[below]!;
  newer[slot] = above;
  older[slot] = below;
  newer[below] = slot;
  older[above] = slot;
  slots.listOf[slot] = list;
  slots.lengths[list] = slots.lengths[list]! + 1;
}

/** Takes a slot out of its list; it keeps its key. */
export function unlink(slots: Slots, slot: number): void {
  const { newer, older } = slots;
  const above = newer[slot]!;
  const below = older[slot]!;
  older[above] = below;
  newer[below] = above;
  const list = slots.listOf[slot]!;
  slots.lengths[list] = slots.lengths[list]! - 1;
}

export function moveToHead(slots: Slots, list: number, slot: number): void {
  unlink(slots, slot);
  pushHead(slots, list, slot);
}

/** The oldest slot of a list, or the list itself when it is empty. */
export function tailOf(slots: Slots, list: number): number {
  return slots.newer[list]!;
}

/** Takes a slot out of its list and forgets its key, which is returned. */
export function dropSlot(slots: Slots, slot: number): number {
  const key = slots.keys[slot]!;
  unlink(slots, slot);
  freeSlot(slots, slot);
  return key;
}

/** Takes the key of a cache of one slot each out, whatever list it is in. */
export function removeKey(slots: Slots, key: number): boolean {
  const slot = slotOf(slots, key);
  if (slot === NONE) return false;
  dropSlot(slots, slot);
  return true;
}

/** Adds keys of a list to `keys`, from its tail, until there are n. */
export function collect(slots: Slots, list: number, n: number, keys: number[]): number[] {
  for (let slot = tailOf(slots, list); slot !== list; slot = slots.newer[slot]!) {
    if (keys.length >= n) break;
    keys.push(slots.keys[slot]!);
  }
  return keys;
}

/** The same, of those keys only whose mark is that. */
export function collectMarked(
  slots: Slots,
  list: number,
  mark: number,
  n: number,
  keys: number[],
): number[] {
  for (let slot = tailOf(slots, list); slot !== list; slot = slots.newer[slot]!) {
    if (keys.length >= n) break;
    if (slots.mark[slot] === mark) keys.push(slots.keys[slot]!);
  }
  return keys;
}

function grow(slots: Slots): void {
  const room = slots.keys.length * 2;
  slots.keys = wider(slots.keys, new Float64Array(room));
  slots.newer = wider(slots.newer, new Int32Array(room));
  slots.older = wider(slots.older, new Int32Array(room));
  slots.listOf = wider(slots.listOf, new Uint8Array(room));
  slots.mark = wider(slots.mark, new Int32Array(room));
}

function wider<A extends Float64Array | Int32Array | Uint8Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
