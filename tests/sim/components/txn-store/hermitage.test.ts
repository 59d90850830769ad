/**
 * The matrix of Hermitage (Kleppmann, 2014), through the running store: which anomaly each level
 * lets through. Each attempt is played statement by statement, as in its scripts, on a table of two
 * rows; a cell is what came out, and not what somebody expected of the mechanism.
 */
import { describe, expect, it } from 'vitest';
import { ISOLATION } from '../../../../src/sim/protocols/isolation/levels.ts';
import type { Isolation } from '../../../../src/sim/protocols/isolation/levels.ts';
import { Store } from './support.ts';
import type { Seen, Txn } from './support.ts';

const X = 't/1';
const Y = 't/2';
const ROWS = [
  { key: X, value: 10 },
  { key: Y, value: 20 },
];

/** Whether the anomaly happened. */
type Attempt = (store: Store) => boolean;

const both = (a: Txn, b: Txn): boolean => a.commit() === 'committed' && b.commit() === 'committed';
const final = (store: Store): Readonly<Record<string, unknown>> => {
  const all = store.begin().scan('t/');
  return typeof all === 'object' && all !== null && !Array.isArray(all) ? { ...all } : {};
};
const has = (rows: Seen, key: string): boolean =>
  typeof rows === 'object' && rows !== null && key in rows;

const ATTEMPTS = {
  G0(store) {
    const [a, b] = [store.begin(), store.begin()];
    a.write(X, 11);
    // Whoever need not wait is done with both rows before the other gets to the second.
    const waits = b.write(X, 12) === undefined;
    if (!waits) b.write(Y, 22);
    if (!waits) b.commit();
    a.write(Y, 21);
    a.commit();
    b.write(Y, 22);
    b.commit();
    const { [X]: x, [Y]: y } = final(store);
    return !((x === 11 && y === 21) || (x === 12 && y === 22));
  },
  G1a(store) {
    const [a, b] = [store.begin(), store.begin()];
    a.write(X, 101);
    const first = b.read(X);
    a.abort();
    return first === 101 && b.commit() === 'committed';
  },
  G1b(store) {
    const [a, b] = [store.begin(), store.begin()];
    a.write(X, 101);
    const first = b.read(X);
    a.write(X, 11);
    a.commit();
    return first === 101 && b.commit() === 'committed';
  },
  G1c(store) {
    const [a, b] = [store.begin(), store.begin()];
    a.write(X, 11);
    b.write(Y, 22);
    const [seenByA, seenByB] = [a.read(Y), b.read(X)];
    return seenByA === 22 && seenByB === 11 && both(a, b);
  },
  OTV(store) {
    const [a, b, c] = [store.begin(), store.begin(), store.begin()];
    a.write(X, 11);
    a.write(Y, 19);
    b.write(X, 12);
    a.commit();
    const reads = [c.read(X), c.read(Y)];
    b.write(Y, 18);
    reads.push(c.read(Y), c.read(X));
    b.commit();
    reads.push(c.read(Y), c.read(X));
    const seenB = reads.findIndex((value) => value === 12 || value === 18);
    return seenB >= 0 && reads.slice(seenB).some((value) => value === 11 || value === 19);
  },
  PMP(store) {
    const [a, b] = [store.begin(), store.begin()];
    const before = a.scan('t/');
    b.write('t/3', 30);
    b.commit();
    const after = a.scan('t/');
    return !has(before, 't/3') && has(after, 't/3') && a.commit() === 'committed';
  },
  'PMP, write'(store) {
    const [a, b] = [store.begin(), store.begin()];
    b.scan('t/');
    a.add(X, 10);
    a.commit();
    return b.add(X, 5) === 25 && b.commit() === 'committed';
  },
  P4(store) {
    const [a, b] = [store.begin(), store.begin()];
    a.read(X);
    b.read(X);
    a.write(X, 11);
    b.write(X, 12);
    return both(a, b);
  },
  'G-single'(store) {
    const [a, b] = [store.begin(), store.begin()];
    const x = a.read(X);
    b.read(X);
    b.read(Y);
    b.write(X, 12);
    b.write(Y, 18);
    b.commit();
    return x === 10 && a.read(Y) === 18 && a.commit() === 'committed';
  },
  'G-single, write'(store) {
    const [a, b] = [store.begin(), store.begin()];
    const x = a.read(X);
    b.write(X, 12);
    b.write(Y, 18);
    b.commit();
    return x === 10 && a.add(Y, 1) === 19 && a.commit() === 'committed';
  },
  'G2-item'(store) {
    const [a, b] = [store.begin(), store.begin()];
    for (const one of [a, b]) for (const key of [X, Y]) one.read(key);
    a.write(X, 11);
    b.write(Y, 21);
    return both(a, b);
  },
  G2(store) {
    const [a, b] = [store.begin(), store.begin()];
    a.scan('t/');
    b.scan('t/');
    a.write('t/3', 30);
    b.write('t/4', 42);
    return both(a, b);
  },
} satisfies Record<string, Attempt>;
type Name = keyof typeof ATTEMPTS;
const NAMES = Object.keys(ATTEMPTS) as Name[];

/** What each level lets through; all else it prevents. */
const AFTER_RC: readonly Name[] = [
  'PMP',
  'PMP, write',
  'P4',
  'G-single',
  'G-single, write',
  'G2-item',
  'G2',
];
const LETS_THROUGH: Readonly<Record<Isolation, readonly Name[]>> = {
  // MySQL and SQL Server, "read uncommitted".
  'read-uncommitted': ['G1a', 'G1b', 'G1c', 'OTV', ...AFTER_RC],
  // PostgreSQL, Oracle, "read committed"; SQL Server, "read committed snapshot".
  'read-committed': AFTER_RC,
  // MySQL, "repeatable read": PMP and G-single only of what reads alone (R/O in the matrix).
  'innodb-repeatable-read': ['PMP, write', 'P4', 'G-single, write', 'G2-item', 'G2'],
  // SQL Server, "repeatable read".
  'repeatable-read': ['PMP', 'G2'],
  // PostgreSQL, "repeatable read"; SQL Server, "snapshot"; Oracle, "serializable".
  snapshot: ['G2-item', 'G2'],
  // MySQL and SQL Server, "serializable".
  'serializable-2pl': [],
  // PostgreSQL, "serializable".
  'serializable-ssi': [],
};

function happens(
  name: Name,
  isolation: Isolation,
  off: readonly string[] = [],
  more = {},
): boolean {
  const store = new Store({ config: { isolation, rows: ROWS, ...more }, off });
  return ATTEMPTS[name](store);
}

describe.each(ISOLATION)('%s', (isolation) => {
  it.each(NAMES)('%s', (name) => {
    expect(happens(name, isolation)).toBe(LETS_THROUGH[isolation].includes(name));
  });

  it('lets through the same where only a timeout ends circles', () => {
    const more = { deadlocks: 'timeout', lockTimeoutMs: 2_500 };
    const found = NAMES.filter((name) => happens(name, isolation, [], more));
    expect(found).toEqual(LETS_THROUGH[isolation]);
  });

  it('lets through no more where the older wounds the younger', () => {
    const more = { deadlocks: 'wound-wait' };
    const found = NAMES.filter((name) => happens(name, isolation, [], more));
    const wounded: readonly Name[] = ['OTV', 'P4'];
    const allowed = LETS_THROUGH[isolation];
    expect(allowed.filter((name) => !wounded.includes(name)).sort()).toEqual(
      found.filter((name) => !wounded.includes(name)).sort(),
    );
    expect(found.filter((name) => !allowed.includes(name))).toEqual([]);
  });
});

/** What comes on top, once a rule is off: nothing else changes. */
const ABLATIONS: readonly {
  readonly level: Isolation;
  readonly rule: string;
  readonly adds: readonly Name[];
}[] = [
  { level: 'read-committed', rule: 'locking.writes-until-commit', adds: ['G0'] },
  { level: 'read-committed', rule: 'mvcc.committed-reads', adds: ['G1a', 'G1b', 'G1c', 'OTV'] },
  { level: 'read-committed', rule: 'mvcc.first-committer-wins', adds: [] },
  { level: 'read-committed', rule: 'mvcc.ssi-pivot', adds: [] },
  {
    level: 'repeatable-read',
    rule: 'locking.reads-until-commit',
    adds: ['PMP, write', 'P4', 'G-single', 'G-single, write', 'G2-item'],
  },
  { level: 'serializable-2pl', rule: 'locking.predicates', adds: ['PMP', 'G2'] },
  { level: 'serializable-2pl', rule: 'mvcc.ssi-pivot', adds: [] },
  {
    level: 'snapshot',
    rule: 'mvcc.first-committer-wins',
    adds: ['PMP, write', 'P4', 'G-single, write'],
  },
  { level: 'snapshot', rule: 'mvcc.one-snapshot', adds: ['PMP', 'G-single'] },
  { level: 'snapshot', rule: 'locking.predicates', adds: [] },
  { level: 'serializable-ssi', rule: 'mvcc.ssi-pivot', adds: ['G2-item', 'G2'] },
];

describe.each(ABLATIONS)('$level without $rule', ({ level, rule, adds }) => {
  it(`lets through ${adds.join(', ') || 'nothing more'}`, () => {
    const expected = new Set<Name>([...LETS_THROUGH[level], ...adds]);
    const found = NAMES.filter((name) => happens(name, level, [rule]));
    expect(found).toEqual(NAMES.filter((name) => expected.has(name)));
  });
});

describe('a deadlock', () => {
  const circle = (config: object, off: readonly string[] = []) => {
    const store = new Store({ config: { rows: ROWS, ...config }, off });
    const [a, b] = [store.begin(), store.begin()];
    a.write(X, 11);
    b.write(Y, 21);
    a.write(Y, 12);
    b.write(X, 22);
    return { store, a, b };
  };

  it('is found as soon as there is one, and ended by an abort with 40P01', () => {
    const { a, b, store } = circle({});
    expect([a.last, b.last]).toEqual([12, '40P01']);
    expect(store.told('txn.deadlock')).toHaveLength(1);
  });

  it('does not come about where the older wounds the younger', () => {
    const { a, b } = circle({ deadlocks: 'wound-wait' });
    expect([a.last, b.last]).toEqual([12, '40001']);
  });

  it('lasts until the lock timeout, where nobody looks for it', () => {
    const slow = { lockTimeoutMs: 20_000 };
    for (const { a, b, store } of [
      circle({ deadlocks: 'timeout', ...slow }),
      circle(slow, ['locking.deadlocks']),
    ]) {
      expect([a.last, b.last]).toEqual([undefined, undefined]);
      store.after(20_000);
      expect([a.last, b.last]).toEqual(['55P03', 22]);
    }
  });
});
