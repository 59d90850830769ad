import { describe, expect, it } from 'vitest';
import { explore } from '../../../src/sim/protocols/explore.ts';
import type { Model } from '../../../src/sim/protocols/explore.ts';
import { FingerprintSet } from '../../../src/sim/protocols/fingerprints.ts';
import { Prng } from './raft/support/prng.ts';

/** Two jugs of 3 and 5 litres: measure exactly 4 (or anything else). */
function jugs(wanted: number): Model<readonly [number, number], string> {
  return {
    initial: () => [[0, 0]],
    key: ([a, b]) => `${a},${b}`,
    violation: ([a, b]) => (a === wanted || b === wanted ? `${wanted} litres` : null),
    describe: (action, [a, b]) => `${action}: ${a} and ${b}`,
    successors([a, b], visit) {
      visit('fill 3', [3, b]);
      visit('fill 5', [a, 5]);
      visit('empty 3', [0, b]);
      visit('empty 5', [a, 0]);
      const right = Math.min(a, 5 - b);
      visit('pour 3 to 5', [a - right, b + right]);
      const left = Math.min(b, 3 - a);
      visit('pour 5 to 3', [a + left, b - left]);
    },
  };
}

/** A random graph, so that the explorer can be compared with plain sets. */
function graph(seed: number, size: number): { model: Model<number, number>; reachable: number } {
  const prng = new Prng(seed);
  const edges = Array.from({ length: size }, () =>
    Array.from({ length: prng.below(4) }, () => prng.below(size)),
  );
  const seen = new Set([0]);
  for (const from of seen) for (const to of edges[from] ?? []) seen.add(to);
  const model: Model<number, number> = {
    initial: () => [0],
    key: (state) => `node ${state}`,
    violation: () => null,
    describe: (action) => `to ${action}`,
    successors(state, visit) {
      for (const to of edges[state] ?? []) visit(to, to);
    },
  };
  return { model, reachable: seen.size };
}

describe('exploration', () => {
  it.each(['breadth-first', 'depth-first'] as const)(
    'visits the same states with texts that spare keys, %s',
    (order) => {
      // Two equal jugs: it does not matter which is which, so (1, 2) and (2, 1) are one state.
      const plain: Model<readonly [number, number], string> = {
        ...jugs(9),
        key: ([a, b]) => `${Math.min(a, b)},${Math.max(a, b)}`,
      };
      let keys = 0;
      const counted = (model: typeof plain): typeof plain => ({
        ...model,
        key: (state) => {
          keys += 1;
          return model.key(state);
        },
      });
      const without = explore(counted(plain), { order });
      const dear = keys;
      keys = 0;
      const texts = { ...plain, text: ([a, b]: readonly [number, number]) => `${a} ${b}` };
      expect(explore(counted(texts), { order })).toEqual(without);
      expect(without.states).toBeGreaterThan(5);
      expect(keys).toBeLessThan(dear / 2);
    },
  );

  it('finds a shortest counterexample breadth-first and tells its steps', () => {
    const { counterexample, depth } = explore(jugs(4), { order: 'breadth-first' });
    expect(counterexample).toEqual({
      violation: '4 litres',
      steps: [
        'fill 5: 0 and 5',
        'pour 5 to 3: 3 and 2',
        'empty 3: 0 and 2',
        'pour 5 to 3: 2 and 0',
        'fill 5: 2 and 5',
        'pour 5 to 3: 3 and 4',
      ],
    });
    expect(depth).toBe(6);
  });

  it('finds some counterexample depth-first, whose steps lead to it', () => {
    const { counterexample } = explore(jugs(4), { order: 'depth-first' });
    expect(counterexample?.steps.at(-1)).toMatch(/4/);
  });

  it.each(['breadth-first', 'depth-first'] as const)('visits every state once, %s', (order) => {
    const jugsOf7 = explore(jugs(7), { order });
    expect(jugsOf7).toMatchObject({ states: 16, transitions: 96, limit: null });
    expect(jugsOf7.counterexample).toBeNull();
    for (let seed = 1; seed <= 200; seed += 1) {
      const { model, reachable } = graph(seed, 1 + (seed % 60));
      expect(explore(model, { order }).states, `seed ${seed}`).toBe(reachable);
    }
  });

  it('says which limit ended it', () => {
    expect(explore(jugs(7), { order: 'breadth-first', depthMax: 3 }).limit).toBe('depth');
    expect(explore(jugs(7), { order: 'breadth-first', statesMax: 5 }).limit).toBe('states');
    expect(explore(jugs(7), { order: 'depth-first', statesMax: 5 }).limit).toBe('states');
  });

  it('reports a start that is already wrong', () => {
    for (const order of ['breadth-first', 'depth-first'] as const) {
      const { counterexample } = explore(jugs(0), { order });
      expect(counterexample, order).toEqual({ violation: '0 litres', steps: [] });
    }
  });
});

describe('fingerprint set', () => {
  it('numbers texts in order of arrival and knows them again, across growth', () => {
    const set = new FingerprintSet();
    const prng = new Prng(7);
    const texts = Array.from({ length: 50_000 }, (_, i) =>
      String.fromCharCode(i & 0xff, i >>> 8, prng.below(3)),
    );
    const inOrder = texts.map((_, i) => i);
    expect(texts.map((text) => set.add(text))).toEqual(inOrder);
    expect(texts.map((text) => set.add(text))).toEqual(inOrder);
    expect(set.size).toBe(texts.length);
    expect(set.indexOf('never added')).toBe(-1);
  });

  it('tells apart texts that differ in one bit, one place or their length', () => {
    const set = new FingerprintSet();
    const base = 'abcdefghijklmnopqrstuvwxyz';
    let count = 0;
    for (let i = 0; i < base.length; i += 1) {
      for (let bit = 0; bit < 16; bit += 1) {
        const unit = String.fromCharCode(base.charCodeAt(i) ^ (1 << bit));
        expect(set.add(base.slice(0, i) + unit + base.slice(i + 1))).toBe(count);
        count += 1;
      }
    }
    for (let length = 0; length <= 64; length += 1) {
      expect(set.add('\0'.repeat(length))).toBe(count);
      count += 1;
    }
  });
});
