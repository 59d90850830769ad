/**
 * W-TinyLFU: new keys pass through a small LRU window; what falls out of it enters the main space
 * (a segmented LRU) only if it was asked for more often lately than the key that would go for it.
 *
 * Source: Einziger, Friedman, Manes, "TinyLFU: a highly efficient cache admission policy", ACM TOS
 * 2017, as in Caffeine's simulator (sketch.WindowTinyLfu): window 1 %, main 80 % protected.
 * Differs from the library: the window's size is fixed (no hill climbing), and admission never
 * draws (the library admits 1 in 128 of the warm candidates that lose, against crafted collisions).
 */
import type { EvictionPolicy } from './eviction-policy.ts';
import { countRequest, frequencyOf, makeSketch } from './frequency-sketch.ts';
import type { FrequencySketch } from './frequency-sketch.ts';
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

const WINDOW = 0;
const PROBATION = 1;
const PROTECTED = 2;
const WINDOW_SHARE = 0.01;
const PROTECTED_SHARE = 0.8;
const SAMPLE_FACTOR = 10;

export interface WTinyLfuState {
  readonly capacity: number;
  readonly windowMax: number;
  readonly protectedMax: number;
  readonly slots: Slots;
  readonly sketch: FrequencySketch;
}

export const wTinyLfu: EvictionPolicy<WTinyLfuState> = {
  name: 'w-tinylfu',
  about: 'An LRU window, and a main space that admits what was asked for more often lately.',
  source: 'Einziger, Friedman, Manes, TinyLFU (ACM TOS 2017); the simulator of Caffeine',
  start(capacity, settings = {}) {
    checkCapacity(capacity);
    const mainMax = Math.floor(capacity * (1 - (settings.windowShare ?? WINDOW_SHARE)));
    return {
      capacity,
      windowMax: capacity - mainMax,
      protectedMax: Math.floor(mainMax * (settings.protectedShare ?? PROTECTED_SHARE)),
      slots: makeSlots(3),
      sketch: makeSketch(capacity, settings.sampleFactor ?? SAMPLE_FACTOR),
    };
  },
  has: ({ slots }, key) => slots.slotOf.has(key),
  touch({ slots, sketch, protectedMax }, key) {
    countRequest(sketch, key);
    const slot = slotOf(slots, key);
    if (slot === NONE) return false;
    if (slots.listOf[slot] === WINDOW) {
      moveToHead(slots, WINDOW, slot);
      return true;
    }
    moveToHead(slots, PROTECTED, slot);
    if (slots.lengths[PROTECTED]! > protectedMax) {
      moveToHead(slots, PROBATION, tailOf(slots, PROTECTED));
    }
    return true;
  },
  insert(state, key) {
    const { slots, capacity, windowMax } = state;
    if (slots.slotOf.has(key)) return -1;
    pushHead(slots, WINDOW, takeSlot(slots, key));
    if (slots.lengths[WINDOW]! <= windowMax) return -1;
    const candidate = tailOf(slots, WINDOW);
    moveToHead(slots, PROBATION, candidate);
    return slots.slotOf.size <= capacity ? -1 : dropSlot(slots, loserTo(state, candidate));
  },
  remove: ({ slots }, key) => removeKey(slots, key),
  size: ({ slots }) => slots.slotOf.size,
  order(state, n) {
    const { slots } = state;
    const keys: number[] = [];
    const candidate = tailOf(slots, WINDOW);
    if (n > 0 && candidate !== WINDOW && loserTo(state, candidate) === candidate) {
      keys.push(slots.keys[candidate]!);
    }
    for (const list of [PROBATION, WINDOW, PROTECTED]) {
      for (const key of collect(slots, list, n, [])) {
        if (keys.length < n && key !== keys[0]) keys.push(key);
      }
    }
    return keys;
  },
};

/** Of the candidate and the oldest on probation: who was asked for less; of equals, the first. */
function loserTo({ slots, sketch }: WTinyLfuState, candidate: number): number {
  // Alone on probation the candidate would be its own victim; nobody is there, so it goes.
  const victim = tailOf(slots, PROBATION);
  if (victim === PROBATION || victim === candidate) return candidate;
  const wins =
    frequencyOf(sketch, slots.keys[candidate]!) > frequencyOf(sketch, slots.keys[victim]!);
  return wins ? victim : candidate;
}
