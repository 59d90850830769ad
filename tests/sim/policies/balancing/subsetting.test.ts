/** How evenly subsets use the backends: dealt out in rounds, and drawn by chance. */
import { describe, expect, it } from 'vitest';
import {
  deterministicSubset,
  randomSubset,
} from '../../../../src/sim/policies/balancing/subsetting.ts';

/** How many of the clients use each backend. */
function users(draw: typeof randomSubset, count: number, size: number): readonly number[] {
  const used = Array.from({ length: count }, () => 0);
  for (let client = 0; client < count; client++) {
    const subset = draw(count, client, size);
    expect(new Set(subset).size).toBe(size);
    for (const backend of subset) used[backend]! += 1;
  }
  return used;
}

describe('300 clients of 300 backends, 30 each, as in the book', () => {
  it('are exactly 30 for each backend in rounds', () => {
    expect(new Set(users(deterministicSubset, 300, 30))).toEqual(new Set([30]));
  });

  it('are between two thirds and four thirds of the mean by chance, or worse', () => {
    const used = users(randomSubset, 300, 30);
    // Binomial: a mean of 30, a deviation of 5.2; the extremes of 300 are near three of them.
    expect(Math.min(...used)).toBeLessThan(20);
    expect(Math.min(...used)).toBeGreaterThan(8);
    expect(Math.max(...used)).toBeGreaterThan(40);
    expect(Math.max(...used)).toBeLessThan(55);
  });
});
