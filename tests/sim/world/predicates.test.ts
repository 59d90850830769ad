/** Each predicate on worlds that are made by hand: when it holds and when it does not. */
import { describe, expect, it } from 'vitest';
import { makeRegistry } from 'faultline';
import type { AnyBehaviour, World, WorldNode } from 'faultline';
import { NO_COUNTS } from '../../../src/sim/policies/crdt/actor-counts.ts';
import { cellOf, versionOf } from '../../../src/sim/protocols/quorum/cell.ts';
import { createQuorumConfig } from '../../../src/sim/protocols/quorum/config.ts';
import { validate } from '../../../src/sim/contracts/validate.ts';

interface Server {
  readonly status?: 'up' | 'down' | 'paused';
  readonly role?: string;
  readonly term?: number;
  /** Last index, its term, and the commit index. */
  readonly log?: readonly [lastIndex: number, lastTerm: number, commitIndex: number];
  readonly starts?: number;
  /** What its cores do, for predicates about load. */
  readonly cores?: WorldNode['cores'];
  /** The state of a component that is no Raft server; it plays no role then. */
  readonly state?: object;
  readonly component?: string;
  /** The entries of its log; undefined: compacted away. */
  readonly past?: readonly (Entry | undefined)[];
}
interface Entry {
  readonly term: number;
  readonly command: unknown;
}

/** A server whose log is this; all but the last entry are committed. */
function past(
  ...entries: readonly (readonly [term: number, command: string] | undefined)[]
): Server {
  const last = entries.at(-1)?.[0] ?? 0;
  return {
    log: [entries.length, last, entries.length - 1],
    // Each has its own copy, as from another disk.
    past: entries.map((one) =>
      one === undefined ? one : { term: one[0], command: { do: one[1] } },
    ),
  };
}

const IDLE: WorldNode['cores'] = { count: 1, busy: 0, waiting: 0 };

type Cut = readonly [from: number, to: number];

function worldOf(servers: readonly Server[], cuts: readonly Cut[] = []): World {
  const nodes = servers.map(nodeOf);
  return {
    now: 0,
    event: 0,
    nodes,
    node: (index: number) => nodes[index],
    group: (name: string) => (name === 'n' ? nodes : []),
    groups: () => ['n'],
    isCut: (from: number, to: number) => cuts.some(([a, b]) => a === from && b === to),
  } as unknown as World;
}

/** Complete to the compiler, so that what a predicate may read is never missing here. */
function nodeOf(server: Server, index: number): WorldNode {
  const { status = 'up', role = 'follower', term = 1, log = [0, 0, 0], starts = 1 } = server;
  const [lastIndex, lastTerm, commitIndex] = log;
  const isAlive = status !== 'down';
  const { past = [] } = server;
  const entry = (index: number) => past[index - 1];
  const raft = { raft: { role, term, commitIndex, log: { lastIndex, lastTerm, entry } } };
  return {
    index: index as WorldNode['index'],
    id: `n/${index + 1}/0`,
    name: `n${index + 1}`,
    group: 'n',
    zone: 'z1',
    component: server.component ?? (server.state === undefined ? 'raft-kv' : 'mine'),
    status,
    starts,
    state: isAlive ? (server.state ?? raft) : null,
    durable: null,
    cores: server.cores ?? IDLE,
    behaviour: {} as AnyBehaviour,
    roles: () => (isAlive && server.state === undefined ? [role] : []),
  };
}

const { predicates } = makeRegistry();

function holds(name: string, world: World, args: object = {}): boolean {
  const predicate = predicates.get(name);
  if (predicate === undefined) throw new Error(`no predicate ${name}`);
  return predicate.holds(world, validate(predicate.args, args, 'args') as never);
}

/** A consumer of a group that has done so many records. */
const member = (processed: number): Server => ({
  component: 'log-consumer',
  state: { membership: { processed } },
});
/** With so many transactions that are open and have offsets of groups. */
const brokerWith = (open: number): Server => ({
  component: 'log-broker',
  state: {
    shards: new Map([
      [0, { kind: 'transaction', state: {} }],
      [
        1,
        { kind: 'group', state: { open: new Map([...Array(open).keys()].map((id) => [id, []])) } },
      ],
    ]),
  },
});
const brokerAt = (name: string, highWatermark: number): Server => ({
  component: 'log-broker',
  state: { hosted: new Map([[0, { name, state: { highWatermark } }]]) },
});
const primary: Server = { role: 'primary' };
const standby: Server = { role: 'standby' };
const leader: Server = { role: 'leader' };
const follower: Server = { role: 'follower' };
const candidate = (term: number): Server => ({ role: 'candidate', term });
const bothWays = (a: readonly number[], b: readonly number[]): Cut[] =>
  a.flatMap((x) =>
    b.flatMap((y): Cut[] => [
      [x, y],
      [y, x],
    ]),
  );

/** A shard with the counter, and a client that knows of so many increments. */
const shop = (counter: number): Server => ({
  component: 'txn-store',
  state: { engine: { rows: new Map([['counter', [{ value: 0 }, { value: counter }]]]) } },
});
const cashier = (committed: number): Server => ({
  component: 'txn-client',
  state: { counts: { committed } },
});

/** Three quorum stores, of which all hold each key; of a key that is left out one holds nothing. */
const stores = (...held: readonly (readonly [key: string, ...values: number[]][])[]): Server[] =>
  held.map((entries, id) => {
    const config = createQuorumConfig({ id, peers: held.map((_, i) => i) });
    const cells = new Map(
      entries.map(([key, ...values]) => {
        const versions = values.map((value) => versionOf(value, value, 0, value));
        return [key, cellOf(NO_COUNTS, versions)] as const;
      }),
    );
    return { component: 'quorum-store', state: { config, store: { cells } } };
  });
/** Datacentres of a causal store, each with the counts that it shows, and what it holds back. */
const datacentres = (...shown: readonly { x?: number; y?: number; held?: 1 }[]): Server[] =>
  shown.map(({ held, ...counts }) => {
    const cells = Object.entries(counts).map(
      ([key, count]) => [key, { origin: 0, count }] as const,
    );
    const store = { cells: new Map(cells), held: held === undefined ? [] : [{}] };
    return { component: 'causal-store', state: { config: { peers: shown }, store } };
  });
const pausedLast = (servers: readonly Server[]): Server[] =>
  servers.map((one, i) => (i === servers.length - 1 ? { ...one, status: 'paused' } : one));

/** By predicate: worlds in which it holds, and worlds in which it does not. */
const TABLE: {
  readonly [name: string]: {
    readonly yes: readonly (readonly [World, object?])[];
    readonly no: readonly (readonly [World, object?])[];
  };
} = {
  'leader-exists': {
    yes: [[worldOf([leader, follower])], [worldOf([leader, leader])]],
    no: [
      [worldOf([follower, candidate(1)])],
      [worldOf([{ ...leader, status: 'paused' }, follower])],
      [worldOf([leader]), { group: 'm' }],
    ],
  },
  'one-leader': {
    yes: [[worldOf([leader, follower])], [worldOf([leader, { ...leader, status: 'paused' }])]],
    no: [[worldOf([follower])], [worldOf([leader, leader])]],
  },
  'two-leaders': {
    yes: [[worldOf([leader, follower, leader])]],
    no: [[worldOf([leader, follower])], [worldOf([leader, { ...leader, status: 'paused' }])]],
  },
  'primary-exists': {
    yes: [[worldOf([primary, standby])]],
    no: [[worldOf([standby, standby])], [worldOf([{ ...primary, status: 'down' }])]],
  },
  'two-primaries': {
    yes: [[worldOf([primary, standby, primary])]],
    no: [[worldOf([primary, standby])], [worldOf([primary, { ...primary, status: 'paused' }])]],
  },
  'leader-in-minority': {
    yes: [
      [worldOf([leader, follower, follower], bothWays([0], [1, 2]))],
      // Half of an even group is no majority.
      [worldOf([leader, follower, follower, follower], bothWays([0, 1], [2, 3]))],
      // Who is down cannot be reached either.
      [worldOf([leader, { status: 'down' }, { status: 'paused' }])],
      // One deaf direction is enough.
      [
        worldOf(
          [leader, follower, follower],
          [
            [1, 0],
            [2, 0],
          ],
        ),
      ],
    ],
    no: [
      [worldOf([leader, follower, follower])],
      [worldOf([leader, follower, follower], bothWays([2], [0, 1]))],
      [worldOf([follower, follower, follower], bothWays([0], [1, 2]))],
    ],
  },
  'leader-in-majority-while-cut': {
    yes: [[worldOf([leader, follower, follower], bothWays([2], [0, 1]))]],
    no: [
      [worldOf([leader, follower, follower])],
      [worldOf([leader, follower, follower], bothWays([0], [1, 2]))],
    ],
  },
  'split-vote': {
    yes: [[worldOf([candidate(2), candidate(3), candidate(2)])]],
    no: [
      [worldOf([candidate(2), candidate(3)])],
      [worldOf([candidate(2), { ...candidate(2), status: 'paused' }])],
      [worldOf([{ role: 'pre-candidate', term: 2 }, candidate(2)])],
    ],
  },
  'term-at-least': {
    yes: [[worldOf([candidate(4), candidate(5)]), { term: 5 }]],
    no: [
      [worldOf([candidate(4)]), { term: 5 }],
      [worldOf([{ ...candidate(9), status: 'down' }]), { term: 5 }],
    ],
  },
  'term-below': {
    yes: [
      [worldOf([candidate(4)]), { term: 5 }],
      [worldOf([{ ...candidate(9), status: 'down' }]), { term: 5 }],
    ],
    no: [[worldOf([candidate(4), candidate(5)]), { term: 5 }]],
  },
  'uncommitted-tail': {
    yes: [[worldOf([{ ...leader, log: [5, 1, 4] }])]],
    no: [[worldOf([{ ...leader, log: [5, 1, 5] }])], [worldOf([{ ...follower, log: [5, 1, 4] }])]],
  },
  'logs-agree': {
    yes: [
      [worldOf([{ log: [5, 2, 4] }, { log: [5, 2, 4] }])],
      [worldOf([past([1, 'a'], [2, 'b']), past([1, 'a'], [2, 'b'])])],
      // What one of them has compacted it cannot be asked for.
      [worldOf([past([1, 'a'], [2, 'b']), past(undefined, [2, 'b'])])],
    ],
    no: [
      // They end alike, and are not.
      [worldOf([past([1, 'a'], [2, 'b']), past([0, 'a'], [2, 'b'])])],
      [worldOf([past([1, 'a'], [2, 'b']), past([1, 'c'], [2, 'b'])])],
      [worldOf([{ log: [5, 2, 4] }, { log: [4, 2, 4] }])],
      [worldOf([{ log: [5, 2, 4] }, { log: [5, 1, 4] }])],
      [worldOf([{ log: [5, 2, 4] }, { log: [5, 2, 5] }])],
      [worldOf([{ log: [5, 2, 4] }, { log: [5, 2, 4], status: 'down' }])],
      [worldOf([])],
    ],
  },
  'replicas-agree': {
    yes: [[worldOf(stores([['x', 1]], [['x', 1]], [['x', 1]]))], [worldOf(stores([], []))]],
    no: [
      [worldOf(stores([['x', 1]], [['x', 2]], [['x', 1]]))],
      [worldOf(stores([['x', 1]], [['x', 1]], []))],
      [worldOf(stores([['x', 1, 2]], [['x', 1]]))],
      // What a node holds that is not there to be asked is not known.
      [worldOf(pausedLast(stores([['x', 1]], [['x', 1]])))],
      [worldOf([leader])],
    ],
  },
  'datacentres-agree': {
    yes: [[worldOf(datacentres({ x: 1, y: 2 }, { x: 1, y: 2 }))], [worldOf(datacentres({}, {}))]],
    no: [
      [worldOf(datacentres({ x: 1 }, { x: 2 }))],
      [worldOf(datacentres({ x: 1 }, { x: 1, y: 2 }))],
      [worldOf(datacentres({ x: 1 }, {}))],
      [worldOf(pausedLast(datacentres({ x: 1 }, { x: 1 })))],
      [worldOf([leader])],
    ],
  },
  'write-held-back': {
    yes: [[worldOf(datacentres({ x: 1 }, { held: 1 }))]],
    no: [
      [worldOf(datacentres({ x: 1 }, { y: 1 }))],
      [worldOf(pausedLast(datacentres({}, { held: 1 })))],
    ],
  },
  'siblings-held': {
    yes: [[worldOf(stores([['x', 1]], [['x', 1, 2]]))]],
    no: [[worldOf(stores([['x', 1]], [['x', 2]]))], [worldOf([leader])]],
  },
  'increments-kept': {
    yes: [
      [worldOf([shop(3), cashier(3)]), { group: 'n', clients: 'n' }],
      // Whether the last commit was answered yet makes no difference.
      [worldOf([shop(4), cashier(1), cashier(2)]), { group: 'n', clients: 'n' }],
      [worldOf([{ ...shop(0), status: 'down' }, cashier(9)]), { group: 'n', clients: 'n' }],
    ],
    no: [
      [worldOf([shop(2), cashier(3)]), { group: 'n', clients: 'n' }],
      [worldOf([shop(2), cashier(1), cashier(2)]), { group: 'n', clients: 'n' }],
    ],
  },
  'member-down': {
    yes: [[worldOf([leader, { status: 'down' }])], [worldOf([{ status: 'paused' }, follower])]],
    // At the start nobody has run yet.
    no: [[worldOf([leader, follower])], [worldOf([{ status: 'down', starts: 0 }, follower])]],
  },
  'link-cut': {
    yes: [[worldOf([leader, follower], [[1, 0]])]],
    no: [[worldOf([leader, follower])], [worldOf([leader, follower], [[0, 7]])]],
  },
  'role-played': {
    yes: [
      [worldOf([leader]), { role: 'leader' }],
      [worldOf([candidate(1), candidate(2)]), { role: 'candidate', count: 2 }],
    ],
    no: [
      [worldOf([candidate(1)]), { role: 'candidate', count: 2 }],
      [worldOf([{ ...leader, status: 'paused' }]), { role: 'leader' }],
    ],
  },
  'all-up': {
    yes: [[worldOf([leader, follower])], [worldOf([leader, { status: 'down' }]), { target: 'n1' }]],
    no: [
      [worldOf([leader, { status: 'paused' }])],
      [worldOf([{ status: 'down' }]), { target: 'n' }],
    ],
  },
  'records-processed': {
    yes: [[worldOf([member(0), member(3)]), { records: 3 }]],
    no: [
      [worldOf([member(0), member(3)]), { records: 4 }],
      [worldOf([{ ...member(3), status: 'down' }]), { records: 1 }],
      [worldOf([leader])],
    ],
  },
  'log-reaches': {
    yes: [[worldOf([brokerAt('a-0', 2), brokerAt('a-0', 3)]), { log: 'a-0', records: 3 }]],
    no: [
      [worldOf([brokerAt('a-0', 2), brokerAt('a-1', 3)]), { log: 'a-0', records: 3 }],
      [worldOf([leader, { status: 'down' }]), { log: 'a-0' }],
    ],
  },
  'offsets-pending': {
    yes: [[worldOf([brokerWith(0), brokerWith(2)])]],
    no: [[worldOf([brokerWith(0)])], [worldOf([{ ...brokerWith(2), status: 'down' }, leader])]],
  },
  'network-whole': {
    yes: [[worldOf([leader, follower])]],
    no: [[worldOf([leader, follower], [[0, 1]])]],
  },
};

describe('the predicates', () => {
  it('are all in the table', () => {
    expect(Object.keys(TABLE).sort()).toEqual([...predicates.keys()].sort());
  });

  it('say what they are in one sentence', () => {
    for (const { name, about } of predicates.values()) expect(about, name).toMatch(/^[A-Z].*\.$/);
  });
});

describe('a world made by hand', () => {
  it('may be of any component, with queues before its cores', () => {
    const [idle, loaded] = worldOf([
      { state: { stored: 0 } },
      { state: { stored: 7 }, cores: { count: 2, busy: 2, waiting: 5 } },
    ]).nodes;
    expect(idle).toMatchObject({ state: { stored: 0 }, cores: { waiting: 0 } });
    expect(loaded).toMatchObject({ state: { stored: 7 }, cores: { busy: 2, waiting: 5 } });
    expect(holds('all-up', worldOf([{ state: {} }]))).toBe(true);
    expect(holds('leader-exists', worldOf([{ state: {} }]))).toBe(false);
  });
});

describe.each(Object.entries(TABLE))('%s', (name, { yes, no }) => {
  it.each(yes.map((one, i) => [i, ...one] as const))('holds in world %i', (_i, world, args) => {
    expect(holds(name, world, args)).toBe(true);
  });

  it.each(no.map((one, i) => [i, ...one] as const))('does not in world %i', (_i, world, args) => {
    expect(holds(name, world, args)).toBe(false);
  });
});
