/**
 * Every behaviour of small clusters whose members change and whose logs are compacted, within
 * bounds. The numbers of distinct states are part of what is tested, as in the exploration of
 * clusters that stay what they are.
 *
 * A server takes a snapshot at any time, and keeps no entry of what it covers; a leader is asked
 * for any of the changes named, at any time.
 */
import { describe, expect, it } from 'vitest';
import { explore } from '../../../../src/sim/protocols/explore.ts';
import type { Exploration, ExploreOptions } from '../../../../src/sim/protocols/explore.ts';
import type { RaftInvariantName } from '../../../../src/sim/protocols/raft/invariant-list.ts';
import type { RaftAblation } from '../../../../src/sim/protocols/raft/rules.ts';
import type { RaftModelOptions } from './support/model/network.ts';
import { RaftModel } from './support/model/raft-model.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';

/** What must be seen of the moves in some state: that they did something. */
type Sight = (servers: ReturnType<RaftModel['servers']>) => boolean;

/** Only one snapshot was taken: it replaced what another server lacked. */
const SENT: Sight = (servers) => servers.filter(({ state }) => state.snapshot !== null).length > 1;
const CHANGED: Sight = (servers) =>
  servers.some(({ state: { conf, commitIndex } }) => conf.index > 0 && conf.index <= commitIndex);

function visit(
  what: string,
  options: RaftModelOptions,
  how: ExploreOptions,
  sight: Sight = () => true,
): Exploration & { readonly seen: boolean } {
  const model = new RaftModel(options);
  let seen = false;
  const watched = {
    initial: () => model.initial(),
    successors: (state: string, each: (move: number, next: string) => void) => {
      model.successors(state, each);
    },
    key: (state: string) => model.key(state),
    text: (state: string) => model.text(state),
    describe: (move: number, next: string) => model.describe(move, next),
    violation(state: string): string | null {
      seen ||= sight(model.servers(state));
      return model.violation(state);
    },
  };
  const result = explore(watched, how);
  const { states, transitions, depth, counterexample } = result;
  const numbers = `${states} distinct states, ${transitions} transitions, depth ${depth}`;
  const found = counterexample === null ? 'no violation' : counterexample.violation;
  console.info(`${what}: ${numbers}, ${found}`);
  return { ...result, seen };
}

const bounds = (
  terms: number,
  proposals: number,
  crashes: number,
  more: Partial<RaftModelOptions>,
): RaftModelOptions => ({ size: 3, terms, proposals, crashes, ...more });

describe('exploring three servers that take snapshots', () => {
  it.each([
    ['1 term, 1 proposal, 1 crash, 1 snapshot', 2_465, bounds(1, 1, 1, { snapshots: 1 })],
    ['2 terms, 1 proposal, 1 snapshot', 20_093, bounds(2, 1, 0, { snapshots: 1 })],
  ] as const)('%s: nothing is violated in %i states', (what, states, options) => {
    const result = visit(what, options, { order: 'breadth-first' }, SENT);
    expect(result.counterexample?.steps ?? []).toEqual([]);
    expect([result.limit, result.states]).toEqual([null, states]);
    expect(result.seen).toBe(true);
  });
});

/** For the long form: named in the short one's output, so that nobody misses it. */
const WIDER = [
  [
    '2 voters, 2 terms, 2 changes, 1 crash',
    238_862,
    { voters: 2, changes: { count: 2, of: ['v2', 'r0', 'l1'] } },
    1,
  ],
] as const;
if (!LONG) console.info(`left to the long form: ${WIDER.map(([what]) => what).join('; ')}`);

const removals = ['r0', 'r1', 'r2'];

describe('exploring three servers whose members change', () => {
  it.each([
    ...(LONG ? WIDER : []),
    ['3 voters, 2 terms, 2 removals', 64_447, { changes: { count: 2, of: removals } }, 0],
    [
      '2 voters, 2 terms, a joint change',
      1_091,
      { voters: 2, changes: { count: 1, of: ['v2 r0'] } },
      0,
    ],
    [
      '2 voters, 2 terms, 1 addition, 1 snapshot',
      16_015,
      { voters: 2, changes: { count: 1, of: ['v2'] }, snapshots: 1 },
      0,
    ],
  ] as const)(
    '%s: nothing is violated in %i states',
    (what, states, more, crashes) => {
      const how = { order: 'breadth-first' } as const;
      const result = visit(what, bounds(2, 0, crashes, more), how, CHANGED);
      expect(result.counterexample?.steps ?? []).toEqual([]);
      expect([result.limit, result.states]).toEqual([null, states]);
      expect(result.seen).toBe(true);
    },
    120_000,
  );
});

interface Mutant {
  readonly off: RaftAblation;
  readonly options: RaftModelOptions;
  readonly violates: RaftInvariantName;
  /** The length of a shortest counterexample. */
  readonly steps: number;
}

/** Three of four servers begin: changes of two of them leave majorities that do not meet. */
const four: RaftModelOptions = {
  ...bounds(2, 0, 0, { size: 4, voters: 3, staleLost: true }),
  check: ['ElectionSafety', 'LeaderCompleteness', 'StateMachineSafety'],
};

const MUTANTS: readonly Mutant[] = [
  {
    off: 'raft.count-self-after-removal',
    options: bounds(1, 1, 0, { changes: { count: 1, of: removals } }),
    violates: 'CommittedIsDurable',
    steps: 8,
  },
  {
    off: 'raft.joint-consensus',
    options: { ...four, changes: { count: 1, of: ['r1 r2 v3'] } },
    violates: 'LeaderCompleteness',
    steps: 13,
  },
  {
    off: 'raft.one-change-at-a-time',
    options: { ...four, changes: { count: 2, of: ['v3', 'r1'] } },
    violates: 'LeaderCompleteness',
    steps: 14,
  },
];

describe('exploring changes with a rule off', () => {
  it.each(MUTANTS)(
    '$off: violates $violates',
    ({ off, options, violates, steps }) => {
      const how: ExploreOptions = { order: 'breadth-first', statesMax: 300_000 };
      const { counterexample } = visit(off, { ...options, off: [off] }, how);
      expect(counterexample?.violation).toMatch(new RegExp(`^${violates}:`));
      expect(counterexample?.steps).toHaveLength(steps);
      // With the rule on nothing is, within the same bounds and so many moves.
      const on = visit(`${off} on`, options, { order: 'breadth-first', depthMax: steps });
      expect(on.counterexample?.steps ?? []).toEqual([]);
    },
    120_000,
  );
});
