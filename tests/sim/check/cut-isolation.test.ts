/** What a transaction read twice: the same, another item, other rows. */
import { describe, expect, it } from 'vitest';
import { cutIsolation } from '../../../src/sim/check/cut-isolation.ts';
import { Stage } from './support/check-env.ts';

type Reading = readonly [what: 'item' | 'rows', key: string, value: unknown];

/** Null: the report failed. */
function judged(reports: readonly (readonly Reading[] | null)[], args: object = {}): Stage {
  const stage = new Stage(cutIsolation, args);
  reports.forEach((readings, i) => {
    const base = { client: `c${i}`, f: 'report', input: [] };
    const op = stage.history.invoke(base, 2 * i, 2_000 * i, 0);
    const output = readings?.map(([what, key, value]) => ({ what, key, value })) ?? null;
    const outcome = output === null ? 'fail' : 'ok';
    stage.history.complete(op, outcome, output, 2 * i + 1, 2_000 * i + 1_000);
  });
  return stage.end();
}

const ITEM = { level: 'item' };
const SAME: readonly Reading[] = [
  ['item', 'x', 1],
  ['rows', 'all', [1, 2]],
  ['item', 'x', 1],
  ['rows', 'all', [2, 1]],
];
const FUZZY: readonly Reading[] = [
  ['item', 'x', null],
  ['item', 'y', 1],
  ['item', 'x', 5],
  ['item', 'y', 1],
];
const PHANTOM: readonly Reading[] = [
  ['item', 'x', 1],
  ['rows', 'all', [1, 2]],
  ['item', 'x', 1],
  ['rows', 'all', [2, 3, 4]],
];

describe('cut isolation', () => {
  it('holds where all is the same again, in whatever order the rows come', () => {
    expect(judged([SAME]).verdict).toBe('pass');
    expect(judged([SAME], ITEM).verdict).toBe('pass');
  });

  it('does not take what two transactions read for what one read twice', () => {
    expect(judged([[['item', 'x', 1]], [['item', 'x', 2]]]).verdict).toBe('pass');
  });

  it('breaks in an item that is another one the second time, also where there was none', () => {
    for (const args of [{}, ITEM]) {
      const stage = judged([SAME, FUZZY], args);
      expect(stage.whys).toEqual([
        'item-many-preceders: c1 read x: null, then 5. So it is in 1 of 2 reports.',
      ]);
      expect(stage.told[0]?.evidence).toEqual([2, 3]);
    }
  });

  it('breaks in rows that came and went, where questions are asked about', () => {
    expect(judged([PHANTOM, PHANTOM]).whys).toEqual([
      'predicate-many-preceders: c0 asked for all: 2 rows, then 3; new are 3, 4; gone are 1. ' +
        'So it is in 2 of 2 reports.',
    ]);
    expect(judged([PHANTOM], ITEM).verdict).toBe('pass');
  });

  it('tells of six rows, and how many more there are', () => {
    const rows = (count: number) => Array.from({ length: count }, (_, i) => i);
    const grown: readonly Reading[] = [
      ['rows', 'all', []],
      ['rows', 'all', rows(8)],
    ];
    expect(judged([grown]).whys[0]).toContain('new are 0, 1, 2, 3, 4, 5 and 2 more.');
  });

  it('compares with the first time, not with the last', () => {
    const back: readonly Reading[] = [
      ['item', 'x', 1],
      ['item', 'x', 1],
      ['item', 'x', 2],
    ];
    expect(judged([back]).verdict).toBe('fail');
  });

  it('knows nothing where no report was made', () => {
    expect(judged([null]).verdict).toBe('unknown');
    expect(judged([]).verdict).toBe('unknown');
  });
});
