import { describe, expect, it } from 'vitest';
import { checkConvergence } from 'faultline';
import { historyOf } from '../support/histories.ts';

const replica = (name: string, entries: Readonly<Record<string, number>>) => ({
  name,
  entries: new Map(Object.entries(entries)),
});

describe('convergence', () => {
  it('holds when all replicas hold the same', () => {
    const same = [replica('a', { x: 1, y: 2 }), replica('b', { y: 2, x: 1 })];
    expect(checkConvergence(same).verdict).toBe('pass');
  });

  it('names the key and both values where two replicas differ, also by a missing key', () => {
    const result = checkConvergence([replica('a', { x: 1 }), replica('b', { x: 2, y: 3 })]);
    expect(result.verdict).toBe('fail');
    expect(result.because).toEqual([
      'a holds x = 1, b holds 2.',
      'a holds y = nothing, b holds 3.',
    ]);
    expect(result.diverged.map(({ key }) => key)).toEqual(['x', 'y']);
  });

  it('an acknowledged write is there, or another write of its key is', () => {
    const ops = historyOf([
      { p: 0, f: 'write', key: 'x', in: 1, call: 0, ret: 1 },
      { p: 0, f: 'write', key: 'y', in: 5, call: 2, ret: 3 },
      { p: 1, f: 'write', key: 'x', in: 2, call: 4 },
    ]);
    const kept = [replica('a', { x: 2, y: 5 }), replica('b', { x: 2, y: 5 })];
    expect(checkConvergence(kept, ops).verdict).toBe('pass');
    const gone = [replica('a', { x: 2 }), replica('b', { x: 2 })];
    expect(checkConvergence(gone, ops).lost).toEqual([1]);
  });

  it('one replica alone proves nothing', () => {
    expect(checkConvergence([replica('a', { x: 1 })]).verdict).toBe('unknown');
  });
});
