/**
 * One test for each sentence of the Raft paper (extended version) about leader election.
 * The title quotes the sentence, shortened where it says more than one thing.
 */
import { describe, expect, it } from 'vitest';
import type { RaftMessage } from '../../../../src/sim/contracts/raft.ts';
import type { RaftEffect, RaftInput } from '../../../../src/sim/protocols/raft/effects.ts';
import { cluster, elected, sent } from './support/paper.ts';
import { Prng } from './support/prng.ts';

const heartbeat = (term: number): RaftInput => ({
  type: 'message',
  from: 2,
  message: { type: 'raft.heartbeat', term, commit: 0, round: 0 },
});

const vote = (from: number, term: number, index = 0, lastTerm = 0): RaftInput => ({
  type: 'message',
  from,
  message: { type: 'raft.vote', term, lastLogIndex: index, lastLogTerm: lastTerm },
});

const timersSet = (effects: readonly RaftEffect[]): string[] =>
  effects.flatMap((effect) => (effect.type === 'set-timer' ? [effect.timer] : []));

describe('§5.1 Raft basics', () => {
  it('§5.1 in normal operation there is exactly one leader, all others are followers', () => {
    const group = elected(5);
    const roles = group.servers.map((server) => server.state?.role);
    expect(roles).toEqual(['leader', 'follower', 'follower', 'follower', 'follower']);
  });

  it('§5.1 followers are passive: they issue no requests on their own', () => {
    const group = elected();
    for (const id of [2, 3]) {
      for (const type of ['heartbeat-timeout', 'check-quorum-timeout'] as const) {
        expect(group.step(id, { type })).toEqual([]);
      }
    }
  });

  it('§5.1 a client that contacts a follower is redirected to the leader', () => {
    const effects = elected().step(2, { type: 'propose', command: 'x', tag: 5 });
    expect(effects).toEqual([{ type: 'propose-refused', tag: 5, reason: 'not-leader', leader: 1 }]);
  });

  it('§5.1 current terms are exchanged whenever servers communicate', () => {
    const group = elected();
    group.campaign(2);
    const terms = group.network.map(({ message }) => message.term);
    expect(terms).toEqual([2, 2]);
    group.settle();
    expect(group.servers.map((server) => server.state?.term)).toEqual([2, 2, 2]);
  });

  it('§5.1 a server whose term is smaller updates it to the larger value', () => {
    const group = cluster();
    group.step(1, vote(2, 7));
    expect(group.state(1).term).toBe(7);
  });

  it('§5.1 a candidate or leader that discovers its term is out of date becomes a follower', () => {
    const group = cluster();
    group.campaign(1);
    group.step(1, heartbeat(4));
    expect(group.state(1)).toMatchObject({ role: 'follower', term: 4 });
    const led = elected();
    const reply: RaftMessage = { type: 'raft.heartbeat-reply', term: 9, round: 0 };
    led.step(1, { type: 'message', from: 2, message: reply });
    expect(led.state(1)).toMatchObject({ role: 'follower', term: 9 });
  });

  it('§5.1 a request with a stale term number is rejected', () => {
    const group = cluster();
    group.seed(1, 5, []);
    expect(sent(group.step(1, vote(2, 4)))).toEqual([
      { type: 'raft.vote-reply', term: 5, granted: false },
    ]);
    const place = { prevLogIndex: 0, prevLogTerm: 0, entries: [], commit: 0, round: 0 };
    const append: RaftMessage = { type: 'raft.append', term: 4, ...place };
    const replies = sent(group.step(1, { type: 'message', from: 2, message: append }));
    expect(replies).toMatchObject([{ type: 'raft.append-reply', term: 5, success: false }]);
    expect(group.state(1).leader).toBeNull();
  });
});

describe('§5.2 Leader election', () => {
  it('§5.2 when servers start up, they begin as followers', () => {
    const group = cluster(5);
    group.start();
    for (const { state } of group.servers) expect(state?.role).toBe('follower');
  });

  it('§5.2 a server remains a follower as long as it receives valid requests', () => {
    const group = elected();
    for (let i = 0; i < 10; i += 1) {
      const effects = group.step(2, {
        type: 'message',
        from: 1,
        message: { type: 'raft.heartbeat', term: 1, commit: 0, round: 0 },
      });
      expect(timersSet(effects)).toEqual(['election']);
    }
    expect(group.state(2).role).toBe('follower');
  });

  it('§5.2 a request of an earlier term is not valid: it does not hold off an election', () => {
    const group = cluster();
    group.seed(1, 5, []);
    expect(timersSet(group.step(1, heartbeat(4)))).toEqual([]);
  });

  it('§5.2 leaders send periodic heartbeats to all followers', () => {
    const group = elected(5);
    const effects = group.step(1, { type: 'heartbeat-timeout' });
    expect(sent(effects).map(({ type }) => type)).toEqual(Array(4).fill('raft.heartbeat'));
    expect(timersSet(effects)).toEqual(['heartbeat']);
  });

  it('§5.2 a follower without communication over the election timeout begins an election', () => {
    const group = elected();
    group.campaign(3);
    expect(group.state(3)).toMatchObject({ role: 'candidate', term: 2 });
  });

  it('§5.2 it increments its term, votes for itself and requests votes in parallel', () => {
    const group = cluster(5);
    const effects = group.step(3, { type: 'election-timeout' });
    expect(group.state(3)).toMatchObject({ role: 'candidate', term: 1, votedFor: 3 });
    const requests = effects.filter((effect) => effect.type === 'send');
    expect(requests.map(({ to }) => to)).toEqual([1, 2, 4, 5]);
  });

  it('§5.2 a candidate wins with the votes of a majority of the full cluster', () => {
    const group = cluster(5);
    group.campaign(1);
    const grant: RaftMessage = { type: 'raft.vote-reply', term: 1, granted: true };
    group.step(1, { type: 'message', from: 2, message: grant });
    expect(group.state(1).role).toBe('candidate');
    // The same voter twice is one vote.
    group.step(1, { type: 'message', from: 2, message: grant });
    expect(group.state(1).role).toBe('candidate');
    group.step(1, { type: 'message', from: 4, message: grant });
    expect(group.state(1).role).toBe('leader');
  });

  it('§5.2 votes must be for the same term', () => {
    const group = cluster(3);
    group.campaign(1);
    group.campaign(1);
    const old: RaftMessage = { type: 'raft.vote-reply', term: 1, granted: true };
    group.step(1, { type: 'message', from: 2, message: old });
    expect(group.state(1)).toMatchObject({ role: 'candidate', term: 2 });
  });

  it('§5.2 each server votes for at most one candidate in a term, first come first served', () => {
    const group = cluster();
    const answers = [vote(2, 1), vote(3, 1), vote(2, 1)].map((input) => sent(group.step(1, input)));
    expect(answers.flat()).toMatchObject([
      { granted: true },
      { granted: false },
      { granted: true },
    ]);
  });

  it('§5.2 a new leader sends heartbeats to establish its authority', () => {
    const group = cluster();
    group.campaign(1);
    const grant: RaftMessage = { type: 'raft.vote-reply', term: 1, granted: true };
    const effects = group.step(1, { type: 'message', from: 2, message: grant });
    const appends = effects.filter(
      (effect) => effect.type === 'send' && effect.message.type === 'raft.append',
    );
    expect(appends).toHaveLength(2);
  });

  it('§5.2 a candidate that hears a leader of at least its own term returns to follower', () => {
    for (const term of [1, 2]) {
      const group = cluster();
      group.campaign(1);
      group.step(1, heartbeat(term));
      expect(group.state(1)).toMatchObject({ role: 'follower', term, leader: 2 });
    }
  });

  it('§5.2 if that term is smaller, it rejects the request and stays candidate', () => {
    const group = cluster();
    group.seed(1, 4, []);
    group.campaign(1);
    expect(sent(group.step(1, heartbeat(4)))).toMatchObject([{ term: 5 }]);
    expect(group.state(1)).toMatchObject({ role: 'candidate', term: 5 });
  });

  it('§5.2 with split votes each candidate times out and starts a new election', () => {
    const group = cluster(4);
    for (const id of [1, 2]) group.campaign(id);
    // Server 3 votes for the first, server 4 for the second: two against two.
    group.settle(({ from, to }) => (from === 1 && to === 4) || (from === 2 && to === 3));
    expect(group.leaders()).toEqual([]);
    group.campaign(1);
    group.settle();
    expect(group.leaders()).toEqual([1]);
    expect(group.state(1).term).toBe(2);
  });

  it('§5.2 election timeouts are chosen randomly from a fixed interval', () => {
    const drawn = new Set<number>();
    const range = { electionTimeoutMinMicros: 150_000, electionTimeoutMaxMicros: 300_000 };
    const group = cluster(1, { ...range, random: new Prng(1).word });
    for (let i = 0; i < 2_000; i += 1) {
      group.start();
      drawn.add(group.server(1).timers.get('election') ?? 0);
    }
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(150_000);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(300_000);
    expect(Math.min(...drawn)).toBeLessThan(151_000);
    expect(Math.max(...drawn)).toBeGreaterThan(299_000);
  });

  it('§5.2 each candidate restarts its randomised timeout at the start of an election', () => {
    const effects = cluster().step(1, { type: 'election-timeout' });
    expect(timersSet(effects)).toEqual(['election']);
  });

  it('figure 2: granting a vote holds off an election, refusing one does not', () => {
    const group = cluster();
    expect(timersSet(group.step(1, vote(2, 1)))).toEqual(['election']);
    expect(timersSet(group.step(1, vote(3, 1)))).toEqual([]);
    // Nor does a higher term alone.
    group.seed(1, 1, [1, 1]);
    expect(timersSet(group.step(1, vote(3, 2)))).toEqual([]);
  });

  it('figure 2: a leader that steps down waits for an election timeout again', () => {
    const effects = elected().step(1, vote(2, 9, 1, 1));
    expect(timersSet(effects)).toContain('election');
    const cancelled = effects.filter((effect) => effect.type === 'cancel-timer');
    expect(cancelled).toEqual([{ type: 'cancel-timer', timer: 'heartbeat' }]);
  });
});

describe('§5.4.1 Election restriction', () => {
  const answer = (log: readonly number[], index: number, lastTerm: number): boolean => {
    const group = cluster();
    group.seed(1, 3, log);
    const [reply] = sent(group.step(1, vote(2, 4, index, lastTerm)));
    return reply?.type === 'raft.vote-reply' && reply.granted;
  };

  it('§5.4.1 a voter denies its vote if its own log is more up to date', () => {
    expect(answer([1, 2], 1, 1)).toBe(false);
    expect(answer([1, 2], 2, 2)).toBe(true);
  });

  it('§5.4.1 the log with the later last term is more up to date, however short', () => {
    expect(answer([1, 1, 1, 1], 1, 2)).toBe(true);
    expect(answer([2], 9, 1)).toBe(false);
  });

  it('§5.4.1 with the same last term, whichever log is longer is more up to date', () => {
    expect(answer([1, 2], 1, 2)).toBe(false);
    expect(answer([1, 2], 3, 2)).toBe(true);
  });

  it('§5.4.1 a refused candidate’s term is adopted all the same', () => {
    const group = cluster();
    group.seed(1, 3, [1, 2]);
    group.step(1, vote(2, 8, 1, 1));
    expect(group.state(1)).toMatchObject({ term: 8, votedFor: null });
  });
});

describe('dissertation 4.2.3, 6.2 and 9.6: quiet elections', () => {
  it('§9.6 a pre-vote changes nobody’s term, vote or timer', () => {
    const group = elected(3, { preVote: true });
    const before = group.disks();
    const effects = group.step(3, { type: 'election-timeout' });
    expect(effects.some((effect) => effect.type === 'persist')).toBe(false);
    group.settle(({ message }) => message.type === 'raft.pre-vote-reply');
    expect(group.disks()).toEqual(before);
    expect(group.state(3)).toMatchObject({ role: 'pre-candidate', term: 1 });
  });

  it('§9.6 a server raises its term only after a majority would vote for it', () => {
    const group = elected(5, { preVote: true });
    group.campaign(5);
    group.settle(({ to, from }) => to < 4 && from === 5);
    expect(group.state(5)).toMatchObject({ role: 'pre-candidate', term: 1 });
    group.campaign(5);
    group.settle();
    expect(group.state(5)).toMatchObject({ role: 'leader', term: 2 });
  });

  it('§9.6 a server with a stale log wins no pre-vote and disturbs nobody', () => {
    const group = elected(3, { preVote: true });
    group.step(1, { type: 'propose', command: 'x', tag: 1 });
    group.settle(({ to }) => to === 3);
    group.campaign(3);
    group.settle();
    expect(group.leaders()).toEqual([1]);
    expect(group.servers.map((server) => server.state?.term)).toEqual([1, 1, 1]);
  });

  it('§4.2.3 a vote is refused, and its term ignored, while a leader is heard', () => {
    const group = elected(3, { preVoteLease: true });
    group.now = 1_000;
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    group.now = 100_000;
    group.campaign(3);
    group.settle();
    expect(group.leaders()).toEqual([1]);
    expect(group.state(2).term).toBe(1);
    // Once the minimum election timeout has passed in silence, the vote is given.
    group.now = 151_000;
    expect(group.state(2).heardAtMicros).toBe(1_000);
    group.campaign(3);
    group.settle(({ to }) => to === 1);
    expect(group.leaders()).toContain(3);
  });

  it('§4.2.3 the two switches are independent: comparing logs alone refuses nobody equal', () => {
    const group = elected(3, { preVote: true, preVoteLease: false });
    group.campaign(3);
    group.settle();
    expect(group.leaders()).toEqual([3]);
    const refusing = elected(3, { preVote: true, preVoteLease: true });
    refusing.campaign(3);
    refusing.settle();
    expect(refusing.leaders()).toEqual([1]);
  });

  it('§6.2 a leader that hears from no majority within an election timeout steps down', () => {
    const group = elected(5, { checkQuorum: true });
    group.step(1, { type: 'check-quorum-timeout' });
    expect(group.state(1).role).toBe('leader');
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle(({ to }) => to > 2);
    // Itself and one more: not a majority of five.
    group.step(1, { type: 'check-quorum-timeout' });
    expect(group.state(1)).toMatchObject({ role: 'follower', term: 1, leader: null });
  });

  it('§6.2 a leader that is answered stays, one timeout after the other', () => {
    const group = elected(5, { checkQuorum: true });
    for (let i = 0; i < 5; i += 1) {
      group.step(1, { type: 'heartbeat-timeout' });
      group.settle(({ to }) => to > 3);
      const effects = group.step(1, { type: 'check-quorum-timeout' });
      expect(timersSet(effects)).toEqual(['check-quorum']);
    }
    expect(group.leaders()).toEqual([1]);
  });

  it('§6.2 a leader alone with a stale term is freed by the answer to its stale message', () => {
    const group = elected(3);
    group.campaign(2);
    group.settle(({ to, from }) => to === 1 || from === 1);
    expect(group.leaders()).toEqual([1, 2]);
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect(group.leaders()).toEqual([2]);
  });
});
