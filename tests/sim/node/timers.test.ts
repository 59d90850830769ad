/** Timers by kind and key, on a clock that drifts, and while their node stands still. */
import { describe, expect, it } from 'vitest';
import { micros, ms, seconds } from 'faultline';
import { Lab } from './support/lab.ts';
import type { Ctx, Hooks, LabState } from './support/lab.ts';

const one = (hooks: Hooks): Lab => new Lab({ groups: [{ name: 'n', hooks }] });
const armed = (arm: (ctx: Ctx, state: LabState) => void): Lab => one({ start: arm });

describe('a timer', () => {
  it('fires once, at its time', () => {
    const lab = armed((ctx) => ctx.setTimer('a', 1, ms(5)));
    lab.ms(4.999);
    expect(lab.saw(0)).toEqual(['start']);
    lab.ms(100);
    expect(lab.log(0)).toEqual([
      [0, 'start'],
      [5_000, 'a', 1],
    ]);
    expect(lab.node(0).timers.size).toBe(0);
  });

  it('armed again keeps only the new time, sooner or later', () => {
    const lab = armed((ctx) => {
      ctx.setTimer('a', 1, ms(5));
      ctx.setTimer('a', 1, ms(9));
      ctx.setTimer('b', 1, ms(9));
      ctx.setTimer('b', 1, ms(2));
    });
    lab.ms(100);
    expect(lab.log(0).slice(1)).toEqual([
      [2_000, 'b', 1],
      [9_000, 'a', 1],
    ]);
    expect(lab.parts.host.payloads.save().free.length).toBe(lab.parts.host.payloads.save().used);
  });

  it('is its kind and its key: others of either are others', () => {
    const lab = armed((ctx) => {
      ctx.setTimer('a', 1, ms(1));
      ctx.setTimer('a', 2, ms(2));
      ctx.setTimer('b', 1, ms(3));
      ctx.setTimer('a', 4_294_967_295, ms(4));
      ctx.setTimer('b', 0, ms(5));
      ctx.cancelTimer('a', 2);
      ctx.cancelTimer('c', 1);
    });
    lab.ms(100);
    expect(lab.saw(0).slice(1)).toEqual(['a 1', 'b 1', 'a 4294967295', 'b 0']);
  });

  it('refuses a key that another kind could mistake for its own', () => {
    for (const key of [-1, 4_294_967_296, 0.5, Number.NaN]) {
      expect(() => armed((ctx) => ctx.setTimer('a', key, ms(1))).ms(1)).toThrow(/key/);
    }
  });

  it('cancelled does not fire, and may be armed again', () => {
    const lab = one({
      start: (ctx) => {
        ctx.setTimer('a', 1, ms(1));
        ctx.setTimer('b', 1, ms(5));
      },
      timer: (ctx, _state, kind) => {
        if (kind !== 'a' || ctx.mono() > 1_000) return;
        ctx.cancelTimer('b', 1);
        ctx.cancelTimer('b', 1);
        ctx.setTimer('a', 1, ms(1));
      },
    });
    lab.ms(100);
    expect(lab.log(0).slice(1)).toEqual([
      [1_000, 'a', 1],
      [2_000, 'a', 1],
    ]);
    expect(lab.parts.kernel.queue.size).toBe(0);
  });

  it('may be cancelled and armed again while it fires, or only be cancelled', () => {
    const lab = one({
      start: (ctx) => {
        ctx.setTimer('a', 1, ms(1));
        ctx.setTimer('b', 1, ms(1));
      },
      timer: (ctx, _state, kind) => {
        ctx.setTimer(kind, 1, ms(3));
        ctx.cancelTimer(kind, 1);
        if (kind === 'a' && ctx.mono() < 5_000) ctx.setTimer('a', 1, ms(2));
      },
    });
    lab.ms(2);
    expect([...lab.node(0).timers.values()].map(({ kind }) => kind)).toEqual(['a']);
    lab.ms(100);
    expect(lab.log(0).slice(1)).toEqual([
      [1_000, 'a', 1],
      [1_000, 'b', 1],
      [3_000, 'a', 1],
      [5_000, 'a', 1],
    ]);
    expect(lab.node(0).timers.size).toBe(0);
    expect(lab.parts.kernel.queue.size).toBe(0);
    expect(lab.parts.host.payloads.save().free.length).toBe(lab.parts.host.payloads.save().used);
  });

  it('may arm itself while it fires, without delay even', () => {
    const lab = one({
      start: (ctx) => ctx.setTimer('a', 0, micros(0)),
      timer: (ctx, _state, _kind, key) => {
        if (key < 3) ctx.setTimer('a', key + 1, micros(0));
      },
    });
    lab.ms(0);
    expect(lab.saw(0)).toEqual(['start', 'a 0', 'a 1', 'a 2', 'a 3']);
  });

  it('runs on the clock of its node', () => {
    const lab = one({ start: (ctx) => ctx.setTimer('a', 1, seconds(1)) });
    // Faults strike before the events of their time: the node starts with a clock 10 % fast.
    lab.inject('fast', { type: 'clock-drift', target: 'n', ppm: 100_000 });
    lab.ms(909.0);
    expect(lab.saw(0)).toEqual(['start']);
    lab.ms(909.091);
    expect(lab.log(0)[1]).toEqual([1_000_000, 'a', 1]);
  });

  it('goes with its node when that crashes', () => {
    const lab = armed((ctx) => ctx.setTimer('a', 1, ms(5)));
    lab.ms(1).inject('crash', { type: 'crash', target: 'n' });
    expect(lab.parts.kernel.queue.size).toBe(0);
    lab.ms(2).undo('crash').ms(100);
    expect(lab.log(0)).toEqual([
      [2_000, 'start'],
      [7_000, 'a', 1],
    ]);
  });
});

describe('a timer of a paused node', () => {
  it('fires when the node goes on', () => {
    const lab = armed((ctx) => ctx.setTimer('a', 1, ms(5)));
    lab.ms(1).inject('pause', { type: 'pause', target: 'n' }).ms(20);
    expect(lab.saw(0)).toEqual(['start']);
    lab.undo('pause').ms(100);
    expect(lab.log(0)[1]).toEqual([20_000, 'a', 1]);
  });

  it('does not fire twice when what waited before it armed it again', () => {
    const lab = one({
      start: (ctx) => {
        ctx.setTimer('a', 1, ms(5));
        ctx.setTimer('b', 1, ms(6));
      },
      timer: (ctx, _state, kind) => {
        if (kind === 'a') ctx.setTimer('b', 1, ms(3));
      },
    });
    lab.ms(1).inject('pause', { type: 'pause', target: 'n' }).ms(20).undo('pause').ms(100);
    expect(lab.log(0).slice(1)).toEqual([
      [20_000, 'a', 1],
      [23_000, 'b', 1],
    ]);
  });

  it('does not fire when what waited before it cancelled it', () => {
    const lab = one({
      start: (ctx) => {
        ctx.setTimer('a', 1, ms(5));
        ctx.setTimer('b', 1, ms(6));
      },
      timer: (ctx, _state, kind) => {
        if (kind === 'a') ctx.cancelTimer('b', 1);
      },
    });
    lab.ms(1).inject('pause', { type: 'pause', target: 'n' }).ms(20).undo('pause').ms(100);
    expect(lab.saw(0)).toEqual(['start', 'a 1']);
  });

  it('is gone when the node crashes before it goes on', () => {
    const lab = armed((ctx) => ctx.setTimer('a', 1, ms(5)));
    lab.ms(1).inject('pause', { type: 'pause', target: 'n' }).ms(20);
    lab.inject('crash', { type: 'crash', target: 'n' }).undo('crash').ms(21);
    expect(lab.log(0)).toEqual([[20_000, 'start']]);
    const { used, free } = lab.parts.host.payloads.save();
    expect(used - free.length).toBe(1);
  });
});
