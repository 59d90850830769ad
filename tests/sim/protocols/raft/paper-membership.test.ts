/** Paper section 6 and dissertation chapter 4, sentence by sentence. */
import { describe, expect, it } from 'vitest';
import { quorumsMeet } from '../../../../src/sim/protocols/raft/invariants-members.ts';
import { simpleChange } from '../../../../src/sim/protocols/raft/members-change.ts';
import { plainMembers } from '../../../../src/sim/protocols/raft/configuration.ts';
import { parseChanges } from './support/cluster.ts';
import type { Envelope } from './support/cluster.ts';
import { violatedFromScratch } from './support/from-scratch.ts';
import { group, membersOf, refusal } from './support/members.ts';
import { cluster, only, propose, sent } from './support/paper.ts';
import { randomRun } from './support/random-run.ts';

const cut =
  (...ids: number[]) =>
  ({ from, to }: Envelope): boolean =>
    ids.includes(from) !== ids.includes(to);

describe('configurations in the log (paper 6)', () => {
  it('a server uses the newest configuration in its log, whether it is committed or not', () => {
    const made = group(4, 3);
    made.change(1, 'v4');
    expect(membersOf(made, 1).voters).toEqual([1, 2, 3, 4]);
    expect(made.state(1).commitIndex).toBe(1);
    made.settle(only(1, 2, 4));
    expect(membersOf(made, 2).voters).toEqual([1, 2, 3, 4]);
    expect(membersOf(made, 4).voters).toEqual([1, 2, 3, 4]);
    expect(membersOf(made, 3).voters).toEqual([1, 2, 3]);
  });

  it('a server goes back to the configuration before when the entry is deleted', () => {
    const made = group(4, 3);
    made.settle();
    made.change(1, 'v4');
    made.network = [];
    made.campaign(2);
    made.settle(cut(2, 3));
    expect(made.leaders()).toContain(2);
    made.step(2, { type: 'heartbeat-timeout' });
    made.settle();
    expect(membersOf(made, 1).voters).toEqual([1, 2, 3]);
  });

  it('the configuration survives a restart', () => {
    const made = group(4, 3);
    made.change(1, 'v4');
    made.settle();
    for (const id of [1, 4]) {
      made.crash(id);
      made.restart(id);
      expect(membersOf(made, id).voters).toEqual([1, 2, 3, 4]);
    }
  });

  it('the entry is committed by a majority of the new configuration', () => {
    const made = group(4, 3);
    made.change(1, 'v4');
    made.settle(only(1, 2));
    expect(made.state(1).commitIndex).toBe(1);
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle(only(1, 2, 4));
    expect(made.state(1).commitIndex).toBe(2);
  });

  it('the outcome is told like that of a proposal', () => {
    const made = group(4, 3);
    expect(made.change(1, 'v4')).toContainEqual({
      type: 'propose-accepted',
      tag: 1,
      index: 2,
      term: 1,
    });
  });
});

describe('one server at a time (dissertation 4.1)', () => {
  it('any majority before meets any majority after', () => {
    for (let size = 1; size <= 7; size += 1) {
      const ids = Array.from({ length: size }, (_, i) => i + 1);
      const before = plainMembers(ids);
      for (const change of [`v${size + 1}`, 'r1']) {
        const after = simpleChange(before, parseChanges(change));
        if (typeof after === 'string') expect(size).toBe(1);
        else expect(quorumsMeet(before, after), `${size} ${change}`).toBe(true);
      }
    }
  });

  it('two at once need not meet, and are refused', () => {
    const before = plainMembers([1, 2, 3]);
    expect(quorumsMeet(before, plainMembers([1, 2, 3, 4, 5]))).toBe(false);
    expect(simpleChange(before, parseChanges('v4 v5'))).toMatch(/more than one voter/);
  });

  it('no change starts while another is uncommitted', () => {
    const made = group(5, 3);
    made.change(1, 'v4');
    expect(refusal(made.change(1, 'v5'))).toMatchObject({ reason: 'another-is-pending' });
    made.settle();
    expect(refusal(made.change(1, 'v5'))).toBeUndefined();
  });

  it('no change starts before the leader has committed an entry of its term', () => {
    const made = cluster(4, { voters: [1, 2, 3] });
    made.campaign(1);
    made.settle(({ message }) => message.type === 'raft.append');
    expect(made.leaders()).toEqual([1]);
    expect(refusal(made.change(1, 'v4'))).toMatchObject({ reason: 'no-commit-in-this-term' });
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle();
    expect(refusal(made.change(1, 'v4'))).toBeUndefined();
  });

  it('a follower refuses and names the leader', () => {
    const made = group(4, 3);
    expect(refusal(made.change(2, 'v4'))).toMatchObject({ reason: 'not-leader', leader: 1 });
  });

  it('the last voter is not removed', () => {
    const made = group(1, 1);
    expect(refusal(made.change(1, 'r1'))).toMatchObject({ reason: 'not-possible' });
  });

  it('a single server grows to three and shrinks to one again', () => {
    const made = group(3, 1);
    for (const change of ['v2', 'v3', 'r2', 'r3']) {
      expect(refusal(made.change(1, change)), change).toBeUndefined();
      made.settle();
    }
    expect(membersOf(made, 1).voters).toEqual([1]);
    propose(made, 'alone');
    expect(made.state(1).commitIndex).toBe(made.state(1).log.lastIndex);
  });
});

describe('removing servers (dissertation 4.2.2, 4.2.3)', () => {
  it('a leader that removed itself leads until that is committed, then steps down', () => {
    const made = group(3, 3);
    made.change(1, 'r1');
    expect(made.leaders()).toEqual([1]);
    made.settle();
    expect(made.leaders()).toEqual([]);
    expect(made.state(2).commitIndex).toBe(2);
    made.campaign(2);
    made.settle();
    expect(made.leaders()).toEqual([2]);
  });

  it('it does not count itself meanwhile', () => {
    const made = group(3, 3);
    made.change(1, 'r1');
    made.settle(only(1, 2));
    expect(made.state(1).commitIndex).toBe(1);
    expect(made.leaders()).toEqual([1]);
  });

  it('it goes on replicating to the others meanwhile', () => {
    const made = group(3, 3);
    made.change(1, 'r1');
    made.settle(only(1, 2));
    propose(made, 'x');
    expect(made.state(1).log.lastIndex).toBe(3);
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle();
    expect(made.state(2).log.lastIndex).toBe(3);
    expect(made.state(3).log.lastIndex).toBe(3);
  });

  it('a server without a vote in its newest configuration does not campaign', () => {
    const made = group(3, 3);
    made.change(1, 'r1');
    made.settle();
    expect(made.campaign(1)).toBeUndefined();
    expect(made.network).toEqual([]);
    expect(made.state(1)).toMatchObject({ role: 'follower', term: 1 });
  });

  it('one whose removal is not committed stands, without a vote of its own', () => {
    const made = group(2, 2, { preVote: true });
    made.change(1, 'r1');
    made.settle(only(1));
    made.crash(1);
    made.restart(1);
    expect(membersOf(made, 1).voters).toEqual([2]);
    // The other needs its vote, and does not get it: its log is the newer one.
    made.campaign(2);
    made.settle();
    expect(made.leaders()).toEqual([]);
    made.campaign(1);
    made.settle(only(1));
    expect(made.leaders()).toEqual([]);
    made.campaign(1);
    made.settle();
    expect(membersOf(made, 2).voters).toEqual([2]);
    made.campaign(2);
    made.settle();
    expect(made.leaders()).toEqual([2]);
  });

  it('a removed server that was not told is refused while a leader is heard', () => {
    const made = group(3, 3, { preVote: true, preVoteLease: true, checkQuorum: true });
    made.change(1, 'r3');
    made.settle(only(1, 2));
    expect(membersOf(made, 3).voters).toEqual([1, 2, 3]);
    made.campaign(3);
    made.settle();
    expect(made.leaders()).toEqual([1]);
    expect(made.state(1).term).toBe(1);
  });

  it('servers vote for candidates that are not in their configuration', () => {
    const made = group(4, 3);
    made.change(1, 'v4');
    made.settle(only(1, 4));
    expect(membersOf(made, 2).voters).toEqual([1, 2, 3]);
    made.campaign(4);
    made.settle(only(2, 3, 4));
    expect(made.leaders()).toContain(4);
  });

  it('servers take appends from a leader that is not in their configuration', () => {
    const made = group(4, 3);
    made.change(1, 'v4');
    made.settle(only(1, 4));
    expect(made.state(4).log.lastIndex).toBe(2);
  });
});

describe('new servers (dissertation 4.2.1)', () => {
  const catchUp = { catchUp: true };

  it('start as learners, so that commits do not wait for them', () => {
    const made = group(4, 3);
    made.change(1, 'v4', catchUp);
    expect(membersOf(made, 1)).toMatchObject({ voters: [1, 2, 3], learners: [4] });
    propose(made, 'x');
    made.settle(only(1, 2, 3));
    expect(made.state(1).commitIndex).toBe(3);
  });

  it('vote as soon as a round took less than an election timeout', () => {
    const made = group(4, 3);
    made.change(1, 'v4', catchUp);
    made.settle();
    expect(membersOf(made, 4)).toMatchObject({ voters: [1, 2, 3, 4], learners: [] });
  });

  it('go on for another round when there was more to learn meanwhile', () => {
    const made = group(4, 3, { catchUpRounds: 3 });
    made.change(1, 'v4', catchUp);
    propose(made, 'x');
    made.now += 200_000;
    while (made.state(1).catchUp?.round === 1) made.deliver(0);
    expect(membersOf(made, 1).learners).toEqual([4]);
    expect(made.state(1).catchUp).toMatchObject({ round: 2, target: 3 });
    made.settle();
    expect(membersOf(made, 1).voters).toEqual([1, 2, 3, 4]);
  });

  it('are given up after the last round, and stay learners', () => {
    const made = group(4, 3, { catchUpRounds: 1 });
    const refused: unknown[] = [];
    made.observers.push({
      onStep: (_server, _input, effects) => void refused.push(refusal(effects)),
    });
    made.change(1, 'v4', catchUp);
    made.now += 200_000;
    made.settle();
    expect(refused.filter((each) => each !== undefined)).toMatchObject([{ reason: 'too-slow' }]);
    expect(membersOf(made, 1).learners).toEqual([4]);
  });

  it('wait for a snapshot where the log is compacted', () => {
    const made = group(4, 3, { snapshotThreshold: 3, trailingEntries: 0 });
    for (let i = 0; i < 8; i += 1) propose(made, `c${i}`);
    made.settle();
    made.change(1, 'v4', catchUp);
    made.settle();
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle();
    expect(made.state(4).snapshot).not.toBeNull();
    expect(membersOf(made, 4).voters).toEqual([1, 2, 3, 4]);
    expect(made.server(4).machine).toEqual(made.server(1).machine);
  });

  it('a change under way is refused when the leader loses its office', () => {
    const made = group(4, 3);
    made.change(1, 'v4', catchUp);
    made.network = [];
    const message = { type: 'raft.heartbeat', term: 5, commit: 0, round: 0 } as const;
    const effects = made.step(1, { type: 'message', from: 2, message });
    expect(refusal(effects)).toMatchObject({ reason: 'not-leader' });
  });
});

describe('the leader and its members', () => {
  it('a follower that was removed gets nothing more', () => {
    const made = group(3, 3);
    made.change(1, 'r3');
    made.settle();
    const effects = propose(made, 'x');
    const to = effects.flatMap((effect) => (effect.type === 'send' ? [effect.to] : []));
    expect(to).toEqual([2]);
    expect(sent(made.step(1, { type: 'heartbeat-timeout' }))).toHaveLength(1);
  });

  it('CheckQuorum counts voters only', () => {
    const made = group(4, 3, { checkQuorum: true, learners: [4] });
    made.step(1, { type: 'check-quorum-timeout' });
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle(only(1, 4));
    made.step(1, { type: 'check-quorum-timeout' });
    expect(made.leaders()).toEqual([]);
  });

  it('ReadIndex counts voters only', () => {
    const made = group(4, 3, { learners: [4] });
    made.step(1, { type: 'read', tag: 9 });
    made.settle(only(1, 4));
    expect(made.state(1).reads).toHaveLength(1);
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle(only(1, 2));
    expect(made.state(1).reads).toHaveLength(0);
  });
});

describe('random runs that change the members', () => {
  it('nothing breaks, and both ways of judging agree', () => {
    let configured = 0;
    let restored = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      const snapshots = seed % 3 === 0;
      const record = seed % 5 === 0;
      const run = randomRun({ seed, steps: 600, changes: true, snapshots, record });
      expect(run.findings, `seed ${seed}`).toEqual([]);
      expect(run.staleReads, `seed ${seed}`).toEqual([]);
      if (record) expect(violatedFromScratch(run.moments), `seed ${seed}`).toEqual([]);
      configured += run.stats.configured;
      restored += run.stats.restored;
    }
    expect(configured).toBeGreaterThan(500);
    expect(restored).toBeGreaterThan(10);
  });
});
