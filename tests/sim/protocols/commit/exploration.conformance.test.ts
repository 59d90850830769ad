/**
 * Every behaviour of two or three participants that commit one transaction, within bounds. What
 * theory says is what is found: two-phase commit is atomic and blocks with its coordinator;
 * three-phase commit does not block and is atomic where silence means a crash, and splits where it
 * may mean a cut or a late message; Paxos Commit is atomic throughout, and goes on while a majority
 * of the acceptors does. The numbers of distinct states are part of what is tested.
 *
 * `npm run conformance -- --long` (FAULTLINE_LONG=1) adds the larger bounds.
 *
 * Sources: Skeen (SIGMOD 1981); Bernstein, Hadzilacos, Goodman (1987), 7.4 and 7.5; Gray and
 * Lamport (TODS 2006)
 */
import { describe, expect, it } from 'vitest';
import type { CommitAblation } from '../../../../src/sim/protocols/commit/rules.ts';
import { explore } from '../../../../src/sim/protocols/explore.ts';
import type { Exploration } from '../../../../src/sim/protocols/explore.ts';
import { CommitModel } from './support/model.ts';
import type { CommitModelOptions } from './support/model.ts';
import type { Shards } from './support/shards.ts';

const LONG = process.env['FAULTLINE_LONG'] === '1';

function visit(what: string, options: CommitModelOptions, statesMax = Infinity) {
  const model = new CommitModel(options);
  const result: Exploration = explore(model, { order: 'breadth-first', statesMax });
  const { states, depth, counterexample } = result;
  const found = counterexample === null ? 'no violation' : counterexample.violation;
  const blocked = [...model.blocked].map(([missing, count]) => `${count} without ${missing}`);
  console.info(
    `${what}: ${states} distinct states, depth ${depth}, ${found}; blocked: ${
      blocked.length === 0 ? 'none' : blocked.join(', ')
    }`,
  );
  return { ...result, blocked: Object.fromEntries(model.blocked) };
}

/** Shard 1 coordinates, and has no part in the transaction itself. */
const TWO = { size: 3, participants: [2, 3] } as const;
const THREE = { size: 4, participants: [2, 3, 4] } as const;
const TWO_PHASE = { protocol: '2pc', ...TWO } as const;
/** Silence means that somebody is gone. */
const THREE_PHASE = { protocol: '3pc', ...TWO, synchronous: true } as const;
const PAXOS = { protocol: 'paxos-commit', ...TWO, acceptors: [1, 2, 3] } as const;
/** Everybody has been asked. */
const asked = (shards: Shards): void => {
  for (const _participant of TWO.participants) shards.deliver(0);
};

type Row = readonly [what: string, states: number, options: CommitModelOptions];

const ATOMIC: readonly Row[] = [
  [
    'two-phase commit, any no, 1 crash and restart, 2 timers, messages late or lost',
    8_266,
    { ...TWO_PHASE, crashes: 1, restarts: 1, timers: 2, mayRefuse: true },
  ],
  [
    'the same with writes that take time, 1 timer',
    4_055,
    { ...TWO_PHASE, crashes: 1, restarts: 1, timers: 1, instantDisk: false },
  ],
  [
    'three-phase commit, any no, 2 crashes, 1 restart',
    7_764,
    { ...THREE_PHASE, crashes: 2, restarts: 1, mayRefuse: true },
  ],
  ['three-phase commit of three, 2 crashes', 7_764, { ...THREE_PHASE, ...THREE, crashes: 2 }],
  ['Paxos Commit, any no, nothing goes wrong', 1_130, { ...PAXOS, timers: 0, mayRefuse: true }],
  [
    'Paxos Commit, any no, 1 crash, 3 timers',
    3_184,
    { ...PAXOS, synchronous: true, crashes: 1, timers: 3, mayRefuse: true },
  ],
  ['Paxos Commit, 1 cut, 3 timers', 4_901, { ...PAXOS, synchronous: true, cuts: 1, timers: 3 }],
];

const WIDER: readonly Row[] = [
  [
    'two-phase commit, 2 crashes and restarts, slow disks',
    19_735,
    { ...TWO_PHASE, crashes: 2, restarts: 2, timers: 1, instantDisk: false },
  ],
  [
    'three-phase commit, any no, 2 crashes and restarts',
    25_538,
    { ...THREE_PHASE, crashes: 2, restarts: 2, mayRefuse: true },
  ],
];

describe('exploring a transaction', () => {
  it.each(ATOMIC)('%s: nothing is violated in %i states', (what, states, options) => {
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
    600_000,
  );

  it('finds nothing in the first 8 000 states of Paxos Commit with late messages', () => {
    const options = { ...PAXOS, before: asked, crashes: 1, restarts: 1, timers: 1 };
    const result = visit('Paxos Commit, late messages', options, 8_000);
    expect([result.limit, result.counterexample]).toEqual(['states', null]);
  });

  it('leaves the larger bounds to the long form', () => {
    expect(WIDER.length).toBeGreaterThan(0);
    if (LONG) return;
    const names = WIDER.map(([what]) => what).join('; ');
    console.info(`left to \`npm run conformance -- --long\`: ${names}`);
  });
});

/** How many states lead to a doubt that nobody ends, by who is gone in them. */
const BLOCKING: readonly (readonly [
  string,
  Readonly<Record<string, number>>,
  CommitModelOptions,
])[] = [
  [
    'two-phase commit, with its coordinator alone',
    { '1': 12 },
    { ...TWO_PHASE, synchronous: true, crashes: 1, mayRefuse: true },
  ],
  [
    'two-phase commit of three, with its coordinator alone',
    { '1': 14 },
    { ...TWO_PHASE, ...THREE, synchronous: true, crashes: 1 },
  ],
  [
    'two-phase commit, on the side of a cut',
    { '1': 15, '2': 11, '3': 11 },
    { ...TWO_PHASE, synchronous: true, cuts: 1 },
  ],
  ['three-phase commit, with no one crash', {}, { ...THREE_PHASE, crashes: 1, mayRefuse: true }],
  ['three-phase commit, with no two', {}, { ...THREE_PHASE, crashes: 2, mayRefuse: true }],
  ['Paxos Commit, with no one crash', {}, { ...PAXOS, synchronous: true, crashes: 1, timers: 3 }],
  [
    'Paxos Commit, with two of three acceptors',
    { '1 2': 388, '1 3': 388 },
    { ...PAXOS, synchronous: true, crashes: 2, timers: 2 },
  ],
  [
    'Paxos Commit of one acceptor, as two-phase commit',
    { '1': 64 },
    { ...PAXOS, acceptors: [1], synchronous: true, crashes: 1, timers: 3 },
  ],
];

describe('who blocks', () => {
  it.each(BLOCKING)('%s: %o', (what, states, options) => {
    const { counterexample, limit, blocked } = visit(what, { ...options, seeBlocking: true });
    expect([counterexample, limit]).toEqual([null, null]);
    expect(blocked).toEqual(states);
  });
});

interface Broken {
  readonly what: string;
  readonly options: CommitModelOptions;
  readonly violates: 'Atomicity' | 'Durability';
  /** The length of a shortest counterexample. */
  readonly steps: number;
}
const without = (
  off: CommitAblation,
  options: CommitModelOptions,
  violates: Broken['violates'],
  steps: number,
): Broken => ({ what: `without ${off}`, options: { ...options, off: [off] }, violates, steps });
const ONE_CRASH = { ...TWO_PHASE, crashes: 1, restarts: 1, timers: 1 };

const BROKEN: readonly Broken[] = [
  {
    what: 'three-phase commit where a cut looks like a crash',
    options: { ...THREE_PHASE, cuts: 1 },
    violates: 'Atomicity',
    steps: 10,
  },
  {
    what: 'three-phase commit where a message may be late',
    options: { ...THREE_PHASE, synchronous: false },
    violates: 'Atomicity',
    steps: 7,
  },
  without('commit.prepare-logged', ONE_CRASH, 'Durability', 7),
  without('commit.decision-logged', ONE_CRASH, 'Atomicity', 9),
  without('commit.wait-when-prepared', ONE_CRASH, 'Atomicity', 5),
  without('commit.majority-of-acceptors', { ...PAXOS, timers: 1 }, 'Atomicity', 5),
];

describe('what breaks', () => {
  it.each(BROKEN)('$what: $violates, in $steps steps', ({ what, options, violates, steps }) => {
    const { counterexample } = visit(what, options, 60_000);
    expect(counterexample?.violation).toMatch(new RegExp(`^${violates}:`));
    expect(counterexample?.steps).toHaveLength(steps);
  });
});
