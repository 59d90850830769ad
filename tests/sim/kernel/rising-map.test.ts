/** A map whose keys only rise, against a plain `Map`. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import { RisingMap } from '../../../src/sim/kernel/rising-map.ts';

interface Item {
  readonly of: number;
}

const SEEDS = 100;
const STEPS = 600;

describe('a rising map', () => {
  it('does what a Map does', () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const draws = new StreamBank(seed).stream('rising-map');
      const map = new RisingMap<Item>();
      const model = new Map<number, Item>();
      let next = 0;
      // More is opened than closed, then the other way round: it grows, has holes, runs empty.
      for (let step = 0; step < STEPS; step++) {
        if (draws.chance(step < STEPS / 2 ? 0.6 : 0.3)) {
          next += 1 + draws.below(3);
          const item = { of: next };
          map.add(next, item);
          model.set(next, item);
        } else {
          const keys = [...model.keys()];
          const key = draws.chance(0.2) ? draws.below(next + 2) : (keys[draws.below(9)] ?? -1);
          expect(map.take(key), `seed ${seed}, step ${step}`).toBe(model.get(key));
          model.delete(key);
        }
        if (draws.chance(0.002)) {
          map.clear();
          model.clear();
        }
        const asked = draws.below(next + 2);
        expect(map.get(asked), `seed ${seed}, step ${step}`).toBe(model.get(asked));
        expect(map.size, `seed ${seed}, step ${step}`).toBe(model.size);
      }
      expect([...map], `seed ${seed}`).toEqual([...model]);
    }
  });

  it('keeps its order and its entries around one that stays open for long', () => {
    const map = new RisingMap<Item>();
    map.add(0, { of: 0 });
    for (let key = 1; key <= 10_000; key++) {
      map.add(key, { of: key });
      if (key > 3) expect(map.take(key - 3)?.of).toBe(key - 3);
    }
    expect([...map].map(([key]) => key)).toEqual([0, 9_998, 9_999, 10_000]);
    expect(map.get(0)).toEqual({ of: 0 });
  });

  it('refuses a key that is not above the last', () => {
    const map = new RisingMap<Item>();
    map.add(5, { of: 5 });
    expect(() => map.add(5, { of: 5 })).toThrow(/only rise/);
    expect(() => map.add(4, { of: 4 })).toThrow(/only rise/);
    expect([...map].length).toBe(1);
  });
});
