/** A queue of slots: the same as a plain list, whatever comes and leaves. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { addLast, firstOf, leaveRing } from '../../../src/sim/traffic/slot-ring.ts';
import type { SlotRing } from '../../../src/sim/traffic/slot-ring.ts';

function drained(ring: SlotRing): number[] {
  const slots: number[] = [];
  for (let slot = firstOf(ring); slot >= 0; slot = firstOf(ring)) {
    slots.push(slot);
    leaveRing(ring, slot);
  }
  return slots;
}

describe('a ring of slots', () => {
  it('that nobody ever entered is an empty list', () => {
    const ring: SlotRing = [];
    expect(firstOf(ring)).toBe(-1);
    expect(ring).toEqual([]);
  });

  it('gives them back in the order in which they came', () => {
    const ring: SlotRing = [];
    for (const slot of [4, 0, 7, 2]) addLast(ring, slot);
    expect(drained(ring)).toEqual([4, 0, 7, 2]);
    expect(firstOf(ring)).toBe(-1);
  });

  it('lets the first, one in the middle and the last leave', () => {
    const ring: SlotRing = [];
    for (const slot of [4, 0, 7, 2, 9]) addLast(ring, slot);
    for (const slot of [4, 7, 9]) leaveRing(ring, slot);
    addLast(ring, 4);
    expect(drained(ring)).toEqual([0, 2, 4]);
  });

  it('is what a plain list would be, after thousands of steps', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const draw = new StreamBank(seed).stream('ring');
      const ring: SlotRing = [];
      const list: number[] = [];
      for (let step = 0; step < 2_000; step++) {
        const slot = draw.below(30);
        const place = list.indexOf(slot);
        if (place < 0) {
          addLast(ring, slot);
          list.push(slot);
        } else {
          leaveRing(ring, slot);
          list.splice(place, 1);
        }
        expect(firstOf(ring), `seed ${seed}, step ${step}`).toBe(list[0] ?? -1);
      }
      expect(drained(ring), `seed ${seed}`).toEqual(list);
    }
  });
});
