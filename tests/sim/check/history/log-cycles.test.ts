/**
 * Circles of transactions over a log: each kind by the smallest history that has it, and many small
 * histories against a search of all ways.
 */
import { describe, expect, it } from 'vitest';
import { checkLogHistory } from '../../../../src/sim/check/history/log-history.ts';
import type { LogHistoryOptions } from '../../../../src/sim/check/history/log-history.ts';
import type { LogDependency } from '../../../../src/sim/check/transactions/index.ts';
import type { Op } from '../../../../src/sim/observe/history.ts';
import { randomOf, seedsOf } from '../../../support/seeds.ts';
import type { Random } from '../../../support/seeds.ts';

const ALL: readonly LogDependency[] = ['wr', 'ww', 'rw'];

/** Partition, offset, value. */
type Record = readonly [partition: number, offset: number, value: number];
interface Did {
  readonly by: string;
  readonly sends?: readonly Record[];
  readonly polls?: readonly Record[];
  /** When it begins and returns; its end is ordered in between. */
  readonly from: number;
  readonly to: number;
  readonly outcome?: 'commit' | 'abort';
}

const runOf = ([partition, offset, value]: Record) => ({
  partition,
  from: offset,
  to: offset + 1,
  batch: { baseOffset: offset, records: [{ key: null, value }] },
});

/** Sends when it begins, polls, and orders to commit just before it returns. */
function history(all: readonly Did[]): Op[] {
  let id = 0;
  const op = (one: Omit<Op, 'id' | 'process' | 'outcome'>, outcome: Op['outcome'] = 'ok'): Op => ({
    id: id++,
    process: 0,
    ...one,
    outcome,
  });
  return all.flatMap(({ by: client, sends = [], polls = [], from, to, outcome = 'commit' }) => {
    const fate = outcome === 'commit' ? 'ok' : 'fail';
    const sent = sends.map(([partition, offset, input]) =>
      op({ client, f: 'send', input, output: { partition, offset }, call: from, ret: to }, fate),
    );
    const input = { life: 1 };
    const read = { client, f: 'poll', input, output: polls.map(runOf) };
    const polled = polls.length === 0 ? [] : [op({ ...read, call: from, ret: to - 0.3 })];
    const output = sends.map(([partition, offset, value]) => ({ value, partition, offset }));
    const what = { outcome, sends: sends.map(([, , value]) => value) };
    const ended = { client, f: 'transaction', input: what, output, call: to - 0.2, ret: to };
    return [...sent, ...polled, op(ended)];
  });
}

const CYCLE = /^G/;
const circles = (ops: readonly Op[], options: LogHistoryOptions = {}): readonly string[] =>
  checkLogHistory(ops, options)
    .findings.map(({ kind }) => kind)
    .filter((kind) => CYCLE.test(kind));

/** Each polls what the other has sent, and neither has returned. */
const inEachOther = [
  { by: 'x1', from: 0, to: 10, sends: [[0, 0, 1]], polls: [[1, 0, 2]] },
  { by: 'x2', from: 1, to: 9, sends: [[1, 0, 2]], polls: [[0, 0, 1]] },
] as const satisfies readonly Did[];

describe('a circle of transactions over a log', () => {
  it('G1c: two that have polled what the other one sent', () => {
    const { findings } = checkLogHistory(history(inEachOther));
    expect(findings.map(({ kind }) => kind)).toEqual(['precommitted-read', 'G1c']);
    expect(findings[1]?.why).toBe(
      'T1 is the transaction of x1 that began at position 0. ' +
        'T2 is the transaction of x2 that began at position 1. ' +
        'T1 comes before T2: T1 sent 1 to partition 0, and T2 polled it. ' +
        'But T2 comes before T1: T2 sent 2 to partition 1, and T1 polled it: a contradiction.',
    );
  });

  it('G1c: the shortest of several is shown', () => {
    const more: readonly Did[] = [
      { by: 'x3', from: 0, to: 12, sends: [[2, 0, 3]], polls: [[0, 0, 1]] },
      {
        ...inEachOther[0],
        polls: [
          [1, 0, 2],
          [2, 0, 3],
        ],
      },
      inEachOther[1],
      { by: 'x4', from: 2, to: 11, sends: [[3, 0, 4]], polls: [[2, 0, 3]] },
    ];
    const { findings } = checkLogHistory(history(more));
    const [shown, ...others] = findings.filter(({ kind }) => CYCLE.test(kind));
    expect([shown?.kind, shown?.ops.length, others]).toEqual(['G1c', 2, []]);
  });

  it('G1c-realtime: one that returned had polled what another one sent only later', () => {
    const ops = history([
      { by: 'x1', from: 0, to: 3, sends: [[0, 0, 1]], polls: [[1, 0, 2]] },
      { by: 'x2', from: 4, to: 9, sends: [[1, 0, 2]] },
    ]);
    expect(circles(ops)).toEqual(['G1c-realtime']);
    expect(circles(ops, { allow: ['G1c-realtime'] })).toEqual([]);
  });

  it('G1c-realtime: over one that is still open; nothing is polled before it is sent', () => {
    const ops = history([
      { by: 'x1', from: 0, to: 9, sends: [[0, 0, 1]], polls: [[1, 0, 2]] },
      { by: 'c1', from: 1, to: 3, polls: [[0, 0, 1]] },
      { by: 'x2', from: 4, to: 6, sends: [[1, 0, 2]] },
    ]);
    expect(circles(ops)).toEqual(['G1c-realtime']);
  });

  it('none where what is polled was committed', () => {
    const ops = history([
      { by: 'x1', from: 0, to: 3, sends: [[0, 0, 1]] },
      { by: 'x2', from: 1, to: 6, sends: [[1, 0, 2]], polls: [[0, 0, 1]] },
      { by: 'x1', from: 4, to: 9, sends: [[0, 1, 3]], polls: [[1, 0, 2]] },
    ]);
    expect(checkLogHistory(ops, { dependencies: ALL })).toMatchObject({ verdict: 'pass' });
  });

  it('none of what was aborted; and what it polled is not of the next one', () => {
    const aborted = { ...inEachOther[0], outcome: 'abort', to: 10 } as const;
    const next = { by: 'x1', from: 11, to: 12, sends: [[0, 1, 5]] } as const;
    expect(circles(history([aborted, inEachOther[1], next]))).toEqual([]);
  });
});

describe('what a log does not promise', () => {
  it('G0: writers that overtake each other, whatever is asked', () => {
    const ops = history([
      {
        by: 'p1',
        from: 0,
        to: 5,
        sends: [
          [0, 0, 1],
          [1, 1, 2],
        ],
      },
      {
        by: 'p2',
        from: 1,
        to: 6,
        sends: [
          [0, 1, 3],
          [1, 0, 4],
        ],
      },
      {
        by: 'c1',
        from: 7,
        to: 8,
        polls: [
          [0, 0, 1],
          [0, 1, 3],
          [1, 0, 4],
          [1, 1, 2],
        ],
      },
    ]);
    expect(checkLogHistory(ops, { dependencies: ['wr', 'ww'] })).toMatchObject({ verdict: 'pass' });
  });

  it('G1c over ww: it polls what was sent after it, in its own partition', () => {
    const ops = history([
      { by: 'x1', from: 0, to: 9, sends: [[0, 0, 1]], polls: [[0, 1, 2]] },
      { by: 'x2', from: 1, to: 4, sends: [[0, 1, 2]] },
    ]);
    expect(checkLogHistory(ops)).toMatchObject({ verdict: 'pass' });
    expect(circles(ops, { dependencies: ['wr', 'ww'] })).toEqual(['G1c']);
  });

  const both = {
    by: 'x2',
    from: 1,
    to: 4,
    sends: [
      [0, 1, 2],
      [1, 1, 3],
    ],
  } as const;
  const first = {
    by: 'p1',
    from: 0,
    to: 1,
    sends: [
      [0, 0, 1],
      [1, 0, 4],
    ],
  } as const;

  it('G-single: a reader has polled one record of a transaction and not yet the other', () => {
    const reader = {
      by: 'c1',
      from: 5,
      to: 6,
      polls: [
        [0, 0, 1],
        [1, 0, 4],
        [1, 1, 3],
      ],
    } as const;
    const ops = history([first, both, reader]);
    expect(checkLogHistory(ops)).toMatchObject({ verdict: 'pass' });
    expect(circles(ops, { dependencies: ['wr', 'rw'] })).toEqual(['G-single']);
  });

  it('G2-item: two that have not polled what the other one sent', () => {
    const ops = history([
      first,
      { by: 'x1', from: 2, to: 6, sends: [[1, 1, 5]], polls: [[0, 0, 1]] },
      { by: 'x2', from: 3, to: 7, sends: [[0, 1, 6]], polls: [[1, 0, 4]] },
      {
        by: 'c1',
        from: 8,
        to: 9,
        polls: [
          [0, 1, 6],
          [1, 1, 5],
        ],
      },
    ]);
    expect(checkLogHistory(ops)).toMatchObject({ verdict: 'pass' });
    expect(circles(ops, { dependencies: ['wr', 'rw'] })).toEqual(['G2-item']);
  });

  it('G-nonadjacent: two readers see two transactions in opposite orders', () => {
    const ops = history([
      first,
      { by: 'p1', from: 2, to: 6, sends: [[0, 1, 5]] },
      { by: 'p2', from: 2, to: 6, sends: [[1, 1, 6]] },
      {
        by: 'c1',
        from: 3,
        to: 8,
        polls: [
          [0, 0, 1],
          [1, 1, 6],
        ],
      },
      {
        by: 'c2',
        from: 3,
        to: 8,
        polls: [
          [1, 0, 4],
          [0, 1, 5],
        ],
      },
    ]);
    expect(checkLogHistory(ops)).toMatchObject({ verdict: 'pass' });
    expect(circles(ops, { dependencies: ['wr', 'rw'] })).toEqual(['G-nonadjacent']);
  });
});

const PARTITIONS = 2;

/** Few transactions at any times, each with any records of any others. */
function someDids(random: Random): Did[] {
  const count = 2 + random.int(3);
  const instants = Array.from({ length: 2 * count }, (_, i) => i);
  const take = (): number => instants.splice(random.int(instants.length), 1)[0] as number;
  const times = Array.from({ length: count }, () => [take(), take()].sort((a, b) => a - b));
  const writers = Array.from({ length: 2 * count }, () => random.int(count));
  const ends: number[] = new Array<number>(PARTITIONS).fill(0);
  const all = writers.map((_, value): Record => {
    const partition = random.int(PARTITIONS);
    const offset = ends[partition] ?? 0;
    ends[partition] = offset + 1;
    return [partition, offset, value];
  });
  const dids = times.map(([from = 0, to = 0], i) => {
    return { by: `x${i}`, from, to, sends: all.filter(([, , value]) => writers[value] === i) };
  });
  return dids.map((did) => ({ ...did, polls: all.filter(() => random.chance(30)) }));
}

type Kind = LogDependency | 'time';
interface Edge {
  readonly to: number;
  readonly kind: Kind;
}

function edgesOf(dids: readonly Did[], dependencies: readonly LogDependency[]): Edge[][] {
  const stands = dids.flatMap(({ sends = [] }, by) => sends.map((one) => ({ one, by })));
  const after = ([partition, offset]: Record, not: number) =>
    stands
      .filter(({ one, by }) => by !== not && one[0] === partition && one[1] > offset)
      .sort((a, b) => a.one[1] - b.one[1])[0];
  return dids.map(({ sends = [], polls = [], to: ret }, node) => {
    const edges: Edge[] = [];
    dids.forEach((other, to) => {
      if (to === node) return;
      const values = sends.map(([, , value]) => value);
      if (other.polls?.some(([, , value]) => values.includes(value)))
        edges.push({ to, kind: 'wr' });
      if (ret < other.from) edges.push({ to, kind: 'time' });
    });
    for (const sent of sends) {
      // The neighbour alone: if that is its own, there is nothing to say.
      const next = after(sent, -1);
      if (next !== undefined && next.by !== node) edges.push({ to: next.by, kind: 'ww' });
    }
    for (let partition = 0; partition < PARTITIONS; partition++) {
      const [last] = polls.filter((one) => one[0] === partition).sort((a, b) => b[1] - a[1]);
      const next = last === undefined ? undefined : after(last, node);
      if (next !== undefined) edges.push({ to: next.by, kind: 'rw' });
    }
    return edges.filter(({ kind }) => kind === 'time' || dependencies.includes(kind));
  });
}

/** Goes every simple way round, and names it as Adya does. */
function classesOf(edges: readonly Edge[][]): { plain: Set<string>; isTimed: boolean } {
  const plain = new Set<string>();
  let isTimed = false;
  const walk = (start: number, node: number, way: readonly Kind[], seen: ReadonlySet<number>) => {
    for (const { to, kind } of edges[node] as Edge[]) {
      const kinds = [...way, kind];
      if (to !== start) {
        if (to > start && !seen.has(to)) walk(start, to, kinds, new Set([...seen, to]));
      } else if (kinds.includes('time')) isTimed ||= kinds.includes('wr');
      else plain.add(classOf(kinds));
    }
  };
  edges.forEach((_, start) => walk(start, start, [], new Set([start])));
  return { plain, isTimed };
}

function classOf(kinds: readonly Kind[]): string {
  const misses = kinds.filter((kind) => kind === 'rw').length;
  if (misses === 0) return kinds.includes('wr') ? 'G1c' : 'G0';
  if (misses === 1) return 'G-single';
  const inRow = kinds.some((kind, i) => kind === 'rw' && kinds[(i + 1) % kinds.length] === 'rw');
  return inRow ? 'G2-item' : 'G-nonadjacent';
}

describe('many small histories, against a search of all ways round', () => {
  const RUNS = 1_000;

  it('of reading and real time: one is found exactly where there is one', () => {
    const count = { plain: 0, timed: 0, none: 0 };
    for (const seed of seedsOf(RUNS)) {
      const dids = someDids(randomOf(seed));
      const { plain, isTimed } = classesOf(edgesOf(dids, ['wr']));
      const found = circles(history(dids));
      const text = `seed ${seed}: ${found.join(' ')}`;
      expect(found.includes('G1c'), text).toBe(plain.has('G1c'));
      expect(found.length > 0, text).toBe(plain.has('G1c') || isTimed);
      count[plain.size > 0 ? 'plain' : isTimed ? 'timed' : 'none'] += 1;
    }
    expect(Math.min(count.plain, count.timed, count.none)).toBeGreaterThan(RUNS / 20);
  });

  it('of all: the kinds that are there are found, and no others', () => {
    const seen = new Map<string, number>();
    for (const seed of seedsOf(RUNS)) {
      const dids = someDids(randomOf(seed));
      const { plain } = classesOf(edgesOf(dids, ALL));
      const found = new Set(circles(history(dids), { dependencies: ALL }));
      for (const kind of ['G1c', 'G-single', 'G2-item']) {
        expect(found.has(kind), `seed ${seed}: ${kind}`).toBe(plain.has(kind));
      }
      if (found.has('G-nonadjacent')) expect([...plain], `seed ${seed}`).toContain('G-nonadjacent');
      for (const kind of plain) seen.set(kind, (seen.get(kind) ?? 0) + 1);
    }
    expect(
      Math.min(...['G0', 'G1c', 'G-single', 'G2-item'].map((kind) => seen.get(kind) ?? 0)),
    ).toBeGreaterThan(20);
  });
});
