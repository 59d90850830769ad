/** Version vectors: Dynamo's worked example, and how two of them are related. */
import { describe, expect, it } from 'vitest';
import {
  NO_COUNTS,
  countOf,
  joinCounts,
  orderOf,
  withCount,
} from '../../../../src/sim/policies/crdt/actor-counts.ts';

const [X, Y, Z] = [1, 2, 3] as const;
const bump = (counts: typeof NO_COUNTS, actor: number) =>
  withCount(counts, actor, countOf(counts, actor) + 1);

describe('version vectors', () => {
  it('follow the example of Dynamo, figure 3: D1 to D5', () => {
    const d1 = bump(NO_COUNTS, X);
    const d2 = bump(d1, X);
    const d3 = bump(d2, Y);
    const d4 = bump(d2, Z);
    expect(d2).toEqual([[X, 2]]);
    expect(orderOf(d1, d2)).toBe('before');
    expect(orderOf(d3, d2)).toBe('after');
    expect(orderOf(d3, d4)).toBe('concurrent');
    const d5 = bump(joinCounts(d3, d4), X);
    expect(d5).toEqual([
      [X, 3],
      [Y, 1],
      [Z, 1],
    ]);
    expect(orderOf(d3, d5)).toBe('before');
    expect(orderOf(d4, d5)).toBe('before');
    expect(orderOf(d5, d5)).toBe('equal');
  });
});
