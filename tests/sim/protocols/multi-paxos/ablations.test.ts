/**
 * Every rule that can be switched off, and what happens then: the property that its description
 * names is the one that breaks, and nothing breaks in the same runs while it is on.
 */
import { describe, expect, it } from 'vitest';
import type { PaxosInvariantName } from '../../../../src/sim/protocols/multi-paxos/invariants.ts';
import { PAXOS_RULES, resolveRules } from '../../../../src/sim/protocols/multi-paxos/rules.ts';
import type { PaxosAblation } from '../../../../src/sim/protocols/multi-paxos/rules.ts';
import { Group, only } from './support/group.ts';
import { firstSeed, randomRun } from './support/random-run.ts';

const SEEDS = 300;
const STEPS = 600;
/** Enough for those that need several leaders in a row. */
const SEEDS_MAX = 2_000;

/** Found in random runs of three servers. */
const BY_CHANCE: readonly { readonly off: PaxosAblation; readonly violates: PaxosInvariantName }[] =
  [
    { off: 'paxos.promise-respected', violates: 'Agreement' },
    { off: 'paxos.adopt-accepted', violates: 'Agreement' },
    { off: 'paxos.adopt-highest', violates: 'Agreement' },
    { off: 'paxos.quorum-intersection', violates: 'Agreement' },
    { off: 'paxos.unique-ballots', violates: 'OneValuePerBallot' },
    { off: 'paxos.persist-promise', violates: 'PromiseIsDurable' },
    { off: 'paxos.persist-before-reply', violates: 'AcceptedIsDurable' },
    { off: 'paxos.ignore-stale-replies', violates: 'AppliedIsChosen' },
    { off: 'paxos.learn-same-ballot', violates: 'StateMachineSafety' },
  ];

/** Shown by a script below. */
const BY_SCRIPT: readonly PaxosAblation[] = [
  'paxos.fill-gaps',
  'paxos.read-index-round',
  'paxos.recover-before-read',
  'paxos.back-off',
];

const offOrOn = (rule: PaxosAblation): readonly ReadonlySet<PaxosAblation>[] => [
  new Set(),
  new Set([rule]),
];

describe('the rules of Multi-Paxos', () => {
  it('each have a test here', () => {
    const tested = [...BY_CHANCE.map(({ off }) => off), ...BY_SCRIPT].sort();
    expect(tested).toEqual(PAXOS_RULES.map(({ id }) => id).sort());
  });

  it('each switch their own flag, and mark the run as modified', () => {
    expect(Object.values(resolveRules(new Set())).every((flag) => flag)).toBe(true);
    for (const { id } of PAXOS_RULES) {
      const rules = resolveRules(new Set([id]));
      expect(Object.values(rules).filter((flag) => !flag)).toHaveLength(2);
      expect(rules.unmodified, id).toBe(false);
    }
  });

  it.each(BY_CHANCE)('$off: $violates breaks', ({ off, violates }) => {
    const rule = PAXOS_RULES.find(({ id }) => id === off);
    const seed = firstSeed(violates, SEEDS_MAX, { steps: STEPS, off: [off] });
    expect(seed, `${off} within ${SEEDS_MAX} seeds`).not.toBeNull();
    expect(rule?.breaks.startsWith(`${violates}:`), rule?.breaks).toBe(true);
  });

  it('nothing breaks in the same runs with every rule on', () => {
    let chosen = 0;
    let elections = 0;
    let reads = 0;
    let restarts = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const run = randomRun({ seed, steps: STEPS });
      expect(run.findings, `seed ${seed}`).toEqual([]);
      expect(run.staleReads, `seed ${seed}`).toBe(0);
      chosen += run.chosen;
      elections += run.elections;
      reads += run.reads;
      restarts += run.restarts;
    }
    for (const count of [chosen, elections, reads, restarts]) expect(count).toBeGreaterThan(500);
  });
});

describe('flexible quorums', () => {
  /** Five servers; sizes of quorums of the two phases that just meet. */
  const MEET = [
    [5, 1],
    [4, 2],
    [3, 3],
    [2, 4],
    [1, 5],
  ] as const;

  it.each(MEET)('phase 1 with %i of 5, phase 2 with %i: nothing breaks', (phase1, phase2) => {
    let chosen = 0;
    for (let seed = 1; seed <= 120; seed += 1) {
      const sizes = { size: 5, phase1Quorum: phase1, phase2Quorum: phase2 };
      const run = randomRun({ seed, steps: STEPS, ...sizes });
      expect(run.findings, `seed ${seed}`).toEqual([]);
      expect(run.staleReads, `seed ${seed}`).toBe(0);
      chosen += run.chosen;
    }
    expect(chosen).toBeGreaterThan(10);
  });

  it.each([
    [4, 1],
    [3, 2],
    [2, 3],
    [1, 4],
  ])('phase 1 with %i of 5, phase 2 with %i do not meet: Agreement breaks', (phase1, phase2) => {
    const off: readonly PaxosAblation[] = ['paxos.quorum-intersection'];
    const sizes = { size: 5, phase1Quorum: phase1, phase2Quorum: phase2 };
    expect(firstSeed('Agreement', SEEDS_MAX, { steps: STEPS, off, ...sizes })).not.toBeNull();
    expect(() => new Group({ ...sizes })).toThrow(/must meet/);
  });
});

describe('rules shown by script', () => {
  it('paxos.fill-gaps: nothing after the gap is ever applied', () => {
    for (const ablations of offOrOn('paxos.fill-gaps')) {
      const group = new Group({ size: 3, ablations });
      group.campaign(1);
      group.settle();
      group.propose(1, 'lost');
      group.settle(() => true);
      group.propose(1, 'kept');
      group.settle(only(1, 2));
      // Both wait: the first of them is with its leader alone.
      expect(group.applied(1)).toEqual([]);
      group.crash(1);
      group.campaign(2);
      group.settle();
      group.propose(2, 'new');
      group.settle();
      group.step(2, { type: 'ping-timeout' });
      group.settle();
      const filled = ablations.size === 0;
      expect(group.applied(2)).toEqual(filled ? [null, 'kept', 'new'] : []);
      expect(group.applied(3)).toEqual(filled ? [null, 'kept', 'new'] : []);
    }
  });

  it('paxos.read-index-round: a deposed leader answers from before an acknowledged write', () => {
    for (const ablations of offOrOn('paxos.read-index-round')) {
      const group = new Group({ size: 3, ablations });
      group.campaign(1);
      group.settle();
      group.propose(1, 'old');
      group.settle();
      group.campaign(2);
      group.settle(({ from, to }) => from === 1 || to === 1);
      group.propose(2, 'new');
      group.settle(({ from, to }) => from === 1 || to === 1);
      expect(group.state(2).chosen).toBe(2);
      group.told = [];
      group.step(1, { type: 'read', tag: 7 });
      group.settle();
      const answers = group.told.filter(({ type }) => type.startsWith('read-'));
      expect(answers).toEqual([
        ablations.size === 0
          ? { type: 'read-refused', tag: 7, leader: null }
          : { type: 'read-ready', tag: 7, slot: 1 },
      ]);
    }
  });

  it('paxos.recover-before-read: a new leader answers from before an acknowledged write', () => {
    for (const ablations of offOrOn('paxos.recover-before-read')) {
      const group = new Group({ size: 3, ablations });
      group.campaign(1);
      group.settle();
      group.propose(1, 'acknowledged');
      // Server 2 has accepted it, and does not know that it is chosen.
      group.settle(only(1, 2));
      expect([group.state(1).chosen, group.state(2).chosen]).toEqual([1, 0]);
      group.crash(1);
      group.campaign(2);
      group.settle(({ message }) => message.type === 'paxos.accept');
      group.told = [];
      group.step(2, { type: 'read', tag: 7 });
      group.settle(({ message }) => message.type === 'paxos.accept');
      const answers = group.told.filter(({ type }) => type === 'read-ready');
      expect(answers).toEqual(
        ablations.size === 0 ? [] : [{ type: 'read-ready', tag: 7, slot: 0 }],
      );
    }
  });

  it('paxos.back-off: two servers preempt each other for ever', () => {
    for (const ablations of offOrOn('paxos.back-off')) {
      const group = new Group({ size: 3, ablations });
      group.campaign(1);
      group.campaign(2);
      for (let i = 0; i < 3_000 && group.network.length > 0; i += 1) {
        group.deliver(0);
        for (const id of group.leaders()) {
          if (group.state(id).open.size === 0 && group.state(id).chosen === 0) {
            group.propose(id, 'x');
          }
        }
      }
      const round = Math.max(...group.servers.map(({ state }) => state?.promised.round ?? 0));
      const done = [group.invariants.chosenSlots, group.network.length > 0, round > 100];
      expect(done).toEqual(ablations.size === 0 ? [1, false, false] : [0, true, true]);
    }
  });
});
