import { describe, expect, it } from 'vitest';
import type { GroupPlan } from 'faultline';
import type { DatabaseView } from '../../../../src/sim/components/database/view.ts';
import { AskBench } from '../support/ask-bench.ts';
import { constant, db, read, rows, write } from './support.ts';

const replica = (config: object = {}, more: Partial<GroupPlan> = {}): GroupPlan =>
  db(config, { name: 'r', links: { primary: 'db' }, ...more });
const bench = (
  config: object = {},
  network?: ConstructorParameters<typeof AskBench>[0]['network'],
) =>
  new AskBench({
    groups: [db(), replica(config)],
    ...(network === undefined ? {} : { network }),
  });

describe('a replica', () => {
  it('takes no writes, surely without effect', () => {
    const b = bench();
    const tag = b.ask('r1', write(1));
    b.to(10);
    expect(b.reply(tag)).toBe('read-only');
    expect(b.end(tag)?.result.outcome).toBe('fail');
    expect(b.view<DatabaseView>('r1').isReplica).toBe(true);
  });

  it('has a write a message after the commit of the primary', () => {
    const b = bench({ read: { time: constant(0) } });
    b.to(10).ask('db1', write(1));
    // Arrives at 11, is committed at 15, at the replica at 16.
    b.to(14.9);
    const before = b.ask('r1', read(1));
    b.to(15.1);
    const after = b.ask('r1', read(1));
    b.to(50);
    expect(b.reply(before)).toEqual(rows(0));
    expect(b.reply(after)).toEqual(rows(1));
  });

  it('applies a write after its delay, and shows how many it holds back', () => {
    const b = bench({ replicationDelay: constant(100) });
    b.to(10);
    expect(b.answer('db1', write(1))).toEqual(rows(1));
    expect(b.answer('db1', write(2))).toEqual(rows(1));
    b.after(10);
    expect(b.view<DatabaseView>('r1').lag).toBe(2);
    expect(b.answer('r1', read(1))).toEqual(rows(0));
    b.after(120);
    expect(b.view<DatabaseView>('r1').lag).toBe(0);
    expect(b.answer('r1', read(1))).toEqual(rows(1));
  });

  it('gets all that it missed while it was down, of each row the newest', () => {
    const b = bench();
    b.to(10);
    b.answer('db1', write(1));
    b.after(5).crash('r1').after(5);
    for (const key of [2, 3, 2, 2, 4]) b.answer('db1', write(key));
    b.restart('r1').after(50);
    const seen = [1, 2, 3, 4].map((key) => b.answer('r1', read(key)));
    expect(seen).toEqual([rows(1), rows(3), rows(1), rows(1)]);
    expect(b.told<{ readonly type: string; behind: number }>('database.followed').length).toBe(2);
  });

  it('gets what it needs again after a crash of the primary, which forgot who follows', () => {
    const b = bench();
    b.to(10);
    b.answer('db1', write(1));
    b.crash('db1').after(50);
    b.restart('db1').after(10);
    b.answer('db1', write(1));
    b.after(1_100);
    expect(b.answer('r1', read(1))).toEqual(rows(2));
  });

  it.each([1, 2, 3, 4, 5])('misses nothing over a bad network, seed %i', (seed) => {
    const b = new AskBench({
      groups: [db({}, { cores: 50 }), replica({ statusIntervalMs: 50 })],
      seed,
      network: {
        latency: { kind: 'uniform', minMs: 0.5, maxMs: 8 },
        lossProbability: 0.2,
        duplicateProbability: 0.2,
      },
    });
    for (let i = 0; i < 300; i++) {
      b.ask('db1', write(i % 17, { seed: i }));
      b.after(1);
      // Never newer than the primary, and always in order of the log.
      const versions = (name: string) => (b.node(name).state as { rows: Map<number, Row> }).rows;
      for (const [key, row] of versions('r1')) {
        const own = versions('db1').get(key);
        expect(row.version, `seed ${seed}`).toBeLessThanOrEqual(own?.version ?? -1);
      }
    }
    b.after(3_000);
    const state = (name: string) => (b.node(name).state as { rows: Map<number, Row> }).rows;
    const sorted = (name: string) => [...state(name).values()].sort((x, y) => x.key - y.key);
    expect(sorted('db1').length).toBe(17);
    expect(sorted('r1'), `seed ${seed}`).toEqual(sorted('db1'));
  });

  it('may have a replica of its own', () => {
    const b = new AskBench({
      groups: [db(), replica(), db({}, { name: 'rr', links: { primary: 'r' } })],
    });
    b.to(10);
    b.answer('db1', write(3));
    b.after(20);
    expect(b.answer('rr1', read(3))).toEqual(rows(1));
  });
});

interface Row {
  readonly key: number;
  readonly version: number;
}
