/**
 * One test for each sentence of the Raft paper (extended version) that speaks of more than one
 * step: what holds together, what a crash may interrupt, what depends on time. The title quotes
 * the sentence, shortened.
 */
import { describe, expect, it } from 'vitest';
import type { RaftAppend, RaftMessage } from '../../../../src/sim/contracts/raft.ts';
import { cluster, elected, only, propose, sent, take } from './support/paper.ts';
import { timeToLeader } from './support/timed.ts';

describe('§2 Replicated state machines', () => {
  it('§2 a command completes as soon as a majority has responded; the slow do not matter', () => {
    const group = elected(5);
    propose(group, 'x');
    group.settle(only(1, 4, 5));
    expect(group.state(1).commitIndex).toBe(2);
    expect(group.logTerms(2)).toEqual([1]);
  });

  it('§2 nothing completes with less than a majority, however long it takes', () => {
    const group = elected(5);
    propose(group, 'x');
    for (let i = 0; i < 20; i += 1) {
      group.settle(only(1, 5));
      group.step(1, { type: 'heartbeat-timeout' });
    }
    expect(group.state(1).commitIndex).toBe(1);
  });
});

describe('§5.3 Log replication, as a whole', () => {
  it('§5.3 the leader includes the index and term of the entry before the new ones', () => {
    const group = cluster();
    for (const id of [1, 2, 3]) group.seed(id, 2, [1, 2]);
    group.campaign(1);
    group.settle();
    const appends = sent(propose(group, 'x')) as RaftAppend[];
    expect(appends).toHaveLength(2);
    for (const append of appends) {
      expect(append).toMatchObject({ prevLogIndex: 3, prevLogTerm: 3 });
      expect(append.entries.map(({ index, term }) => [index, term])).toEqual([[4, 3]]);
    }
  });

  it('§5.3 after an append a follower’s log is the leader’s up to the new entries', () => {
    const group = cluster();
    group.seed(1, 6, [1, 1, 4, 4, 6]);
    group.seed(2, 6, [1, 1, 2, 2, 2, 2, 2]);
    group.seed(3, 6, [1, 1, 4]);
    group.campaign(1);
    const checked = new Set<number>();
    group.observers.push({
      onStep(server, _input, effects) {
        for (const message of sent(effects)) {
          if (message.type !== 'raft.append-reply' || !message.success) continue;
          const held = group.state(server.id).log.toArray().slice(0, message.index);
          expect(held).toEqual(group.state(1).log.toArray().slice(0, message.index));
          checked.add(server.id);
        }
      },
    });
    group.settle();
    expect([...checked].sort()).toEqual([2, 3]);
  });
});

describe('§5.4 Safety', () => {
  it('§5.4.1 a vote request says how far the candidate’s log goes', () => {
    const group = cluster();
    group.seed(1, 4, [1, 1, 4]);
    const requests = sent(group.step(1, { type: 'election-timeout' }));
    const expected: RaftMessage = { type: 'raft.vote', term: 5, lastLogIndex: 3, lastLogTerm: 4 };
    expect(requests).toEqual([expected, expected]);
  });

  it('§5.4.1 all committed entries are present on each new leader from its election', () => {
    // Any majority may have stored the entry, and anyone may stand: only holders of it can win.
    for (const without of [[3, 4], [2, 5], [4, 5], [5]]) {
      for (const candidate of [2, 3, 4, 5]) {
        const group = elected(5);
        propose(group, 'x');
        group.settle(({ to }) => without.includes(to));
        expect(group.state(1).commitIndex).toBe(2);
        group.crash(1);
        group.campaign(candidate);
        group.settle();
        const wins = !without.includes(candidate);
        const what = `candidate ${candidate}, entry missing on ${without.join(' and ')}`;
        expect(group.leaders(), what).toEqual(wins ? [candidate] : []);
        if (wins) expect(group.state(candidate).log.entry(2)?.command, what).toBe('x');
      }
    }
  });

  it('§5.4.3 no server applies a different entry at an index that another has applied', () => {
    // An entry is stored on a minority only, its leader is deposed, and its place is taken.
    const group = elected(5);
    const applied = new Map<number, unknown>();
    group.observers.push({
      onStep({ id }, _input, effects) {
        for (const effect of effects) {
          if (effect.type !== 'committed') continue;
          for (let index = effect.from; index <= effect.to; index += 1) {
            const command = group.state(id).log.entry(index)?.command;
            if (!applied.has(index)) applied.set(index, command);
            expect(command, `server ${id} at ${index}`).toEqual(applied.get(index));
          }
        }
      },
    });
    propose(group, 'lost');
    group.settle(only(1, 2));
    group.campaign(3);
    group.settle(only(3, 4, 5));
    propose(group, 'kept', 3);
    group.settle();
    group.step(3, { type: 'heartbeat-timeout' });
    group.settle();
    expect([...applied.values()]).toEqual([null, 'kept']);
    for (const id of [1, 2, 3, 4, 5]) expect(group.state(id).commitIndex, `${id}`).toBe(3);
  });
});

describe('§5.5 and §5.6 Crashes and time', () => {
  it('§5.5 a server that crashed before it answered is asked again, and answers', () => {
    const group = cluster(3, { instantDisk: false });
    take(group, 1, [0, 0], [1, 1]);
    // On disk, but the answer never left.
    group.crash(1, 1);
    group.restart(1);
    expect(group.logTerms(1)).toEqual([1, 1]);
    const again = [...take(group, 1, [0, 0], [1, 1]), ...group.completeWrites(1)];
    expect(sent(again)).toMatchObject([{ type: 'raft.append-reply', success: true, index: 2 }]);
    expect(again.some(({ type }) => type === 'appended' || type === 'truncated')).toBe(false);
    expect(group.logTerms(1)).toEqual([1, 1]);
  });

  it('§5.5 a voter that crashed before it answered gives the same vote again, and no other', () => {
    const ask = (from: number): RaftMessage[] => {
      const message: RaftMessage = { type: 'raft.vote', term: 1, lastLogIndex: 0, lastLogTerm: 0 };
      const effects = group.step(1, { type: 'message', from, message });
      return sent([...effects, ...group.completeWrites(1)]);
    };
    const group = cluster(3, { instantDisk: false });
    const message: RaftMessage = { type: 'raft.vote', term: 1, lastLogIndex: 0, lastLogTerm: 0 };
    group.step(1, { type: 'message', from: 2, message });
    group.crash(1, 1);
    group.restart(1);
    expect(ask(3)).toMatchObject([{ type: 'raft.vote-reply', granted: false }]);
    expect(ask(2)).toMatchObject([{ type: 'raft.vote-reply', granted: true }]);
  });

  it('§5.6 broadcast time must be well below the election timeout, or nobody is elected', () => {
    const limitMicros = 20_000_000;
    const range = { low: 0, high: 0 };
    for (let seed = 1; seed <= 20; seed += 1) {
      // Timeouts are 150 to 300 ms: a fiftieth of that, and more than all of it.
      if (timeToLeader({ seed, limitMicros, latencyMicros: 3_000 }) < 1_000_000) range.low += 1;
      if (timeToLeader({ seed, limitMicros, latencyMicros: 320_000 }) < limitMicros)
        range.high += 1;
    }
    expect(range).toEqual({ low: 20, high: 0 });
  });
});

describe('dissertation 9.6 and 6.2, as a whole', () => {
  it('§9.6 a server that was cut off comes back without disturbing the leader', () => {
    for (const preVote of [true, false]) {
      const group = elected(3, { preVote });
      for (let i = 0; i < 10; i += 1) {
        group.campaign(3);
        group.settle(({ from, to }) => from === 3 || to === 3);
      }
      propose(group, 'x');
      group.settle(only(1, 2));
      group.step(1, { type: 'heartbeat-timeout' });
      group.campaign(3);
      group.settle();
      // Without the pre-vote its ten terms depose the leader, though it cannot win itself.
      expect(group.leaders(), `pre-vote ${preVote}`).toEqual(preVote ? [1] : []);
      expect(group.state(3).term, `pre-vote ${preVote}`).toBe(preVote ? 1 : 12);
    }
  });

  it('§6.2 a leader cut off steps down, so that its clients can look for another', () => {
    const group = elected(5, { checkQuorum: true });
    const cut = ({ from, to }: { from: number; to: number }): boolean => from < 3 !== to < 3;
    for (let i = 0; i < 2; i += 1) {
      group.step(1, { type: 'heartbeat-timeout' });
      group.settle(cut);
      if (group.leaders().length > 0) group.step(1, { type: 'check-quorum-timeout' });
    }
    expect(group.leaders()).toEqual([]);
    const refused = propose(group, 'x');
    expect(refused).toEqual([
      { type: 'propose-refused', tag: 1, reason: 'not-leader', leader: null },
    ]);
  });
});
