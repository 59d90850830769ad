/**
 * Rules about configurations and snapshots by the shortest story that needs them, and where each of
 * the published bugs of Raft implementations is found here: as a rule, or as a setting.
 */
import { describe, expect, it } from 'vitest';
import type { RaftMessage } from '../../../../src/sim/contracts/raft.ts';
import { RAFT_DEFAULTS } from '../../../../src/sim/protocols/raft/config.ts';
import type { RaftOptions } from '../../../../src/sim/protocols/raft/config.ts';
import { RaftInvariants } from '../../../../src/sim/protocols/raft/invariants.ts';
import { RAFT_RULES } from '../../../../src/sim/protocols/raft/rules.ts';
import type { RaftAblation } from '../../../../src/sim/protocols/raft/rules.ts';
import type { Cluster } from './support/cluster.ts';
import { group } from './support/members.ts';
import { cluster, only, propose } from './support/paper.ts';

/** Server 1 leads, watched from the first step on. */
function watched(made: Cluster): () => readonly string[] {
  const invariants = new RaftInvariants(made.servers.map(({ id }) => id));
  made.observers.push({
    onStep({ id, state }, _input, effects) {
      if (state !== null) invariants.onEffects(id, state, effects);
    },
    onRestart({ id, state }) {
      if (state !== null) invariants.onRestart(id, state);
    },
  });
  made.start();
  made.campaign(1);
  made.settle();
  return () => invariants.findings.map(({ invariant }) => invariant);
}

describe('raft.configuration-at-append', () => {
  /** Three servers become five; one of the old comes back and stands, with the other old one. */
  function grown(off: readonly RaftAblation[]): { made: Cluster; found: readonly string[] } {
    const made = cluster(5, { voters: [1, 2, 3], ablations: new Set(off) });
    const found = watched(made);
    made.change(1, 'v4 v5');
    made.settle(({ to }) => to === 3);
    expect(made.state(1).conf.members).toMatchObject({ voters: [1, 2, 3, 4, 5], outgoing: [] });
    propose(made, 'x');
    made.settle(only(1, 4, 5));
    expect(made.server(1).machine.map(({ command }) => command)).toContain('x');
    made.crash(2);
    made.restart(2);
    made.campaign(2);
    made.settle(only(2, 3));
    return { made, found: found() };
  }

  it('off: two of the three old voters elect a leader, who lacks what was committed', () => {
    const { made, found } = grown(['raft.configuration-at-append']);
    expect(made.leaders()).toEqual([1, 2]);
    expect(found).toContain('LeaderCompleteness');
    expect(found).toContain('StateMachineSafety');
  });

  it('on: what it has in its log tells it that it needs three votes', () => {
    const { made, found } = grown([]);
    expect(made.leaders()).toEqual([1]);
    expect(found).toEqual([]);
  });

  it('off: a configuration counts on each server from its commit on, and a lost one never', () => {
    const made = group(4, 3, {
      ablations: new Set<RaftAblation>(['raft.configuration-at-append']),
    });
    made.change(1, 'v4');
    expect(made.state(1).conf.members.voters).toEqual([1, 2, 3]);
    made.settle(only(1));
    made.campaign(2);
    made.settle();
    expect(made.state(1).conf.members.voters).toEqual([1, 2, 3]);
    made.change(2, 'v4');
    made.settle();
    for (const id of [1, 2, 3, 4]) expect(made.state(id).conf.members.voters).toHaveLength(4);
  });
});

describe('raft.snapshot-keeps-log', () => {
  /** The snapshot that brought server 3 up comes once more, after a write that 1 and 3 hold. */
  function again(off: readonly RaftAblation[]): { made: Cluster; found: readonly string[] } {
    const small = { snapshotThreshold: 4, trailingEntries: 0 };
    const made = cluster(3, { ...small, ablations: new Set(off) });
    const found = watched(made);
    for (const command of 'abc') {
      propose(made, command);
      made.settle(only(1, 2));
    }
    const late: RaftMessage[] = [];
    made.step(1, { type: 'heartbeat-timeout' });
    made.settle(({ to, message }) => {
      if (to === 3 && message.type === 'raft.install-snapshot') late.push(message);
      return false;
    });
    expect(late).toHaveLength(1);
    propose(made, 'd');
    made.settle(only(1, 3));
    expect(made.state(1).commitIndex).toBe(5);
    made.step(3, { type: 'message', from: 1, message: late[0] as RaftMessage });
    made.network = [];
    made.campaign(2);
    made.settle(only(2, 3));
    return { made, found: found() };
  }

  it('off: the write is on one disk only, and the next leader lacks it', () => {
    const { made, found } = again(['raft.snapshot-keeps-log']);
    expect(found).toContain('CommittedIsDurable');
    expect(found).toContain('LeaderCompleteness');
    expect(made.leaders()).toContain(2);
  });

  it('on: the follower has all that, and says so', () => {
    const { made, found } = again([]);
    expect(found).toEqual([]);
    expect(made.leaders()).toEqual([1]);
    expect(made.server(3).machine.map(({ command }) => command)).toContain('d');
  });
});

/** Bugs that Raft implementations had, and what stands for each here. */
const BUGS: readonly (readonly [
  bug: string,
  rules: readonly RaftAblation[],
  settings?: readonly (keyof RaftOptions)[],
])[] = [
  ['an entry of an old term is committed by counting (figure 8)', ['raft.current-term-commit']],
  ['no entry of its own before a new leader reads', ['raft.leader-no-op']],
  ['the vote is not on disk', ['raft.persist-vote']],
  ['the term is not on disk', ['raft.persist-term']],
  ['acknowledged before it is on disk', ['raft.persist-before-reply']],
  ['a deposed leader reads by itself', [], ['readMode']],
  ['a lease beyond the drift of clocks', [], ['clockDriftBound']],
  ['ReadIndex without a round', ['raft.read-index-round']],
  ['a vote without a look at the log', ['raft.election-restriction']],
  ['every append truncates', ['raft.truncate-only-on-conflict']],
  ['a conflicting suffix is kept', ['raft.truncate-conflicting-suffix']],
  ['a follower commits as far as its leader', ['raft.commit-min-last-new']],
  ['a stale reply counts', ['raft.ignore-stale-replies']],
  ['no look at the term before', ['raft.log-matching-check']],
  ['a change before an entry of the own term', ['raft.own-term-commit-before-change']],
  [
    'configurations swapped at once, or used from their commit on',
    ['raft.joint-consensus', 'raft.one-change-at-a-time', 'raft.configuration-at-append'],
  ],
  ['a server that was removed disturbs', [], ['preVote', 'preVoteLease']],
  ['a snapshot drops what stands behind it', ['raft.snapshot-keeps-log']],
  ['a repeated command is applied twice', ['raft.dedupe']],
  ['sessions are missing in the snapshot', ['raft.snapshot-keeps-answers']],
  [
    'a deposed leader answers done, or failed',
    ['raft.lost-is-not-done', 'raft.lost-is-not-failed'],
  ],
  ['timeouts are not drawn', ['raft.randomised-timeout']],
  ['a leader that only some hear', [], ['preVote', 'checkQuorum']],
];

/** Bugs of their own kind, which that list does not have. */
const BESIDE: readonly RaftAblation[] = [
  'raft.quorum-intersection',
  'raft.count-self-after-removal',
  'raft.transfer-caught-up',
  'raft.lease-ends-before-transfer',
  'raft.step-down-on-higher-term',
];

describe('the bugs of others', () => {
  it('are each a rule or a setting, and each rule is one of them', () => {
    for (const [bug, rules, settings = []] of BUGS) {
      expect(rules.length + settings.length, bug).toBeGreaterThan(0);
      for (const name of settings) expect(RAFT_DEFAULTS, bug).toHaveProperty(name);
    }
    const covered = [...BUGS.flatMap(([, rules]) => rules), ...BESIDE];
    expect(covered.sort()).toEqual(RAFT_RULES.map(({ id }) => id).sort());
  });
});
