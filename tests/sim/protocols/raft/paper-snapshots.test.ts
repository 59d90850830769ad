/** Paper section 7 and dissertation chapter 5, sentence by sentence; then random runs. */
import { describe, expect, it } from 'vitest';
import type { RaftSnapshot } from '../../../../src/sim/contracts/raft.ts';
import { RaftLog } from '../../../../src/sim/protocols/raft/log.ts';
import { applyPersist, createRaftDisk } from '../../../../src/sim/protocols/raft/state.ts';
import type { Cluster, ClusterOptions } from './support/cluster.ts';
import { violatedFromScratch } from './support/from-scratch.ts';
import { elected, only, propose, sent } from './support/paper.ts';
import { randomRun } from './support/random-run.ts';

const SMALL = { snapshotThreshold: 4, trailingEntries: 0 };

/** Server 3 hears nothing while the others commit `count` proposals and compact. */
function behind(count: number, options: Partial<ClusterOptions> = {}): Cluster {
  const group = elected(3, { ...SMALL, ...options });
  for (let i = 0; i < count; i += 1) {
    propose(group, `c${i}`);
    group.settle(only(1, 2));
  }
  return group;
}

function heartbeat(group: Cluster, leader = 1): void {
  group.step(leader, { type: 'heartbeat-timeout' });
}

function install(index: number, term: number, at: Cluster, currentTerm = term): RaftSnapshot {
  const members = at.state(1).conf.members;
  const state = Array.from({ length: index }, (_, i) => {
    return { term, index: i + 1, command: `s${i + 1}` };
  });
  const snapshot = { index, term, members, state };
  const message = { type: 'raft.install-snapshot', term: currentTerm, snapshot, round: 0 } as const;
  at.step(1, { type: 'message', from: 2, message });
  return snapshot;
}

const machine = (group: Cluster, id: number): unknown[] =>
  group.server(id).machine.map(({ command }) => command);

describe('taking a snapshot (paper 7)', () => {
  it('each server takes snapshots independently, of committed entries only', () => {
    const group = elected(3, SMALL);
    for (let i = 0; i < 9; i += 1) propose(group, `c${i}`);
    group.settle();
    for (const { state, disk } of group.servers) {
      expect(state?.snapshot?.index).toBeLessThanOrEqual(state?.commitIndex ?? 0);
      expect(disk.snapshot).toEqual(state?.snapshot);
    }
  });

  it('the snapshot takes the place of the entries up to its last included index', () => {
    const group = elected(3, SMALL);
    for (let i = 0; i < 3; i += 1) propose(group, `c${i}`);
    group.settle();
    const { snapshot, log } = group.state(1);
    expect(snapshot).toMatchObject({ index: 4, term: 1 });
    expect([log.compactedIndex, log.compactedTerm, log.lastIndex]).toEqual([4, 1, 4]);
    expect(group.server(1).disk.log.toArray()).toEqual([]);
  });

  it('the last included index and term serve the consistency check of the next append', () => {
    const group = elected(3, SMALL);
    for (let i = 0; i < 3; i += 1) propose(group, `c${i}`);
    group.settle();
    const append = sent(propose(group, 'next')).find(({ type }) => type === 'raft.append');
    expect(append).toMatchObject({ prevLogIndex: 4, prevLogTerm: 1 });
    group.settle();
    for (const { state } of group.servers) expect(state?.commitIndex).toBe(5);
  });

  it('the snapshot holds the latest configuration as of its last included index', () => {
    const group = behind(4);
    expect(group.state(1).snapshot?.members.voters).toEqual([1, 2, 3]);
  });

  it('a server restarts from its snapshot and the entries after it', () => {
    const group = behind(5);
    expect(group.state(1).log.lastIndex).toBe(6);
    group.crash(1);
    group.restart(1);
    const state = group.state(1);
    expect([state.commitIndex, state.lastApplied, state.log.firstIndex]).toEqual([4, 4, 5]);
    expect(machine(group, 1)).toEqual([null, 'c0', 'c1', 'c2']);
    expect(state.log.lastIndex).toBe(6);
  });

  it('a snapshot that was under way when the server crashed leaves the log as it was', () => {
    const group = elected(1, { ...SMALL, instantDisk: false });
    for (let i = 0; i < 3; i += 1) {
      propose(group, `c${i}`);
      if (i < 2) group.completeWrites(1);
    }
    const [write] = group.server(1).writes;
    expect(write?.entries.map(({ index }) => index)).toEqual([4]);
    group.completeWrites(1);
    expect(group.state(1).snapshot?.index).toBe(4);
    group.crash(1);
    group.restart(1);
    expect(group.state(1).snapshot).toBeNull();
    expect(group.state(1).log.lastIndex).toBe(4);
  });

  it('entries just before the snapshot stay for followers that are a little behind', () => {
    const group = behind(4, { trailingEntries: 2 });
    expect(group.state(1).snapshot?.index).toBe(4);
    expect(group.state(1).log.firstIndex).toBe(3);
    heartbeat(group);
    const types = new Set<string>();
    group.settle(({ message }) => {
      types.add(message.type);
      return false;
    });
    expect([...types]).toContain('raft.install-snapshot');
  });

  it('nothing is taken where the threshold is 0', () => {
    const group = behind(30, { snapshotThreshold: 0 });
    expect(group.state(1).snapshot).toBeNull();
    expect(group.state(1).log.firstIndex).toBe(1);
  });
});

describe('InstallSnapshot (paper figure 13)', () => {
  it('is sent where the leader has discarded the next entry that the follower needs', () => {
    const group = behind(5);
    heartbeat(group);
    let installs = 0;
    group.settle(({ message, to }) => {
      if (message.type === 'raft.install-snapshot') {
        installs += 1;
        expect(to).toBe(3);
      }
      return false;
    });
    expect(installs).toBe(1);
    expect(machine(group, 3)).toEqual(machine(group, 1));
    expect(group.state(3).commitIndex).toBe(6);
  });

  it('1. replies immediately, and with its term, when the term of the leader is older', () => {
    const group = elected();
    group.campaign(2);
    group.settle();
    install(9, 1, group, 1);
    expect(group.state(1).snapshot).toBeNull();
    const reply = group.network.at(-1)?.message;
    expect(reply).toMatchObject({ type: 'raft.append-reply', success: false, term: 2 });
  });

  it('6. keeps the entries that follow where the log holds the last included entry', () => {
    const group = elected();
    for (const command of ['a', 'b', 'c']) propose(group, command);
    group.step(1, {
      type: 'message',
      from: 2,
      message: { type: 'raft.heartbeat', term: 2, commit: 0, round: 0 },
    });
    expect(group.state(1).commitIndex).toBe(1);
    install(3, 1, group, 2);
    const state = group.state(1);
    expect([state.commitIndex, state.log.lastIndex]).toEqual([3, 4]);
    expect(state.snapshot).toBeNull();
    expect(machine(group, 1)).toEqual([null, 'a', 'b']);
  });

  it('7, 8. discards the whole log and resets the state machine otherwise', () => {
    const group = elected();
    for (const command of ['a', 'b', 'c']) propose(group, command);
    install(6, 2, group);
    const state = group.state(1);
    expect([state.log.firstIndex, state.log.lastIndex, state.log.lastTerm]).toEqual([7, 6, 2]);
    expect([state.commitIndex, state.lastApplied]).toEqual([6, 6]);
    expect(machine(group, 1)).toEqual(['s1', 's2', 's3', 's4', 's5', 's6']);
  });

  it('takes the configuration of the snapshot', () => {
    const group = elected();
    const members = { ...group.state(1).conf.members, voters: [1, 2, 3, 4, 5] };
    const snapshot = { index: 8, term: 2, members, state: [] };
    const message = { type: 'raft.install-snapshot', term: 2, snapshot, round: 0 } as const;
    group.step(1, { type: 'message', from: 2, message });
    expect(group.state(1).conf.peers).toEqual([1, 2, 3, 4, 5]);
    group.crash(1);
    group.restart(1);
    expect(group.state(1).conf.peers).toEqual([1, 2, 3, 4, 5]);
  });

  it('does nothing where the follower has committed as much, and says so', () => {
    const group = elected();
    for (const command of ['a', 'b', 'c']) {
      propose(group, command);
      group.settle();
    }
    install(2, 1, group, 2);
    const state = group.state(1);
    expect([state.commitIndex, state.log.firstIndex]).toEqual([4, 1]);
    const reply = group.network.at(-1)?.message;
    expect(reply).toMatchObject({ type: 'raft.append-reply', success: true, index: 4 });
  });

  it('is acknowledged only once it is on disk', () => {
    const group = elected(3, { instantDisk: false });
    install(6, 2, group);
    expect(group.network.filter(({ from }) => from === 1)).toEqual([]);
    group.completeWrites(1);
    const acks = group.network.filter(({ from }) => from === 1);
    expect(acks.at(-1)?.message).toMatchObject({ success: true, index: 6 });
    expect(group.server(1).disk.snapshot?.index).toBe(6);
  });

  it('a crash before the write completes gives the old log back', () => {
    const group = elected(3, { instantDisk: false });
    install(6, 2, group);
    group.crash(1);
    group.restart(1);
    expect(group.state(1).snapshot).toBeNull();
    expect(group.logTerms(1)).toEqual([1]);
  });

  it('late appends that the snapshot covers are acknowledged, not applied again', () => {
    const group = behind(5);
    const early = group.network.length;
    expect(early).toBe(0);
    heartbeat(group);
    group.settle();
    const applied = machine(group, 3);
    const entries = [
      { term: 1, index: 2, command: 'c0' },
      { term: 1, index: 3, command: 'c1' },
    ];
    const place = { prevLogIndex: 1, prevLogTerm: 1, commit: 6, round: 0 };
    const message = { type: 'raft.append', term: 1, entries, ...place } as const;
    const effects = group.step(3, { type: 'message', from: 1, message });
    expect(sent(effects)).toMatchObject([{ type: 'raft.append-reply', success: true, index: 4 }]);
    expect(machine(group, 3)).toEqual(applied);
  });
});

describe('progress of a follower that gets a snapshot (etcd, progress.go)', () => {
  /** Server 3 has said where its log ends, and the snapshot is under way. */
  function underWay(): Cluster {
    const group = behind(5, { snapshotResendMicros: 1_000 });
    heartbeat(group);
    group.settle(({ message }) => message.type === 'raft.install-snapshot');
    expect(group.state(1).snapshots).toEqual([0, 0, 4]);
    return group;
  }

  it('nothing is sent to it but heartbeats', () => {
    const group = underWay();
    propose(group, 'more');
    expect(group.network.filter(({ to }) => to === 3)).toEqual([]);
    heartbeat(group);
    const types = group.network.filter(({ to }) => to === 3).map(({ message }) => message.type);
    expect(types).toEqual(['raft.heartbeat']);
  });

  it('it streams once it has acknowledged the snapshot', () => {
    const group = underWay();
    group.now += 2_000;
    heartbeat(group);
    group.settle();
    expect(group.state(1).snapshots).toEqual([0, 0, 0]);
    expect(group.state(1).probing[2]).toBe(false);
    expect(group.state(1).match[2]).toBe(6);
  });

  it('a lost snapshot is sent again once the follower answers a heartbeat after a while', () => {
    const group = underWay();
    heartbeat(group);
    group.settle();
    expect(group.state(3).commitIndex).toBe(1);
    group.now += 1_000;
    heartbeat(group);
    group.settle();
    expect(group.state(3).commitIndex).toBe(6);
  });

  it('an older snapshot than the newest sent will do where the log goes on from it', () => {
    const group = underWay();
    const state = group.state(1);
    state.snapshots[2] = 6;
    const rest = { success: true, hintIndex: 0, hintTerm: 0, round: 0 } as const;
    const message = { type: 'raft.append-reply', term: 1, index: 4, ...rest } as const;
    group.step(1, { type: 'message', from: 3, message });
    expect([state.snapshots[2], state.probing[2], state.match[2]]).toEqual([0, false, 4]);
  });

  it('an acknowledgement from before what the log still holds does not end it', () => {
    const group = underWay();
    const state = group.state(1);
    const rest = { success: true, hintIndex: 0, hintTerm: 0, round: 0 } as const;
    const message = { type: 'raft.append-reply', term: 1, index: 2, ...rest } as const;
    group.step(1, { type: 'message', from: 3, message });
    expect([state.snapshots[2], state.match[2]]).toEqual([4, 2]);
  });
});

describe('a compacted log', () => {
  const entries = Array.from({ length: 600 }, (_, i) => {
    return { term: 1 + (i >> 8), index: i + 1, command: `c${i}` };
  });

  it.each([1, 255, 256, 257, 599, 600])('holds what follows %i', (index) => {
    const log = RaftLog.of(entries);
    const kept = log.clone();
    log.compactTo(index, log.term(index));
    expect(log.toArray()).toEqual(entries.slice(index));
    expect([log.firstIndex, log.lastIndex]).toEqual([index + 1, 600]);
    expect(log.term(index)).toBe(entries[index - 1]?.term);
    expect(log.term(index - 1)).toBe(-1);
    expect(kept.toArray()).toEqual(entries);
  });

  it('is empty after an entry that it did not hold', () => {
    const log = RaftLog.of(entries);
    log.compactTo(300, 9);
    expect([log.firstIndex, log.lastIndex, log.lastTerm]).toEqual([301, 300, 9]);
  });

  it('does not go back', () => {
    const log = RaftLog.of(entries);
    log.compactTo(300, log.term(300));
    log.compactTo(200, 1);
    expect(log.firstIndex).toBe(301);
  });

  it('on disk, is what the writes made of it', () => {
    const disk = createRaftDisk();
    const base = { type: 'persist', term: 3, votedFor: null, truncateFrom: null } as const;
    applyPersist(disk, { ...base, ticket: 1, entries });
    const members = { voters: [1], outgoing: [], learners: [], learnersNext: [], autoLeave: false };
    const snapshot = { index: 500, term: 2, members, state: null };
    const install = { snapshot, compactedIndex: 490, compactedTerm: 2 };
    applyPersist(disk, { ...base, ticket: 2, entries: [], install });
    expect([disk.log.firstIndex, disk.log.lastIndex]).toEqual([491, 600]);
    expect(disk.snapshot).toBe(snapshot);
  });
});

describe('random runs that compact', () => {
  it('nothing breaks, and both ways of judging agree', () => {
    let restored = 0;
    for (let seed = 1; seed <= 300; seed += 1) {
      const run = randomRun({ seed, steps: 500, snapshots: true, record: seed % 4 === 0 });
      expect(run.findings, `seed ${seed}`).toEqual([]);
      expect(run.staleReads, `seed ${seed}`).toEqual([]);
      if (run.moments.length > 0) {
        expect(violatedFromScratch(run.moments), `seed ${seed}`).toEqual([]);
      }
      restored += run.stats.restored;
    }
    expect(restored).toBeGreaterThan(30);
  });

  it('the rules still break what they break', () => {
    let found = 0;
    for (let seed = 1; seed <= 60; seed += 1) {
      const off = ['raft.election-restriction'] as const;
      const run = randomRun({ seed, steps: 500, snapshots: true, off });
      if (run.findings.length > 0) found += 1;
    }
    expect(found).toBeGreaterThan(0);
  });
});
