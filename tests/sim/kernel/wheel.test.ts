import { describe, expect, it } from 'vitest';
import { InvariantError } from '../../../src/sim/kernel/errors.ts';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import type { SimMicros } from '../../../src/sim/kernel/time.ts';
import { type Handle, NO_HANDLE, TimingWheel } from '../../../src/sim/kernel/wheel.ts';
import { type Life, QueueModel, step } from './support/queue-model.ts';

const at = (micros: number) => micros as SimMicros;
const SEEDS = 200;

function birth(seed: number): Life {
  return {
    wheel: new TimingWheel(4),
    model: new QueueModel(),
    draws: new StreamBank(seed).stream('life'),
    stale: [],
    log: [],
  };
}

/** Runs `body` for each seed and names the seed that fails. */
function forSeeds(count: number, body: (seed: number) => void): void {
  for (let seed = 0; seed < count; seed++) {
    try {
      body(seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

function drainAll(wheel: TimingWheel): number[] {
  const payloads: number[] = [];
  while (wheel.popUntil(at(2 ** 53 - 1))) payloads.push(wheel.payload);
  return payloads;
}

describe('timing wheel', () => {
  it('behaves like a list sorted by (time, sequence)', () => {
    let popped = 0;
    forSeeds(SEEDS, (seed) => {
      const life = birth(seed);
      for (let call = 0; call < 1500; call++) step(life);
      popped += life.log.length;
    });
    // The lives must really be lived: most calls schedule or pop.
    expect(popped).toBeGreaterThan(SEEDS * 300);
  });

  it('goes on from a restored image exactly as it did the first time, handles included', () => {
    forSeeds(60, (seed) => {
      const life = birth(seed);
      const split = 50 + (seed % 7) * 90;
      for (let call = 0; call < split; call++) step(life);
      const image = life.wheel.save();
      const { pending, sequence, now } = life.model;
      const saved = { pending: pending.slice(), sequence, now };
      const stale = life.stale.slice();
      const lives = [0, 1].map((turn) => {
        const wheel = turn === 0 ? life.wheel : new TimingWheel(1);
        wheel.restore(image);
        const model = Object.assign(new QueueModel(), saved, { pending: saved.pending.slice() });
        const draws = new StreamBank(seed).stream('second life');
        const next: Life = { wheel, model, draws, stale: stale.slice(), log: [] };
        for (let call = 0; call < 400; call++) step(next);
        return { log: next.log, stale: next.stale, left: model.pending };
      });
      expect(lives[1]).toEqual(lives[0]);
    });
  });

  it('restores into the wheel that ran ahead, and forgets what it scheduled meanwhile', () => {
    const wheel = new TimingWheel(1);
    const first = wheel.schedule(at(10), 1, 2, 3);
    const image = wheel.save();
    const ahead: Handle[] = [];
    for (let n = 0; n < 100; n++) ahead.push(wheel.schedule(at(20 + n), 0, 0, n));
    drainAll(wheel);
    wheel.restore(image);
    expect(wheel.size).toBe(1);
    expect(wheel.now).toBe(0);
    expect(wheel.isPending(first)).toBe(true);
    expect(ahead.some((handle) => wheel.isPending(handle))).toBe(false);
    const again: Handle[] = [];
    for (let n = 0; n < 100; n++) again.push(wheel.schedule(at(20 + n), 0, 0, n));
    expect(again).toEqual(ahead);
  });

  it('saves only the part that was used', () => {
    const wheel = new TimingWheel(100_000);
    wheel.schedule(at(5), 0, 0, 0);
    const empty = new TimingWheel(100_000).save().slab.length;
    expect(wheel.save().slab.length - empty).toBe(8);
  });

  it('keeps events of one moment in the order of scheduling, also across a cascade', () => {
    const wheel = new TimingWheel();
    const moment = at(5_000_000);
    wheel.schedule(moment, 0, 0, 0);
    wheel.schedule(at(4_999_999), 0, 0, 100);
    wheel.schedule(moment, 0, 0, 1);
    expect(wheel.popUntil(moment)).toBe(true);
    wheel.schedule(moment, 0, 0, 2);
    wheel.schedule(moment, 0, 0, 3);
    expect(drainAll(wheel)).toEqual([0, 1, 2, 3]);
  });

  it('lets an event be scheduled before a slot that a limit stopped short of', () => {
    // With 1000 and 1001 in one slot whose base is 992, popUntil(995) may move the cursor to 995
    // at most: then 996 must still come first.
    const wheel = new TimingWheel();
    wheel.schedule(at(1000), 0, 0, 1);
    wheel.schedule(at(1001), 0, 0, 2);
    expect(wheel.popUntil(at(995))).toBe(false);
    expect(wheel.now).toBe(995);
    wheel.schedule(at(996), 0, 0, 0);
    expect(wheel.popUntil(at(995))).toBe(false);
    expect(drainAll(wheel)).toEqual([0, 1, 2]);
  });

  it('moves now to the limit when nothing is due, and never back', () => {
    const wheel = new TimingWheel();
    expect(wheel.popUntil(at(70))).toBe(false);
    expect(wheel.now).toBe(70);
    wheel.schedule(at(70), 0, 0, 7);
    expect(wheel.popUntil(at(30))).toBe(false);
    expect(wheel.now).toBe(70);
    expect(wheel.popUntil(at(70))).toBe(true);
    expect(wheel.time).toBe(70);
  });

  it('refuses times that are past, broken or beyond the safe integers', () => {
    const wheel = new TimingWheel();
    wheel.popUntil(at(100));
    for (const time of [99, -1, 100.5, NaN, Infinity, 2 ** 53]) {
      expect(() => wheel.schedule(at(time), 0, 0, 0), String(time)).toThrow(InvariantError);
    }
    for (const limit of [200.5, NaN, Infinity]) {
      expect(() => wheel.popUntil(at(limit)), String(limit)).toThrow(InvariantError);
    }
    expect(wheel.size).toBe(0);
  });

  it('takes the last safe integer as a time', () => {
    const wheel = new TimingWheel();
    const last = Number.MAX_SAFE_INTEGER;
    wheel.schedule(at(last), 0, 0, 2);
    wheel.schedule(at(last - 1), 0, 0, 1);
    wheel.schedule(at(2 ** 50), 0, 0, 0);
    expect(drainAll(wheel)).toEqual([0, 1, 2]);
    expect(wheel.now).toBe(last);
  });

  it('carries all 32 bits of kind, target and payload', () => {
    const wheel = new TimingWheel();
    wheel.schedule(at(1), -1, 2 ** 31 - 1, -(2 ** 31));
    wheel.popUntil(at(1));
    expect([wheel.kind, wheel.target, wheel.payload]).toEqual([-1, 2 ** 31 - 1, -(2 ** 31)]);
  });

  it('keeps a handle stale after its slot is used again', () => {
    const wheel = new TimingWheel();
    const handles: Handle[] = [];
    for (let turn = 0; turn < 300; turn++) {
      const handle = wheel.schedule(at(wheel.now + 1), 0, 0, turn);
      expect(handles.includes(handle)).toBe(false);
      handles.push(handle);
      if (turn % 2 === 0) wheel.popUntil(at(wheel.now + 1));
      else wheel.cancel(handle);
    }
    const live = wheel.schedule(at(wheel.now + 1), 0, 0, 0);
    expect(handles.filter((handle) => wheel.cancel(handle))).toEqual([]);
    expect(wheel.isPending(live)).toBe(true);
  });

  it('retires a slot whose generations are used up', () => {
    const wheel = new TimingWheel();
    const first = wheel.schedule(at(1), 0, 0, 0);
    // Generation 1 becomes the last one there is.
    const image = wheel.save();
    const slab = image.slab.slice();
    const word = slab.length - 8 + 4;
    expect(slab[word]).toBe(1);
    slab[word] = 0x1fffffff;
    wheel.restore({ ...image, slab });
    const last = (first + (0x1fffffff - 1) * 0x1000000) as Handle;
    expect(Number.isSafeInteger(last)).toBe(true);
    const spent = wheel.save();
    const moved = wheel.rearm(last, at(3));
    expect(moved % 0x1000000).toBe((first % 0x1000000) + 1);
    expect(wheel.isPending(last)).toBe(false);
    expect(wheel.nextTime()).toBe(3);
    wheel.restore(spent);
    expect(wheel.cancel(last)).toBe(true);
    expect(wheel.isPending(last)).toBe(false);
    const next = wheel.schedule(at(2), 0, 0, 0);
    expect(next % 0x1000000).toBe((first % 0x1000000) + 1);
  });

  it('takes any number for a stale handle', () => {
    const wheel = new TimingWheel();
    wheel.schedule(at(1), 0, 0, 0);
    for (const n of [NO_HANDLE, 0, 1, 351, 352, 353, NaN, Infinity, 0.5, -(2 ** 40), 2 ** 53]) {
      expect(wheel.cancel(n as Handle), String(n)).toBe(false);
      expect(wheel.isPending(n as Handle), String(n)).toBe(false);
    }
    expect(wheel.size).toBe(1);
  });
});
