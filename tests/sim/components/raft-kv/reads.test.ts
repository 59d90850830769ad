/** When a Raft server answers a read, and from which state. */
import { describe, expect, it } from 'vitest';
import { RAFT_STEP } from '../../../../src/sim/components/raft-hosting.ts';
import type { RaftKvState } from '../../../../src/sim/components/raft-kv/state.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { get, put } from '../support/bench.ts';
import { FSYNC_MS, RaftBench } from './support/group.ts';

const done = { outcome: 'ok', value: { type: 'kv.done', applied: true } };
const value = (is: number | null) => ({ outcome: 'ok', value: { type: 'kv.value', value: is } });

describe('a read', () => {
  it('takes a round to a majority: four ways over the network, no fsync', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    const asked = bench.after(410).run.now;
    expect(bench.answer('a1', leader, get('x')).micros - asked).toBe(4_000);
  });

  it('of a key that was never written is nothing', () => {
    const bench = new RaftBench();
    expect(bench.answer('a1', bench.elect(), get('x')).result).toEqual(value(null));
  });

  it('waits until the server has applied up to its ReadIndex', () => {
    const bench = new RaftBench({ config: { checkQuorum: false } });
    const leader = bench.elect();
    const others = { except: leader, from: 'n' } as const;
    // A write is acknowledged, but nobody hears of the commit; then the leader dies.
    const tag = bench.ask('a1', leader, put('x', 1));
    bench.after(2 + FSYNC_MS + 0.5).inject('mute', { type: 'one-way', from: leader, to: others });
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result).toEqual(done);
    bench.inject('crash', { type: 'crash', target: leader });
    bench.until(() => bench.leaders().length > 0);
    const next = bench.leaders()[0] as string;
    const { raft, store, reads } = bench.state(next);
    // The new leader holds the write and has not applied it: its own entry is not committed yet.
    const index = raft.log.lastIndex;
    expect(raft.log.entry(index - 1)?.command).toEqual(put('x', 1));
    expect(raft.lastApplied).toBeLessThan(index - 1);
    const read = bench.ask('a1', next, get('x'));
    bench.until(() => reads.size === 1);
    expect(store.has('x')).toBe(false);
    expect(bench.end('a1', read)).toBeUndefined();
    bench.onPacket = ({ message }) => {
      if (message.type === 'kv.value') expect(raft.lastApplied).toBeGreaterThanOrEqual(index);
    };
    bench.until(() => bench.end('a1', read) !== undefined);
    expect(bench.end('a1', read)?.result).toEqual(value(1));
  });

  it('is answered after what the very same step commits was applied', () => {
    const bench = new RaftBench({ servers: 1 });
    bench.answer('a1', bench.elect(), put('x', 1));
    bench.inject('crash', { type: 'crash', target: 'n1' }).undo('crash').after(1);
    bench.until(() => bench.leaders().length > 0);
    // Alone it needs no round: the first commit of its term applies the log and frees the read.
    const tag = bench.ask('a1', 'n1', get('x'));
    bench.until(() => bench.state('n1').reads.size === 1);
    expect(bench.state('n1').store.size).toBe(0);
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result).toEqual(value(1));
  });

  it('is answered after what is committed up to its index was applied, in every step', () => {
    let answered = 0;
    forSeeds(6, import.meta.url, (seed, random) => {
      const bench = new RaftBench({ seed, disk: { fsync: { kind: 'exponential', meanMs: 2 } } });
      const applied = new Map<number, number>();
      const ready = new Map<number, number[]>();
      bench.observers.onFact = ({ node, fact }) => {
        const { type, to } = fact as { type: string; to: number };
        if (type === 'raft.committed') applied.set(node, to);
        if (type === 'node.started') applied.set(node, 0);
      };
      bench.parts.host.taps.probe = (node, channel, payload) => {
        if (channel !== RAFT_STEP) return;
        const indexes = (payload as RaftKvState).effects.flatMap((effect) =>
          effect.type === 'read-ready' ? [effect.index] : [],
        );
        expect(ready.get(node) ?? []).toEqual([]);
        ready.set(node, indexes);
      };
      bench.onPacket = ({ message, from }) => {
        if (message.type !== 'kv.value') return;
        answered += 1;
        const index = ready.get(from)?.shift();
        expect(index).toBeDefined();
        expect(applied.get(from) ?? 0).toBeGreaterThanOrEqual(index as number);
      };
      for (let i = 0; i < 400; i++) {
        const to = random.pick(bench.servers);
        bench.ask('a1', bench.leaders()[0] ?? to, random.chance(50) ? get('x') : put('x', i));
        bench.after(random.between(0, 4));
        if (i % 100 === 60)
          bench.inject('c', { type: 'crash', target: random.pick(bench.servers) });
        if (i % 100 === 90) bench.undo('c');
      }
    });
    expect(answered).toBeGreaterThan(20);
  });

  it('is not answered by a leader that nobody confirms', () => {
    const bench = new RaftBench({ config: { checkQuorum: false } });
    const leader = bench.elect();
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    expect(bench.answer('a1', leader, get('x'), 500).result).toMatchObject({
      outcome: 'unknown',
      error: { code: 'timeout' },
    });
  });
});

describe('a read with readMode local', () => {
  const local = { readMode: 'local', checkQuorum: false };

  it('is answered at once by the leader, from its own store', () => {
    const bench = new RaftBench({ config: local });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    const asked = bench.run.now;
    const { result, micros } = bench.answer('a1', leader, get('x'));
    expect(result).toEqual(value(1));
    expect(micros - asked).toBe(2_000);
  });

  it('may be old: a leader that was replaced without knowing answers what it had', () => {
    const bench = new RaftBench({ config: local });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    bench.until(() => bench.leaders().some((name) => name !== leader));
    bench.answer('a1', bench.leaders()[0] as string, put('x', 2));
    expect(bench.answer('a1', leader, get('x')).result).toEqual(value(1));
    expect(bench.answer('a1', bench.leaders()[0] as string, get('x')).result).toEqual(value(2));
  });

  it('is refused by a follower all the same', () => {
    const bench = new RaftBench({ config: local });
    const leader = bench.elect();
    const [follower = ''] = bench.others(leader);
    expect(bench.answer('a1', follower, get('x')).result).toMatchObject({
      outcome: 'fail',
      error: { code: 'not-leader', detail: { leader: bench.index(leader) } },
    });
  });
});
