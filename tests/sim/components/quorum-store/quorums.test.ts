/** Reads, writes and deletes at levels, whom they reach, and what they say when they cannot. */
import { describe, expect, it } from 'vitest';
import { DONE, StoreBench } from './support.ts';

describe('a quorum store', () => {
  it('answers what was written, wherever it is asked', () => {
    const bench = new StoreBench({ nodes: 5 });
    expect(bench.write('n1', 'x', 7)).toEqual(DONE);
    for (const name of bench.names) expect(bench.read(name, 'x')).toBe(7);
    expect(bench.read('n2', 'y')).toBe(null);
    expect(bench.write('n4', 'x', 8)).toEqual(DONE);
    expect(bench.read('n1', 'x')).toBe(8);
  });

  it('holds a key on the N nodes of its preference list and on no other', () => {
    const bench = new StoreBench({ nodes: 6 });
    for (const key of ['a', 'b', 'c', 'd']) {
      bench.write('n1', key, 1);
      bench.after(5);
      const list = bench.nodesOf(key);
      expect(new Set(list).size).toBe(6);
      const holders = bench.names.filter((name) => bench.holds(name, key) !== undefined);
      expect(holders.toSorted()).toEqual(list.slice(0, 3).toSorted());
    }
  });

  it.each([
    { level: 'one', down: 2, reply: DONE },
    { level: 'two', down: 1, reply: DONE },
    { level: 'two', down: 2, reply: 'write-timeout' },
    { level: 'quorum', down: 1, reply: DONE },
    { level: 'quorum', down: 2, reply: 'write-timeout' },
    { level: 'all', down: 0, reply: DONE },
    { level: 'all', down: 1, reply: 'write-timeout' },
    { level: 'any', down: 2, reply: DONE },
  ] as const)(
    'with $down of 3 down a write at $level ends as it must',
    ({ level, down, reply }) => {
      const bench = new StoreBench({ config: { writeConsistency: level } });
      for (const name of ['n2', 'n3'].slice(0, down)) bench.crash(name);
      expect(bench.write('n1', 'x', 1)).toEqual(reply);
      if (reply === 'write-timeout') {
        // Now it knows: it refuses before it sends anything, which is definite.
        expect(bench.write('n1', 'x', 2)).toBe('unavailable');
        expect(bench.holds('n1', 'x')).toEqual([1]);
      }
    },
  );

  it('keeps a write that failed at W on whoever has it: it may win later', () => {
    const bench = new StoreBench({ config: { readConsistency: 'one' } });
    bench.cut('n1', 'a1');
    expect(bench.write('n1', 'x', 1)).toBe('write-timeout');
    bench.heal('n1', 'a1').after(1_100);
    expect(bench.read('n1', 'x')).toBe(1);
    bench.after(10);
    // Reading it repaired the others.
    expect(bench.holds('n2', 'x')).toEqual([1]);
  });

  it('answers a read with read-timeout where R replicas do not answer', () => {
    const bench = new StoreBench();
    bench.write('n1', 'x', 1);
    bench.crash('n2').crash('n3');
    expect(bench.read('n1', 'x')).toBe('read-timeout');
    expect(bench.read('n1', 'x')).toBe('unavailable');
  });

  it('deletes by writing nothing, which is a value with a stamp', () => {
    const bench = new StoreBench();
    bench.write('n1', 'x', 1);
    expect(bench.write('n2', 'x', null)).toEqual(DONE);
    expect(bench.read('n3', 'x')).toBe(null);
    expect(bench.holds('n3', 'x')).toEqual([]);
  });

  it('knows no compare-and-set', () => {
    const bench = new StoreBench();
    const request = { type: 'kv.cas', key: 'x', expected: null, value: 1 } as const;
    expect(bench.get('n1', request)).toBe('not-supported');
  });

  it('keeps what the disk had: with batch everything, with periodic what was synced', () => {
    for (const [commitLogSync, left] of [
      ['batch', [1]],
      ['periodic', undefined],
    ] as const) {
      const bench = new StoreBench({ config: { commitLogSync } });
      bench.write('n1', 'x', 1);
      bench.inject('all', { type: 'crash', target: 'n' }).after(10).undo('all').after(5);
      expect(bench.holds('n1', 'x')).toEqual(left);
      bench.write('n1', 'y', 2);
      bench.after(10_010);
      bench.inject('all', { type: 'crash', target: 'n' }).after(10).undo('all').after(5);
      expect(bench.holds('n1', 'y')).toEqual([2]);
    }
  });

  it('loses an acknowledged write in a crash where it does not wait for the disk', () => {
    const config = { commitLogSync: 'batch', writeConsistency: 'all' } as const;
    const ends = ([[], ['quorum.persist-before-reply']] as const).map((ablations) => {
      const bench = new StoreBench({
        config,
        ablations,
        disk: { fsync: { kind: 'constant', ms: 50 } },
      });
      expect(bench.write('n1', 'x', 1)).toEqual(DONE);
      bench.inject('all', { type: 'crash', target: 'n' }).after(10).undo('all').after(5);
      return bench.read('n1', 'x');
    });
    expect(ends).toEqual([1, null]);
  });

  it('loses an acknowledged write to a clock that runs behind: the last stamp wins', () => {
    const bench = new StoreBench();
    bench.inject('skew', { type: 'clock-jump', target: 'n2', byMs: -500 });
    bench.write('n1', 'x', 1);
    bench.after(100);
    expect(bench.write('n2', 'x', 2)).toEqual(DONE);
    expect(bench.read('n3', 'x')).toBe(1);
  });
});
