/** What a Raft server tells, once each, and what people see of it. */
import { describe, expect, it } from 'vitest';
import { LOG_STRIP_ENTRIES } from 'faultline';
import { raftKvFacts } from '../../../../src/sim/components/raft-kv/facts.ts';
import type { RaftRole } from '../../../../src/sim/protocols/raft/effects.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { get, put } from '../support/bench.ts';
import { RaftBench } from './support/group.ts';

describe('a Raft server tells', () => {
  it('once that it leads, of which term and from which last entry on', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    bench.after(2_000);
    const { term } = bench.state(leader).raft;
    expect(bench.tells('raft.leader')).toMatchObject([
      { node: bench.index(leader), fact: { term, lastIndex: expect.any(Number) as number } },
    ]);
  });

  it('of each campaign: the question first, then the candidacy one term later', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    const told = bench.tells('raft.campaign', leader).map(({ fact }) => [fact.role, fact.term]);
    const { term } = bench.state(leader).raft;
    expect(told.slice(-2)).toEqual([
      ['pre-candidate', term - 1],
      ['candidate', term],
    ]);
  });

  it('of no question where PreVote is off', () => {
    const bench = new RaftBench({ config: { preVote: false } });
    bench.elect();
    const roles = new Set(bench.tells('raft.campaign').map(({ fact }) => fact.role));
    expect(roles).toEqual(new Set(['candidate']));
  });

  it('that it stops leading: by itself in the same term, or for a later one', () => {
    for (const checkQuorum of [true, false]) {
      const bench = new RaftBench({ config: { checkQuorum } });
      const leader = bench.elect();
      const { term } = bench.state(leader).raft;
      bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
      const stepsDownItself = () => !bench.leaders().includes(leader);
      const isReplaced = () => bench.leaders().some((name) => name !== leader);
      bench.until(checkQuorum ? stepsDownItself : isReplaced);
      bench.undo('cut').after(1_000);
      const told = bench.tells('raft.stepped-down', leader).map(({ fact }) => fact);
      expect(told).toHaveLength(1);
      expect(told[0]).toMatchObject({ was: term });
      if (checkQuorum) expect(told[0]?.term).toBe(term);
      else expect(told[0]?.term).toBeGreaterThan(term);
    }
  });

  it('what it drops of its log: from which entry on and how many', () => {
    const bench = new RaftBench({ config: { checkQuorum: false } });
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    bench.after(50);
    const { lastIndex } = bench.state(leader).raft.log;
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    for (let n = 2; n <= 4; n++) bench.ask('a1', leader, put('x', n));
    bench.until(() => bench.leaders().some((name) => name !== leader));
    expect(bench.tells('raft.truncated')).toEqual([]);
    bench.undo('cut').after(1_000);
    const told = bench.tells('raft.truncated');
    expect(told).toMatchObject([
      { node: bench.index(leader), fact: { from: lastIndex + 1, entries: 3 } },
    ]);
    const [{ fact }] = told as [(typeof told)[number]];
    expect(raftKvFacts['raft.truncated'].sentence(fact, String)).toBe(
      `drops 3 entries from index ${lastIndex + 1} on: the leader has others there`,
    );
  });

  it('every change of its term, its role and its commits once, without a gap', () => {
    forSeeds(5, import.meta.url, (seed, random) => {
      const bench = new RaftBench({ seed });
      const before = new Map<string, { term: number; role: RaftRole; commit: number }>();
      const changes = { terms: 0, ends: 0, commits: 0, leaders: 0 };
      bench.parts.host.taps.touched = (index) => {
        const name = bench.nameOf(index);
        if (!name.startsWith('n') || bench.node(name).state === null) {
          before.delete(name);
          return;
        }
        const { term, role, commitIndex: commit } = bench.state(name).raft;
        const was = before.get(name) ?? { term, role: 'follower', commit: 0 };
        if (was.term !== term) changes.terms += 1;
        if (was.role === 'leader' && role !== 'leader') changes.ends += 1;
        if (was.role !== 'leader' && role === 'leader') changes.leaders += 1;
        changes.commits += commit - was.commit;
        before.set(name, { term, role, commit });
      };
      const told = { terms: 0, ends: 0, commits: 0, leaders: 0 };
      const applied = new Map<number, number>();
      bench.observers.onFact = ({ node, fact }) => {
        const f = fact as { type: string; from: number; to: number };
        if (f.type === 'node.started') applied.set(node, 0);
        if (f.type === 'raft.term') told.terms += 1;
        if (f.type === 'raft.stepped-down') told.ends += 1;
        if (f.type === 'raft.leader') told.leaders += 1;
        if (f.type !== 'raft.committed') return;
        expect(f.from).toBe((applied.get(node) ?? 0) + 1);
        applied.set(node, f.to);
        told.commits += f.to - f.from + 1;
      };
      for (let i = 0; i < 30; i++) {
        bench.ask('a1', bench.leaders()[0] ?? 'n1', put('x', i));
        bench.after(random.between(1, 100));
        const target = random.pick(bench.servers);
        if (i % 10 === 3) bench.inject('f', { type: 'partition', groups: [target] });
        if (i % 10 === 9) bench.undo('f');
      }
      expect(told).toEqual(changes);
      expect(told.leaders).toBeGreaterThan(0);
    });
  });
});

describe('the view of a Raft server', () => {
  it('of a leader names its role, term, log, peers and store', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    bench.answer('a1', leader, put('x', 1));
    bench.answer('a1', leader, put('y', 2));
    bench.after(20);
    const { term, log } = bench.state(leader).raft;
    const view = bench.viewOf(leader);
    expect(view).toMatchObject({
      role: 'leader',
      term,
      leader,
      votedFor: leader,
      commitIndex: 3,
      lastApplied: 3,
      lastIndex: log.lastIndex,
      votes: [],
      store: [
        { key: 'y', value: '2' },
        { key: 'x', value: '1' },
      ],
    });
    const common = { term, committed: true, durable: true };
    expect(view.log).toEqual([
      { index: 1, label: 'no-op', ...common },
      { index: 2, label: 'x = 1', ...common },
      { index: 3, label: 'y = 2', ...common },
    ]);
    expect(view.peers).toEqual(
      bench.others(leader).map((name) => ({ name, next: 4, match: 3, mode: 'replicate' })),
    );
    for (const name of bench.others(leader)) {
      expect(bench.viewOf(name)).toMatchObject({ role: 'follower', leader, peers: [], term });
      expect(bench.viewOf(name).log).toEqual(view.log);
    }
  });

  it('shows which entries are on disk and which are committed', () => {
    const bench = new RaftBench({ disk: { fsync: { kind: 'constant', ms: 20 } } });
    const leader = bench.elect();
    bench.ask('a1', leader, put('x', 1));
    const cell = (name: string) => bench.viewOf(name).log.find(({ label }) => label === 'x = 1');
    bench.after(10);
    expect(cell(leader)).toMatchObject({ durable: false, committed: false });
    bench.after(11.5);
    expect(cell(leader)).toMatchObject({ durable: true, committed: false });
    bench.after(50);
    expect(cell(leader)).toMatchObject({ durable: true, committed: true });
  });

  it('shows a follower that does not answer as one that lacks entries', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    const [silent = '', other = ''] = bench.others(leader);
    bench.inject('crash', { type: 'crash', target: silent });
    bench.answer('a1', leader, put('x', 1));
    bench.after(20);
    const peers = new Map(bench.viewOf(leader).peers.map((peer) => [peer.name, peer]));
    expect(peers.get(silent)?.match).toBe(1);
    expect(peers.get(other)?.match).toBe(2);
  });

  it('shows the newest entries of a long log, as many as the strip has cells', () => {
    const bench = new RaftBench();
    const leader = bench.elect();
    for (let n = 0; n < 20; n++) bench.answer('a1', leader, put('x', n));
    const { log, lastIndex } = bench.viewOf(leader);
    expect(lastIndex).toBeGreaterThan(LOG_STRIP_ENTRIES);
    expect(log.map(({ index }) => index)).toEqual(
      Array.from({ length: LOG_STRIP_ENTRIES }, (_, i) => lastIndex - LOG_STRIP_ENTRIES + 1 + i),
    );
  });

  it('shows the votes of a candidacy, and none afterwards', () => {
    const bench = new RaftBench({ config: { preVote: false } }).ms(1);
    bench.until(() => bench.servers.some((name) => bench.viewOf(name).role === 'candidate'));
    const candidate = bench.servers.find((name) => bench.viewOf(name).role === 'candidate') ?? '';
    expect(bench.viewOf(candidate).votes).toEqual([]);
    const votes: unknown[] = [];
    bench.until(() => {
      const view = bench.viewOf(candidate);
      if (view.role === 'candidate') votes.push(...view.votes);
      return view.role === 'leader';
    });
    // Its own vote counts as soon as it is on disk.
    expect(votes).toContainEqual({ from: candidate, granted: true });
    expect(bench.viewOf(candidate).votes).toEqual([]);
  });

  it('counts the writes and reads that wait', () => {
    const bench = new RaftBench({ config: { checkQuorum: false } });
    const leader = bench.elect();
    bench.inject('cut', { type: 'cut-link', a: leader, b: { except: leader, from: 'n' } });
    bench.ask('a1', leader, put('x', 1));
    bench.ask('a1', leader, put('x', 2));
    bench.ask('a1', leader, get('x'));
    bench.after(20);
    const { raft } = bench.state(leader);
    expect(bench.viewOf(leader).fields).toEqual([
      { label: 'Role', value: 'leader' },
      { label: 'Term', value: raft.term },
      { label: 'Voted for', value: leader },
      { label: 'Leader it knows', value: leader },
      { label: 'Commit index', value: 1 },
      { label: 'Last index', value: 3 },
      { label: 'Last index on disk', value: 3 },
      { label: 'Writes waiting', value: 2 },
      { label: 'Reads waiting', value: 1 },
    ]);
  });
});
