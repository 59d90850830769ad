/** Long fork: the published history, and against the definition on random ones. */
import { describe, expect, it } from 'vitest';
import { checkLongFork } from 'faultline';
import type { MicroOp, TxnOp } from 'faultline';
import { forSeeds } from '../../../support/seeds.ts';

const txn = (id: number, micro: readonly MicroOp[], outcome: TxnOp['outcome'] = 'ok'): TxnOp => ({
  id,
  process: id,
  client: `c${id}`,
  f: 'txn',
  input: micro,
  ...(outcome === 'ok' ? { output: micro } : {}),
  outcome,
  call: 2 * id,
  ret: outcome === 'unknown' ? Infinity : 2 * id + 1,
});
const read = (id: number, seen: Readonly<Record<string, number | null>>): TxnOp =>
  txn(
    id,
    Object.entries(seen).map(([key, value]): MicroOp => ['r', key, value]),
  );
const write = (id: number, key: string, value = 1): TxnOp => txn(id, [['w', key, value]]);

describe('long fork', () => {
  it('is found in the published history (Jepsen, long-fork test)', () => {
    const result = checkLongFork([
      read(0, { 0: 1, 1: 1, 2: null }),
      read(1, { 2: 1, 0: 1, 1: null }),
    ]);
    expect(result).toMatchObject({ verdict: 'fail', reads: 2 });
    expect(result.forks).toHaveLength(1);
    expect(result.forks[0]?.reads).toEqual([0, 1]);
    expect(result.because).toEqual(['c0 read 1 = 1 and not yet 2; c1 read 2 = 1 and not yet 1.']);
  });

  it('reads that contain one another are none', () => {
    const ops = [
      read(0, { x: null, y: null }),
      read(1, { x: 1, y: null }),
      read(2, { x: 1, y: 1 }),
    ];
    expect(checkLongFork([...ops, write(3, 'x'), write(4, 'y')])).toMatchObject({
      verdict: 'pass',
      reads: 3,
      forks: [],
    });
  });

  it('rows that are written twice say nothing, nor do aborted transactions', () => {
    const fork = [read(0, { x: 1, y: null }), read(1, { x: null, y: 1 })];
    expect(checkLongFork(fork).verdict).toBe('fail');
    const twice = [...fork, write(2, 'x'), write(3, 'x', 2)];
    expect(checkLongFork(twice)).toMatchObject({ verdict: 'unknown', reads: 0 });
    const aborted = fork.map((op) => ({ ...op, outcome: 'fail' }) as TxnOp);
    expect(checkLongFork(aborted).verdict).toBe('unknown');
    const open = fork.map(({ output: _, ...op }) => ({ ...op, outcome: 'unknown' }) as TxnOp);
    expect(checkLongFork(open).verdict).toBe('unknown');
  });

  it('what it wrote itself does not count as seen', () => {
    const own = txn(0, [
      ['w', 'x', 1],
      ['r', 'x', 1],
      ['r', 'y', null],
    ]);
    expect(checkLongFork([own, read(1, { x: null, y: 1 })]).verdict).not.toBe('fail');
  });

  it('says exactly what two incomparable reads say, on 2,000 random histories', () => {
    let found = 0;
    forSeeds(2_000, import.meta.url, (_, random) => {
      const reads = Array.from({ length: 2 + random.int(3) }, (__, id) => {
        const seen = ['x', 'y', 'z'].map((key) => [key, random.chance(70) ? 1 : null] as const);
        return read(id, Object.fromEntries(seen.filter(() => random.chance(80))));
      });
      const seenBy = reads.map(({ input }) => new Map(input.map(([, key, value]) => [key, value])));
      const misses = (one: number, other: number): boolean =>
        [...(seenBy[one] ?? [])].some(
          ([key, value]) => value === 1 && seenBy[other]?.get(key) === null,
        );
      const pairs = reads.flatMap((__, i) => reads.slice(0, i).map((___, j) => [i, j] as const));
      const isForked = pairs.some(([i, j]) => misses(i, j) && misses(j, i));
      if (isForked) found++;
      expect(checkLongFork(reads).verdict === 'fail').toBe(isForked);
    });
    if (process.env['TEST_SEEDS'] === undefined) expect(found).toBeGreaterThan(100);
  });
});
