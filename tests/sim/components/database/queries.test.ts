import { describe, expect, it } from 'vitest';
import { GAUGES } from '../../../../src/sim/components/database/show.ts';
import type { DatabaseState } from '../../../../src/sim/components/database/state.ts';
import type { DatabaseView } from '../../../../src/sim/components/database/view.ts';
import { AskBench } from '../support/ask-bench.ts';
import { constant, db, read, rows, write } from './support.ts';

const bench = (config: object = {}, more = {}) => new AskBench({ groups: [db(config, more)] });
const view = (b: AskBench): DatabaseView => b.view<DatabaseView>('db1');

describe('a row', () => {
  it('has version 0 before the first write, and one more after each', () => {
    const b = bench();
    expect(b.answer('db1', read(5))).toEqual(rows(0));
    expect(b.answer('db1', write(5))).toEqual(rows(1));
    expect(b.answer('db1', write(5))).toEqual(rows(2));
    expect(b.answer('db1', read(5))).toEqual(rows(2));
    expect(b.answer('db1', read(6))).toEqual(rows(0));
    expect(view(b)).toMatchObject({ reads: 3, writes: 2, isReplica: false });
  });

  it('beyond the last one does not exist, for reads and for writes', () => {
    const b = bench({ rows: 10 });
    expect(b.answer('db1', read(9))).toEqual(rows(0));
    expect(b.answer('db1', read(10))).toEqual(rows(-1));
    expect(b.answer('db1', write(10))).toEqual(rows(-1));
    expect(b.answer('db1', read(10))).toEqual(rows(-1));
    expect(view(b).locks).toBe(0);
  });

  it('gets at least the version that a write brings', () => {
    const b = bench();
    expect(b.answer('db1', write(1, { version: 7 }))).toEqual(rows(7));
    expect(b.answer('db1', write(1, { version: 3 }))).toEqual(rows(7));
    expect(b.answer('db1', write(1))).toEqual(rows(8));
  });
});

it('counts what it has read and written, for charts and checks', () => {
  const b = bench();
  for (const message of [read(1), write(1), write(2)]) b.answer('db1', message);
  const node = b.parts.world.group('db')[0];
  const of = (title: string): number | undefined =>
    GAUGES.find((gauge) => gauge.title === title)?.of(
      node?.state as DatabaseState,
      node?.cores as never,
    );
  expect([of('Reads'), of('Writes')]).toEqual([1, 2]);
});

describe('work', () => {
  it('takes a core as long as the statement costs, a message a millisecond each way', () => {
    const b = bench({ statements: [{ statement: 'report', time: constant(50) }] });
    const [a, c] = [b.ask('db1', read(1)), b.ask('db1', write(2))];
    b.to(100);
    const d = b.ask('db1', read(1, { statement: 'report' }));
    b.to(300);
    expect(b.end(a)?.atMs).toBe(4);
    // One core: the write waits for the read.
    expect(b.end(c)?.atMs).toBe(8);
    expect(b.end(d)?.atMs).toBe(152);
  });

  it('goes on at once on as many cores as there are, and shows who waits', () => {
    const b = bench({}, { cores: 2 });
    const tags = [1, 2, 3].map((key) => b.ask('db1', read(key)));
    b.to(1.5);
    expect(view(b)).toMatchObject({ busyCores: 2, cores: 2, queued: 1 });
    b.to(20);
    expect(tags.map((tag) => b.end(tag)?.atMs)).toEqual([4, 4, 6]);
  });

  it('is drawn from the request and the statement, whatever else is asked', () => {
    const time = { kind: 'exponential', meanMs: 10 };
    const alone = bench({ read: { time } });
    const tag = alone.ask('db1', read(1, { seed: 99 }));
    alone.to(1_000);
    const busy = bench({ read: { time } }, { cores: 8 });
    for (let seed = 0; seed < 5; seed++) busy.ask('db1', read(seed, { seed }));
    const same = busy.ask('db1', read(1, { seed: 99 }));
    const other = busy.ask('db1', read(1, { statement: 'other', seed: 99 }));
    busy.to(1_000);
    expect(busy.end(same)?.atMs).toBe(alone.end(tag)?.atMs);
    expect(busy.end(other)?.atMs).not.toBe(alone.end(tag)?.atMs);
  });

  it('is slow for the share of statements that are, and for the same ones again', () => {
    const slow = { time: constant(1), slowShare: 0.25, slowTime: constant(100) };
    const run = () => {
      const b = bench({ read: slow }, { cores: 1_000 });
      const tags = Array.from({ length: 1_000 }, (_, i) => b.ask('db1', read(1, { seed: i })));
      b.to(1_000);
      return tags.map((tag) => b.end(tag)?.atMs === 102);
    };
    const first = run();
    const share = first.filter(Boolean).length / 1_000;
    // Four standard errors of a share of a quarter among a thousand: 0.055.
    expect(Math.abs(share - 0.25)).toBeLessThan(0.055);
    expect(run()).toEqual(first);
  });
});

describe('a read', () => {
  it('sees the version at the end of its work, and never waits for a lock', () => {
    const b = bench({ read: { time: constant(10) } }, { cores: 4 });
    b.ask('db1', write(1));
    const seen = b.ask('db1', read(1));
    b.to(50);
    expect(b.reply(seen)).toEqual(rows(1));
    const c = bench({ write: { time: constant(10) } }, { cores: 4 });
    c.ask('db1', write(1));
    const before = c.ask('db1', read(1));
    c.to(50);
    expect(c.end(before)?.atMs).toBe(4);
    expect(c.reply(before)).toEqual(rows(0));
  });
});

describe('a write', () => {
  it('is seen by others from its commit on, not from the end of its work', () => {
    const b = bench({ commitMs: 5 }, { cores: 4 });
    const tag = b.ask('db1', write(1));
    // Its work ends at 5 ms, its commit at 10 ms.
    b.to(6);
    const during = b.ask('db1', read(1));
    b.to(9);
    const after = b.ask('db1', read(1));
    b.to(30);
    expect(b.reply(during)).toEqual(rows(0));
    expect(b.reply(after)).toEqual(rows(1));
    expect(b.end(tag)?.atMs).toBe(11);
  });

  it('waits for the disk, and shares an fsync with others', () => {
    const b = bench({}, { cores: 4, disk: { fsync: constant(3) } });
    const tags = [1, 2, 3].map((key) => b.ask('db1', write(key)));
    b.to(50);
    // Work until 5 ms. The first asks for an fsync, the others share the next one.
    expect(tags.map((tag) => b.end(tag)?.atMs)).toEqual([9, 12, 12]);
  });
});
