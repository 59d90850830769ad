/** Draws that belong to a request. */
import { describe, expect, it } from 'vitest';
import { SeededDraws, mix32 } from '../../../src/sim/kernel/seeded-draws.ts';

describe('draws made from a seed and a purpose', () => {
  it('are the same wherever and whenever they are made', () => {
    const a = new SeededDraws();
    const b = new SeededDraws();
    b.of(7, 1).open01();
    const first = a.of(12_345, 3);
    const draws = [first.uint32(), first.uint32(), first.uint32()];
    const again = b.of(12_345, 3);
    expect([again.uint32(), again.uint32(), again.uint32()]).toEqual(draws);
  });

  it('differ from purpose to purpose and from seed to seed', () => {
    const draws = new SeededDraws();
    const seen = new Set<number>();
    for (let seed = 0; seed < 100; seed++) {
      for (let purpose = 0; purpose < 100; purpose++) seen.add(draws.of(seed, purpose).uint32());
    }
    // Of 10,000 draws of 32 bits, about 0.01 pairs are alike by chance.
    expect(seen.size).toBeGreaterThanOrEqual(9_999);
  });

  it('are uniform over seeds, for each purpose, and unrelated between purposes', () => {
    const draws = new SeededDraws();
    const count = 20_000;
    let sum = 0;
    let product = 0;
    for (let seed = 0; seed < count; seed++) {
      const x = draws.of(seed, 5).open01() - 0.5;
      const y = draws.of(seed, 6).open01() - 0.5;
      sum += x;
      product += x * y;
    }
    // Standard errors: sqrt(1/12/n) and 1/12/sqrt(n).
    expect(Math.abs(sum / count)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(product / count)).toBeLessThan((4 / 12) * Math.sqrt(1 / count));
  });

  it('mix32 keeps different inputs apart', () => {
    const seen = new Set<number>();
    for (let i = 0; i < 100_000; i++) seen.add(mix32(i));
    expect(seen.size).toBe(100_000);
  });
});
