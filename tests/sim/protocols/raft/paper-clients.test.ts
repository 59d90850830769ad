/**
 * One test for each sentence of the Raft paper (extended version) about client interaction and
 * reads. The title quotes the sentence, shortened.
 */
import { describe, expect, it } from 'vitest';
import type { RaftMessage } from '../../../../src/sim/contracts/raft.ts';
import type { RaftEffect } from '../../../../src/sim/protocols/raft/effects.ts';
import type { Cluster } from './support/cluster.ts';
import { cluster, elected, only, propose } from './support/paper.ts';

describe('§8 Client interaction', () => {
  const reading = (group: Cluster, at: number, tag: number): readonly RaftEffect[] =>
    group.step(at, { type: 'read', tag });

  function answers(group: Cluster): RaftEffect[] {
    const found: RaftEffect[] = [];
    group.observers.push({
      onStep(_server, _input, effects) {
        found.push(...effects.filter(({ type }) => type.startsWith('read-')));
      },
    });
    return found;
  }

  it('§8 a new leader commits a blank no-op entry at the start of its term', () => {
    const group = elected();
    expect(group.state(1).log.entry(1)).toEqual({ term: 1, index: 1, command: null });
    expect(group.state(1).commitIndex).toBe(1);
  });

  it('§8 a read waits until the leader has committed an entry of its term', () => {
    const group = cluster();
    const found = answers(group);
    group.campaign(1);
    const grant: RaftMessage = { type: 'raft.vote-reply', term: 1, granted: true };
    group.step(1, { type: 'message', from: 2, message: grant });
    reading(group, 1, 4);
    reading(group, 1, 5);
    expect(found).toEqual([]);
    group.settle();
    expect(found).toEqual([
      { type: 'read-ready', tag: 4, index: 1 },
      { type: 'read-ready', tag: 5, index: 1 },
    ]);
  });

  it('§8 the leader exchanges heartbeats with a majority before it answers', () => {
    const group = elected(5);
    const found = answers(group);
    reading(group, 1, 1);
    expect(group.network.map(({ message }) => message.type)).toEqual(
      Array(4).fill('raft.heartbeat'),
    );
    group.settle(only(1, 2));
    expect(found).toEqual([]);
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle(only(1, 2, 3));
    expect(found).toEqual([{ type: 'read-ready', tag: 1, index: 1 }]);
  });

  it('§8 reads that arrive during a round share the next one', () => {
    const group = elected();
    const found = answers(group);
    reading(group, 1, 1);
    const first = group.network.length;
    for (const tag of [2, 3, 4]) reading(group, 1, tag);
    expect(group.network).toHaveLength(first);
    group.settle();
    expect(found.map((effect) => (effect.type === 'read-ready' ? effect.tag : 0))).toEqual([
      1, 2, 3, 4,
    ]);
    expect(group.state(1).round).toBe(2);
  });

  it('§8 an answer to an earlier round confirms nothing later', () => {
    const group = elected();
    reading(group, 1, 1);
    group.settle();
    const found = answers(group);
    reading(group, 1, 2);
    const stale: RaftMessage = { type: 'raft.heartbeat-reply', term: 1, round: 1 };
    for (const from of [2, 3]) group.step(1, { type: 'message', from, message: stale });
    expect(found).toEqual([]);
  });

  it('§8 a deposed leader refuses its waiting reads and names the new one', () => {
    const group = elected();
    const found = answers(group);
    reading(group, 1, 9);
    group.network = [];
    group.campaign(2);
    group.settle(({ to, message }) => to === 1 && message.type === 'raft.vote');
    expect(found).toEqual([{ type: 'read-refused', tag: 9, leader: 2 }]);
  });

  it('§8 a follower refuses a read and names the leader', () => {
    const effects = reading(elected(), 3, 2);
    expect(effects).toEqual([{ type: 'read-refused', tag: 2, leader: 1 }]);
  });

  it('§8 a leader alone in its group needs no round', () => {
    const group = elected(1);
    expect(reading(group, 1, 1)).toEqual([{ type: 'read-ready', tag: 1, index: 1 }]);
  });

  it('a local read is answered at once: fast, and stale on a deposed leader', () => {
    const group = elected(3, { readMode: 'local' });
    group.campaign(2);
    group.settle(({ to, from }) => to === 1 || from === 1);
    propose(group, 'newer', 2);
    group.settle(({ to, from }) => to === 1 || from === 1);
    expect(group.state(2).commitIndex).toBe(3);
    expect(reading(group, 1, 1)).toEqual([{ type: 'read-ready', tag: 1, index: 1 }]);
  });

  it('a proposal whose leader is deposed has an unknown outcome', () => {
    const group = elected();
    propose(group, 'x');
    const message: RaftMessage = { type: 'raft.heartbeat-reply', term: 5, round: 0 };
    const effects = group.step(1, { type: 'message', from: 2, message });
    expect(effects).toContainEqual({ type: 'proposal-lost', tag: 1, index: 2 });
    // The entry is still there, and may yet be committed by somebody else.
    expect(group.logTerms(1)).toEqual([1, 1]);
  });
});
