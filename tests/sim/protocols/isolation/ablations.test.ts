/** Every rule of locking and of versions that can be switched off, and what comes out then. */
import { describe, expect, it } from 'vitest';
import type { Isolation } from '../../../../src/sim/protocols/isolation/levels.ts';
import { Table } from './support/table.ts';

describe('a rule that is off', () => {
  type Play = (off: readonly string[]) => unknown;
  const table = (level: Isolation, off: readonly string[]): Table =>
    new Table(level, { rows: { x: 1, y: 2 }, off });
  /** What comes out with every rule on, and without the one. */
  const PLAYS: Readonly<Record<string, readonly [on: unknown, off: unknown, Play]>> = {
    'locking.writes-until-commit': [
      'waits',
      6,
      (off) => {
        const one = table('read-committed', off);
        one.begin().write('x', 5);
        return one.begin().write('x', 6);
      },
    ],
    'locking.reads-until-commit': [
      'waits',
      6,
      (off) => {
        const one = table('repeatable-read', off);
        one.begin().read('x');
        return one.begin().write('x', 6);
      },
    ],
    'locking.predicates': [
      'waits',
      6,
      (off) => {
        const one = table('serializable-2pl', off);
        one.begin().scan('t/');
        return one.begin().write('t/1', 6);
      },
    ],
    'locking.deadlocks': [
      '40P01',
      'waits',
      (off) => {
        const one = table('read-committed', off);
        const [a, b] = [one.begin(), one.begin()];
        a.write('x', 5);
        b.write('y', 6);
        a.write('y', 5);
        return b.write('x', 6);
      },
    ],
    'mvcc.committed-reads': [
      1,
      5,
      (off) => {
        const one = table('read-committed', off);
        one.begin().write('x', 5);
        return one.begin().read('x');
      },
    ],
    'mvcc.one-snapshot': [
      1,
      5,
      (off) => {
        const one = table('snapshot', off);
        const [a, b] = [one.begin(), one.begin()];
        b.write('x', 5);
        b.commit();
        return a.read('x');
      },
    ],
    'mvcc.first-committer-wins': [
      '40001',
      6,
      (off) => {
        const one = table('snapshot', off);
        const [a, b] = [one.begin(), one.begin()];
        b.write('x', 5);
        b.commit();
        return a.write('x', 6);
      },
    ],
    'mvcc.ssi-pivot': [
      false,
      true,
      (off) => {
        const one = table('serializable-ssi', off);
        const [a, b] = [one.begin(), one.begin()];
        a.read('y');
        b.read('x');
        a.write('x', 5);
        b.write('y', 6);
        return [a.commit(), b.commit()].every((end) => end === 'committed');
      },
    ],
    'mvcc.wait-for-prepared': [
      'waits',
      1,
      (off) => {
        const one = table('snapshot', off);
        const a = one.begin();
        a.write('x', 5);
        a.prepare(false);
        return one.begin().read('x');
      },
    ],
  };

  it.each(Object.entries(PLAYS))('%s changes what comes out', (rule, [on, off, play]) => {
    expect([play([]), play([rule])]).toEqual([on, off]);
  });

  it('has a play here for each, but for the one that the protocol of commit follows', () => {
    const one = new Table('snapshot');
    const all = Object.keys(one.config.rules).filter((rule) => rule !== 'mvcc.commit-wait');
    expect(Object.keys(PLAYS).sort()).toEqual(all.sort());
  });
});
