/** What the papers say that a server does, told to a group message by message. */
import { describe, expect, it } from 'vitest';
import { PAXOS_DEFAULTS } from '../../../../src/sim/protocols/multi-paxos/config.ts';
import type { PaxosEffect, PaxosTimer } from '../../../../src/sim/protocols/multi-paxos/effects.ts';
import { Group, only } from './support/group.ts';

const timersOf = (effects: readonly PaxosEffect[], timer: PaxosTimer): number[] =>
  effects.flatMap((each) =>
    each.type === 'set-timer' && each.timer === timer ? [each.afterMicros] : [],
  );

function elected(group: Group, id = 1): Group {
  group.campaign(id);
  group.settle();
  expect(group.leaders()).toEqual([id]);
  return group;
}

describe('phase 1', () => {
  it('makes a leader of who has a quorum of promises', () => {
    const group = new Group({ size: 5 });
    group.campaign(2);
    group.settle(only(1, 2));
    expect(group.leaders()).toEqual([]);
    group.step(2, { type: 'ping-timeout' });
    group.settle(only(1, 2, 5));
    expect(group.leaders()).toEqual([2]);
    expect(group.state(5)).toMatchObject({ promised: { round: 1, id: 2 }, leader: 2 });
  });

  it('a single server elects itself and chooses alone', () => {
    const group = elected(new Group({ size: 1 }));
    group.propose(1, 'x');
    expect(group.applied(1)).toEqual(['x']);
  });

  it('adopts the value of the latest ballot, fills gaps, and goes on after them', () => {
    const group = elected(new Group({ size: 3 }));
    group.propose(1, 'a');
    group.settle(() => true);
    group.propose(1, 'b');
    group.settle(only(1, 3));
    group.campaign(2);
    group.settle(only(2, 3));
    expect(group.applied(2)).toEqual([null, 'b']);
    group.propose(2, 'c');
    group.settle();
    expect(group.applied(2)).toEqual([null, 'b', 'c']);
  });

  it('a candidate keeps its ballot as long as nobody has a later one', () => {
    const group = new Group({ size: 3 });
    group.campaign(1);
    group.settle(() => true);
    for (let i = 0; i < 5; i += 1) group.step(1, { type: 'ping-timeout' });
    expect(group.state(1).promised).toEqual({ round: 1, id: 1 });
    group.settle();
    expect(group.leaders()).toEqual([1]);
  });

  it('who is told of a later ballot gives way, and stands above it next time', () => {
    const group = elected(new Group({ size: 3 }));
    group.campaign(3);
    group.settle();
    expect(group.leaders()).toEqual([3]);
    group.campaign(1);
    expect(group.state(1).promised).toEqual({ round: 3, id: 1 });
  });

  it('ballots of one round are ordered by their owners', () => {
    const group = new Group({ size: 3 });
    group.campaign(1);
    group.campaign(3);
    group.settle();
    expect(group.leaders()).toEqual([3]);
    expect(group.state(1).promised).toEqual({ round: 1, id: 3 });
  });
});

describe('phase 2', () => {
  it('chooses slots out of order and applies them in order', () => {
    const group = elected(new Group({ size: 3 }));
    group.propose(1, 'a');
    const late = group.network.splice(0);
    group.propose(1, 'b');
    group.settle();
    expect(group.applied(1)).toEqual([]);
    group.network = late;
    group.settle();
    expect(group.applied(1)).toEqual(['a', 'b']);
  });

  it('sends again what was lost, after a whole period without an answer', () => {
    const group = elected(new Group({ size: 3 }));
    group.propose(1, 'a');
    group.settle(() => true);
    group.step(1, { type: 'ping-timeout' });
    group.settle();
    expect(group.applied(1)).toEqual([]);
    group.step(1, { type: 'ping-timeout' });
    group.settle();
    expect(group.applied(1)).toEqual(['a']);
  });

  it('says nothing of a value before it is on disk', () => {
    const group = new Group({ size: 3, instantDisk: false });
    group.campaign(1);
    expect(group.network).toEqual([]);
    group.completeWrites(1);
    group.settle();
    expect(group.leaders()).toEqual([]);
    group.completeWrites(2);
    group.settle();
    expect(group.leaders()).toEqual([1]);
    group.propose(1, 'a');
    group.settle();
    group.completeWrites(2);
    group.settle();
    expect(group.applied(1)).toEqual([]);
    group.completeWrites(1);
    expect(group.applied(1)).toEqual(['a']);
  });

  it('a proposal of a preempted leader has an unknown fate; a follower names the leader', () => {
    const group = elected(new Group({ size: 3 }));
    group.propose(1, 'a', 11);
    group.network = [];
    group.campaign(2);
    group.settle();
    expect(group.told).toContainEqual({ type: 'proposal-lost', tag: 11, slot: 1 });
    group.propose(1, 'b', 12);
    expect(group.told).toContainEqual({ type: 'propose-refused', tag: 12, leader: 2 });
  });
});

describe('learning', () => {
  it('a ping tells who accepted in its ballot; others ask for what they lack', () => {
    const group = elected(new Group({ size: 3, maxEntriesPerAccept: 2 }));
    for (const name of ['a', 'b', 'c', 'd', 'e']) group.propose(1, name);
    group.settle(only(1, 2));
    expect(group.applied(3)).toEqual([]);
    group.step(1, { type: 'ping-timeout' });
    group.settle();
    expect(group.applied(2)).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(group.applied(3)).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it('a restarted server knows what it accepted, and learns anew what is chosen', () => {
    const group = elected(new Group({ size: 3 }));
    group.propose(1, 'a');
    group.settle();
    group.crash(2);
    group.restart(2);
    expect(group.state(2)).toMatchObject({ chosen: 0, promised: { round: 1, id: 1 } });
    group.step(1, { type: 'ping-timeout' });
    group.settle();
    expect(group.applied(2)).toEqual(['a']);
  });
});

describe('reads', () => {
  it('log-read takes a slot of its own, local none and no round', () => {
    const log = elected(new Group({ size: 3, readMode: 'log-read' }));
    log.step(1, { type: 'read', tag: 5 });
    log.settle();
    expect(log.told.at(-1)).toEqual({ type: 'read-ready', tag: 5, slot: 1 });
    const local = elected(new Group({ size: 3, readMode: 'local' }));
    local.step(1, { type: 'read', tag: 5 });
    expect(local.network).toEqual([]);
    expect(local.told.at(-1)).toEqual({ type: 'read-ready', tag: 5, slot: 0 });
  });

  it('reads that come while a round is out share the next', () => {
    const group = elected(new Group({ size: 3 }));
    for (const tag of [1, 2, 3]) group.step(1, { type: 'read', tag });
    const rounds = group.network.filter(({ message }) => message.type === 'paxos.ping');
    expect(rounds).toHaveLength(2);
    group.settle();
    const ready = group.told.filter(({ type }) => type === 'read-ready');
    expect(ready).toHaveLength(3);
  });
});

describe('the trigger of elections', () => {
  const { electionTimeoutMicros } = PAXOS_DEFAULTS;

  it('draws timeouts from 10 % around the mean, and pings at a fifth', () => {
    for (const [word, percent] of [
      [0, 90],
      [0xffff_ffff, 110],
    ] as const) {
      const group = new Group({ size: 3 }, () => word);
      const effects = group.step(1, { type: 'start' });
      expect(timersOf(effects, 'election')).toEqual([(electionTimeoutMicros * percent) / 100]);
      expect(timersOf(group.step(1, { type: 'election-timeout' }), 'ping')).toEqual([
        electionTimeoutMicros / 5,
      ]);
    }
  });

  /** Whether a ping of server 1 keeps server 2 from standing. */
  function quiets(group: Group, ping: object): boolean {
    const message = { type: 'paxos.ping', chosen: 0, round: 1, confirmed: 0, ...ping } as never;
    const effects = group.step(2, { type: 'message', from: 1, message });
    return timersOf(effects, 'election').length > 0;
  }

  it('heartbeat: whoever owns a ballot keeps others quiet, leader or not', () => {
    const group = new Group({ size: 3, electionTrigger: 'heartbeat' });
    const ballot = { round: 1, id: 1 };
    expect(quiets(group, { ballot, leading: false })).toBe(true);
    expect(quiets(group, { ballot, leading: true })).toBe(true);
    expect(quiets(group, { ballot, leading: true })).toBe(true);
  });

  it('progress: only a leader does, and only while it gets something done', () => {
    const group = new Group({ size: 3, electionTrigger: 'progress' });
    const ballot = { round: 1, id: 1 };
    expect(quiets(group, { ballot, leading: false })).toBe(false);
    expect(quiets(group, { ballot, leading: true })).toBe(true);
    expect(quiets(group, { ballot, leading: true })).toBe(false);
    expect(quiets(group, { ballot, leading: true, confirmed: 3 })).toBe(true);
    expect(quiets(group, { ballot, leading: true, confirmed: 3 })).toBe(false);
    expect(quiets(group, { ballot, leading: true, confirmed: 3, chosen: 1 })).toBe(true);
  });
});
