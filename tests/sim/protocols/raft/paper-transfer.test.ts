/** Leadership transfer (dissertation 3.10), sentence by sentence. */
import { describe, expect, it } from 'vitest';
import type { RaftEffect } from '../../../../src/sim/protocols/raft/effects.ts';
import { elected, only, propose, sent } from './support/paper.ts';
import type { Cluster } from './support/cluster.ts';

const transfer = (group: Cluster, to: number, from = 1): readonly RaftEffect[] =>
  group.step(from, { type: 'transfer-leadership', to });

describe('a leader that hands over (dissertation 3.10)', () => {
  it('tells a target that has its whole log to stand at once', () => {
    const group = elected();
    expect(sent(transfer(group, 2))).toEqual([{ type: 'raft.timeout-now', term: 1 }]);
    group.settle();
    expect(group.leaders()).toEqual([2]);
    expect(group.state(2).term).toBe(2);
  });

  it('brings the log of the target up to its own first', () => {
    const group = elected();
    propose(group, 'x');
    group.settle(only(1, 2));
    expect(sent(transfer(group, 3)).map(({ type }) => type)).not.toContain('raft.timeout-now');
    group.step(1, { type: 'heartbeat-timeout' });
    group.settle();
    expect(group.leaders()).toEqual([3]);
    expect(group.logTerms(3)).toEqual([1, 1, 2]);
  });

  it('takes no proposals meanwhile, and names the target', () => {
    const group = elected();
    transfer(group, 2);
    expect(propose(group, 'x')).toEqual([
      { type: 'propose-refused', tag: 1, reason: 'transferring', leader: 2 },
    ]);
  });

  it('changes no members meanwhile', () => {
    const group = elected();
    transfer(group, 2);
    expect(group.change(1, 'r3')).toMatchObject([{ reason: 'transferring' }]);
  });

  it('gives up after an election timeout, and takes proposals again', () => {
    const group = elected();
    const effects = transfer(group, 2);
    expect(effects).toContainEqual({ type: 'set-timer', timer: 'transfer', afterMicros: 150_000 });
    group.network = [];
    const over = group.step(1, { type: 'transfer-timeout' });
    expect(over).toContainEqual({ type: 'transfer-aborted', to: 2 });
    expect(propose(group, 'x')).toContainEqual(expect.objectContaining({ index: 2 }));
    group.settle();
    expect(group.state(1).commitIndex).toBe(2);
  });

  it('names another target instead of the first', () => {
    const group = elected();
    transfer(group, 2);
    group.network = [];
    expect(transfer(group, 3)).toContainEqual({ type: 'transfer-aborted', to: 2 });
    group.settle();
    expect(group.leaders()).toEqual([3]);
  });

  it('asked twice for the same target does nothing more', () => {
    const group = elected();
    transfer(group, 2);
    expect(transfer(group, 2)).toEqual([]);
  });

  it('keeps the timer no longer than its office', () => {
    const group = elected();
    transfer(group, 2);
    group.settle();
    expect(group.server(1).timers.has('transfer')).toBe(false);
    expect(group.state(1).transferTo).toBeNull();
  });

  it('does not hand over to itself, nor to who has no vote', () => {
    const group = elected(4, { voters: [1, 2, 3], learners: [4] });
    const reasons = [1, 4, 9].map((to) => transfer(group, to)[0]);
    expect(reasons).toMatchObject([
      { reason: 'leads-already' },
      { reason: 'no-voter' },
      { reason: 'no-voter' },
    ]);
    expect(transfer(group, 3, 2)).toMatchObject([{ reason: 'not-leader', leader: 1 }]);
  });

  it('is believed by servers that hear it still: the request says that it wants this', () => {
    const group = elected(3, { preVote: true, preVoteLease: true, checkQuorum: true });
    group.now += 1_000;
    transfer(group, 2);
    group.settle();
    expect(group.leaders()).toEqual([2]);
  });

  it('an old word to take over does nothing', () => {
    const group = elected();
    group.campaign(1);
    group.campaign(3);
    group.settle();
    const { term } = group.state(2);
    const message = { type: 'raft.timeout-now', term: term - 1 } as const;
    group.step(2, { type: 'message', from: 1, message });
    expect(group.state(2)).toMatchObject({ role: 'follower', term });
  });
});
