/** The cycles that are shown, against all simple ones of the graph. */
import { describe, expect, it } from 'vitest';
import { CYCLE_CLASSES, findCycles } from '../../../../src/sim/check/transactions/cycles.ts';
import type { Cycle, CycleClass } from '../../../../src/sim/check/transactions/cycles.ts';
import {
  DependencyGraph,
  REALTIME,
  RW,
  SESSION,
  WR,
  WW,
} from '../../../../src/sim/check/transactions/graph.ts';
import { txnsOf } from '../../../../src/sim/check/transactions/history.ts';
import { addRealtimeOrder, addSessionOrder } from '../../../../src/sim/check/transactions/order.ts';
import { checkTransactions } from 'faultline';
import type { TxnOp } from 'faultline';
import { randomOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';
import { txns } from './support/short.ts';

const STEPS = 1_000_000;

/** Transactions with times and processes, and what depends on what at random. */
function someGraph(random: Random, order: number): { graph: DependencyGraph; ops: TxnOp[] } {
  const size = 4 + random.int(4);
  const ops = Array.from({ length: size }, (_, id): TxnOp => {
    const call = random.int(3 * size);
    const process = order === SESSION ? random.int(3) : id;
    // One process does one thing after the other.
    const [at, ret] = order === SESSION ? [2 * id, 2 * id + 1] : [call, call + 1 + random.int(3)];
    return { id, process, f: 'txn', input: [], outcome: 'ok', call: at, ret };
  });
  const graph = new DependencyGraph(size);
  for (let i = 0; i < size + random.int(5); i++) {
    graph.add(random.int(size), random.int(size), random.pick([WW, WR, RW, RW]));
  }
  const { possible } = txnsOf(ops);
  if (order === REALTIME) addRealtimeOrder(graph, possible);
  if (order === SESSION) addSessionOrder(graph, possible);
  return { graph, ops };
}

/** The kinds between any two, with the order closed: before is before, whoever stands between. */
function kindsOf(graph: DependencyGraph, ops: readonly TxnOp[], order: number): number[][] {
  const kinds = ops.map((a) =>
    ops.map((b) => {
      if (a === b) return 0;
      if (order === REALTIME) return a.ret < b.call ? REALTIME : 0;
      return order === SESSION && a.process === b.process && a.id < b.id ? SESSION : 0;
    }),
  );
  for (let edge = 0; edge < graph.edges; edge++) {
    const row = kinds[graph.from[edge]!]!;
    row[graph.to[edge]!]! |= graph.kind[edge]!;
  }
  return kinds;
}

function classOf(cycle: readonly number[]): CycleClass | undefined {
  const misses = cycle.filter((kind) => kind === RW).length;
  const isAdjacent = cycle.some((kind, i) => kind === RW && cycle[(i + 1) % cycle.length] === RW);
  if (misses > 1) return isAdjacent ? 'G2-item' : 'G-nonadjacent';
  if (misses === 1) return 'G-single';
  if (cycle.includes(WR)) return 'G1c';
  return cycle.includes(WW) ? 'G0' : undefined;
}

/** By class, with "+" where order takes part: how many transactions the smallest cycle has. */
function smallest(kinds: readonly (readonly number[])[]): Map<string, number> {
  const least = new Map<string, number>();
  const walk = (path: readonly number[], steps: readonly number[]): void => {
    const here = path.at(-1)!;
    for (let next = path[0]!; next < kinds.length; next++) {
      for (const kind of [WW, WR, RW, SESSION, REALTIME]) {
        if ((kinds[here]![next]! & kind) === 0) continue;
        if (next !== path[0]) {
          if (!path.includes(next)) walk([...path, next], [...steps, kind]);
          continue;
        }
        const cycle = [...steps, kind];
        const name = classOf(cycle);
        if (name === undefined) continue;
        const suffix = cycle.some((one) => one === SESSION || one === REALTIME) ? '+' : '';
        for (const as of suffix === '' ? ['', '+'] : ['+']) {
          const known = least.get(name + as) ?? Infinity;
          least.set(name + as, Math.min(known, cycle.length));
        }
      }
    }
  };
  for (let start = 0; start < kinds.length; start++) walk([start], []);
  return least;
}

const sizeOf = (cycles: readonly Cycle[]): number =>
  Math.min(...cycles.map(({ edges }) => edges.length));

describe('the cycle that is shown', () => {
  it.each([
    ['without order', 0],
    ['with sessions', SESSION],
    ['in real time', REALTIME],
  ])('is the smallest of its class, %s', (_, order) => {
    const found = new Map<string, number>();
    for (let seed = 1; seed <= 1_500; seed++) {
      const { graph, ops } = someGraph(randomOf(seed), order);
      const least = smallest(kindsOf(graph, ops, order));
      const suffix = order === 0 ? undefined : { name: '+', kind: order };
      const { cycles, undecided } = findCycles(graph, suffix, STEPS);
      expect(undecided).toEqual([]);
      for (const name of CYCLE_CLASSES) {
        const shown = cycles.filter((one) => one.class === name);
        const hasPlain = shown.some((one) => one.suffix === '');
        const wanted = least.get(hasPlain ? name : `${name}+`) ?? Infinity;
        const size = sizeOf(shown.filter((one) => (one.suffix === '') === hasPlain));
        // Instead of one whose way crosses itself there is a smaller one of a worse class.
        const single = sizeOf(cycles.filter((one) => one.class === 'G-single'));
        if (name === 'G-nonadjacent' && size !== wanted && single < wanted) continue;
        expect(size, `seed ${seed}: ${name}`).toBe(wanted);
        if (wanted < Infinity) found.set(name, (found.get(name) ?? 0) + 1);
      }
    }
    expect([...found.keys()].sort()).toEqual([...CYCLE_CLASSES].sort());
  });

  it('takes real time in one step, whoever else came between', () => {
    const ops = txns('ax1', 'ly', 'ay1', 'lz', 'lx');
    const { anomalies } = checkTransactions(ops, { workload: 'list-append' });
    expect(anomalies[0]?.ops).toEqual([0, 4]);
    expect(anomalies[0]?.cycle?.map(({ kind }) => kind)).toEqual(['realtime', 'rw']);
  });

  it('says of each step the two elements that matter', () => {
    const ops = txns('ax1', 'ax2', 'lx12 ay1', 'ly ax4', 'lx124', 'ly1');
    const { because } = checkTransactions(ops, {
      workload: 'list-append',
      ask: { models: ['serializable'] },
    });
    expect(because).toEqual([
      'T1 is c2: read x = [… 2]; append y 1.',
      'T2 is c3: read y = []; append x 4.',
      'T1 comes before T2: T2 appended 4 to x, and T1 read [… 2] and not 4.',
      'But T2 comes before T1: T1 appended 1 to y, and T2 read [] and not 1: a contradiction.',
    ]);
  });
});
