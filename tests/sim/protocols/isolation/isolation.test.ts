/**
 * Statements, locks and versions of one shard alone, a rule of each file at a time. What the levels
 * prevent in a whole store is the matrix of Hermitage, in tests/sim/components/txn-store.
 */
import { describe, expect, it } from 'vitest';
import { commit, restoreRow, revive } from '../../../../src/sim/protocols/isolation/finish.ts';
import { isLater, nextStamp } from '../../../../src/sim/protocols/isolation/state.ts';
import { forSeeds } from '../../../support/seeds.ts';
import { GATEWAY, Table } from './support/table.ts';
import type { Session } from './support/table.ts';

const XY = { x: 1, y: 2 };

describe('the engine', () => {
  it('answers each statement once, now or when its wait is over', () => {
    const table = new Table('serializable-2pl', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    expect(a.write('x', 5)).toBe(5);
    expect(b.read('x')).toBe('waits');
    expect(a.commit()).toBe('committed');
    expect(b.now()).toBe(5);
    for (let tag = 1; tag <= 2; tag++) expect(table.answers(tag)).toBe(1);
  });

  it('aborts a transaction whose statement it refuses, and drops what it wrote', () => {
    const table = new Table('snapshot', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    a.write('y', 9);
    b.write('x', 5);
    expect(b.commit()).toBe('committed');
    expect(a.write('x', 6)).toBe('40001');
    expect(a.read('y')).toBe('25P01');
    expect(table.begin().read('y')).toBe(2);
  });

  it('refuses to write in a transaction that was begun as read only', () => {
    const table = new Table('read-committed', { rows: XY });
    expect(table.begin(true).write('x', 5)).toBe('25006');
  });

  it('reads a snapshot without locks where a transaction only reads', () => {
    const table = new Table('serializable-2pl', { rows: XY });
    const writer = table.begin();
    writer.write('x', 5);
    expect(table.begin(true).read('x')).toBe(1);
  });

  it('gives up a wait for a lock, and with it the transaction', () => {
    const table = new Table('read-committed', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    a.write('x', 5);
    b.write('y', 6);
    expect(b.write('x', 6)).toBe('waits');
    b.giveUp();
    expect(b.now()).toBe('55P03');
    expect(table.begin().write('y', 7)).toBe(7);
  });

  it('lets whoever waits go on when the one before it aborts', () => {
    const table = new Table('read-committed', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    a.add('x', 10);
    expect(b.add('x', 100)).toBe('waits');
    a.abort();
    expect(b.now()).toBe(101);
  });

  it('builds appends and additions upon what is there, and upon its own', () => {
    const table = new Table('read-committed', { rows: XY });
    const a = table.begin();
    expect([a.append('l', 1), a.append('l', 2), a.add('x', 4)]).toEqual([[1], [1, 2], 5]);
    expect(a.commit()).toBe('committed');
    expect(table.begin().read('l')).toEqual([1, 2]);
  });

  it('wounds the younger one, never the older, and tells its gateway', () => {
    const table = new Table('read-committed', { rows: XY, deadlocks: 'wound-wait' });
    const [older, younger] = [table.begin(), table.begin()];
    younger.write('x', 5);
    expect(older.write('x', 6)).toBe(6);
    expect(table.effects.find((one) => one.type === 'struck')).toMatchObject({
      txn: younger.txn,
      gateway: GATEWAY,
      code: '40001',
    });
    expect(table.begin().write('x', 7)).toBe('waits');
  });

  it('does not wound what is prepared: it ends soon, and by the word of another', () => {
    const table = new Table('read-committed', { rows: XY, deadlocks: 'wound-wait' });
    const [older, younger] = [table.begin(), table.begin()];
    younger.write('x', 5);
    younger.prepare(false);
    expect(older.write('x', 6)).toBe('waits');
  });
});

describe('the table of locks', () => {
  it('is first come, first served: a reader does not overtake a writer that waits', () => {
    const table = new Table('repeatable-read', { rows: XY });
    const [a, b, c] = [table.begin(), table.begin(), table.begin()];
    expect(a.read('x')).toBe(1);
    expect(b.write('x', 5)).toBe('waits');
    expect(c.read('x')).toBe('waits');
    a.commit();
    expect([b.now(), c.now()]).toEqual([5, 'waits']);
    b.commit();
    expect(c.now()).toBe(5);
  });

  it('lets only who has the shared lock and wants the exclusive one go before the rest', () => {
    const table = new Table('repeatable-read', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    a.read('x');
    expect(b.write('x', 5)).toBe('waits');
    expect(a.write('x', 6)).toBe(6);
  });

  it('locks a predicate: also rows that are not there yet', () => {
    const table = new Table('serializable-2pl', { rows: { 't/1': 1 } });
    const [a, b] = [table.begin(), table.begin()];
    expect(a.scan('t/')).toBe('t/1=1');
    expect(b.write('t/2', 2)).toBe('waits');
    expect(table.begin().write('u/1', 2)).toBe(2);
    a.commit();
    expect(b.now()).toBe(2);
  });

  it('never grants two locks that conflict, whatever is asked', () => {
    forSeeds(40, import.meta.url, (seed, random) => {
      const table = new Table('serializable-2pl', { rows: { a: 0, ab: 0, b: 0 } });
      let open: Session[] = [];
      for (let i = 0; i < 60; i++) {
        if (open.length < 4) open.push(table.begin());
        const one = random.pick(open);
        const key = random.pick(['a', 'ab', 'b']);
        if (one.last > 0 && one.now() === 'waits') continue;
        if (random.chance(25)) one.commit();
        else if (random.chance(40)) one.write(key, i);
        else if (random.chance(50)) one.scan(random.pick(['', 'a']));
        else one.read(key);
        open = open.filter(({ txn }) => table.state.txns.get(txn)?.status === 'active');
        expectNoConflict(table, seed);
      }
    });
  });
});

function expectNoConflict({ state }: Table, seed: number): void {
  const { granted } = state.locks;
  for (const a of granted) {
    for (const b of granted) {
      if (a.txn === b.txn || (a.mode === 'shared' && b.mode === 'shared')) continue;
      const [one, other] = [a.target, b.target];
      const meet =
        one.kind === 'row' && other.kind === 'row'
          ? one.name === other.name
          : one.name.startsWith(other.name) || other.name.startsWith(one.name);
      expect(meet, `seed ${seed}: ${JSON.stringify([a, b])}`).toBe(false);
    }
  }
}

describe('the end of a transaction', () => {
  it('keeps the locks of what is prepared until its fate is known', () => {
    const table = new Table('read-committed', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    a.write('x', 5);
    const prepared = a.prepare(false);
    expect(b.write('x', 6)).toBe('waits');
    if (prepared.type !== 'prepared') throw new Error(prepared.type);
    commit(table.engine, a.txn, prepared.at, null);
    expect(b.now()).toBe(6);
  });

  it('refuses a statement to what is prepared, and a second preparation', () => {
    const table = new Table('read-committed', { rows: XY });
    const a = table.begin();
    a.prepare(false);
    expect(a.read('x')).toBe('25P01');
    expect(a.prepare(false)).toMatchObject({ type: 'refused', code: '08006' });
  });

  it('has its versions and its locks again after a restart', () => {
    const table = new Table('read-committed', { rows: XY });
    revive(table.engine, 9, { at: { l: 900, c: 0 }, writes: [{ key: 'x', value: 7 }] });
    const other = table.begin();
    expect(other.write('x', 8)).toBe('waits');
    commit(table.engine, 9, { l: 950, c: 0 }, null);
    expect(other.now()).toBe(8);
    other.abort();
    expect(table.begin().read('x')).toBe(7);
  });

  it('tells too old a snapshot instead of reading what is not there any more', () => {
    const table = new Table('snapshot', { rows: XY, keepMicros: 200 });
    const old = table.begin();
    for (let value = 10; value < 30; value++) {
      const writer = table.begin();
      writer.write('x', value);
      expect(writer.commit()).toBe('committed');
    }
    expect(old.read('x')).toBe('72000');
  });

  it('reads nothing from before the newest row that a restart has left', () => {
    const table = new Table('snapshot', {});
    const old = table.begin();
    const at = { l: table.nowMicros + 500, c: 0 };
    restoreRow(table.engine, 'x', { value: 3, at, writer: 1 });
    expect(old.read('x')).toBe('72000');
  });
});

describe('stamps', () => {
  it('rise strictly, also where the clock stands or goes back', () => {
    const table = new Table('snapshot', { uncertaintyMicros: 7 });
    const first = nextStamp(table.engine);
    const second = nextStamp(table.engine);
    table.nowMicros -= 500;
    const third = nextStamp(table.engine);
    expect([isLater(second, first), isLater(third, second)]).toEqual([true, true]);
    expect(first.l).toBe(1_007);
  });

  it('are later than any snapshot that was served', () => {
    const table = new Table('snapshot', { rows: XY });
    const a = table.begin();
    table.nowMicros -= 900;
    const writer = table.begin();
    writer.write('x', 9);
    expect(writer.commit()).toBe('committed');
    expect(a.read('x')).toBe(1);
  });

  it('make a snapshot wait for what is prepared at or before it, and only for that', () => {
    const table = new Table('snapshot', { rows: XY });
    const [early, writer] = [table.begin(), table.begin()];
    writer.write('x', 5);
    const prepared = writer.prepare(false);
    const late = table.begin();
    expect([early.read('x'), late.read('x'), late.last]).toEqual([1, 'waits', late.last]);
    if (prepared.type !== 'prepared') throw new Error(prepared.type);
    commit(table.engine, writer.txn, prepared.at, null);
    expect(late.now()).toBe(5);
  });
});

describe('serializable snapshot isolation', () => {
  /** Write skew: each reads both rows and changes the one that the other has read. */
  const skew = (table: Table): unknown[] => {
    const [a, b] = [table.begin(), table.begin()];
    a.read('x');
    a.read('y');
    b.read('x');
    b.read('y');
    const wrote = [a.write('x', 11), b.write('y', 12)];
    return [...wrote, a.commit(), b.commit()];
  };

  it('commits no pivot', () => {
    expect(skew(new Table('snapshot', { rows: XY })).slice(2)).toEqual(['committed', 'committed']);
    // Both are pivots, and each dies: of two in doubt one is not spared.
    const ends = skew(new Table('serializable-ssi', { rows: XY })).slice(2);
    expect(ends).not.toContain('committed');
  });

  it('lets the first commit where the second has not written yet', () => {
    const table = new Table('serializable-ssi', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    a.read('y');
    b.read('x');
    a.write('x', 11);
    expect(a.commit()).toBe('committed');
    expect(b.write('y', 12)).toBe('40001');
  });

  it('sees an antidependency through a search, too', () => {
    const table = new Table('serializable-ssi', { rows: { 't/1': 1 } });
    const [a, b] = [table.begin(), table.begin()];
    a.scan('t/');
    b.scan('t/');
    a.write('t/2', 1);
    b.write('t/3', 1);
    expect([a.commit(), b.commit()]).not.toContain('committed');
  });

  it('counts reads of one that has committed, while somebody concurrent may write', () => {
    const table = new Table('serializable-ssi', { rows: XY });
    const [reader, writer] = [table.begin(), table.begin()];
    reader.read('x');
    expect(reader.commit()).toBe('committed');
    writer.write('x', 5);
    expect(table.state.txns.get(writer.txn)?.hasIn).toBe(true);
    const later = table.begin();
    later.write('y', 5);
    expect(table.state.txns.get(later.txn)?.hasIn).toBe(false);
  });

  it('sends what it knows with the vote, and takes a prepared one for a pivot from then on', () => {
    const table = new Table('serializable-ssi', { rows: XY });
    const [a, b] = [table.begin(), table.begin()];
    b.read('y');
    a.write('x', 5);
    expect(a.prepare(false)).toMatchObject({ hasIn: false, hasOut: false });
    // Another shard may know more of it: whoever adds an edge to it must die.
    expect(b.read('x')).toBe('40001');
  });
});
