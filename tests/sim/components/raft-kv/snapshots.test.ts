/** A server that keeps its store instead of its log, and the other ways to read. */
import { describe, expect, it } from 'vitest';
import { get, put } from '../support/bench.ts';
import { RaftBench } from './support/group.ts';

const value = (is: number) => ({ outcome: 'ok', value: { type: 'kv.value', value: is } });

describe('a group that takes snapshots', () => {
  it('brings back a server that was down for more than the log holds', () => {
    const config = { snapshotThreshold: 5, trailingEntries: 0 };
    const bench = new RaftBench({ config });
    const leader = bench.elect();
    const [down = ''] = bench.others(leader);
    bench.inject('crash', { type: 'crash', target: down });
    for (let i = 0; i < 12; i += 1) bench.answer('a1', leader, put(`k${i % 3}`, i));
    bench.undo('crash').after(3_000);
    const { raft, store } = bench.state(down);
    expect(raft.snapshot?.index).toBeGreaterThanOrEqual(5);
    expect([...store].sort()).toEqual([...bench.state(leader).store].sort());
    expect(store.get('k2')).toBe(11);
  });
});

describe('other ways to read', () => {
  it.each([
    ['log-read', {}],
    ['lease', {}],
    ['read-index', { followerReads: 'forward' }],
  ])('%s %o: sees the write before it', (readMode, more) => {
    const bench = new RaftBench({ config: { readMode, ...more } });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    const [follower = ''] = bench.others(leader);
    const asked = 'followerReads' in more ? follower : leader;
    expect(bench.answer('a1', asked, get('x')).result).toEqual(value(1));
  });
});
