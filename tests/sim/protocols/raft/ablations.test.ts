/**
 * Every rule that can be switched off, and what happens then: the property that its description
 * names is the one that breaks, and nothing breaks in the same runs while it is on.
 */
import { describe, expect, it } from 'vitest';
import type { RaftMessage } from '../../../../src/sim/contracts/raft.ts';
import { RaftInvariants } from '../../../../src/sim/protocols/raft/invariants.ts';
import type { RaftInvariantName } from '../../../../src/sim/protocols/raft/invariant-list.ts';
import { RAFT_RULES, resolveRules } from '../../../../src/sim/protocols/raft/rules.ts';
import type { RaftAblation } from '../../../../src/sim/protocols/raft/rules.ts';
import { cluster, propose } from './support/paper.ts';
import { randomRun } from './support/random-run.ts';
import { reshuffle } from './support/reshuffle.ts';
import { timeToLeader } from './support/timed.ts';

const SEEDS = 200;
const STEPS = 600;
/** Enough for the two that need several leaders in a row. */
const SEEDS_MAX = 2_000;

/** What says that a change was unsafe, before anything has come of it. */
const MEMBERS: readonly RaftInvariantName[] = ['QuorumsMeet', 'OneChangeAtATime', 'QuorumLog'];

/** Found in random runs. `ignore`: what fires before the property proper. */
const BY_CHANCE: readonly {
  readonly off: RaftAblation;
  readonly violates: RaftInvariantName;
  readonly ignore?: readonly RaftInvariantName[];
  /** Six servers, of whom three or four begin, and members that change all the time. */
  readonly changes?: boolean;
}[] = [
  { off: 'raft.election-restriction', violates: 'LeaderCompleteness' },
  {
    off: 'raft.quorum-intersection',
    violates: 'LeaderCompleteness',
    // Two elections of one term need not meet either.
    ignore: ['ElectionSafety', 'LogMatching'],
  },
  { off: 'raft.current-term-commit', violates: 'LeaderCompleteness', ignore: ['CommitRule'] },
  { off: 'raft.persist-term', violates: 'TermMonotonic' },
  { off: 'raft.persist-vote', violates: 'ElectionSafety', ignore: ['VoteOnce'] },
  { off: 'raft.persist-before-reply', violates: 'CommittedIsDurable' },
  { off: 'raft.log-matching-check', violates: 'LogMatching' },
  { off: 'raft.truncate-only-on-conflict', violates: 'CommittedIsDurable' },
  { off: 'raft.truncate-conflicting-suffix', violates: 'StateMachineSafety' },
  { off: 'raft.commit-min-last-new', violates: 'StateMachineSafety' },
  {
    off: 'raft.configuration-at-append',
    violates: 'StateMachineSafety',
    ignore: [
      ...MEMBERS,
      'LeaderCompleteness',
      'CommittedIsDurable',
      'ElectionSafety',
      'LogMatching',
    ],
    changes: true,
  },
  {
    off: 'raft.joint-consensus',
    violates: 'StateMachineSafety',
    ignore: [...MEMBERS, 'LeaderCompleteness', 'CommittedIsDurable'],
    changes: true,
  },
  {
    off: 'raft.one-change-at-a-time',
    violates: 'StateMachineSafety',
    ignore: [...MEMBERS, 'LeaderCompleteness', 'CommittedIsDurable'],
    changes: true,
  },
  {
    off: 'raft.count-self-after-removal',
    violates: 'CommittedIsDurable',
    ignore: MEMBERS,
    changes: true,
  },
];

/** Shown by a script below. */
const BY_SCRIPT: readonly RaftAblation[] = [
  'raft.ignore-stale-replies',
  'raft.leader-no-op',
  'raft.read-index-round',
  'raft.step-down-on-higher-term',
  'raft.randomised-timeout',
  'raft.own-term-commit-before-change',
  'raft.transfer-caught-up',
  'raft.lease-ends-before-transfer',
];

/** Too rare for chance: in ablations-members.test.ts. */
const BY_STORY: readonly RaftAblation[] = ['raft.snapshot-keeps-log'];

/** Kept by the state machine on top, and by who answers: shown in tests/sim/components/raft-kv. */
const BY_HOST: readonly RaftAblation[] = [
  'raft.dedupe',
  'raft.snapshot-keeps-answers',
  'raft.lost-is-not-done',
  'raft.lost-is-not-failed',
];

describe('the rules of Raft', () => {
  it('each have a test here', () => {
    const tested = [
      ...BY_CHANCE.map(({ off }) => off),
      ...BY_SCRIPT,
      ...BY_STORY,
      ...BY_HOST,
    ].sort();
    expect(tested).toEqual(RAFT_RULES.map(({ id }) => id).sort());
  });

  it('each switch their own flag, and mark the run as modified', () => {
    const on = resolveRules(new Set());
    expect(Object.values(on).every((flag) => flag)).toBe(true);
    for (const { id } of RAFT_RULES) {
      const rules = resolveRules(new Set([id]));
      const off = Object.entries(rules).filter(([, flag]) => !flag);
      expect(off.map(([name]) => name)).toHaveLength(2);
      expect(rules.unmodified, id).toBe(false);
    }
  });

  it.each(BY_CHANCE)(
    '$off: $violates breaks',
    ({ off, violates, ignore = [], changes = false }) => {
      const rule = RAFT_RULES.find(({ id }) => id === off);
      let found: string | null = null;
      const how = { steps: STEPS, off: [off], ignore, changes };
      for (let seed = 1; seed <= SEEDS_MAX && found === null; seed += 1) {
        const { findings } = randomRun({ ...how, seed });
        found = findings.find(({ invariant }) => invariant === violates)?.why ?? null;
      }
      expect(found, `${off} within ${SEEDS_MAX} seeds`).not.toBeNull();
      expect(rule?.breaks.startsWith(`${violates}:`), rule?.breaks).toBe(true);
    },
  );

  it('nothing breaks in the same runs with every rule on', () => {
    let commits = 0;
    let elections = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const run = randomRun({ seed, steps: STEPS });
      expect(run.findings, `seed ${seed}`).toEqual([]);
      expect(run.staleReads, `seed ${seed}`).toEqual([]);
      commits += run.stats.commits;
      elections += run.stats.elections;
    }
    expect(commits).toBeGreaterThan(300);
    expect(elections).toBeGreaterThan(300);
  });
});

describe('rules shown by script', () => {
  function staleReply(off: readonly RaftAblation[]): RaftInvariants {
    const group = cluster(5, { ablations: new Set(off) });
    const invariants = new RaftInvariants(group.servers.map(({ id }) => id));
    group.observers.push({
      onStep({ id, state }, _input, effects) {
        if (state !== null) invariants.onEffects(id, state, effects);
      },
    });
    const between = (...ids: number[]) => {
      return ({ from, to }: { from: number; to: number }) =>
        !(ids.includes(from) && ids.includes(to));
    };
    group.campaign(1);
    group.settle(between(1, 2, 3));
    const committed = group.state(1).commitIndex;
    expect(committed).toBe(1);
    // Server 2 stores two more entries of term 1 at 2 and 3; its replies are long under way.
    propose(group, 'a');
    propose(group, 'b');
    const late: RaftMessage[] = [];
    group.settle(({ from, to, message }) => {
      if (from === 2 && message.type === 'raft.append-reply') late.push(message);
      return from === 2 || between(1, 2)({ from, to });
    });
    expect(late.length).toBeGreaterThan(0);
    // Server 3 leads term 2; its own entry at 2 replaces both, everywhere.
    group.campaign(3);
    group.settle(between(3, 4, 5));
    group.step(3, { type: 'heartbeat-timeout' });
    group.settle();
    expect(group.logTerms(2)).toEqual([1, 2]);
    // Server 1 leads again. Two of five disks have its new entry at 3 when the old replies arrive.
    group.campaign(1);
    group.settle(({ from, to, message }) => {
      return message.type.startsWith('raft.append') && !(from === 4 || to === 4);
    });
    expect(group.state(1)).toMatchObject({ role: 'leader', term: 3, commitIndex: 2 });
    for (const message of late) group.step(1, { type: 'message', from: 2, message });
    return invariants;
  }

  it('raft.ignore-stale-replies: an entry is committed that no majority holds', () => {
    expect(staleReply([]).findings).toEqual([]);
    const found = staleReply(['raft.ignore-stale-replies']).findings;
    expect(found.map(({ invariant }) => invariant)).toContain('CommittedIsDurable');
  });

  it('raft.leader-no-op: a new leader answers from before an acknowledged write', () => {
    const stale: string[] = [];
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const run = randomRun({ seed, steps: STEPS, off: ['raft.leader-no-op'] });
      stale.push(...run.staleReads.map(({ why }) => why));
    }
    expect(stale.length).toBeGreaterThan(0);
  });

  /** Server 1 is deposed without knowing; server 2 acknowledges a write; server 1 is asked. */
  function askDeposed(options: Parameters<typeof cluster>[1]): string[] {
    const group = cluster(3, options);
    const answers: string[] = [];
    group.observers.push({
      onStep(_server, _input, effects) {
        for (const effect of effects) {
          if (effect.type === 'read-ready') answers.push(`from index ${effect.index}`);
          if (effect.type === 'read-refused') answers.push('refused');
        }
      },
    });
    const cut = ({ from, to }: { from: number; to: number }): boolean => from === 1 || to === 1;
    group.campaign(1);
    group.settle();
    group.campaign(2);
    group.settle(cut);
    propose(group, 'newer', 2);
    group.settle(cut);
    expect(group.state(2).commitIndex).toBe(3);
    group.step(1, { type: 'read', tag: 1 });
    group.settle();
    return answers;
  }

  it('raft.read-index-round: a deposed leader answers from before an acknowledged write', () => {
    expect(askDeposed({})).toEqual(['refused']);
    const off = new Set<RaftAblation>(['raft.read-index-round']);
    expect(askDeposed({ ablations: off })).toEqual(['from index 1']);
    expect(askDeposed({ readMode: 'local' })).toEqual(['from index 1']);
  });

  it('raft.own-term-commit-before-change: two leaders remove each other', () => {
    const search = (off: readonly RaftAblation[]): string | null => {
      for (let seed = 1; seed <= 6_000; seed += 1) {
        const { findings } = reshuffle(seed, off, [...MEMBERS, 'LeaderCompleteness']);
        const found = findings.find(({ invariant }) => invariant === 'StateMachineSafety');
        if (found !== undefined) return found.why;
        if (off.length === 0) expect(findings, `seed ${seed}`).toEqual([]);
      }
      return null;
    };
    expect(search(['raft.own-term-commit-before-change'])).toMatch(/applied an entry/);
    expect(search([])).toBeNull();
  });

  it('raft.transfer-caught-up: the target loses, and nobody leads', () => {
    for (const off of [[], ['raft.transfer-caught-up']] as RaftAblation[][]) {
      const group = cluster(3, { ablations: new Set(off) });
      group.campaign(1);
      group.settle();
      propose(group, 'x');
      group.settle(({ to }) => to === 3);
      group.step(1, { type: 'transfer-leadership', to: 3 });
      group.settle();
      group.step(1, { type: 'heartbeat-timeout' });
      group.settle();
      expect(group.leaders()).toEqual(off.length > 0 ? [] : [3]);
    }
  });

  it('raft.lease-ends-before-transfer: the old leader answers reads from before a write', () => {
    for (const off of [[], ['raft.lease-ends-before-transfer']] as RaftAblation[][]) {
      const lease = { readMode: 'lease', checkQuorum: true, preVoteLease: true } as const;
      const group = cluster(3, { ...lease, ablations: new Set(off) });
      group.start();
      group.now = 1_000_000;
      group.campaign(1);
      group.settle();
      group.step(1, { type: 'heartbeat-timeout' });
      group.settle();
      group.step(1, { type: 'transfer-leadership', to: 2 });
      // The old leader hears nothing any more; the new one is elected by the other.
      group.settle(({ to }) => to === 1);
      propose(group, 'newer', 2);
      group.settle(({ to }) => to === 1);
      expect(group.state(2).commitIndex).toBe(3);
      const effects = group.step(1, { type: 'read', tag: 9 });
      const answered = effects.find(({ type }) => type === 'read-ready');
      if (off.length === 0) expect(answered).toBeUndefined();
      else expect(answered).toMatchObject({ index: 1 });
    }
  });

  it('raft.step-down-on-higher-term: a deposed leader goes on taking writes for nothing', () => {
    for (const off of [[], ['raft.step-down-on-higher-term']] as RaftAblation[][]) {
      const group = cluster(3, { ablations: new Set(off) });
      group.campaign(1);
      group.settle();
      group.campaign(2);
      group.settle();
      const taken = propose(group, 'x', 1).some(({ type }) => type === 'propose-accepted');
      for (let i = 0; i < 10; i += 1) {
        for (const id of group.leaders()) group.step(id, { type: 'heartbeat-timeout' });
        group.settle();
      }
      const modified = off.length > 0;
      expect(group.leaders()).toEqual(modified ? [1, 2] : [2]);
      expect(taken).toBe(modified);
      expect(group.state(1).commitIndex).toBe(modified ? 1 : 2);
    }
  });

  it('raft.randomised-timeout: servers that time out together elect nobody', () => {
    const limit = 60_000_000;
    for (let seed = 1; seed <= 20; seed += 1) {
      expect(timeToLeader({ seed, limitMicros: limit }), `seed ${seed}`).toBeLessThan(3_000_000);
      const off = ['raft.randomised-timeout'] as const;
      expect(timeToLeader({ seed, limitMicros: limit, off }), `seed ${seed}`).toBe(Infinity);
    }
  });
});
