/** Reads through the log, by lease and through followers (dissertation 6.4), and limits. */
import { describe, expect, it } from 'vitest';
import { createRaftConfig } from '../../../../src/sim/protocols/raft/config.ts';
import type { RaftEffect } from '../../../../src/sim/protocols/raft/effects.ts';
import type { Cluster, ClusterOptions } from './support/cluster.ts';
import { cluster, elected, only, propose } from './support/paper.ts';

const read = (group: Cluster, id: number, tag = 7): readonly RaftEffect[] =>
  group.step(id, { type: 'read', tag });

/** Answers to reads, as they come. */
function answers(group: Cluster): string[] {
  const list: string[] = [];
  group.observers.push({
    onStep({ id }, _input, effects) {
      for (const effect of effects) {
        if (effect.type === 'read-ready') list.push(`${id}: ${effect.tag} at ${effect.index}`);
        if (effect.type === 'read-refused') list.push(`${id}: ${effect.tag} refused`);
      }
    },
  });
  return list;
}

describe('reads through the log', () => {
  it('wait for an entry of their own', () => {
    const group = elected(3, { readMode: 'log-read' });
    const list = answers(group);
    read(group, 1);
    expect(group.state(1).log.lastIndex).toBe(2);
    expect(list).toEqual([]);
    group.settle();
    expect(list).toEqual(['1: 7 at 2']);
  });

  it('are refused by a leader that loses its office first', () => {
    const group = elected(3, { readMode: 'log-read' });
    const list = answers(group);
    read(group, 1);
    group.network = [];
    group.campaign(2);
    group.settle();
    expect(list).toEqual(['1: 7 refused']);
  });
});

describe('reads through followers', () => {
  const forward = { followerReads: 'forward' } as const;

  it('a follower asks its leader, and answers once it has applied as much', () => {
    const group = elected(3, forward);
    const list = answers(group);
    propose(group, 'x');
    group.settle(only(1, 2));
    read(group, 3);
    group.settle(({ message }) => message.type === 'raft.append');
    expect(group.state(3).asked).toMatchObject([{ tag: 7, index: 2 }]);
    expect(list).toEqual([]);
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect(list).toEqual(['3: 7 at 2']);
  });

  it('the leader takes a round for it like for its own', () => {
    const group = elected(3, forward);
    read(group, 3);
    group.settle(({ message }) => message.type === 'raft.heartbeat');
    expect(group.state(1).reads).toHaveLength(1);
  });

  it('a leader whose office is over says nothing', () => {
    const group = elected(3, forward);
    const list = answers(group);
    read(group, 3);
    group.settle(({ message }) => message.type === 'raft.heartbeat');
    group.campaign(2);
    group.settle();
    expect(list).toEqual(['3: 7 refused']);
  });

  it('an answer to a read from before a restart is not taken for a new one', () => {
    let word = 0;
    const group = elected(3, { ...forward, random: () => (word += 1_000) });
    const list = answers(group);
    read(group, 3);
    group.settle(({ to }) => to === 3);
    const id = group.state(3).asked[0]?.id ?? -1;
    group.crash(3);
    group.restart(3);
    propose(group, 'x');
    group.settle(only(1, 2));
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle(({ message }) => message.type === 'raft.append');
    read(group, 3);
    const message = { type: 'raft.read-index-reply', term: 1, id, index: 1 } as const;
    group.step(3, { type: 'message', from: 1, message });
    expect(list).toEqual([]);
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect(list).toEqual(['3: 7 at 2']);
  });

  it('without a leader the read is refused', () => {
    const group = cluster(3, forward);
    const list = answers(group);
    read(group, 3);
    expect(list).toEqual(['3: 7 refused']);
  });

  it('a follower that stands for election refuses what it had asked', () => {
    const group = elected(3, forward);
    const list = answers(group);
    read(group, 3);
    group.campaign(3);
    expect(list).toEqual(['3: 7 refused']);
  });

  it('local: from what the follower has, at once', () => {
    const group = elected(3, { followerReads: 'local' });
    const list = answers(group);
    propose(group, 'x');
    group.settle(only(1, 2));
    read(group, 3);
    expect(list).toEqual(['3: 7 at 1']);
  });
});

describe('leases (dissertation 6.4.1)', () => {
  const lease: Partial<ClusterOptions> = {
    readMode: 'lease',
    checkQuorum: true,
    preVoteLease: true,
    clockDriftBound: 1.5,
  };

  /** Server 1 leads since 1 s, and a heartbeat of then was answered by a majority. */
  function leading(options: Partial<ClusterOptions> = {}): Cluster {
    const group = cluster(3, { ...lease, ...options });
    group.start();
    group.now = 1_000_000;
    group.campaign(1);
    group.settle();
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect(group.leaders()).toEqual([1]);
    return group;
  }

  it('need CheckQuorum and the refusal of votes', () => {
    const base = { id: 1, voters: [1], readMode: 'lease' } as const;
    expect(() => createRaftConfig({ ...base, checkQuorum: false })).toThrow(/CheckQuorum/);
    expect(() => createRaftConfig({ ...base, preVoteLease: false })).toThrow(/CheckQuorum/);
  });

  it('a leader with a lease answers at once', () => {
    const group = leading();
    const list = answers(group);
    read(group, 1);
    expect(list).toEqual(['1: 7 at 1']);
    expect(group.network).toEqual([]);
  });

  it('lasts an election timeout by the bound of drift, from the sending of the heartbeat', () => {
    const group = leading();
    expect(group.state(1).leaseUntil).toBe(1_100_000);
    group.now = 1_100_000;
    const list = answers(group);
    read(group, 1);
    expect(list).toEqual([]);
    group.settle();
    expect(list).toEqual(['1: 7 at 1']);
  });

  it('counts from the sending, not from the answer', () => {
    const group = leading();
    group.now = 1_050_000;
    group.step(1, { type: 'heartbeat-timeout' });
    group.now = 1_090_000;
    group.settle();
    expect(group.state(1).leaseUntil).toBe(1_150_000);
  });

  it('a majority must have answered', () => {
    const group = leading();
    group.now = 1_050_000;
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle(() => true);
    expect(group.state(1).leaseUntil).toBe(1_100_000);
  });

  it('a new leader has none before its first heartbeats are answered', () => {
    const group = leading();
    group.now = 2_000_000;
    group.campaign(2);
    group.settle();
    expect(group.leaders()).toEqual([2]);
    expect(group.state(2).leaseUntil).toBe(0);
  });

  it('who heard a leader votes for nobody for an election timeout, whatever the term', () => {
    const group = leading();
    for (const term of [1, 2, 9]) {
      group.network = [];
      const message = { type: 'raft.vote', term, lastLogIndex: 9, lastLogTerm: 9 } as const;
      group.step(2, { type: 'message', from: 3, message });
      expect(group.network.at(-1)?.message).toMatchObject({ granted: false });
    }
    // Even one who has moved to the later term by other means.
    const reply = { type: 'raft.heartbeat-reply', term: 9, round: 0 } as const;
    group.step(2, { type: 'message', from: 3, message: reply });
    const message = { type: 'raft.vote', term: 9, lastLogIndex: 9, lastLogTerm: 9 } as const;
    group.step(2, { type: 'message', from: 3, message });
    expect(group.network.at(-1)?.message).toMatchObject({ granted: false, term: 9 });
    group.now += 150_000;
    group.step(2, { type: 'message', from: 3, message });
    expect(group.network.at(-1)?.message).toMatchObject({ granted: true, term: 9 });
  });

  it('nor does who was started again: it may have promised before', () => {
    const group = leading();
    group.crash(2);
    group.now += 10_000;
    group.restart(2);
    const message = { type: 'raft.vote', term: 9, lastLogIndex: 9, lastLogTerm: 9 } as const;
    group.step(2, { type: 'message', from: 3, message });
    expect(group.network.at(-1)?.message).toMatchObject({ granted: false });
  });

  it('ends before a transfer, for the rest of the term', () => {
    const group = leading();
    const list = answers(group);
    group.step(1, { type: 'transfer-leadership', to: 2 });
    group.network = [];
    group.step(1, { type: 'transfer-timeout' });
    read(group, 1);
    expect(list).toEqual([]);
    group.settle();
    expect(list).toEqual(['1: 7 at 1']);
  });

  it('a clock that is slower than the bound allows gives stale reads, and only that', () => {
    for (const [slowdown, stale] of [
      [1.4, false],
      [4, true],
    ] as const) {
      const group = leading();
      const list = answers(group);
      // 150 ms pass for the others; they elect server 2, which takes a write.
      const start = group.now;
      group.now = start + 150_001;
      const cut = ({ from, to }: { from: number; to: number }): boolean => from === 1 || to === 1;
      group.campaign(2);
      group.settle(cut);
      propose(group, 'newer', 2);
      group.settle(cut);
      expect(group.state(2).commitIndex).toBeGreaterThan(1);
      group.now = start + 150_001 / slowdown;
      read(group, 1);
      expect(list.length > 0).toBe(stale);
    }
  });
});

describe('a limit on what is uncommitted', () => {
  it('refuses proposals, and takes them again after the commit', () => {
    const group = elected(3, { maxUncommittedEntries: 2 });
    propose(group, 'a');
    propose(group, 'b');
    expect(propose(group, 'c')).toEqual([
      { type: 'propose-refused', tag: 1, reason: 'too-many-uncommitted', leader: 1 },
    ]);
    group.settle();
    expect(propose(group, 'c')).toContainEqual(expect.objectContaining({ index: 4 }));
  });

  it('does not hold off the no-op of a new leader', () => {
    const group = elected(3, { maxUncommittedEntries: 1 });
    expect(group.state(1).commitIndex).toBe(1);
  });
});
