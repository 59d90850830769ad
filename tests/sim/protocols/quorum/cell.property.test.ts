/** What keys hold merges like a least upper bound, under every policy about conflicts. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuorumCell } from '../../../../src/sim/contracts/quorum.ts';
import {
  contextOf,
  dottedCell,
  isSameCell,
  mergeCells,
  stampedCell,
  valuesOf,
} from '../../../../src/sim/protocols/quorum/cell.ts';
import { createQuorumConfig } from '../../../../src/sim/protocols/quorum/config.ts';
import type { ConflictPolicy } from '../../../../src/sim/protocols/quorum/config.ts';
import { compareVersions } from '../../../../src/sim/policies/clocks/index.ts';

const PEERS = [0, 1, 2];
const configsOf = (conflicts: ConflictPolicy) =>
  PEERS.map((id) => createQuorumConfig({ id, peers: PEERS, conflicts }));

type Held = QuorumCell | null;
interface Act {
  readonly at: number;
  readonly from: number;
  readonly do: 'write' | 'blind-write' | 'merge';
}

/** Replicas after acts; values are numbered, stamps are unique. */
function play(conflicts: ConflictPolicy, acts: readonly Act[]): Held[] {
  const configs = configsOf(conflicts);
  const held: Held[] = [null, null, null];
  acts.forEach((act, i) => {
    const config = configs[act.at]!;
    const mine = held[act.at]!;
    if (act.do === 'merge') held[act.at] = mergeCells(config, mine, held[act.from]!);
    else if (conflicts === 'last-write-wins') {
      // Clocks disagree, but no node gives one stamp twice.
      held[act.at] = mergeCells(config, mine, stampedCell(config, i, (i * 7) % 5, i % 3));
    } else {
      const seen = act.do === 'write' ? contextOf(mine) : [];
      held[act.at] = dottedCell(config, mine, seen, i, i);
    }
  });
  return held;
}

const acts = fc.array(
  fc.record<Act>({
    at: fc.constantFrom(0, 1, 2),
    from: fc.constantFrom(0, 1, 2),
    do: fc.constantFrom('write', 'blind-write', 'merge'),
  }),
  { maxLength: 20 },
);

describe.each(['last-write-wins', 'version-vectors'] as const)('%s', (conflicts) => {
  it('merges commutatively, associatively and idempotently', () => {
    const [config] = configsOf(conflicts);
    const merge = (a: Held, b: Held) => mergeCells(config!, a, b);
    fc.assert(
      fc.property(acts, (all) => {
        const unique = conflicts === 'version-vectors' ? all : all.slice(0, 5);
        const [a, b, c] = play(conflicts, unique) as [Held, Held, Held];
        expect(merge(a, b)).toEqual(merge(b, a));
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        // What brings nothing leaves the very same cell.
        expect(merge(a, a)).toBe(a);
        const ab = merge(a, b);
        expect(merge(ab, b)).toBe(ab);
        expect(isSameCell(merge(a, b), merge(b, a))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('siblings', () => {
  it('are the writes that no other write has seen, in whatever order they met', () => {
    const [config] = configsOf('version-vectors');
    fc.assert(
      fc.property(acts, (all) => {
        // By value: everything that its writer had seen, told by sets instead of vectors.
        const seenBy = new Map<number, ReadonlySet<number>>();
        const known: Set<number>[] = [new Set(), new Set(), new Set()];
        all.forEach((act, i) => {
          if (act.do === 'merge') {
            known[act.at] = new Set([...known[act.at]!, ...known[act.from]!]);
            return;
          }
          const covers = new Set<number>();
          if (act.do === 'write') for (const value of known[act.at]!) covers.add(value);
          seenBy.set(i, covers);
          known[act.at]!.add(i);
        });
        const covered = new Set([...seenBy.values()].flatMap((values) => [...values]));
        const living = [...seenBy.keys()].filter((value) => !covered.has(value));
        const whole = play('version-vectors', all).reduce((a, b) => mergeCells(config!, a, b));
        expect(valuesOf(whole ?? null)).toEqual(living);
      }),
      { numRuns: 500 },
    );
  });

  it('follow the example of Dynamo, figure 3', () => {
    const [x, y, z] = configsOf('version-vectors');
    const d1 = dottedCell(x!, null, [], 1, 1);
    const d2 = dottedCell(x!, d1, contextOf(d1), 2, 2);
    const d3 = dottedCell(y!, d2, contextOf(d2), 3, 3);
    const d4 = dottedCell(z!, d2, contextOf(d2), 4, 4);
    expect(compareVersions(contextOf(d3), contextOf(d4))).toBe('concurrent');
    const both = mergeCells(x!, d3, d4);
    expect(valuesOf(both)).toEqual([3, 4]);
    const d5 = dottedCell(x!, both, contextOf(both), 5, 5);
    expect(d5.context).toEqual([
      [0, 3],
      [1, 1],
      [2, 1],
    ]);
    expect(valuesOf(mergeCells(y!, d3, d5))).toEqual([5]);
  });
});
