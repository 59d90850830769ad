/**
 * FIFO: what came first goes first, however often it is asked for.
 *
 * Source: the textbook queue.
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import {
  checkCapacity,
  collect,
  dropSlot,
  makeSlots,
  pushHead,
  removeKey,
  tailOf,
  takeSlot,
} from './slots.ts';
import type { Slots } from './slots.ts';

const QUEUE = 0;

export interface QueueState {
  readonly capacity: number;
  readonly slots: Slots;
}

export const fifo: EvictionPolicy<QueueState> = {
  name: 'fifo',
  about: 'The key that came first goes first; hits change nothing.',
  source: 'Textbook queue',
  start(capacity) {
    checkCapacity(capacity);
    return { capacity, slots: makeSlots(1) };
  },
  has: ({ slots }, key) => slots.slotOf.has(key),
  touch: ({ slots }, key) => slots.slotOf.has(key),
  insert({ capacity, slots }, key) {
    if (slots.slotOf.has(key)) return -1;
    const gone = slots.slotOf.size < capacity ? -1 : dropSlot(slots, tailOf(slots, QUEUE));
    pushHead(slots, QUEUE, takeSlot(slots, key));
    return gone;
  },
  remove: ({ slots }, key) => removeKey(slots, key),
  size: ({ slots }) => slots.slotOf.size,
  order: ({ slots }, n) => collect(slots, QUEUE, n, []),
};
