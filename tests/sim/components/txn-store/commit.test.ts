/**
 * Atomic commitment when the coordinator dies after the votes: two-phase commit blocks, three-phase
 * commit does not but splits where shards cannot hear each other, Paxos Commit goes on.
 *
 * Sources: Gray (1978); Skeen (SIGMOD 1981); Gray and Lamport (TODS 2006), table 1
 */
import { describe, expect, it } from 'vitest';
import { Store } from './support.ts';
import type { Txn } from './support.ts';

/** Keys whose shards are s1, s2 and s3 of three: found by asking, not by computing a hash. */
function keysOf(store: Store): readonly string[] {
  const found: string[] = [];
  for (const name of ['s1', 's2', 's3']) {
    const key = Array.from({ length: 40 }, (_, i) => `k${i}`).find((one) => {
      const txn = store.begin(name);
      const before = store.sent('shard.statement').length;
      txn.read(one);
      txn.abort();
      return store.sent('shard.statement').length === before;
    });
    if (key === undefined) throw new Error(`no key on ${name}`);
    found.push(key);
  }
  return found;
}

interface Plan {
  readonly commitProtocol: string;
  readonly off?: readonly string[];
}
const QUICK = { voteTimeoutMs: 100, inquireMs: 1_000 };

/** A transaction begun at s1 that has written on s2 and s3, and is about to commit. */
function ready({ commitProtocol, off }: Plan) {
  const store = new Store({
    config: { commitProtocol, isolation: 'serializable-2pl', lockTimeoutMs: 2_000, ...QUICK },
    count: 3,
    off: off ?? [],
    group: { disk: { fsync: { kind: 'constant', ms: 2 }, tornTail: false } },
  });
  const [, b = '', c = ''] = keysOf(store);
  const txn = store.begin('s1');
  txn.write(b, 1);
  txn.write(c, 1);
  return { store, txn, b, c };
}

/** Lets the commit begin, and stops just before such a message would be handled by anybody. */
function commitUntil(store: Store, txn: Txn, type: string, count: number): void {
  store.ask('c1', 's1', { type: 'txn.commit', txn: txn.id } as never, 60_000);
  const before = store.sent(type).length;
  store.until(() => store.sent(type).length >= before + count);
}

const crash = (store: Store, name: string): Store =>
  store.inject(`crash-${name}`, { type: 'crash', target: name });

const inDoubt = (store: Store): string[] =>
  ['s1', 's2', 's3'].filter((name) => {
    const { state } = store.node(name);
    return (
      state !== null && (store.view(name) as { prepared?: readonly number[] }).prepared?.length
    );
  });
const valueAt = (store: Store, name: string, key: string): unknown => store.begin(name).read(key);

describe('without faults', () => {
  it.each(['2pc', '3pc', 'paxos-commit'])('%s commits on all shards', (commitProtocol) => {
    const { store, txn, b, c } = ready({ commitProtocol });
    expect(txn.commit()).toBe('committed');
    expect([valueAt(store, 's2', b), valueAt(store, 's3', c)]).toEqual([1, 1]);
    expect(inDoubt(store)).toEqual([]);
  });

  it('a copy of a commit that is over is told that nobody knows, as it may have committed', () => {
    const { store, txn } = ready({ commitProtocol: '2pc' });
    expect(txn.commit()).toBe('committed');
    const again = store.answer('c1', 's1', { type: 'txn.commit', txn: txn.id } as never);
    expect(again.result).toMatchObject({ outcome: 'unknown', error: { code: '08007' } });
  });

  it('Paxos Commit has one more message delay than two-phase commit, and 3PC two', () => {
    const delay = (commitProtocol: string): number => {
      const { store, txn } = ready({ commitProtocol });
      const from = store.run.now;
      const tag = store.ask('c1', 's1', { type: 'txn.commit', txn: txn.id } as never, 60_000);
      store.until(() => store.end('c1', tag) !== undefined);
      return Math.round((store.run.now - from) / 1_000);
    };
    // Client 2, prepare and vote 2, two disks of 2 ms each.
    expect(delay('2pc')).toBe(8);
    // Another round trip, and another disk.
    expect(delay('3pc')).toBe(12);
    // The vote goes by the acceptors, whose disk is instead of the coordinator's, and which write
    // one vote after the other.
    expect(delay('paxos-commit')).toBe(10);
  });
});

describe('the coordinator dies when all have voted', () => {
  it('blocks two-phase commit: locks are held until it is back, and then nothing is kept', () => {
    const { store, txn, b, c } = ready({ commitProtocol: '2pc' });
    commitUntil(store, txn, 'commit.vote', 2);
    crash(store, 's1').after(30_000);
    expect(inDoubt(store)).toEqual(['s2', 's3']);
    const other = store.begin('s2');
    expect(other.write(b, 2)).toBeUndefined();
    store.after(3_000);
    expect(other.last).toBe('55P03');
    expect(store.told('commit.blocked').length).toBeGreaterThan(20);
    store.undo('crash-s1').after(5_000);
    expect(inDoubt(store)).toEqual([]);
    expect([valueAt(store, 's2', b), valueAt(store, 's3', c)]).toEqual([null, null]);
  });

  it('blocks two-phase commit until it is told again what was decided', () => {
    const { store, txn, b, c } = ready({ commitProtocol: '2pc' });
    commitUntil(store, txn, 'commit.decide', 2);
    crash(store, 's1');
    store.inject('cut', { type: 'partition', groups: [['s1'], ['s2', 's3']] } as never);
    store.after(5_000);
    store.undo('cut').undo('crash-s1').after(5_000);
    expect(inDoubt(store)).toEqual([]);
    expect([valueAt(store, 's2', b), valueAt(store, 's3', c)]).toEqual([1, 1]);
  });

  it('does not block three-phase commit: the others abort, together', () => {
    const { store, txn, b, c } = ready({ commitProtocol: '3pc' });
    commitUntil(store, txn, 'commit.vote', 2);
    crash(store, 's1').after(5_000);
    expect(inDoubt(store)).toEqual([]);
    expect(store.told('commit.terminated')).toHaveLength(2);
    expect([valueAt(store, 's2', b), valueAt(store, 's3', c)]).toEqual([null, null]);
  });

  it('does not block Paxos Commit: the others find the votes, and commit', () => {
    const { store, txn, b, c } = ready({ commitProtocol: 'paxos-commit' });
    commitUntil(store, txn, 'commit.accepted', 4);
    crash(store, 's1').after(5_000);
    expect(inDoubt(store)).toEqual([]);
    expect(store.told('commit.took-over').length).toBeGreaterThan(0);
    expect([valueAt(store, 's2', b), valueAt(store, 's3', c)]).toEqual([1, 1]);
    expect(store.told('commit.split')).toEqual([]);
  });
});

describe('a partition just before the precommit reaches everybody', () => {
  /** s3 hears nothing any more from the moment that the coordinator has all votes. */
  function cutOff(commitProtocol: string) {
    const all = ready({ commitProtocol });
    const { store, txn } = all;
    const last = commitProtocol === 'paxos-commit' ? 'commit.accepted' : 'commit.vote';
    commitUntil(store, txn, last, commitProtocol === 'paxos-commit' ? 4 : 2);
    store.inject('cut', { type: 'partition', groups: [['s3'], ['s1', 's2', 'c1']] } as never);
    store.after(8_000);
    return all;
  }

  it('splits three-phase commit: one side commits, the other aborts', () => {
    const { store, b, c } = cutOff('3pc');
    expect(valueAt(store, 's2', b)).toBe(1);
    store.undo('cut').after(5_000);
    expect(valueAt(store, 's3', c)).toBeNull();
    expect(store.told('commit.split').length).toBeGreaterThan(0);
  });

  it.each(['2pc', 'paxos-commit'])('leaves %s in doubt, and of one mind afterwards', (protocol) => {
    const { store, b, c } = cutOff(protocol);
    expect(inDoubt(store)).toContain('s3');
    store.undo('cut').after(9_000);
    expect(inDoubt(store)).toEqual([]);
    expect(valueAt(store, 's2', b)).toBe(valueAt(store, 's3', c));
    expect(store.told('commit.split')).toEqual([]);
  });
});

describe('without a rule atomicity breaks, and with it it holds', () => {
  const both = (play: (off: readonly string[]) => readonly unknown[], rule: string) => ({
    on: play([]),
    off: play([rule]),
  });

  it('commit.wait-when-prepared', () => {
    const play = (off: readonly string[]) => {
      const { store, txn, b, c } = ready({ commitProtocol: '2pc', off });
      commitUntil(store, txn, 'commit.vote', 2);
      store.inject('cut', { type: 'partition', groups: [['s3'], ['s1', 's2', 'c1']] } as never);
      store.after(5_000).undo('cut').after(5_000);
      return [valueAt(store, 's2', b), valueAt(store, 's3', c)];
    };
    expect(both(play, 'commit.wait-when-prepared')).toEqual({ on: [1, 1], off: [1, null] });
  });

  it('commit.prepare-logged', () => {
    const play = (off: readonly string[]) => {
      const { store, txn, b, c } = ready({ commitProtocol: '2pc', off });
      store.inject('slow', { type: 'slow-disk', target: 's3', factor: 100 } as never);
      store.ask('c1', 's1', { type: 'txn.commit', txn: txn.id } as never, 60_000);
      store.after(8);
      crash(store, 's3').undo('slow').after(100);
      store.undo('crash-s3').after(5_000);
      return [valueAt(store, 's2', b), valueAt(store, 's3', c)];
    };
    expect(both(play, 'commit.prepare-logged')).toEqual({ on: [null, null], off: [1, null] });
  });

  it('commit.decision-logged', () => {
    const play = (off: readonly string[]) => {
      const { store, txn, b, c } = ready({ commitProtocol: '2pc', off });
      store.inject('slow', { type: 'slow-disk', target: 's1', factor: 200 } as never);
      commitUntil(store, txn, 'commit.vote', 2);
      store.inject('cut2', { type: 'one-way', from: 's1', to: 's3' } as never);
      store.after(20);
      crash(store, 's1').undo('slow').undo('cut2').after(100);
      store.undo('crash-s1').after(6_000);
      return [valueAt(store, 's2', b), valueAt(store, 's3', c)];
    };
    expect(both(play, 'commit.decision-logged')).toEqual({ on: [null, null], off: [1, null] });
  });
});

describe('commit.majority-of-acceptors', () => {
  /** Of the vote of s2 only the acceptor on s1 hears in time; then s1 and s2 die. */
  function play(off: readonly string[]) {
    const { store, txn, b, c } = ready({ commitProtocol: 'paxos-commit', off });
    store.inject('cut', { type: 'one-way', from: 's2', to: 's3' } as never);
    const tag = store.ask('c1', 's1', { type: 'txn.commit', txn: txn.id } as never, 60_000);
    const s2 = store.index('s2');
    // While its vote is on the way to the disk; what comes after that takes a second.
    store.until(() => store.sent('commit.prepare').some(({ to }) => to === s2)).after(2);
    store.inject('slow', { type: 'slow-disk', target: 's2', factor: 500 } as never);
    store.after(30);
    const told = store.end('c1', tag)?.result.outcome;
    crash(store, 's1');
    crash(store, 's2').undo('slow').undo('cut').after(100);
    store.undo('crash-s2').after(5_000);
    store.undo('crash-s1').after(5_000);
    return [told, valueAt(store, 's2', b), valueAt(store, 's3', c)];
  }

  it('keeps one fate; without it s3 commits, the client is told so, and s2 aborts', () => {
    expect(play([])).toEqual([undefined, null, null]);
    expect(play(['commit.majority-of-acceptors'])).toEqual(['ok', null, 1]);
  });
});

describe('commit wait', () => {
  /** s1 is 40 ms ahead: what begins on s2 after it may have an older snapshot. */
  function play(config: object, off: readonly string[] = []) {
    const store = new Store({
      config: { isolation: 'snapshot', ...config },
      count: 3,
      off,
    });
    const [a = ''] = keysOf(store);
    store.inject('ahead', { type: 'clock-jump', target: 's1', byMs: 40 } as never);
    const txn = store.begin('s1');
    txn.write(a, 1);
    const from = store.run.now;
    const tag = store.ask('c1', 's1', { type: 'txn.commit', txn: txn.id } as never, 60_000);
    store.until(() => store.end('c1', tag) !== undefined);
    const waitedMs = Math.round((store.run.now - from) / 1_000);
    return { seen: store.begin('s2').read(a), waitedMs };
  }

  it('makes who begins later see it, for two epsilon', () => {
    const { seen, waitedMs } = play({ clockUncertaintyMs: 50 });
    expect(seen).toBe(1);
    expect(waitedMs).toBeGreaterThanOrEqual(100);
    expect(waitedMs).toBeLessThan(106);
  });

  it('is what external consistency hangs on: without it the reader misses the commit', () => {
    expect(play({ clockUncertaintyMs: 50 }, ['mvcc.commit-wait']).seen).toBeNull();
  });

  it('is worth nothing where clocks are further apart than is believed', () => {
    expect(play({ clockUncertaintyMs: 5 }).seen).toBeNull();
    expect(play({ clockUncertaintyMs: 0 }).seen).toBeNull();
  });
});
