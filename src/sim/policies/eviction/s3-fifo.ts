/**
 * S3-FIFO: a small queue from which only what was asked for twice or more comes into the main
 * queue, a main queue with second chances, and a queue of the keys that the small one let go.
 *
 * Source: Yang, Zhang, Qiu, Yue, Rashmi, "FIFO queues are all you need for cache eviction", SOSP
 * 2023, algorithm 1, with the defaults and in the version of the authors' simulator
 * (libCacheSim, S3FIFOv0.c): small queue 0.1, as many ghosts as main holds, threshold 2; victims
 * come from main while it is longer than its share, and a key that moves to main may make it so.
 * Differs: a ghost is looked up when its key is inserted, not when it is asked for.
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import {
  NONE,
  checkCapacity,
  dropSlot,
  makeSlots,
  moveToHead,
  pushHead,
  slotOf,
  tailOf,
  takeSlot,
} from './slots.ts';
import type { Slots } from './slots.ts';

const SMALL = 0;
const MAIN = 1;
const GHOST = 2;
const SMALL_SHARE = 0.1;
const GHOST_SHARE = 0.9;
const MOVE_TO_MAIN_THRESHOLD = 2;
/** A counter of two bits. */
const COUNT_MAX = 3;

export interface S3FifoState {
  readonly capacity: number;
  readonly mainMax: number;
  readonly ghostMax: number;
  readonly moveToMainThreshold: number;
  /** The mark counts requests since the key came into its queue. */
  readonly slots: Slots;
}

export const s3Fifo: EvictionPolicy<S3FifoState> = {
  name: 's3-fifo',
  about: 'Three FIFO queues: a small one that filters, the main one, and the ghosts.',
  source: 'Yang et al., FIFO queues are all you need for cache eviction (SOSP 2023)',
  start(capacity, settings = {}) {
    checkCapacity(capacity);
    return {
      capacity,
      mainMax: capacity - Math.floor(capacity * (settings.smallShare ?? SMALL_SHARE)),
      ghostMax: Math.floor(capacity * (settings.ghostShare ?? GHOST_SHARE)),
      moveToMainThreshold: settings.moveToMainThreshold ?? MOVE_TO_MAIN_THRESHOLD,
      slots: makeSlots(3),
    };
  },
  has: ({ slots }, key) => isIn(slots, slotOf(slots, key)),
  touch({ slots, moveToMainThreshold }, key) {
    const slot = slotOf(slots, key);
    if (!isIn(slots, slot)) return false;
    const count = slots.mark[slot]!;
    if (count < COUNT_MAX || count < moveToMainThreshold) slots.mark[slot] = count + 1;
    return true;
  },
  insert(state, key) {
    const { slots } = state;
    const slot = slotOf(slots, key);
    if (isIn(slots, slot)) return -1;
    const isGhost = slot !== NONE;
    if (isGhost) dropSlot(slots, slot);
    let gone = -1;
    while (size(slots) >= state.capacity) {
      const isFromMain = slots.lengths[MAIN]! > state.mainMax || slots.lengths[SMALL] === 0;
      gone = isFromMain ? evictMain(slots) : evictSmall(state);
    }
    pushHead(slots, isGhost ? MAIN : SMALL, takeSlot(slots, key));
    return gone;
  },
  remove({ slots }, key) {
    const slot = slotOf(slots, key);
    if (!isIn(slots, slot)) return false;
    dropSlot(slots, slot);
    return true;
  },
  size: ({ slots }) => size(slots),
  order,
};

function isIn(slots: Slots, slot: number): boolean {
  return slot !== NONE && slots.listOf[slot] !== GHOST;
}

function size(slots: Slots): number {
  return slots.lengths[SMALL]! + slots.lengths[MAIN]!;
}

/** Lets one key go to the ghosts, or moves all to main: then -1, and main must give one. */
function evictSmall({ slots, moveToMainThreshold, ghostMax }: S3FifoState): number {
  while (slots.lengths[SMALL]! > 0) {
    const slot = tailOf(slots, SMALL);
    const isWanted = slots.mark[slot]! >= moveToMainThreshold;
    slots.mark[slot] = 0;
    moveToHead(slots, isWanted ? MAIN : GHOST, slot);
    if (isWanted) continue;
    const key = slots.keys[slot]!;
    if (slots.lengths[GHOST]! > ghostMax) dropSlot(slots, tailOf(slots, GHOST));
    return key;
  }
  return -1;
}

/** Ends: each key that is passed loses a count. */
function evictMain(slots: Slots): number {
  for (;;) {
    const slot = tailOf(slots, MAIN);
    const count = slots.mark[slot]!;
    if (count === 0) return dropSlot(slots, slot);
    slots.mark[slot] = Math.min(count, COUNT_MAX) - 1;
    moveToHead(slots, MAIN, slot);
  }
}

/** By what would happen if nothing were asked for any more. */
function order(state: S3FifoState, n: number): readonly number[] {
  const { slots, mainMax, moveToMainThreshold: threshold } = state;
  const small: number[] = [];
  const rounds: number[][] = [[], [], [], []];
  for (let slot = tailOf(slots, MAIN); slot !== MAIN; slot = slots.newer[slot]!) {
    rounds[Math.min(slots.mark[slot]!, COUNT_MAX)]!.push(slots.keys[slot]!);
  }
  for (let slot = tailOf(slots, SMALL); slot !== SMALL; slot = slots.newer[slot]!) {
    // What moves to main comes in there behind all others, with a count of 0.
    (slots.mark[slot]! >= threshold ? rounds[0]! : small).push(slots.keys[slot]!);
  }
  const main = rounds.flat();
  const isFromMain = slots.lengths[MAIN]! > mainMax || slots.lengths[SMALL] === 0;
  return (isFromMain ? [...main, ...small] : [...small, ...main]).slice(0, n);
}
