/** What a crash leaves on the disk: with fsync and without, with a torn tail, in group commit. */
import { describe, expect, it } from 'vitest';
import { micros, ms } from 'faultline';
import type { DiskPlan } from 'faultline';
import { WRITE_BACK_MICROS } from '../../../src/sim/node/disk.ts';
import { forSeeds } from '../../support/seeds.ts';
import { Lab } from './support/lab.ts';
import type { Ctx, Hooks } from './support/lab.ts';

const FSYNC_MS = 4;

function withDisk(hooks: Hooks, disk: DiskPlan = {}, seed = 1): Lab {
  return new Lab({
    seed,
    groups: [
      {
        name: 'n',
        hooks: { disk: true, ...hooks },
        disk: { fsync: { kind: 'constant', ms: FSYNC_MS }, ...disk },
      },
    ],
  });
}

/** Does something at each of these milliseconds of the node's first life. */
function at(moments: readonly (readonly [number, (ctx: Ctx) => void])[]): Hooks {
  return {
    start: (ctx) => {
      if (ctx.mono() > 0) return;
      moments.forEach(([when], i) => ctx.setTimer('at', i, ms(when)));
    },
    timer: (ctx, _state, _kind, key) => moments[key]?.[1](ctx),
  };
}

const durable = (lab: Lab): unknown => lab.node(0).disk?.durable;
const crashAndRestart = (lab: Lab): Lab =>
  lab.inject('c', { type: 'crash', target: 'n' }).undo('c');

describe('a disk', () => {
  it('has a write only after an fsync that began later', () => {
    const lab = withDisk(
      at([[1, (ctx) => (ctx.write({ n: 1 }), ctx.sync(7), ctx.write({ n: 2 }))]]),
    );
    lab.ms(4.9);
    expect(durable(lab)).toEqual([]);
    expect(lab.node(0).disk?.unsynced).toBe(2);
    lab.ms(5);
    expect(durable(lab)).toEqual([1]);
    expect(lab.log(0).at(-1)).toEqual([5_000, 'synced', 7]);
    lab.ms(1_000);
    expect(durable(lab)).toEqual([1]);
  });

  it('answers the syncs that came while one ran together: group commit', () => {
    const lab = withDisk(
      at([
        [1, (ctx) => (ctx.write({ n: 1 }), ctx.sync(1))],
        [2, (ctx) => (ctx.write({ n: 2 }), ctx.sync(2))],
        [3, (ctx) => (ctx.write({ n: 3 }), ctx.sync(3))],
        [4, (ctx) => ctx.write({ n: 4 })],
      ]),
    );
    lab.ms(100);
    const synced = lab.log(0).filter(([, what]) => what === 'synced');
    expect(synced).toEqual([
      [5_000, 'synced', 1],
      [9_000, 'synced', 2],
      [9_000, 'synced', 3],
    ]);
    // The second fsync began after the fourth write, so it covers that one too.
    expect(durable(lab)).toEqual([1, 2, 3, 4]);
  });

  it('lets a handler of a completed sync ask for the next one', () => {
    const lab = withDisk({
      ...at([[0, (ctx) => (ctx.write({ n: 1 }), ctx.sync(1))]]),
      synced: (ctx, _state, ticket) => {
        if (ticket < 3) ctx.write({ n: ticket + 1 });
        if (ticket < 3) ctx.sync(ticket + 1);
      },
    });
    lab.ms(100);
    expect(lab.log(0).filter(([, what]) => what === 'synced')).toEqual([
      [4_000, 'synced', 1],
      [8_000, 'synced', 2],
      [12_000, 'synced', 3],
    ]);
    expect(durable(lab)).toEqual([1, 2, 3]);
  });

  it('loses in a crash what no completed fsync covered', () => {
    const lab = withDisk(
      at([
        [1, (ctx) => (ctx.write({ n: 1 }), ctx.sync(1))],
        [6, (ctx) => (ctx.write({ n: 2 }), ctx.sync(2))],
        [7, (ctx) => ctx.write({ n: 3 })],
      ]),
    );
    crashAndRestart(lab.ms(9.9)).ms(100);
    expect(durable(lab)).toEqual([1]);
    // The fsync under way died with the node: nobody of the next life hears of it.
    expect(lab.saw(0)).toEqual(['start']);
    expect(lab.node(0).disk?.unsynced).toBe(0);
  });

  it('is read by the next life', () => {
    const read: unknown[] = [];
    const hooks = at([[1, (ctx) => (ctx.write({ n: 5 }), ctx.sync(1))]]);
    const lab = withDisk({
      ...hooks,
      start: (ctx, state) => {
        read.push((ctx.durable as number[]).slice());
        hooks.start?.(ctx, state);
      },
    });
    crashAndRestart(lab.ms(50)).ms(100);
    expect(read).toEqual([[], [5]]);
  });

  it('works again after a crash in the middle of an fsync', () => {
    const lab = withDisk({
      start: (ctx) => {
        ctx.write({ n: ctx.mono() });
        ctx.sync(1);
      },
    });
    crashAndRestart(lab.ms(2)).ms(100);
    expect(durable(lab)).toEqual([2_000]);
    expect(lab.log(0)).toEqual([
      [2_000, 'start'],
      [6_000, 'synced', 1],
    ]);
  });

  it('slower by a fault takes so much longer from the next fsync on', () => {
    const sync = (ctx: Ctx): void => (ctx.write({ n: 1 }), ctx.sync(1));
    const lab = withDisk(
      at([
        [0, sync],
        [10, sync],
        [40, sync],
      ]),
    );
    lab.ms(5).inject('slow', { type: 'slow-disk', target: 'n', factor: 3, extraMs: 2 });
    lab.ms(30).undo('slow').ms(100);
    expect(
      lab
        .log(0)
        .filter(([, what]) => what === 'synced')
        .map(([time]) => time),
    ).toEqual([4_000, 24_000, 44_000]);
  });
});

describe('a disk without fsync', () => {
  it('answers at once and keeps only what was written back', () => {
    const hooks = at([
      [0, (ctx) => (ctx.write({ n: 1 }), ctx.sync(1))],
      [3_000, (ctx) => (ctx.write({ n: 2 }), ctx.sync(2))],
    ]);
    const lab = withDisk(hooks, { fsyncOn: false });
    lab.ms(3_001);
    expect(lab.log(0).filter(([, what]) => what === 'synced')).toEqual([
      [0, 'synced', 1],
      [3_000_000, 'synced', 2],
    ]);
    crashAndRestart(lab).ms(4_000);
    expect(durable(lab)).toEqual([]);
    const later = withDisk(hooks, { fsyncOn: false });
    crashAndRestart(later.ms(WRITE_BACK_MICROS / 1_000));
    expect(durable(later)).toEqual([1]);
    const muchLater = withDisk(hooks, { fsyncOn: false });
    crashAndRestart(muchLater.ms(60_000));
    expect(durable(muchLater)).toEqual([1, 2]);
  });

  it('does not remember more than one interval of writes', () => {
    const lab = withDisk(
      {
        start: (ctx) => ctx.setTimer('w', 0, ms(10)),
        timer: (ctx, _state, _kind, key) => {
          ctx.write({ n: key });
          ctx.setTimer('w', key + 1, ms(10));
        },
      },
      { fsyncOn: false },
    );
    lab.ms(60_000);
    expect(lab.node(0).disk?.unsynced).toBeLessThanOrEqual(501);
    crashAndRestart(lab);
    expect(durable(lab)).toHaveLength(5_500);
  });
});

describe('a disk whose fsync a fault turned off', () => {
  const write = (n: number) => (ctx: Ctx) => (ctx.write({ n }), ctx.sync(n));
  const synced = (lab: Lab) => lab.log(0).filter(([, what]) => what === 'synced');
  const off = { type: 'fsync-off', target: 'n' } as const;

  it('answers at once, and a crash takes what it promised and nothing else', () => {
    const lab = withDisk(
      at([
        [1, write(1)],
        [10, write(2)],
        [11, write(3)],
      ]),
    );
    lab.ms(9).inject('off', off).ms(20);
    expect(synced(lab)).toEqual([
      [5_000, 'synced', 1],
      [10_000, 'synced', 2],
      [11_000, 'synced', 3],
    ]);
    expect(durable(lab)).toEqual([1]);
    crashAndRestart(lab).ms(100);
    expect(durable(lab)).toEqual([1]);
    expect(lab.node(0).disk?.save().unsafe).toEqual({ isOff: true, promised: 0 });
  });

  it('lets the fsync that runs already end as one', () => {
    const lab = withDisk(at([[1, write(1)]]));
    lab.ms(3).inject('off', off).ms(6);
    expect(synced(lab)).toEqual([[5_000, 'synced', 1]]);
    expect(durable(lab)).toEqual([1]);
  });

  it('undone: the next fsync covers what was promised, too', () => {
    const lab = withDisk(
      at([
        [10, write(1)],
        [20, write(2)],
      ]),
    );
    lab.inject('off', off).ms(15).undo('off').ms(23);
    expect(durable(lab)).toEqual([]);
    lab.ms(24);
    expect(durable(lab)).toEqual([1, 2]);
    expect(lab.node(0).disk?.save()).not.toHaveProperty('unsafe');
  });

  it('undone: what was promised is written back in time, and what was not, is not', () => {
    const hooks = at([
      [10, write(1)],
      [11, (ctx: Ctx) => ctx.write({ n: 2 })],
    ]);
    const after = (afterMs: number): unknown => {
      const lab = withDisk(hooks);
      lab.inject('off', off).ms(15).undo('off').ms(afterMs);
      return durable(crashAndRestart(lab));
    };
    expect(after(10 + WRITE_BACK_MICROS / 1_000 - 1)).toEqual([]);
    expect(after(10 + WRITE_BACK_MICROS / 1_000)).toEqual([1]);
    expect(after(60_000)).toEqual([1]);
  });

  it('does not remember more than one interval of writes', () => {
    const lab = withDisk({
      start: (ctx) => ctx.setTimer('w', 0, ms(10)),
      timer: (ctx, _state, _kind, key) => {
        ctx.write({ n: key });
        ctx.sync(key);
        ctx.setTimer('w', key + 1, ms(10));
      },
    });
    lab.inject('off', off).ms(60_000);
    expect(lab.node(0).disk?.unsynced).toBeLessThanOrEqual(501);
    crashAndRestart(lab);
    expect(durable(lab)).toHaveLength(5_500);
  });

  it('stays off until the last of those faults is undone, whatever crashes meanwhile', () => {
    const lab = withDisk(at([[10, write(1)]]));
    const isOff = (): boolean => lab.node(0).disk?.save().unsafe?.isOff ?? false;
    lab.inject('a', off).inject('b', off).undo('a');
    expect(isOff()).toBe(true);
    crashAndRestart(lab.ms(1));
    expect(isOff()).toBe(true);
    lab.undo('b');
    expect(isOff()).toBe(false);
  });
});

describe('a disk with a torn tail', () => {
  it('keeps a drawn prefix of what was not synced, never a later write without an earlier', () => {
    const kept = new Map<number, number>();
    forSeeds(200, import.meta.url, (seed) => {
      const hooks = at([
        [1, (ctx) => (ctx.write({ n: 0 }), ctx.sync(1))],
        [6, (ctx) => [1, 2, 3].forEach((n) => ctx.write({ n }))],
      ]);
      const lab = withDisk(hooks, { tornTail: true }, seed);
      crashAndRestart(lab.ms(7));
      const left = durable(lab) as number[];
      expect(left).toEqual([0, 1, 2, 3].slice(0, left.length));
      kept.set(left.length, (kept.get(left.length) ?? 0) + 1);
    });
    // Zero to three of three, each equally likely: 50 of 200 expected, 6 deviations allowed.
    if (kept.size > 1) expect([...kept.keys()].sort()).toEqual([1, 2, 3, 4]);
    for (const count of kept.size > 1 ? kept.values() : []) {
      expect(Math.abs(count - 50)).toBeLessThan(37);
    }
  });

  it('keeps nothing of writes that were not made', () => {
    const lab = withDisk({ start: (ctx) => ctx.work(micros(1), 1) }, { tornTail: true });
    crashAndRestart(lab.ms(1)).ms(2);
    expect(durable(lab)).toEqual([]);
  });
});
