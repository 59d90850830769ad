/**
 * SELECT ... FOR UPDATE: a read that locks its row as a write does, and finds its newest version.
 *
 * Sources: PostgreSQL 13.3.2 (row-level locks), 13.2.2 (first updater wins); InnoDB 17.7.2.4
 */
import { describe, expect, it } from 'vitest';
import { Store } from './support.ts';

const X = 'x';
const storeOf = (isolation: string, off: readonly string[] = []): Store =>
  new Store({ config: { isolation, rows: [{ key: X, value: 7 }] }, off });

/** Both read the row for update and write one more than they read; the second may have to wait. */
function race(isolation: string, off: readonly string[] = []) {
  const store = storeOf(isolation, off);
  const [a, b] = [store.begin(), store.begin()];
  const first = a.readForUpdate(X);
  const second = b.readForUpdate(X);
  a.write(X, Number(first) + 1);
  const committed = a.commit();
  store.after(10);
  return { store, b, first, second, committed, woken: b.last };
}

describe('a read for update', () => {
  it.each(['read-committed', 'innodb-repeatable-read', 'repeatable-read', 'serializable-2pl'])(
    'waits at %s, and then reads what was written meanwhile',
    (isolation) => {
      const { store, b, first, second, committed, woken } = race(isolation);
      expect([first, second, committed, woken]).toEqual([7, undefined, 'committed', 8]);
      b.write(X, Number(woken) + 1);
      expect(b.commit()).toBe('committed');
      expect(store.begin().read(X)).toBe(9);
    },
  );

  it.each(['snapshot', 'serializable-ssi'])(
    'is refused at %s once the row has changed',
    (level) => {
      expect(race(level).woken).toBe('40001');
    },
  );

  it('is let through by a snapshot that does not look who was first', () => {
    expect(race('snapshot', ['mvcc.first-committer-wins']).woken).toBe(8);
  });

  it('reads what its own transaction has written', () => {
    const txn = storeOf('read-committed').begin();
    txn.write(X, 70);
    expect(txn.readForUpdate(X)).toBe(70);
  });

  it('of a row that is not there finds nothing, and keeps others from writing it', () => {
    const store = storeOf('read-committed');
    const [a, b] = [store.begin(), store.begin()];
    expect(a.readForUpdate('y')).toBeNull();
    expect(b.write('y', 1)).toBeUndefined();
  });

  it('is refused in a transaction that was begun as read only', () => {
    expect(storeOf('read-committed').begin('s1', true).readForUpdate(X)).toBe('25006');
  });

  it('leaves nothing behind when its transaction only read', () => {
    const store = storeOf('read-committed');
    const a = store.begin();
    a.readForUpdate(X);
    expect(a.commit()).toBe('committed');
    expect(store.begin().write(X, 1)).toBe(1);
  });
});
