/** Logical clocks: each keeps its promise for every history; fast-check prints seed and history. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  HYBRID_ZERO,
  NO_VERSIONS,
  compareHybrid,
  compareLamport,
  compareVersions,
  countIn,
  descends,
  hybridReceive,
  hybridTick,
  increment,
  isHybridTooFar,
  lamportReceive,
  lamportTick,
  merge,
  receiveVersions,
} from '../../../../src/sim/policies/clocks/index.ts';
import type { HybridTime, VersionVector } from '../../../../src/sim/policies/clocks/index.ts';
import { NODES, play, steps } from './history.ts';
import type { Step } from './history.ts';

const runs = { seed: 20_140_711, numRuns: 300 };

describe("Lamport's clock", () => {
  const stamped = (history: readonly Step[]) =>
    play(
      history,
      0,
      (own) => lamportTick(own),
      (own, sent) => lamportReceive(own, sent),
    );

  it('gives what happened before the lesser time', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const events = stamped(history);
        for (const event of events) {
          for (const past of event.past) expect(events[past]!.stamp).toBeLessThan(event.stamp);
        }
      }),
      runs,
    );
  });

  it('orders all events, none beside another', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const events = stamped(history).map(({ node, stamp }) => ({ node, time: stamp }));
        events.sort(compareLamport);
        for (let i = 1; i < events.length; i++) {
          expect(compareLamport(events[i - 1]!, events[i]!)).toBeLessThan(0);
        }
      }),
      runs,
    );
  });

  it('does not say what is concurrent: the converse fails', () => {
    // Two events of the first node, one of the second: 1 < 2, and neither happened before.
    const [first, , third] = stamped([
      { node: 0, from: null, wallStep: 0 },
      { node: 1, from: null, wallStep: 0 },
      { node: 1, from: null, wallStep: 0 },
    ]);
    expect(first!.stamp).toBeLessThan(third!.stamp);
    expect(third!.past.has(0)).toBe(false);
  });
});

describe('a vector clock', () => {
  const stamped = (history: readonly Step[]) =>
    play<VersionVector>(
      history,
      NO_VERSIONS,
      (own, { node }) => increment(own, node),
      (own, sent, { node }) => receiveVersions(own, sent, node),
    );

  it('is before another if and only if its event happened before', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const events = stamped(history);
        events.forEach((e, i) =>
          events.forEach((f, j) => {
            const order = compareVersions(e.stamp, f.stamp);
            expect(order === 'before').toBe(f.past.has(i));
            expect(order === 'after').toBe(e.past.has(j));
            expect(order === 'equal').toBe(i === j);
          }),
        );
      }),
      runs,
    );
  });

  it('counts the events of each node that happened before, and its own', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const events = stamped(history);
        events.forEach((event, i) => {
          const known = [...event.past, i].map((place) => events[place]!.node);
          for (let node = 0; node < NODES; node++) {
            expect(countIn(event.stamp, node)).toBe(known.filter((of) => of === node).length);
          }
        });
      }),
      runs,
    );
  });
});

describe('a version vector', () => {
  const vector = fc
    .array(fc.tuple(fc.nat(6), fc.integer({ min: 1, max: 5 })), { maxLength: 12 })
    .map((pairs): VersionVector =>
      [...new Map(pairs)].sort(([a], [b]) => a - b).map(([node, count]) => [node, count] as const),
    );

  it('merges to the least upper bound, in canonical form', () => {
    fc.assert(
      fc.property(vector, vector, vector, (a, b, c) => {
        const both = merge(a, b);
        expect(merge(b, a)).toEqual(both);
        expect(merge(a, a)).toEqual(a);
        expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
        expect(descends(both, a) && descends(both, b)).toBe(true);
        // Least: whoever knows of both knows of the merged one.
        if (descends(c, a) && descends(c, b)) expect(descends(c, both)).toBe(true);
        const nodes = both.map(([node]) => node);
        expect(nodes).toEqual([...new Set(nodes)].sort((x, y) => x - y));
        expect(increment(both, 3).map(([node]) => node)).toEqual(
          [...new Set([...nodes, 3])].sort((x, y) => x - y),
        );
      }),
      runs,
    );
  });

  it('does as the example of Dynamo', () => {
    const [x, y, z] = [1, 2, 3];
    const d1 = increment(NO_VERSIONS, x);
    const d2 = increment(d1, x);
    const d3 = increment(d2, y);
    const d4 = increment(d2, z);
    expect(compareVersions(d2, d1)).toBe('after');
    expect(compareVersions(d3, d4)).toBe('concurrent');
    const d5 = increment(merge(d3, d4), x);
    expect(d5).toEqual([
      [x, 3],
      [y, 1],
      [z, 1],
    ]);
    expect([d3, d4].map((sibling) => compareVersions(d5, sibling))).toEqual(['after', 'after']);
  });
});

describe('a hybrid logical clock', () => {
  interface Walled {
    readonly events: readonly { readonly stamp: HybridTime; readonly past: ReadonlySet<number> }[];
    /** The node's wall clock at each event. */
    readonly walls: readonly number[];
  }

  /** True time goes on by one a step; each node's wall clock is off by what its steps added. */
  function walled(history: readonly Step[]): Walled {
    const walls: number[] = [];
    const offsets = new Map<number, number>();
    history.forEach(({ node, wallStep }, i) => {
      offsets.set(node, (offsets.get(node) ?? 0) + wallStep);
      walls.push(1_000 + i + (offsets.get(node) ?? 0));
    });
    let at = 0;
    const events = play<HybridTime>(
      history,
      HYBRID_ZERO,
      (own) => hybridTick(own, walls[at++]!),
      (own, sent) => hybridReceive(own, sent, walls[at++]!),
    );
    return { events, walls };
  }

  it('gives what happened before the lesser stamp, even while wall clocks go back', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { events } = walled(history);
        for (const { stamp, past } of events) {
          for (const earlier of past) {
            expect(compareHybrid(events[earlier]!.stamp, stamp)).toBeLessThan(0);
          }
        }
      }),
      runs,
    );
  });

  it('is never behind the wall clock, and ahead of it by the largest difference at most', () => {
    const offsets = fc.array(fc.nat(50), { minLength: NODES, maxLength: NODES });
    fc.assert(
      fc.property(steps, offsets, (history, off) => {
        // True time goes on by one a step; the clocks differ by a constant each.
        const epsilon = Math.max(...off) - Math.min(...off);
        const walls = history.map(({ node }, i) => 1_000 + i + off[node]!);
        let at = 0;
        const events = play<HybridTime>(
          history,
          HYBRID_ZERO,
          (own) => hybridTick(own, walls[at++]!),
          (own, sent) => hybridReceive(own, sent, walls[at++]!),
        );
        events.forEach(({ stamp }, i) => {
          expect(stamp.l).toBeGreaterThanOrEqual(walls[i]!);
          expect(stamp.l - walls[i]!).toBeLessThanOrEqual(epsilon);
        });
      }),
      runs,
    );
  });

  it('has as l the wall clock of an event that happened before, or its own', () => {
    fc.assert(
      fc.property(steps, (history) => {
        const { events, walls } = walled(history);
        events.forEach(({ stamp, past }, i) => {
          const known = [...past, i].map((place) => walls[place]!);
          expect(stamp.l).toBe(Math.max(...known));
        });
      }),
      runs,
    );
  });

  it('counts while l stands still and starts anew when it moves', () => {
    const first = hybridTick(HYBRID_ZERO, 10);
    expect(first).toEqual({ l: 10, c: 0 });
    expect(hybridTick(first, 10)).toEqual({ l: 10, c: 1 });
    expect(hybridTick(first, 9)).toEqual({ l: 10, c: 1 });
    expect(hybridTick({ l: 10, c: 7 }, 11)).toEqual({ l: 11, c: 0 });
    // Figure 5: the four cases of receiving.
    expect(hybridReceive({ l: 10, c: 2 }, { l: 10, c: 5 }, 9)).toEqual({ l: 10, c: 6 });
    expect(hybridReceive({ l: 10, c: 2 }, { l: 8, c: 5 }, 9)).toEqual({ l: 10, c: 3 });
    expect(hybridReceive({ l: 10, c: 2 }, { l: 12, c: 5 }, 9)).toEqual({ l: 12, c: 6 });
    expect(hybridReceive({ l: 10, c: 2 }, { l: 12, c: 5 }, 13)).toEqual({ l: 13, c: 0 });
  });

  it('tells a stamp that is further ahead than clocks may differ', () => {
    expect(isHybridTooFar({ l: 1_500, c: 0 }, 1_000, 500)).toBe(false);
    expect(isHybridTooFar({ l: 1_501, c: 0 }, 1_000, 500)).toBe(true);
  });
});
