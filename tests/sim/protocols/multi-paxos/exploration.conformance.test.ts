/**
 * Every behaviour of a small group, within bounds: messages in any order or lost, and so many
 * attempts to lead, proposals and crashes. The numbers of distinct states are part of what is
 * tested: a change of the protocol shows there.
 *
 * `npm run conformance -- --long` (FAULTLINE_LONG=1) adds the larger bounds.
 */
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/sim/protocols/explore.ts';
import type { Exploration } from '../../../../src/sim/protocols/explore.ts';
import type { PaxosInvariantName } from '../../../../src/sim/protocols/multi-paxos/invariants.ts';
import type { PaxosAblation } from '../../../../src/sim/protocols/multi-paxos/rules.ts';
import type { Group } from './support/group.ts';
import { PaxosModel } from './support/model.ts';
import type { PaxosModelOptions } from './support/model.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';
const STATES_MAX = 60_000;

function visit(what: string, options: PaxosModelOptions, statesMax = Infinity): Exploration {
  const result = explore(new PaxosModel(options), { order: 'breadth-first', statesMax });
  const { states, depth, counterexample } = result;
  const found = counterexample === null ? 'no violation' : counterexample.violation;
  console.info(`${what}: ${states} distinct states, depth ${depth}, ${found}`);
  return result;
}

const bounds = (campaigns: number, proposals: number, crashes: number): PaxosModelOptions => ({
  size: 3,
  campaigns,
  proposals,
  crashes,
});

/** Server 1 leads, and what it proposes is still under way to the others. */
function proposed(group: Group): void {
  group.campaign(1);
  group.settle();
  group.propose(1, 'first');
}

const CLEAN: readonly [string, number, PaxosModelOptions][] = [
  ['1 attempt, 1 proposal, 1 crash', 596, bounds(1, 1, 1)],
  ['the same, with writes that take time', 2_813, { ...bounds(1, 1, 1), instantDisk: false }],
  ['2 attempts, 1 crash', 2_006, bounds(2, 0, 1)],
];

const WIDER: readonly [string, number, PaxosModelOptions][] = [
  [
    'a proposal under way, 1 more attempt and proposal',
    110_045,
    { ...bounds(1, 1, 0), before: proposed },
  ],
];

describe('exploring three servers', () => {
  it.each(CLEAN)('%s: nothing is violated in %i states', (what, states, options) => {
    const result = visit(what, options);
    expect(result.counterexample?.steps ?? []).toEqual([]);
    expect([result.limit, result.states]).toEqual([null, states]);
  });

  it.each(LONG ? WIDER : [])(
    '%s: nothing is violated in %i states',
    (what, states, options) => {
      const result = visit(what, options);
      expect(result.counterexample?.steps ?? []).toEqual([]);
      expect([result.limit, result.states]).toEqual([null, states]);
    },
    1_200_000,
  );

  it('leaves the larger bounds to the long form', () => {
    expect(WIDER.length).toBeGreaterThan(0);
    if (LONG) return;
    const names = WIDER.map(([what]) => what).join('; ');
    console.info(`left to \`npm run conformance -- --long\`: ${names}`);
  });
});

interface Mutant {
  readonly off: PaxosAblation;
  readonly options: PaxosModelOptions;
  readonly violates: PaxosInvariantName;
  /** The length of a shortest counterexample. */
  readonly steps: number;
}

const MUTANTS: readonly Mutant[] = [
  {
    off: 'paxos.promise-respected',
    options: { ...bounds(1, 1, 0), before: proposed, check: ['Agreement'] },
    violates: 'Agreement',
    steps: 6,
  },
  {
    off: 'paxos.adopt-accepted',
    options: { ...bounds(2, 1, 0), check: ['Agreement'] },
    violates: 'Agreement',
    steps: 9,
  },
  {
    off: 'paxos.quorum-intersection',
    options: { ...bounds(2, 2, 0), check: ['Agreement'] },
    violates: 'Agreement',
    steps: 6,
  },
  {
    off: 'paxos.unique-ballots',
    options: bounds(2, 2, 0),
    violates: 'OneValuePerBallot',
    steps: 8,
  },
  {
    off: 'paxos.persist-promise',
    options: bounds(2, 1, 1),
    violates: 'PromiseIsDurable',
    steps: 3,
  },
  {
    off: 'paxos.persist-before-reply',
    options: { ...bounds(0, 0, 1), instantDisk: false, before: proposed },
    violates: 'AcceptedIsDurable',
    steps: 1,
  },
];

describe('exploring with a rule off', () => {
  it.each(MUTANTS)('$off: violates $violates', ({ off, options, violates, steps }) => {
    const { counterexample } = visit(off, { ...options, off: [off] }, STATES_MAX);
    expect(counterexample?.violation).toMatch(new RegExp(`^${violates}:`));
    expect(counterexample?.steps).toHaveLength(steps);
  });
});
