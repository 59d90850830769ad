/**
 * One test for each sentence of the Raft paper (extended version) about log replication and
 * committing. The title quotes the sentence, shortened.
 */
import { describe, expect, it } from 'vitest';
import type { RaftMessage } from '../../../../src/sim/contracts/raft.ts';
import type { RaftEffect } from '../../../../src/sim/protocols/raft/effects.ts';
import { cluster, elected, only, propose, sent, take } from './support/paper.ts';

describe('§5.3 Log replication', () => {
  it('§5.3 the leader appends the command as a new entry and replicates it in parallel', () => {
    const group = elected(5);
    const effects = propose(group, 'x');
    expect(group.state(1).log.entry(2)).toEqual({ term: 1, index: 2, command: 'x' });
    expect(effects).toContainEqual({ type: 'propose-accepted', tag: 1, index: 2, term: 1 });
    expect(sent(effects).filter(({ type }) => type === 'raft.append')).toHaveLength(4);
  });

  it('§5.3 once safely replicated, the leader applies it', () => {
    const group = elected();
    const applied: RaftEffect[] = [];
    group.observers.push({
      onStep(server, _input, effects) {
        if (server.id === 1) applied.push(...effects.filter(({ type }) => type === 'committed'));
      },
    });
    propose(group, 'x');
    expect(applied).toEqual([]);
    group.settle(only(1, 2));
    expect(applied).toEqual([{ type: 'committed', from: 2, to: 2 }]);
  });

  it('§5.3 the leader retries indefinitely until all followers store all entries', () => {
    const group = elected();
    propose(group, 'x');
    group.settle(only(1, 2));
    for (let i = 0; i < 3; i += 1) {
      group.step(1, { type: 'heartbeat-timeout' });
      group.settle(only(1, 2));
    }
    expect(group.logTerms(3)).toEqual([1]);
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect(group.logTerms(3)).toEqual([1, 1]);
  });

  it('§5.3 the leader’s commit index comes with later messages, heartbeats included', () => {
    const group = elected(3, { eagerCommit: false });
    propose(group, 'x');
    group.settle();
    expect([1, 2, 3].map((id) => group.state(id).commitIndex)).toEqual([2, 1, 1]);
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect([1, 2, 3].map((id) => group.state(id).commitIndex)).toEqual([2, 2, 2]);
  });

  it('§5.3 a follower that learns of a commit applies entries in log order', () => {
    const group = cluster();
    const effects = take(group, 1, [0, 0], [1, 1, 1], 2);
    expect(effects).toContainEqual({ type: 'committed', from: 1, to: 2 });
    const more = take(group, 1, [3, 1], [], 3);
    expect(more).toContainEqual({ type: 'committed', from: 3, to: 3 });
  });

  it('§5.3 a leader creates at most one entry with a given index in a given term', () => {
    const group = elected();
    for (const command of ['a', 'b', 'c']) propose(group, command);
    const indexes = group
      .state(1)
      .log.toArray()
      .map(({ index }) => index);
    expect(indexes).toEqual([1, 2, 3, 4]);
  });

  it('§5.3 a follower that does not find the preceding entry refuses the new ones', () => {
    const group = cluster();
    group.seed(1, 2, [1, 2]);
    for (const prev of [
      [2, 1],
      [3, 2],
    ] as const) {
      expect(sent(take(group, 2, prev, [2]))).toMatchObject([{ success: false }]);
    }
    expect(group.logTerms(1)).toEqual([1, 2]);
  });

  it('§5.3 conflicting entries in follower logs are overwritten with the leader’s', () => {
    const group = cluster();
    group.seed(1, 4, [1, 1, 1, 2, 2, 2, 3]);
    const effects = take(group, 5, [3, 1], [4, 4]);
    expect(group.logTerms(1)).toEqual([1, 1, 1, 4, 4]);
    expect(effects).toContainEqual({ type: 'truncated', fromIndex: 4 });
  });

  it('§5.3 entries that agree are kept, with whatever follows them', () => {
    const group = cluster();
    group.seed(1, 4, [1, 1, 4, 4]);
    const effects = take(group, 4, [1, 1], [1, 4]);
    expect(group.logTerms(1)).toEqual([1, 1, 4, 4]);
    expect(effects.some(({ type }) => type === 'truncated' || type === 'persist')).toBe(false);
    // What is confirmed is what the message covered, not the length of the log.
    expect(sent(effects)).toMatchObject([{ success: true, index: 3 }]);
  });

  it('§5.3 nextIndex starts just after the last entry of the new leader’s log', () => {
    const group = cluster();
    group.seed(1, 3, [1, 2, 3]);
    group.campaign(1);
    const grant: RaftMessage = { type: 'raft.vote-reply', term: 4, granted: true };
    group.step(1, { type: 'message', from: 2, message: grant });
    expect(group.state(1).next).toEqual([4, 4, 4]);
    expect(group.state(1).match.slice(1)).toEqual([0, 0]);
  });

  it('§5.3 after a rejection the leader retries further back, until the logs match', () => {
    const group = cluster();
    group.seed(1, 9, [1, 4, 4, 6]);
    group.seed(2, 9, [1, 2, 2, 2, 3, 3]);
    group.seed(3, 9, [1, 4, 4, 6]);
    group.campaign(1);
    group.settle();
    expect(group.logTerms(2)).toEqual([1, 4, 4, 6, 10]);
  });

  it('§5.3 conflicts are skipped a term at a time, not an index at a time', () => {
    const group = cluster(2);
    const long = Array.from({ length: 50 }, () => 2);
    group.seed(1, 9, [1, ...Array.from({ length: 50 }, () => 3)]);
    group.seed(2, 8, [1, ...long]);
    let refusals = 0;
    group.observers.push({
      onStep(_server, _input, effects) {
        for (const message of sent(effects)) {
          if (message.type === 'raft.append-reply' && !message.success) refusals += 1;
        }
      },
    });
    group.campaign(1);
    group.settle();
    expect(group.logTerms(2)).toEqual(group.logTerms(1));
    expect(refusals).toBeLessThanOrEqual(2);
  });

  it('§5.3 who refuses what it acknowledged is asked again once a heartbeat, not at once', () => {
    const group = elected();
    propose(group, 'x');
    group.settle();
    const match = group.state(1).match[1] as number;
    expect(match).toBe(group.state(1).log.lastIndex);
    const { term } = group.state(1);
    const say = (message: RaftMessage) =>
      sent(group.step(1, { type: 'message', from: 2, message })).filter(
        ({ type }) => type === 'raft.append',
      );
    const refusal = (index: number): RaftMessage => {
      const hint = { hintIndex: 0, hintTerm: 0, round: 0 };
      return { type: 'raft.append-reply', term, success: false, index, ...hint };
    };
    // One that is ahead of what it has is answered with what follows that.
    expect(say(refusal(match + 1))).toMatchObject([{ prevLogIndex: match }]);
    for (let times = 0; times < 3; times += 1) expect(say(refusal(match))).toEqual([]);
    const alive: RaftMessage = { type: 'raft.heartbeat-reply', term, round: 0 };
    expect(say(alive)).toMatchObject([{ prevLogIndex: match }]);
    expect(say(refusal(match))).toEqual([]);
  });

  it('§5.3 a leader never overwrites or deletes entries in its own log', () => {
    const group = elected();
    propose(group, 'x');
    const before = group.state(1).log.toArray();
    // Even from a second leader of its own term, which unmodified Raft never has.
    take(group, 1, [0, 0], [1, 1, 1], 3);
    expect(group.state(1).log.toArray()).toEqual(before);
  });
});

describe('§5.4.2 Committing entries from previous terms', () => {
  it('§5.4.2 entries of previous terms are never committed by counting replicas', () => {
    const group = cluster();
    for (const id of [1, 2, 3]) group.seed(id, 2, [1, 2]);
    group.campaign(1);
    const grant: RaftMessage = { type: 'raft.vote-reply', term: 3, granted: true };
    group.step(1, { type: 'message', from: 2, message: grant });
    const rest = { success: true, hintIndex: 0, hintTerm: 0, round: 0 };
    for (const from of [2, 3]) {
      const message: RaftMessage = { type: 'raft.append-reply', term: 3, index: 2, ...rest };
      group.step(1, { type: 'message', from, message });
    }
    expect(group.state(1).commitIndex).toBe(0);
  });

  it('§5.4.2 once an entry of the current term is committed, all before it are, indirectly', () => {
    const group = cluster();
    for (const id of [1, 2, 3]) group.seed(id, 2, [1, 2]);
    group.campaign(1);
    group.settle();
    expect(group.state(1).commitIndex).toBe(3);
  });
});

describe('figure 2: committing', () => {
  it('a follower commits up to the last new entry, though the leader committed more', () => {
    const group = cluster();
    group.seed(1, 1, [1, 1, 1]);
    take(group, 2, [0, 0], [1], 3);
    expect(group.state(1).commitIndex).toBe(1);
    expect(group.logTerms(1)).toEqual([1, 1, 1]);
  });

  it('a heartbeat promises a follower no more than it is known to hold', () => {
    const group = elected();
    propose(group, 'x');
    group.settle(only(1, 2));
    const effects = group.step(1, { type: 'heartbeat-timeout' });
    const commits = sent(effects).map((m) => (m.type === 'raft.heartbeat' ? m.commit : -1));
    expect(group.state(1).commitIndex).toBe(2);
    expect(commits).toEqual([2, 1]);
  });

  it('the commit index never goes back', () => {
    const group = cluster();
    take(group, 1, [0, 0], [1, 1], 2);
    take(group, 1, [0, 0], [1], 0);
    expect(group.state(1).commitIndex).toBe(2);
  });
});
