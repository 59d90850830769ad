/**
 * Quorums that are no majorities: which sizes are safe, what they let a leader do, and what a
 * leader may then not do.
 *
 * Source: Howard, Malkhi & Spiegelman, Flexible Paxos (2016); for Raft also Raft paper 5.2, since
 * a term, other than a ballot, belongs to nobody.
 */
import { describe, expect, it } from 'vitest';
import { createRaftConfig } from '../../../../src/sim/protocols/raft/config.ts';
import { quorumsFault } from '../../../../src/sim/protocols/raft/quorum.ts';
import { cluster, elected, only, propose } from './support/paper.ts';
import { randomRun } from './support/random-run.ts';

const FIVE = { electionQuorum: 4, replicationQuorum: 2 };

describe('sizes', () => {
  it.each([
    [5, 0, 0, null],
    [5, 4, 2, null],
    [5, 5, 1, null],
    [5, 3, 5, null],
    [4, 3, 2, null],
    [6, 4, 3, null],
    [5, 3, 2, /of 5 voters, 3 that elect and 2 that commit need not meet/],
    [5, 0, 2, /3 that elect and 2 that commit/],
    [5, 4, 1, /4 that elect and 1 that commit/],
    // Enough for Paxos, whose ballots have owners; not for Raft.
    [5, 2, 4, /2 that elect need not meet 2 others that elect/],
    [4, 2, 3, /2 that elect need not meet 2 others that elect/],
    [5, 6, 2, /only 5 voters/],
    [5, 3, 6, /only 5 voters/],
  ])('%i servers, %i elect, %i commit: %s', (size, election, replication, fault) => {
    const told = quorumsFault({ election, replication, meet: true }, size);
    if (fault === null) expect(told).toBeNull();
    else expect(told).toMatch(fault);
  });

  it('that are unsafe make no server, unless the rule is off', () => {
    const sizes = { electionQuorum: 2, replicationQuorum: 2 };
    const base = { id: 1, voters: [1, 2, 3, 4], ...sizes };
    expect(() => createRaftConfig(base)).toThrow(/need not meet/);
    const ablations = new Set(['raft.quorum-intersection'] as const);
    expect(createRaftConfig({ ...base, ablations }).quorums.meet).toBe(false);
  });
});

describe('two of five commit', () => {
  it('an entry that one follower has, and no other', () => {
    const group = elected(5, FIVE);
    propose(group, 'a');
    group.settle(only(1, 2));
    expect(group.state(1).commitIndex).toBe(2);
    const majorities = elected(5);
    propose(majorities, 'a');
    majorities.settle(only(1, 2));
    expect(majorities.state(1).commitIndex).toBe(1);
  });

  it('and a leader that hears one of four stays, that hears none steps down', () => {
    const roleAfter = (...heard: number[]): string => {
      const group = elected(5, { ...FIVE, checkQuorum: true });
      group.step(1, { type: 'check-quorum-timeout' });
      group.step(1, { type: 'heartbeat-timeout' });
      group.settle(only(1, ...heard));
      group.step(1, { type: 'check-quorum-timeout' });
      return group.state(1).role;
    };
    expect([roleAfter(2), roleAfter()]).toEqual(['leader', 'follower']);
  });

  it('four must elect', () => {
    const group = cluster(5, FIVE);
    group.start();
    group.campaign(1);
    group.settle(only(1, 2, 3));
    expect(group.leaders()).toEqual([]);
    group.campaign(1);
    group.settle(only(1, 2, 3, 4));
    expect(group.leaders()).toEqual([1]);
  });

  it('two refusals lose an election', () => {
    const group = cluster(5, FIVE);
    group.start();
    group.campaign(1);
    const refuse = { type: 'raft.vote-reply', term: 1, granted: false } as const;
    group.step(1, { type: 'message', from: 2, message: refuse });
    expect(group.state(1).role).toBe('candidate');
    group.step(1, { type: 'message', from: 3, message: refuse });
    expect(group.state(1).role).toBe('follower');
  });

  it('a read takes the word of one follower', () => {
    const group = elected(5, FIVE);
    group.step(1, { type: 'read', tag: 7 });
    const ready: unknown[] = [];
    group.observers.push({
      onStep: (_server, _input, effects) =>
        void ready.push(...effects.filter(({ type }) => type === 'read-ready')),
    });
    group.settle(only(1, 2));
    expect(ready).toEqual([{ type: 'read-ready', tag: 7, index: 1 }]);
  });
});

describe('one of three commits', () => {
  it('by itself, and reads by itself: nobody leads without its vote', () => {
    const group = elected(3, { electionQuorum: 3, replicationQuorum: 1 });
    propose(group, 'a');
    expect(group.state(1).commitIndex).toBe(2);
    const effects = group.step(1, { type: 'read', tag: 7 });
    expect(effects).toContainEqual({ type: 'read-ready', tag: 7, index: 2 });
  });
});

describe('voters stay who they are', () => {
  const refusalOf = (changes: string): string | undefined => {
    const group = elected(5, FIVE);
    const refused = group.change(1, changes).find(({ type }) => type === 'change-refused');
    return refused?.type === 'change-refused' ? refused.why : undefined;
  };

  it('none comes and none goes; who only learns may', () => {
    expect(refusalOf('v6')).toMatch(/quorums of set sizes/);
    expect(refusalOf('r5')).toMatch(/quorums of set sizes/);
    expect(refusalOf('l5')).toMatch(/quorums of set sizes/);
    expect(refusalOf('l6')).toBeUndefined();
  });
});

describe('random runs', () => {
  it.each([
    [4, 2],
    [5, 1],
    [3, 5],
    [4, 3],
  ] as const)('of five servers, %i elect, %i commit: nothing breaks', (election, replication) => {
    let commits = 0;
    for (let seed = 1; seed <= 120; seed += 1) {
      const run = randomRun({ seed, steps: 500, quorums: [election, replication] });
      expect(run.findings, `seed ${seed}`).toEqual([]);
      expect(run.staleReads, `seed ${seed}`).toEqual([]);
      commits += run.stats.commits;
    }
    expect(commits).toBeGreaterThan(15);
  });

  it('of five servers, three elect where two commit: a committed entry is lost', () => {
    let found: string | null = null;
    for (let seed = 1; seed <= 500 && found === null; seed += 1) {
      const off = ['raft.quorum-intersection'] as const;
      const run = randomRun({ seed, steps: 600, off, quorums: [4, 2] });
      found = run.findings[0]?.invariant ?? null;
    }
    // Three of five still meet three of five: no term has two leaders, and yet it is lost.
    expect(found).toBe('LeaderCompleteness');
  });
});
