/** When a Raft server answers a write, and what it says where it cannot. */
import { describe, expect, it } from 'vitest';
import type { RaftDisk } from '../../../../src/sim/protocols/raft/state.ts';
import { cas, get, put } from '../support/bench.ts';
import { FSYNC_MS, RaftBench } from './support/group.ts';

const done = (applied = true) => ({ outcome: 'ok', value: { type: 'kv.done', applied } });
const value = (is: number | null) => ({ outcome: 'ok', value: { type: 'kv.value', value: is } });

/** Four ways of 1 ms (asked, sent, stored, answered) and one fsync. */
const WRITE_MS = 4 + FSYNC_MS;

describe('a write', () => {
  it('is answered only once it is committed and applied', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    let answers = 0;
    bench.onPacket = ({ message, from }) => {
      if (message.type !== 'kv.done') return;
      answers += 1;
      const { raft, store } = bench.state(bench.nameOf(from));
      expect(store.get('x')).toBe(answers);
      expect(raft.commitIndex).toBe(raft.log.lastIndex);
      const held = bench.servers.filter((name) => {
        const disk = bench.node(name).disk?.durable as RaftDisk;
        return disk.log.lastIndex >= raft.commitIndex;
      });
      expect(held.length).toBeGreaterThanOrEqual(2);
    };
    for (let n = 1; n <= 5; n++)
      expect(bench.answer('a1', leader, put('x', n)).result).toEqual(done());
    expect(answers).toBe(5);
  });

  it('is not answered while no majority holds it', () => {
    const bench = new RaftBench({ config: { checkQuorum: false } });
    const leader = bench.elect();
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    const tag = bench.ask('a1', leader, put('x', 1), 60_000);
    bench.after(3_000);
    expect(bench.end('a1', tag)).toBeUndefined();
    expect(bench.state(leader).store.has('x')).toBe(false);
    expect(bench.viewOf(leader).fields).toContainEqual({ label: 'Writes waiting', value: 1 });
  });

  it('takes four ways over the network and one fsync', () => {
    for (const fsyncMs of [1, 3, 20]) {
      const bench = new RaftBench({ disk: { fsync: { kind: 'constant', ms: fsyncMs } } });
      const leader = bench.elect();
      const asked = bench.after(400).run.now;
      const { micros } = bench.answer('a1', leader, put('x', 1));
      expect(micros - asked).toBe((4 + fsyncMs) * 1_000);
    }
  });

  it('waits for the fsync of an earlier one and shares its own: group commit', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    const asked = bench.after(400).run.now;
    const tags = [1, 2, 3].map((n) => {
      const tag = bench.ask('a1', leader, put('x', n));
      bench.after(1);
      return tag;
    });
    bench.after(100);
    const after = tags.map((tag) => ((bench.end('a1', tag)?.micros ?? NaN) - asked) / 1_000);
    expect(after).toEqual([WRITE_MS, WRITE_MS + FSYNC_MS, WRITE_MS + FSYNC_MS]);
  });

  it('takes no fsync where the disk says done at once', () => {
    const bench = new RaftBench({ disk: { fsyncOn: false } });
    const leader = bench.elect();
    const asked = bench.after(400).run.now;
    expect(bench.answer('a1', leader, put('x', 1)).micros - asked).toBe(4_000);
  });

  it('applies on every server in the end', () => {
    const bench = new RaftBench({ servers: 5 });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    bench.answer('a1', leader, put('y', 2));
    bench.after(10);
    const stores = bench.servers.map((name) => [...bench.state(name).store]);
    expect(stores).toEqual(
      Array.from({ length: 5 }, () => [
        ['x', 1],
        ['y', 2],
      ]),
    );
  });
});

describe('a comparison', () => {
  it('sets the value where the expected one is there, and says so', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    expect(bench.answer('a1', leader, cas('x', 1, 2)).result).toEqual(done(true));
    expect(bench.answer('a1', leader, get('x')).result).toEqual(value(2));
  });

  it('leaves another value alone, and says so', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    expect(bench.answer('a1', leader, cas('x', 7, 2)).result).toEqual(done(false));
    expect(bench.answer('a1', leader, get('x')).result).toEqual(value(1));
    bench.after(10);
    for (const name of bench.servers) expect(bench.state(name).store.get('x')).toBe(1);
  });

  it('with nothing holds for a key that was never written, and only for that', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    expect(bench.answer('a1', leader, cas('x', null, 5)).result).toEqual(done(true));
    expect(bench.answer('a1', leader, cas('x', null, 6)).result).toEqual(done(false));
    expect(bench.answer('a1', leader, get('x')).result).toEqual(value(5));
  });

  it('is judged in the order of the log: of two with one expectation the first wins', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    const tags = [1, 2].map((n) => bench.ask('a1', leader, cas('x', null, n)));
    bench.after(100);
    expect(tags.map((tag) => bench.end('a1', tag)?.result)).toEqual([done(true), done(false)]);
  });
});

describe('a server that does not lead', () => {
  it.each([
    ['a read', get('x')],
    ['a write', put('x', 1)],
    ['a comparison', cas('x', null, 1)],
  ])('refuses %s and names the leader it knows', (_what, request) => {
    const bench = new RaftBench();
    const leader = bench.elect();
    for (const follower of bench.others(leader)) {
      expect(bench.answer('a1', follower, request).result).toMatchObject({
        outcome: 'fail',
        error: { code: 'not-leader', detail: { leader: bench.index(leader) } },
      });
    }
    expect(bench.state(leader).store.size).toBe(0);
  });

  it('names nobody where it knows of none', () => {
    const bench = new RaftBench().ms(1);
    expect(bench.answer('a1', 'n1', put('x', 1)).result).toMatchObject({
      outcome: 'fail',
      error: { code: 'not-leader', detail: { leader: null } },
    });
  });
});

describe('a leader that takes no more writes for now', () => {
  it('is busy while too many are uncommitted, and says so definitely', () => {
    const config = { checkQuorum: false, maxUncommittedEntries: 2 };
    const bench = new RaftBench({ config });
    const leader = bench.elect();
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    const tags = [1, 2].map((n) => bench.ask('a1', leader, put('x', n), 60_000));
    const busy = { outcome: 'fail', error: { code: 'busy' } };
    expect(bench.answer('a1', leader, put('x', 3)).result).toMatchObject(busy);
    expect(bench.state(leader).proposing.size).toBe(0);
    const { log, commitIndex } = bench.state(leader).raft;
    expect(log.lastIndex - commitIndex).toBe(2);
    bench.undo('cut').until(() => tags.every((tag) => bench.end('a1', tag) !== undefined));
    for (const name of bench.servers) expect(bench.state(name).store.get('x')).not.toBe(3);
    expect(bench.answer('a1', bench.elect(), put('x', 4)).result).toEqual(done());
  });

  it('has no limit unless it is told one', () => {
    const bench = new RaftBench({ config: { checkQuorum: false } });
    const leader = bench.elect();
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    for (let n = 0; n < 100; n += 1) bench.ask('a1', leader, put('x', n), 60_000);
    bench.after(20);
    expect(bench.state(leader).writes.size).toBe(100);
  });

  it('names whom it hands its office over to', () => {
    const bench = new RaftBench({ config: { checkQuorum: false } });
    const leader = bench.elect();
    const [heir = ''] = bench.others(leader);
    bench.inject('cut', { type: 'cut-link', a: leader, b: heir });
    bench.ask('a1', leader, put('x', 1), 60_000);
    bench.ask('a1', leader, { type: 'raft-admin.transfer', to: bench.index(heir) }, 60_000);
    expect(bench.answer('a1', leader, put('x', 2)).result).toMatchObject({
      outcome: 'fail',
      error: { code: 'transferring', detail: { leader: bench.index(heir) } },
    });
  });
});

describe('a write under way at a leader that loses its office', () => {
  /** The leader is cut off from the other servers while a write waits; the asker reaches all. */
  function cutOff(config: object, ablations: readonly string[] = []) {
    const bench = new RaftBench({ config, ablations });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    const tag = bench.ask('a1', leader, put('x', 2), 60_000);
    const read = bench.ask('a1', leader, get('x'), 60_000);
    return { bench, leader, tag, read };
  }
  const lost = { outcome: 'unknown', error: { code: 'lost-leadership' } };

  it('ends as lost-leadership, which is not definite, when a later leader is heard of', () => {
    const { bench, leader, tag } = cutOff({ checkQuorum: false });
    bench.until(() => bench.leaders().some((name) => name !== leader));
    const next = bench.leaders()[0] as string;
    expect(bench.answer('a1', next, put('x', 3)).result).toEqual(done());
    expect(bench.end('a1', tag)).toBeUndefined();
    bench.undo('cut').after(500);
    expect(bench.end('a1', tag)?.result).toMatchObject(lost);
    // Another leader's entry took the place of the one that was proposed.
    const { log } = bench.state(leader).raft;
    const commands = log.toArray().map((entry) => entry.command);
    expect(commands).not.toContainEqual(put('x', 2));
    expect(commands).toContainEqual(put('x', 3));
    expect(bench.state(leader).store.get('x')).toBe(3);
  });

  it('ends as lost-leadership when the leader steps down by itself', () => {
    const { bench, leader, tag } = cutOff({ checkQuorum: true });
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result).toMatchObject(lost);
    expect(bench.state(leader).raft.role).not.toBe('leader');
    expect(bench.state(leader).writes.size).toBe(0);
    expect(bench.sent('kv.done')).toHaveLength(1);
  });

  it('refuses its waiting reads definitely: a read has no effect', () => {
    const { bench, leader, read } = cutOff({ checkQuorum: true });
    bench.until(() => bench.end('a1', read) !== undefined);
    expect(bench.end('a1', read)?.result).toMatchObject({
      outcome: 'fail',
      error: { code: 'not-leader' },
    });
    expect(bench.state(leader).reads.size).toBe(0);
  });

  it('is told as done where a rule is off, and never happened', () => {
    const { bench, leader, tag } = cutOff({ checkQuorum: true }, ['raft.lost-is-not-done']);
    bench.until(() => bench.end('a1', tag) !== undefined);
    expect(bench.end('a1', tag)?.result).toEqual(done());
    bench.until(() => bench.leaders().some((name) => name !== leader));
    const [next = ''] = bench.leaders();
    expect(bench.answer('a1', next, get('x')).result).toEqual(value(1));
    bench.undo('cut').after(1_000);
    expect(bench.answer('a1', bench.elect(), get('x')).result).toEqual(value(1));
  });

  /** Its followers get the entry; what they answer is lost. A later leader is asked for it. */
  function deaf(ablations: readonly string[]) {
    const bench = new RaftBench({ config: { checkQuorum: true }, ablations });
    const leader = bench.elect();
    bench.inject('deaf', { type: 'one-way', from: { except: leader, from: 'n' }, to: leader });
    const tag = bench.ask('a1', leader, put('x', 2), 60_000);
    bench.until(() => bench.end('a1', tag) !== undefined);
    const told = bench.end('a1', tag)?.result;
    bench.undo('deaf');
    bench.after(1_000);
    return { told, read: bench.answer('a1', bench.elect(), get('x')).result };
  }

  it('may still happen: the entry is on disk and a later leader may commit it', () => {
    const { told, read } = deaf([]);
    expect(told).toMatchObject(lost);
    expect(read).toEqual(value(2));
  });

  it('is told as failed where a rule is off, and is read later', () => {
    const { told, read } = deaf(['raft.lost-is-not-failed']);
    expect(told).toMatchObject({ outcome: 'fail', error: { code: 'not-leader' } });
    expect(read).toEqual(value(2));
  });
});
