/**
 * One test for each sentence of the Raft paper (extended version) about crashes and persistent
 * state. The title quotes the sentence, shortened.
 */
import { describe, expect, it } from 'vitest';
import type { RaftMessage } from '../../../../src/sim/contracts/raft.ts';
import { cluster, elected, propose, sent, take } from './support/paper.ts';

describe('§5.5 Follower and candidate crashes', () => {
  it('§5.5 requests to a crashed server are retried after it restarts', () => {
    const group = elected();
    group.crash(3);
    propose(group, 'x');
    group.settle();
    expect(group.state(1).commitIndex).toBe(2);
    group.restart(3);
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect(group.logTerms(3)).toEqual([1, 1]);
    expect(group.state(3).commitIndex).toBe(2);
  });

  it('§5.5 requests are idempotent: the same append twice does no harm', () => {
    const group = cluster();
    take(group, 1, [0, 0], [1, 1], 1);
    const again = take(group, 1, [0, 0], [1, 1], 1);
    expect(sent(again)).toMatchObject([{ success: true, index: 2 }]);
    expect(group.logTerms(1)).toEqual([1, 1]);
    expect(again.some(({ type }) => type === 'committed')).toBe(false);
  });
});

describe('figure 2: persistent state', () => {
  it('term, vote and log survive a crash; everything else starts afresh', () => {
    const group = elected();
    propose(group, 'x');
    group.settle();
    group.crash(1);
    group.restart(1);
    const state = group.state(1);
    expect(state).toMatchObject({ role: 'follower', term: 1, votedFor: 1, commitIndex: 0 });
    expect(state.leader).toBeNull();
    expect(group.logTerms(1)).toEqual([1, 1]);
  });

  it('a vote is answered only once it is on disk', () => {
    const group = cluster(3, { instantDisk: false });
    const message: RaftMessage = { type: 'raft.vote', term: 1, lastLogIndex: 0, lastLogTerm: 0 };
    const effects = group.step(1, { type: 'message', from: 2, message });
    expect(sent(effects)).toEqual([]);
    expect(sent(group.completeWrites(1))).toMatchObject([{ granted: true }]);
  });

  it('an append is acknowledged only once it is on disk', () => {
    const group = cluster(3, { instantDisk: false });
    expect(sent(take(group, 1, [0, 0], [1]))).toEqual([]);
    expect(sent(group.completeWrites(1))).toMatchObject([{ success: true, index: 1 }]);
  });

  it('a repeated append waits for the write of the first', () => {
    const group = cluster(3, { instantDisk: false });
    take(group, 1, [0, 0], [1]);
    expect(sent(take(group, 1, [0, 0], [1]))).toEqual([]);
    expect(sent(group.completeWrites(1))).toHaveLength(2);
  });

  it('a heartbeat is answered without waiting for entries on their way to disk', () => {
    const group = cluster(3, { instantDisk: false });
    take(group, 1, [0, 0], [1]);
    group.completeWrites(1);
    take(group, 1, [1, 1], [1]);
    const message: RaftMessage = { type: 'raft.heartbeat', term: 1, commit: 0, round: 3 };
    const effects = group.step(1, { type: 'message', from: 2, message });
    expect(sent(effects)).toEqual([{ type: 'raft.heartbeat-reply', term: 1, round: 3 }]);
  });

  it('a candidate asks for votes only once its own is on disk', () => {
    const group = cluster(3, { instantDisk: false });
    expect(sent(group.step(1, { type: 'election-timeout' }))).toEqual([]);
    expect(sent(group.completeWrites(1))).toHaveLength(2);
  });

  it('§10.2.1 a leader writes to its disk in parallel with sending', () => {
    const group = elected(3, { instantDisk: false });
    const effects = propose(group, 'x');
    expect(sent(effects)).toHaveLength(2);
    expect(effects.some(({ type }) => type === 'persist')).toBe(true);
  });

  it('§10.2.1 it counts itself only once written, and followers may decide without it', () => {
    const group = elected(5, { instantDisk: false });
    propose(group, 'x');
    const finish = (...ids: number[]): void => {
      group.settle(({ to }) => to > 3);
      for (const id of ids) group.completeWrites(id);
      group.settle(({ to }) => to > 3);
    };
    finish(2, 3);
    // Two of five, and its own copy not yet written.
    expect(group.state(1).commitIndex).toBe(1);
    finish(1);
    expect(group.state(1).commitIndex).toBe(2);
    propose(group, 'y');
    group.settle();
    for (const id of [2, 3, 4]) group.completeWrites(id);
    group.settle();
    expect(group.state(1).commitIndex).toBe(3);
    expect(group.server(1).writes).toHaveLength(1);
  });

  it('a write that completes late does not make newer entries at its place durable', () => {
    const group = cluster(3, { instantDisk: false });
    take(group, 1, [0, 0], [1, 1]);
    take(group, 2, [0, 0], [2, 2]);
    expect(group.server(1).writes).toHaveLength(2);
    group.completeWrites(1, 1);
    expect(group.state(1).durableIndex).toBe(0);
    group.completeWrites(1, 1);
    expect(group.state(1).durableIndex).toBe(2);
    expect(
      group
        .server(1)
        .disk.log.toArray()
        .map(({ term }) => term),
    ).toEqual([2, 2]);
  });
});
