/**
 * CLOCK: FIFO, but a key that was asked for since it was last looked at goes round once more.
 *
 * Source: Corbato, "A paging experiment with the Multics system", 1968; as FIFO with reinsertion
 * and one bit (Clock.c of libCacheSim). A new key has its bit clear.
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import { fifo } from './fifo.ts';
import type { QueueState } from './fifo.ts';
import {
  NONE,
  collectMarked,
  dropSlot,
  moveToHead,
  pushHead,
  slotOf,
  tailOf,
  takeSlot,
} from './slots.ts';
import type { Slots } from './slots.ts';

const QUEUE = 0;

export const clock: EvictionPolicy<QueueState> = {
  ...fifo,
  name: 'clock',
  about: 'FIFO with a second chance: a key asked for since the hand last passed stays once more.',
  source: 'Corbato, A paging experiment with the Multics system (1968); Clock.c of libCacheSim',
  touch({ slots }, key) {
    const slot = slotOf(slots, key);
    if (slot === NONE) return false;
    slots.mark[slot] = 1;
    return true;
  },
  insert({ capacity, slots }, key) {
    if (slots.slotOf.has(key)) return -1;
    const gone = slots.slotOf.size < capacity ? -1 : evict(slots);
    pushHead(slots, QUEUE, takeSlot(slots, key));
    return gone;
  },
  order({ slots }, n) {
    const unused = collectMarked(slots, QUEUE, 0, n, []);
    return collectMarked(slots, QUEUE, 1, n, unused);
  },
};

/** Ends: each key that is passed loses its bit. */
function evict(slots: Slots): number {
  let slot = tailOf(slots, QUEUE);
  while (slots.mark[slot] === 1) {
    slots.mark[slot] = 0;
    moveToHead(slots, QUEUE, slot);
    slot = tailOf(slots, QUEUE);
  }
  return dropSlot(slots, slot);
}
