import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../src/sim/kernel/errors.ts';
import { StreamBank } from '../../src/sim/kernel/random.ts';
import { SlotAllocator } from '../../bench/slots.ts';

describe('slot allocator', () => {
  it('never hands out a slot that is in use', () => {
    for (let seed = 0; seed < 50; seed++) {
      const draws = new StreamBank(seed).stream('slots');
      const capacities: number[] = [];
      const slots = new SlotAllocator((capacity) => capacities.push(capacity), 2);
      const inUse: number[] = [];
      for (let call = 0; call < 500; call++) {
        if (draws.chance(0.6)) {
          const slot = slots.allocate();
          if (inUse.includes(slot)) throw new Error(`seed ${seed}: slot ${slot} given twice`);
          if (slot >= capacities.at(-1)!) throw new Error(`seed ${seed}: slot ${slot} too high`);
          inUse.push(slot);
        } else if (inUse.length > 0) {
          slots.free(inUse.splice(draws.below(inUse.length), 1)[0]!);
        }
        expect(slots.size).toBe(inUse.length);
      }
      expect(capacities).toEqual(capacities.toSorted((a, b) => a - b));
      expect(slots.capacity).toBe(capacities.at(-1));
      expect(slots.usedSlots).toBeLessThanOrEqual(slots.capacity);
    }
  });

  it('gives the same slots again from an image', () => {
    const grown: number[] = [];
    const slots = new SlotAllocator(() => undefined, 1);
    for (let n = 0; n < 10; n++) slots.allocate();
    for (const slot of [3, 7, 1]) slots.free(slot);
    const image = slots.save();
    const first = Array.from({ length: 20 }, () => slots.allocate());
    expect(first.slice(0, 4)).toEqual([1, 7, 3, 10]);
    const other = new SlotAllocator((capacity) => grown.push(capacity), 1);
    for (const target of [slots, other]) {
      target.restore(image);
      expect(target.size).toBe(7);
      expect(Array.from({ length: 20 }, () => target.allocate())).toEqual(first);
    }
    expect(grown[0]).toBe(1);
    expect(grown.at(-1)).toBeGreaterThanOrEqual(27);
  });

  it('refuses to free what is not in use', () => {
    const slots = new SlotAllocator(() => undefined);
    const slot = slots.allocate();
    slots.free(slot);
    for (const bad of [slot, 5, -1, NaN, 0.5]) {
      expect(() => {
        slots.free(bad);
      }, String(bad)).toThrow(InvariantError);
    }
  });
});
