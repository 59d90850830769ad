import { describe, expect, it } from 'vitest';
import type { DatabaseView } from '../../../../src/sim/components/database/view.ts';
import { AskBench } from '../support/ask-bench.ts';
import { db, rows, write } from './support.ts';

const bench = (config: object = {}) => new AskBench({ groups: [db(config, { cores: 8 })] });
const view = (b: AskBench): DatabaseView => b.view<DatabaseView>('db1');

describe('the lock of a row', () => {
  it('lets one write at a time, in the order in which they came', () => {
    const b = bench();
    const tags = [1, 1, 1].map((key) => b.ask('db1', write(key)));
    b.to(2);
    expect(view(b)).toMatchObject({ lockWaits: 2, locks: 1, busyCores: 1 });
    b.to(100);
    expect(tags.map((tag) => b.end(tag)?.atMs)).toEqual([6, 10, 14]);
    expect(tags.map((tag) => b.reply(tag))).toEqual([rows(1), rows(2), rows(3)]);
    expect(view(b)).toMatchObject({ lockWaits: 0, locks: 0 });
  });

  it('does not hold up writes of other rows', () => {
    const b = bench();
    const tags = [1, 2, 3].map((key) => b.ask('db1', write(key)));
    b.to(100);
    expect(tags.map((tag) => b.end(tag)?.atMs)).toEqual([6, 6, 6]);
  });

  it('is held until the commit', () => {
    const b = bench({ commitMs: 5 });
    const tags = [1, 1].map((key) => b.ask('db1', write(key)));
    b.to(100);
    expect(tags.map((tag) => b.end(tag)?.atMs)).toEqual([11, 20]);
  });

  it('is waited for no longer than lock_timeout, and then the write has no effect', () => {
    const b = bench({ commitMs: 96, lockTimeoutMs: 30 });
    const [first, second] = [b.ask('db1', write(1)), b.ask('db1', write(1))];
    b.to(20);
    const third = b.ask('db1', write(1));
    b.to(80);
    const fourth = b.ask('db1', write(1));
    b.to(500);
    expect([second, third].map((tag) => b.end(tag)?.atMs)).toEqual([32, 52]);
    expect(b.end(second)?.result.outcome).toBe('fail');
    expect(b.reply(second)).toBe('lock-timeout');
    expect(b.reply(first)).toEqual(rows(1));
    expect(b.reply(fourth)).toEqual(rows(2));
    expect(b.told('database.lock-timeout')).toEqual([
      { type: 'database.lock-timeout', key: 1, waiting: 1 },
      { type: 'database.lock-timeout', key: 1, waiting: 0 },
    ]);
  });

  it('is waited for without end by default', () => {
    const b = bench({ commitMs: 60_000 });
    const tags = [1, 1, 1].map((key) => b.ask('db1', write(key)));
    b.to(200_000);
    expect(tags.map((tag) => b.reply(tag))).toEqual([rows(1), rows(2), rows(3)]);
  });

  it('loses nobody: what came in is answered or inside, and waits add up', () => {
    const b = bench({ lockTimeoutMs: 20 });
    for (let i = 0; i < 50; i++) b.ask('db1', write(i % 3));
    for (const at of [2, 15, 40, 500]) {
      b.to(at);
      const { behaviour, state } = b.node('db1');
      for (const flow of behaviour.flows?.(state) ?? []) {
        expect(flow.arrived, flow.name).toBe(flow.left + flow.inside);
        const inside = flow.inside * flow.changedMicros - flow.arrivalsInsideMicros;
        expect(flow.areaMicros, flow.name).toBe(flow.sojournMicros + inside);
      }
    }
    expect(view(b)).toMatchObject({ lockWaits: 0, locks: 0 });
  });
});
