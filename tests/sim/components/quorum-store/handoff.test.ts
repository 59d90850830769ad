/** Replicas that are away: hints, their window, those who stand in, what comes back too late. */
import { describe, expect, it } from 'vitest';
import { DONE, StoreBench } from './support.ts';

/** Long enough for a hint to be handed over to a replica that is back. */
const HANDOFF_MS = 12_000;

describe('hinted handoff', () => {
  const missed = (ablations: readonly string[] = [], config = {}) => {
    const bench = new StoreBench({ config: { readConsistency: 'one', ...config }, ablations });
    bench.crash('n3');
    expect(bench.write('n1', 'x', 1)).toEqual(DONE);
    return bench;
  };

  it('brings a replica what it missed', () => {
    const bench = missed();
    bench.after(2_500);
    expect(bench.state('n1').store.hints.size).toBe(1);
    expect(bench.node('n1').behaviour.roles(bench.state('n1'))).toContain('holder');
    bench.restart('n3').after(1);
    expect(bench.holds('n3', 'x')).toBe(undefined);
    bench.after(HANDOFF_MS);
    expect(bench.holds('n3', 'x')).toEqual([1]);
    expect(bench.state('n1').store.hints.size).toBe(0);
    expect(bench.told('quorum.handed-off', 'n1')).toHaveLength(1);
  });

  it('leaves that replica behind for good where it is off', () => {
    for (const bench of [missed(['quorum.hinted-handoff']), missed([], { hintedHandoff: false })]) {
      bench.after(2_500).restart('n3').after(60_000);
      expect(bench.holds('n3', 'x')).toBe(undefined);
    }
  });

  it('makes no hints once a replica is away for longer than the window', () => {
    const bench = missed([], { maxHintWindowMs: 5_000 });
    bench.after(6_000);
    bench.write('n1', 'y', 2);
    expect(bench.told('quorum.hint-refused')).toHaveLength(1);
    bench.restart('n3').after(HANDOFF_MS);
    expect(bench.holds('n3', 'x')).toEqual([1]);
    expect(bench.holds('n3', 'y')).toBe(undefined);
  });

  it('survives a restart of who keeps the hint', () => {
    const bench = missed([], { commitLogSync: 'batch' });
    bench.after(2_500).crash('n1').after(10).restart('n1').after(10);
    expect(bench.state('n1').store.hints.size).toBe(1);
    bench.restart('n3').after(HANDOFF_MS);
    expect(bench.holds('n3', 'x')).toEqual([1]);
  });
});

describe('a sloppy quorum', () => {
  const config = { sloppyQuorum: true } as const;

  it('takes writes with all replicas of a key away, and hands them over', () => {
    const bench = new StoreBench({ nodes: 6, config });
    const list = bench.nodesOf('x');
    const spare = list[3]!;
    for (const name of list.slice(0, 3)) bench.crash(name);
    // The first write finds out who is down and who stands in for them.
    expect(bench.write(spare, 'x', 1)).toEqual(DONE);
    expect(bench.read(list[4]!, 'x')).toBe(1);
    for (const name of list.slice(0, 3)) bench.restart(name);
    bench.after(HANDOFF_MS);
    for (const name of list.slice(0, 3)) expect(bench.holds(name, 'x')).toEqual([1]);
    for (const name of list.slice(3)) expect(bench.state(name).store.hints.size).toBe(0);
  });

  it('is unavailable in the same place where it is strict', () => {
    const bench = new StoreBench({ nodes: 6 });
    const list = bench.nodesOf('x');
    for (const name of list.slice(0, 3)) bench.crash(name);
    expect(bench.write(list[3]!, 'x', 1)).toBe('write-timeout');
    expect(bench.write(list[3]!, 'x', 1)).toBe('unavailable');
  });

  it('may read stale although R + W > N, until handoff', () => {
    const bench = new StoreBench({ nodes: 5, config });
    const list = bench.nodesOf('x');
    const [first, second, third, fourth, fifth] = list as [string, string, string, string, string];
    bench.write(first, 'x', 1);
    bench.after(10);
    // Two sides, each with enough healthy nodes of its own.
    bench.inject('cut', {
      type: 'partition',
      groups: [
        [first, second],
        ['a1', third, fourth, fifth],
      ],
    });
    expect(bench.write(fourth, 'x', 2)).toEqual(DONE);
    bench.undo('cut').cut(first, second, 'a1');
    expect(bench.read(first, 'x')).toBe(1);
    bench.heal(first, second, 'a1').after(2 * HANDOFF_MS);
    expect(bench.read(first, 'x')).toBe(2);
  });
});

describe('deletes', () => {
  /** n3 is away while x is deleted, and back before or after the tombstone is dropped. */
  const deleted = (awayMs: number, ablations: readonly string[] = [], config = {}) => {
    const bench = new StoreBench({
      config: { gcGraceMs: 60_000, compactionMs: 1_000, hintedHandoff: false, ...config },
      ablations,
    });
    bench.write('n1', 'x', 1);
    bench.after(10_100).crash('n3');
    expect(bench.write('n1', 'x', null)).toEqual(DONE);
    bench.after(awayMs).restart('n3').after(1_500);
    return bench;
  };

  it('hold where the replica that missed one is back within gc_grace', () => {
    const bench = deleted(30_000);
    expect(bench.read('n3', 'x')).toBe(null);
    expect(bench.read('n1', 'x')).toBe(null);
  });

  it('are undone by a replica that was away for longer', () => {
    const bench = deleted(90_000);
    expect(bench.told('quorum.purged').length).toBeGreaterThan(0);
    expect(bench.read('n3', 'x')).toBe(1);
    bench.after(100);
    expect(bench.holds('n1', 'x')).toEqual([1]);
  });

  it('are undone at once without tombstones, and soon without gc_grace', () => {
    expect(deleted(100, ['quorum.tombstones']).read('n3', 'x')).toBe(1);
    expect(deleted(5_000, ['quorum.gc-grace']).read('n3', 'x')).toBe(1);
    expect(deleted(5_000).read('n3', 'x')).toBe(null);
  });

  it('are undone by a hint that is older than gc_grace, were it handed over', () => {
    const ends = ([[], ['quorum.hint-expiry']] as const).map((ablations) => {
      const bench = new StoreBench({
        config: { gcGraceMs: 30_000, compactionMs: 1_000, readConsistency: 'one' },
        ablations,
      });
      bench.crash('n3');
      bench.write('n1', 'x', 1);
      bench.after(3_000);
      // n1 keeps a hint of the write, but knows nothing of the delete, nor does n3 need to.
      bench.inject('alone', { type: 'partition', groups: [['n1']] });
      bench.restart('n3').after(10);
      expect(bench.write('n2', 'x', null)).toEqual(DONE);
      bench.after(40_000).undo('alone').after(HANDOFF_MS);
      return bench.holds('n3', 'x');
    });
    expect(ends).toEqual([undefined, [1]]);
  });
});
