import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import type { Stream } from '../../../../src/sim/kernel/random.ts';
import { POPULARITIES } from '../../../../src/sim/policies/popularity/index.ts';
import type {
  Popularity,
  PopularitySettings,
} from '../../../../src/sim/policies/popularity/index.ts';

const named = (name: string): Popularity => POPULARITIES.find((p) => p.name === name)!;
const stream = (seed: number): Stream => new StreamBank(seed).stream('keys');
/** A stream of which every draw is that one. */
const fixed = (draw: number) => ({ open01: () => draw }) as unknown as Stream;

/** Settings, and the exact shares of the first keys by the definition. */
const ROWS: readonly (readonly [string, PopularitySettings, readonly number[]])[] = [
  ['uniform', { keys: 4 }, [1 / 4, 1 / 4, 1 / 4, 1 / 4]],
  // Harmonic number of 4: 25/12.
  ['zipf', { keys: 4 }, [12 / 25, 6 / 25, 4 / 25, 3 / 25]],
  ['zipf', { keys: 3, alpha: 2 }, [36 / 49, 9 / 49, 4 / 49]],
  ['zipf', { keys: 5, alpha: 0 }, [1 / 5, 1 / 5, 1 / 5, 1 / 5, 1 / 5]],
  ['hot-set', { keys: 10 }, [0.4, 0.4, ...Array<number>(8).fill(0.025)]],
  ['hot-set', { keys: 4, hotKeys: 0.25, hotRequests: 0.1 }, [0.1, 0.3, 0.3, 0.3]],
  ['hot-set', { keys: 2, hotKeys: 1, hotRequests: 0.3 }, [0.5, 0.5]],
  ['moving-hot-set', { keys: 4, hotKeys: 0.5 }, [0.4, 0.4, 0.1, 0.1]],
  ['loop', { keys: 3 }, [1 / 3, 1 / 3, 1 / 3]],
];

describe('popularities', () => {
  it('each has a row', () => {
    const names = [...new Set(ROWS.map(([name]) => name))];
    expect(names).toEqual(POPULARITIES.map((p) => p.name));
  });

  it.each(ROWS)('%s %o: shares of the keys', (name, settings, shares) => {
    const table = named(name).start(settings);
    const got = Array.from({ length: settings.keys + 1 }, (_, key) =>
      named(name).shareOf(table, key),
    );
    [...shares, 0].forEach((share, key) => expect(got[key]).toBeCloseTo(share, 12));
  });

  /** Pearson's statistic within five standard deviations of its mean. */
  it.each(ROWS.filter(([name]) => name !== 'loop'))(
    '%s %o: draws keep to them',
    (name, settings) => {
      const popularity = named(name);
      const table = popularity.start(settings);
      for (const seed of [1, 2, 3]) {
        const source = stream(seed);
        const counts = new Array<number>(settings.keys).fill(0);
        const n = 40_000;
        for (let i = 0; i < n; i++) counts[popularity.draw(table, 0, source)]! += 1;
        let statistic = 0;
        counts.forEach((count, key) => {
          const expected = n * popularity.shareOf(table, key);
          statistic += (count - expected) ** 2 / expected;
        });
        const freedom = settings.keys - 1;
        expect(statistic, `seed ${seed}`).toBeLessThan(freedom + 5 * Math.sqrt(2 * freedom));
      }
    },
  );

  it.each(ROWS)('%s %o: draws once a request, and shares a frozen table', (name, settings) => {
    const table = named(name).start(settings);
    expect(Object.isFrozen(table)).toBe(true);
    const source = stream(7);
    const counted = stream(7);
    for (let i = 0; i < 50; i++) {
      named(name).draw(table, i * 1_000, source);
      counted.open01();
    }
    expect(source.uint32()).toBe(counted.uint32());
  });

  it.each(ROWS)('%s %o: stays within the keys at the ends of a draw', (name, settings) => {
    const table = named(name).start(settings);
    for (const draw of [2 ** -53, 0.1, 0.5, 0.8, 1 - 2 ** -53]) {
      const key = named(name).draw(table, 123_456_789, fixed(draw));
      expect(key, String(draw)).toBeGreaterThanOrEqual(0);
      expect(key, String(draw)).toBeLessThan(settings.keys);
    }
  });

  it('zipf inverts its distribution exactly, for large tables too', () => {
    for (const [keys, alpha] of [
      [1, 1],
      [1_000, 0.8],
      [100_000, 1],
      [3_000, 3],
    ] as const) {
      const zipf = named('zipf');
      const table = zipf.start({ keys, alpha }) as { readonly upTo: Float64Array };
      const source = stream(keys);
      for (let i = 0; i < 2_000; i++) {
        const draw = i < 1_000 ? source.open01() : table.upTo[source.below(keys)]! * (1 - 1e-15);
        const key = zipf.draw(table, 0, fixed(draw));
        const where = `${keys} keys, alpha ${alpha}, draw ${draw}`;
        if (!(table.upTo[key]! > draw)) expect.fail(`${where}: ${key} is too popular`);
        if (key > 0 && table.upTo[key - 1]! > draw) expect.fail(`${where}: ${key} is too rare`);
      }
    }
  });

  it('a moving hot set goes on by its own size, and comes round', () => {
    const moving = named('moving-hot-set');
    const table = moving.start({ keys: 10, hotKeys: 0.2, hotRequests: 1, moveEveryMicros: 1_000 });
    const at = (micros: number) =>
      [0.1, 0.9].map((draw) => moving.draw(table, micros, fixed(draw)));
    expect(at(0)).toEqual([0, 1]);
    expect(at(999)).toEqual([0, 1]);
    expect(at(1_000)).toEqual([2, 3]);
    expect(at(4_500)).toEqual([8, 9]);
    expect(at(5_000)).toEqual([0, 1]);
  });

  it('a loop goes from key to key with the clock', () => {
    const loop = named('loop');
    const table = loop.start({ keys: 3, stepMicros: 10 });
    const at = (micros: number) => loop.draw(table, micros, fixed(0.5));
    expect([0, 9, 10, 20, 29, 30].map(at)).toEqual([0, 0, 1, 2, 2, 0]);
  });

  it('refuses what is no popularity', () => {
    for (const { start } of POPULARITIES) {
      for (const keys of [0, -1, 1.5, Number.NaN]) expect(() => start({ keys })).toThrow('keys');
    }
    expect(() => named('zipf').start({ keys: 1, alpha: -1 })).toThrow('alpha');
    expect(() => named('hot-set').start({ keys: 1, hotKeys: 1.1 })).toThrow('share');
    expect(() => named('loop').start({ keys: 1, stepMicros: 0 })).toThrow('loop');
    expect(() => named('moving-hot-set').start({ keys: 1, moveEveryMicros: 0 })).toThrow('moves');
  });
});
