/** Joint consensus (paper 6; dissertation 4.3), sentence by sentence. */
import { describe, expect, it } from 'vitest';
import type { RaftMembers } from '../../../../src/sim/contracts/raft.ts';
import { plainMembers } from '../../../../src/sim/protocols/raft/configuration.ts';
import { quorumsMeet } from '../../../../src/sim/protocols/raft/invariants-members.ts';
import { enterJoint } from '../../../../src/sim/protocols/raft/members-change.ts';
import { parseChanges } from './support/cluster.ts';
import { group, membersOf, refusal } from './support/members.ts';
import { only } from './support/paper.ts';

describe('joint consensus (paper 6; dissertation 4.3)', () => {
  it('while joint, entries are committed by both majorities', () => {
    const made = group(5, 3);
    made.change(1, 'r2 r3 v4 v5');
    expect(membersOf(made, 1)).toMatchObject({ voters: [1, 4, 5], outgoing: [1, 2, 3] });
    made.settle(only(1, 4, 5));
    expect(made.state(1).commitIndex).toBe(1);
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle(only(1, 2));
    expect(made.state(1).commitIndex).toBeGreaterThanOrEqual(2);
  });

  it('while joint, elections need both majorities', () => {
    const made = group(5, 3);
    made.change(1, 'r2 r3 v4 v5', { transition: 'joint-explicit' });
    made.settle();
    made.campaign(4);
    made.settle(only(1, 4, 5));
    expect(made.leaders()).not.toContain(4);
    made.campaign(4);
    made.settle(({ to }) => to === 3);
    expect(made.leaders()).toContain(4);
  });

  it('once the joint configuration is committed the leader appends the new one by itself', () => {
    const made = group(5, 3);
    made.change(1, 'r2 r3 v4 v5');
    made.settle();
    for (const id of [1, 4, 5]) {
      expect(membersOf(made, id)).toMatchObject({ voters: [1, 4, 5], outgoing: [] });
    }
    expect(made.state(1).log.lastIndex).toBe(3);
  });

  it('joint-explicit waits for the change that ends it', () => {
    const made = group(5, 3);
    made.change(1, 'v4', { transition: 'joint-explicit' });
    made.settle();
    expect(membersOf(made, 1).outgoing).toEqual([1, 2, 3]);
    made.change(1, '');
    made.settle();
    expect(membersOf(made, 1)).toMatchObject({ voters: [1, 2, 3, 4], outgoing: [] });
  });

  it('a second change is refused while joint', () => {
    const made = group(5, 3);
    made.change(1, 'v4', { transition: 'joint-explicit' });
    made.settle();
    expect(refusal(made.change(1, 'v5'))).toMatchObject({ reason: 'not-possible' });
  });

  it('leaving is refused where nothing is joint', () => {
    expect(refusal(group(3, 3).change(1, ''))).toMatchObject({ reason: 'not-possible' });
  });

  it('a new leader ends a joint configuration that another one began', () => {
    const made = group(5, 3);
    made.change(1, 'r1 v4');
    made.settle(({ message }) => message.type === 'raft.append-reply');
    expect(membersOf(made, 2).outgoing).toEqual([1, 2, 3]);
    made.crash(1);
    made.campaign(2);
    made.settle();
    expect(made.leaders()).toEqual([2]);
    expect(membersOf(made, 2)).toMatchObject({ voters: [2, 3, 4], outgoing: [] });
  });

  it('a leader that is not in the new configuration steps down once that is committed', () => {
    const made = group(5, 3);
    made.change(1, 'r1 v4 v5');
    made.settle();
    expect(membersOf(made, 4)).toMatchObject({ voters: [2, 3, 4, 5], outgoing: [] });
    expect(made.leaders()).toEqual([]);
  });

  it('before and after each step of it, majorities meet', () => {
    const before = plainMembers([1, 2, 3]);
    const joint = enterJoint(before, parseChanges('r1 r2 r3 v4 v5 v6'), true) as RaftMembers;
    expect(quorumsMeet(before, joint)).toBe(true);
    expect(quorumsMeet(joint, plainMembers([4, 5, 6]))).toBe(true);
    expect(quorumsMeet(before, plainMembers([4, 5, 6]))).toBe(false);
  });

  it('a voter that becomes a learner keeps its vote until the joint configuration ends', () => {
    const made = group(4, 3);
    made.change(1, 'v4 l3', { transition: 'joint-explicit' });
    made.settle();
    expect(membersOf(made, 1)).toMatchObject({ learners: [], learnersNext: [3] });
    expect(made.state(3).conf.votes).toBe(true);
    made.change(1, '');
    made.settle();
    expect(membersOf(made, 1)).toMatchObject({ learners: [3], learnersNext: [] });
    expect(made.state(3).conf.votes).toBe(false);
  });
});
