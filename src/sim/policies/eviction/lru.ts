/**
 * LRU: the key that nobody has asked for the longest goes.
 *
 * Source: Mattson, Gecsei, Slutz, Traiger, "Evaluation techniques for storage hierarchies", IBM
 * Systems Journal, 1970.
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import { fifo } from './fifo.ts';
import type { QueueState } from './fifo.ts';
import { NONE, moveToHead, slotOf } from './slots.ts';

const STACK = 0;

/** FIFO with one difference: a hit goes to the head. */
export const lru: EvictionPolicy<QueueState> = {
  ...fifo,
  name: 'lru',
  about: 'The key that was not asked for the longest goes.',
  source: 'Mattson et al., Evaluation techniques for storage hierarchies (IBM Systems J., 1970)',
  touch({ slots }, key) {
    const slot = slotOf(slots, key);
    if (slot === NONE) return false;
    moveToHead(slots, STACK, slot);
    return true;
  },
};
