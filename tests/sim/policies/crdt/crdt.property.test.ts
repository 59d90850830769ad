/**
 * The algebra of replicated data types: merging is a least upper bound, so replicas that have seen
 * the same updates agree, whatever the order, the repetitions and the paths on which they came.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CrdtKind, CrdtState, CrdtUpdate } from '../../../../src/sim/contracts/crdt.ts';
import {
  CRDT_KINDS,
  emptyCrdt,
  mergeCrdts,
  updateCrdt,
  valuesOfCrdt,
} from '../../../../src/sim/policies/crdt/crdt.ts';

const ACTORS = 3;

type Act =
  | { readonly at: number; readonly update: CrdtUpdate; readonly wallMicros: number }
  | { readonly at: number; readonly from: number };

function updateOf(kind: CrdtKind): fc.Arbitrary<CrdtUpdate> {
  const element = fc.integer({ min: 0, max: 3 });
  switch (kind) {
    case 'g-counter':
      return fc.record({ do: fc.constant('increment'), by: fc.integer({ min: 1, max: 5 }) });
    case 'pn-counter':
      return fc.record({ do: fc.constant('increment'), by: fc.integer({ min: -5, max: 5 }) });
    case 'or-set':
      return fc.record({ do: fc.constantFrom('add', 'remove'), element });
    case 'lww-register':
      return fc.record({ do: fc.constant('assign'), value: element });
  }
}

const actOf = (kind: CrdtKind): fc.Arbitrary<Act> => {
  const at = fc.integer({ min: 0, max: ACTORS - 1 });
  return fc.oneof(
    fc.record({ at, update: updateOf(kind), wallMicros: fc.integer({ min: 0, max: 9 }) }),
    fc.record({ at, from: at }),
  );
};

/** The replicas after acts: each updates itself under its own name, or merges another's state. */
function play(kind: CrdtKind, acts: readonly Act[]): CrdtState[] {
  const replicas: CrdtState[] = Array.from({ length: ACTORS }, () => emptyCrdt(kind));
  for (const act of acts) {
    const mine = replicas[act.at]!;
    replicas[act.at] =
      'from' in act
        ? mergeCrdts(mine, replicas[act.from]!)
        : updateCrdt(mine, act.update, act.at, act.wallMicros)!;
  }
  return replicas;
}

const RUNS = { numRuns: 300 };

describe.each(CRDT_KINDS)('%s', (kind) => {
  const acts = fc.array(actOf(kind), { maxLength: 25 });

  it('merges commutatively, associatively and idempotently', () => {
    fc.assert(
      fc.property(acts, (all) => {
        const [a, b, c] = play(kind, all) as [CrdtState, CrdtState, CrdtState];
        expect(mergeCrdts(a, b)).toEqual(mergeCrdts(b, a));
        expect(mergeCrdts(mergeCrdts(a, b), c)).toEqual(mergeCrdts(a, mergeCrdts(b, c)));
        expect(mergeCrdts(a, a)).toEqual(a);
        const ab = mergeCrdts(a, b);
        expect(mergeCrdts(ab, b)).toEqual(ab);
      }),
      RUNS,
    );
  });

  it('has updates that only go up: what was before is absorbed', () => {
    fc.assert(
      fc.property(acts, updateOf(kind), (all, update) => {
        const [a, b] = play(kind, all) as [CrdtState, CrdtState];
        const after = updateCrdt(a, update, 0, 5)!;
        expect(mergeCrdts(after, a)).toEqual(after);
        const both = mergeCrdts(after, b);
        expect(mergeCrdts(both, a)).toEqual(both);
      }),
      RUNS,
    );
  });

  it('makes replicas that have merged all the same, and equal states the same data', () => {
    fc.assert(
      fc.property(acts, fc.shuffledSubarray([0, 1, 2], { minLength: 3 }), (all, order) => {
        const replicas = play(kind, all);
        const forwards = replicas.reduce(mergeCrdts);
        const shuffled = order.map((i) => replicas[i]!).reduce(mergeCrdts);
        expect(shuffled).toEqual(forwards);
      }),
      RUNS,
    );
  });
});

describe('what they mean', () => {
  const apply = (state: CrdtState, update: CrdtUpdate, actor: number, at = 1) =>
    updateCrdt(state, update, actor, at)!;

  it('counters add up what all actors counted', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { maxLength: 12 }), (steps) => {
        const replicas = Array.from({ length: ACTORS }, () => emptyCrdt('pn-counter'));
        steps.forEach((by, i) => {
          const actor = i % ACTORS;
          replicas[actor] = apply(replicas[actor]!, { do: 'increment', by }, actor);
        });
        const sum = steps.reduce((a, b) => a + b, 0);
        expect(valuesOfCrdt(replicas.reduce(mergeCrdts))).toEqual([sum]);
      }),
    );
  });

  it('a grow-only counter refuses to shrink', () => {
    expect(updateCrdt(emptyCrdt('g-counter'), { do: 'increment', by: -1 }, 0, 0)).toBeNull();
    expect(updateCrdt(emptyCrdt('or-set'), { do: 'increment', by: 1 }, 0, 0)).toBeNull();
  });

  it('of an addition and a concurrent removal the addition wins', () => {
    const start = apply(emptyCrdt('or-set'), { do: 'add', element: 'x' }, 0);
    const removed = apply(start, { do: 'remove', element: 'x' }, 0);
    const added = apply(start, { do: 'add', element: 'x' }, 1);
    expect(valuesOfCrdt(mergeCrdts(removed, start))).toEqual([]);
    expect(valuesOfCrdt(mergeCrdts(removed, added))).toEqual(['x']);
    expect(valuesOfCrdt(mergeCrdts(added, removed))).toEqual(['x']);
  });

  it('a register keeps the later of two concurrent assignments and forgets the other', () => {
    const empty = emptyCrdt('lww-register');
    const early = apply(empty, { do: 'assign', value: 1 }, 0, 10);
    const late = apply(empty, { do: 'assign', value: 2 }, 1, 11);
    expect(valuesOfCrdt(mergeCrdts(late, early))).toEqual([2]);
    // Whoever has seen a value replaces it, even with a clock that is behind.
    const next = apply(late, { do: 'assign', value: 3 }, 0, 5);
    expect(valuesOfCrdt(mergeCrdts(next, late))).toEqual([3]);
    expect(valuesOfCrdt(empty)).toEqual([]);
  });
});
