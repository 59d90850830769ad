/**
 * LIRS: keys whose last two requests lie close together (LIR) keep nearly all of the cache; the
 * others (HIR) pass through a short queue, and become LIR when they are asked for again while they
 * still stand in the stack of recent keys, resident or not.
 *
 * Invariant: the bottom of the stack is LIR (`prune`); a key is in exactly when it is LIR or in
 * the queue.
 *
 * Source: Jiang & Zhang, "LIRS: an efficient low inter-reference recency set replacement policy",
 * SIGMETRICS 2002, in the version of the author's lirs.c of 2002: 1 % HIR, at least 2; a second
 * request in a row for one key changes nothing; a stack of 2500 capacities at most, beyond which
 * its lowest HIR key is forgotten. Differs: capacities below 3 keep at least one HIR slot, and with
 * a single slot no LIR at all (the original wants 10 slots).
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import {
  NONE,
  checkCapacity,
  collect,
  collectMarked,
  dropSlot,
  makeSlots,
  moveToHead,
  pushHead,
  slotOf,
  tailOf,
  takeSlot,
} from './slots.ts';
import type { Slots } from './slots.ts';

const LIST = 0;
const HIR = 0;
const LIR = 1;
const HIR_SHARE = 0.01;
const HIR_LEAST = 2;
const STACK_FACTOR = 2500;

export interface LirsState {
  readonly capacity: number;
  readonly lirMax: number;
  readonly stackMax: number;
  /** S: keys by their last request; the mark says LIR or HIR. HIR keys here may be absent. */
  readonly stack: Slots;
  /** Q: the resident HIR keys. */
  readonly queue: Slots;
  /** The HIR keys of the stack, in its order: finds the lowest without a search. */
  readonly hirsInStack: Slots;
  lirs: number;
}

export const lirs: EvictionPolicy<LirsState> = {
  name: 'lirs',
  about: 'Keys with short intervals between requests stay; the others share a short queue.',
  source: 'Jiang & Zhang, LIRS (SIGMETRICS 2002); lirs.c of the author',
  start(capacity, settings = {}) {
    checkCapacity(capacity);
    const share = Math.max(HIR_LEAST, Math.floor(capacity * (settings.hirShare ?? HIR_SHARE)));
    const hirMax = Math.max(1, Math.min(share, capacity - 1));
    return {
      capacity,
      lirMax: capacity - hirMax,
      stackMax: capacity * (settings.stackFactor ?? STACK_FACTOR),
      stack: makeSlots(1),
      queue: makeSlots(1),
      hirsInStack: makeSlots(1),
      lirs: 0,
    };
  },
  has: (state, key) => isIn(state, key, slotOf(state.stack, key)),
  touch(state, key) {
    const { stack, queue } = state;
    const slot = slotOf(stack, key);
    if (!isIn(state, key, slot)) return false;
    if (slot !== NONE && slot === stack.older[LIST]) return true;
    if (slot !== NONE && stack.mark[slot] === LIR) {
      moveToHead(stack, LIST, slot);
      prune(state);
      return true;
    }
    dropSlot(queue, slotOf(queue, key));
    request(state, key, slot);
    return true;
  },
  insert(state, key) {
    const { queue } = state;
    const slot = slotOf(state.stack, key);
    if (isIn(state, key, slot)) return -1;
    const isFull = state.lirs + queue.slotOf.size >= state.capacity;
    const gone = isFull ? dropSlot(queue, tailOf(queue, LIST)) : -1;
    request(state, key, slot);
    return gone;
  },
  remove(state, key) {
    const { stack, queue, hirsInStack } = state;
    const slot = slotOf(stack, key);
    if (!isIn(state, key, slot)) return false;
    if (slot !== NONE) {
      if (stack.mark[slot] === LIR) state.lirs -= 1;
      else dropSlot(hirsInStack, slotOf(hirsInStack, key));
      dropSlot(stack, slot);
      prune(state);
    }
    const queued = slotOf(queue, key);
    if (queued !== NONE) dropSlot(queue, queued);
    return true;
  },
  size: ({ lirs: count, queue }) => count + queue.slotOf.size,
  order({ stack, queue }, n) {
    return collectMarked(stack, LIST, LIR, n, collect(queue, LIST, n, []));
  },
};

function isIn({ stack, queue }: LirsState, key: number, slot: number): boolean {
  if (slot !== NONE && stack.mark[slot] === LIR) return true;
  return queue.slotOf.has(key);
}

/** A request for a key that is neither LIR nor in the queue any more. */
function request(state: LirsState, key: number, inStack: number): void {
  const { stack, queue, hirsInStack, lirMax } = state;
  const isRecent = inStack !== NONE;
  const slot = isRecent ? inStack : takeSlot(stack, key);
  if (isRecent) {
    moveToHead(stack, LIST, slot);
    dropSlot(hirsInStack, slotOf(hirsInStack, key));
  } else {
    pushHead(stack, LIST, slot);
  }
  if (state.lirs < lirMax || (isRecent && lirMax > 0)) {
    stack.mark[slot] = LIR;
    state.lirs += 1;
    if (state.lirs > lirMax) demoteLowest(state);
  } else {
    stack.mark[slot] = HIR;
    pushHead(hirsInStack, LIST, takeSlot(hirsInStack, key));
    pushHead(queue, LIST, takeSlot(queue, key));
  }
  prune(state);
  if (stack.slotOf.size > state.stackMax && hirsInStack.slotOf.size > 0) {
    const lowest = dropSlot(hirsInStack, tailOf(hirsInStack, LIST));
    dropSlot(stack, slotOf(stack, lowest));
  }
}

/** The lowest LIR key joins the queue, and leaves the stack. */
function demoteLowest(state: LirsState): void {
  const key = dropSlot(state.stack, tailOf(state.stack, LIST));
  pushHead(state.queue, LIST, takeSlot(state.queue, key));
  state.lirs -= 1;
}

/** Below the lowest LIR key nobody's recency matters. */
function prune({ stack, hirsInStack }: LirsState): void {
  for (;;) {
    const slot = tailOf(stack, LIST);
    if (slot === LIST || stack.mark[slot] === LIR) return;
    dropSlot(hirsInStack, slotOf(hirsInStack, dropSlot(stack, slot)));
  }
}
