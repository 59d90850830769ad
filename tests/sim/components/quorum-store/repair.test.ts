/** Read repair and anti-entropy: who was behind, and how it catches up. */
import { describe, expect, it } from 'vitest';
import type { QuorumStoreConfig } from '../../../../src/sim/components/quorum-store/config.ts';
import { DONE, StoreBench } from './support.ts';

/** n3 has missed x = 2, and nobody keeps a hint for it. */
function behind(config: Partial<QuorumStoreConfig>, ablations: readonly string[] = []) {
  const bench = new StoreBench({ config: { hintedHandoff: false, ...config }, ablations });
  bench.write('n1', 'x', 1);
  bench.after(10).cut('n3');
  expect(bench.write('n1', 'x', 2)).toEqual(DONE);
  bench.after(3_000).heal('n3').after(1_100);
  expect(bench.holds('n3', 'x')).toEqual([1]);
  return bench;
}

describe('read repair', () => {
  it.each([
    { readRepair: 'off', after: [1] },
    { readRepair: 'async', after: [2] },
    { readRepair: 'blocking', after: [2] },
  ] as const)('$readRepair leaves $after', ({ readRepair, after }) => {
    const bench = behind({ readRepair });
    expect(bench.read('n1', 'x')).toBe(2);
    bench.after(20);
    expect(bench.holds('n3', 'x')).toEqual(after);
    expect(bench.told('quorum.read-repair')).toHaveLength(readRepair === 'off' ? 0 : 1);
  });

  it('costs a blocking read a second round where replicas differ', () => {
    const took = (['async', 'blocking'] as const).map((readRepair) => {
      const bench = behind({ readRepair, readConsistency: 'all' });
      const from = bench.run.now;
      bench.read('n1', 'x');
      return (bench.run.now - from) / 1_000;
    });
    expect(took).toEqual([4, 6]);
  });

  /**
   * A write reaches n1 alone. A reader that hears n1 and n2 sees it; afterwards another one hears
   * n2 and n3. With the write-back n2 has it by then.
   */
  const newThenOld = (ablations: readonly string[]) => {
    const bench = new StoreBench({ config: { hintedHandoff: false }, ablations });
    bench.write('n1', 'x', 1);
    bench.after(10).cut('n1', 'a1');
    bench.ask('a1', 'n1', { type: 'kv.put', key: 'x', value: 2 });
    bench.after(10).heal('n1', 'a1');
    // Between n1 and n2 only this much gets through: the question and the answer.
    bench.inject('deaf', { type: 'partition', groups: [['n3']] });
    bench.inject('slow', {
      type: 'latency',
      from: 'n1',
      to: 'n2',
      extra: { kind: 'constant', ms: 30 },
    });
    const first = bench.read('n1', 'x');
    bench.undo('deaf').undo('slow');
    bench.inject('away', { type: 'partition', groups: [['n1']] });
    return [first, bench.read('n3', 'x')];
  };

  it('keeps a later read from returning less than an earlier one', () => {
    expect(newThenOld([])).toEqual([2, 2]);
  });

  it('does not, without the write-back: the second reader is taken back in time', () => {
    expect(newThenOld(['quorum.read-repair-writeback'])).toEqual([2, 1]);
  });
});

describe('anti-entropy', () => {
  it('brings back what a replica missed, without hints and without reads', () => {
    const bench = behind({ readRepair: 'off', antiEntropyMs: 5_000 });
    bench.after(15_000);
    expect(bench.holds('n3', 'x')).toEqual([2]);
    expect(bench.told('quorum.synced', 'n3')).toHaveLength(1);
  });

  it('exchanges nothing but hashes of roots where replicas are the same', () => {
    const bench = new StoreBench({ config: { antiEntropyMs: 1_000 } });
    for (let i = 0; i < 40; i++) bench.write('n1', `k${i}`, i);
    bench.after(10_000);
    const trees = bench.sent('quorum.tree');
    expect(trees.length).toBeGreaterThan(20);
    expect(trees.every(({ message }) => 'places' in message)).toBe(true);
    expect(bench.sent('quorum.range')).toEqual([]);
  });

  it('goes down only where the trees differ: two hashes a level, one key exchanged', () => {
    const bench = new StoreBench({
      config: { hintedHandoff: false, antiEntropyMs: 20_000, merkleDepth: 8 },
    });
    for (let i = 0; i < 40; i++) bench.write('n1', `k${i}`, i);
    bench.after(10).cut('n3');
    bench.write('n1', 'k7', 70);
    bench.after(3_000).heal('n3');
    bench.packets.length = 0;
    bench.after(20_000);
    const asked = bench.sent('quorum.tree').map(({ message }) => {
      return (message as { places?: readonly number[] }).places!.length;
    });
    expect(Math.max(...asked)).toBe(2);
    expect(bench.holds('n3', 'k7')).toEqual([70]);
    const ranges = bench.sent('quorum.range').map(({ message }) => {
      return (message as { cells?: readonly unknown[] }).cells!.length;
    });
    expect(ranges.length).toBeGreaterThan(0);
    // A leaf may hold a neighbour, too, but not all forty.
    expect(Math.max(...ranges)).toBeLessThan(5);
  });
});
