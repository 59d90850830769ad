import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { didYouMean, editDistance, nearest } from '../../../src/sim/kernel/nearest.ts';

describe('editDistance', () => {
  it('counts insertions, deletions, substitutions and swaps of neighbours', () => {
    expect(editDistance('', '')).toBe(0);
    expect(editDistance('abc', 'abc')).toBe(0);
    expect(editDistance('abc', 'ab')).toBe(1);
    expect(editDistance('abc', 'abxc')).toBe(1);
    expect(editDistance('abc', 'axc')).toBe(1);
    expect(editDistance('abc', 'acb')).toBe(1);
    expect(editDistance('partitoin', 'partition')).toBe(1);
    expect(editDistance('kitten', 'sitting')).toBe(3);
    // Optimal string alignment, not the unrestricted distance (which is 2).
    expect(editDistance('ca', 'abc')).toBe(3);
  });

  it('is symmetric, and zero only for equal words', () => {
    const word = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b', 'c') });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b);
        expect(distance).toBe(editDistance(b, a));
        expect(distance === 0).toBe(a === b);
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});

describe('nearest', () => {
  const ids = ['cap/cp-partition', 'consensus/leader-failover', 'consensus/split-vote'];

  it('finds a misspelt name', () => {
    expect(nearest('cap/cp-partitoin', ids)).toBe('cap/cp-partition');
    expect(nearest('CAP/CP-Partition', ids)).toBe('cap/cp-partition');
    expect(nearest('consensus/spilt-vote', ids)).toBe('consensus/split-vote');
  });

  it('finds a name by its last part', () => {
    expect(nearest('split-vote', ids)).toBe('consensus/split-vote');
    expect(nearest('pre-vote', ['raft.pre-vote', 'raft.leader-no-op'])).toBe('raft.pre-vote');
  });

  it('finds a name by a piece of it', () => {
    expect(nearest('failover', ids)).toBe('consensus/leader-failover');
  });

  it('offers nothing when nothing resembles the word', () => {
    expect(nearest('zzzzzz', ids)).toBeNull();
    expect(nearest('', ids)).toBeNull();
    expect(nearest('x', [])).toBeNull();
  });

  it('gives ties to the earlier choice', () => {
    expect(nearest('cat', ['bat', 'hat'])).toBe('bat');
    expect(nearest('cat', ['hat', 'bat'])).toBe('hat');
  });
});

describe('didYouMean', () => {
  it('names the nearest choice, else lists a few', () => {
    expect(didYouMean('sed', ['seed', 'param'])).toBe('Did you mean seed?');
    expect(didYouMean('zzz', ['seed', 'param'])).toBe('The choices are seed, param.');
    expect(didYouMean('zzz', [])).toBe('');
    const many = Array.from({ length: 20 }, (_, i) => `choice-${i}`);
    expect(didYouMean('zzz', many)).toContain('Among the 20 choices');
  });
});
