/** The two clocks of a node: one drifts and never jumps, one may be set. */
import { describe, expect, it } from 'vitest';
import { ms } from 'faultline';
import type { SimMicros } from 'faultline';
import { NodeClock } from '../../../src/sim/node/clock.ts';
import { forSeeds } from '../../support/seeds.ts';
import { Lab } from './support/lab.ts';

const at = (micros: number): SimMicros => micros as SimMicros;

describe('a clock', () => {
  it('starts at zero, and its wall clock ahead by the offset', () => {
    const clock = new NodeClock(250, 0);
    expect([clock.mono(at(0)), clock.wall(at(0))]).toEqual([0, 250]);
    expect([clock.mono(at(1_000)), clock.wall(at(1_000))]).toEqual([1_000, 1_250]);
  });

  it('runs fast or slow by parts per million', () => {
    expect(new NodeClock(0, 200).mono(at(1_000_000))).toBe(1_000_200);
    expect(new NodeClock(0, -200).mono(at(1_000_000))).toBe(999_800);
  });

  it('says how long in true time until it shows a delay', () => {
    const fast = new NodeClock(0, 1_000_000);
    expect(fast.trueDelay(ms(10))).toBe(5_000);
    expect(new NodeClock(0, -500_000).trueDelay(ms(10))).toBe(20_000);
    forSeeds(50, import.meta.url, (_seed, random) => {
      const clock = new NodeClock(0, random.between(-500_000, 500_000));
      const delay = ms(random.between(1, 10_000));
      const shown = clock.mono(at(clock.trueDelay(delay)));
      expect(Math.abs(shown - delay)).toBeLessThanOrEqual(1);
    });
  });

  it('never runs backwards, however its drift changes and its wall is set', () => {
    forSeeds(50, import.meta.url, (_seed, random) => {
      const clock = new NodeClock(0, 0);
      let now = 0;
      let last = 0;
      for (let step = 0; step < 50; step++) {
        now += random.int(1_000_000);
        if (random.chance(50)) clock.setDrift(at(now), random.between(-900_000, 900_000));
        if (random.chance(50)) clock.jump(random.between(-1_000_000, 1_000_000));
        const mono = clock.mono(at(now));
        expect(mono).toBeGreaterThanOrEqual(last);
        expect(Number.isSafeInteger(mono)).toBe(true);
        last = mono;
      }
    });
  });

  it('comes back from an image', () => {
    const clock = new NodeClock(5, 100);
    clock.setDrift(at(700), -3_000);
    clock.jump(99);
    const image = clock.save();
    const shown = [clock.mono(at(9_999)), clock.wall(at(9_999))];
    clock.setDrift(at(800), 50_000);
    clock.jump(-1);
    clock.restore(image);
    expect([clock.mono(at(9_999)), clock.wall(at(9_999))]).toEqual(shown);
  });
});

describe('faults of clocks', () => {
  const lab = (): Lab => new Lab({ groups: [{ name: 'n', hooks: {} }] });
  const shown = (l: Lab): readonly number[] => {
    const { clock } = l.node(0);
    return [clock.mono(l.run.now), clock.wall(l.run.now)];
  };

  it('jump the wall clock and back, and leave the monotonic one alone', () => {
    const l = lab().ms(10).inject('j', { type: 'clock-jump', target: 'n', byMs: 500 }).ms(20);
    expect(shown(l)).toEqual([20_000, 520_000]);
    l.inject('k', { type: 'clock-jump', target: 'n', byMs: -20 }).undo('j').ms(30);
    expect(shown(l)).toEqual([30_000, 10_000]);
    expect(shown(l.undo('k'))).toEqual([30_000, 30_000]);
  });

  it('drift together, and in any order of their undoing', () => {
    const l = lab().ms(10);
    l.inject('a', { type: 'clock-drift', target: 'n', ppm: 100_000 });
    l.inject('b', { type: 'clock-drift', target: 'n', ppm: 200_000 }).ms(20);
    expect(shown(l)[0]).toBe(23_000);
    l.undo('a').ms(30);
    expect(shown(l)[0]).toBe(35_000);
    l.undo('b').ms(40);
    expect(shown(l)[0]).toBe(45_000);
  });

  it('outlive a crash: the hardware clock is not the process', () => {
    const l = lab().inject('j', { type: 'clock-jump', target: 'n', byMs: 500 }).ms(5);
    l.inject('c', { type: 'crash', target: 'n' }).undo('c').ms(10);
    expect(shown(l)).toEqual([10_000, 510_000]);
  });

  it('start as the plan draws them, each node for itself', () => {
    const drawn = new Lab({
      groups: [
        {
          name: 'n',
          count: 4,
          hooks: {},
          clock: {
            offsetMs: { kind: 'uniform', minMs: 10, maxMs: 20 },
            driftPpm: { kind: 'uniform', minMs: -100, maxMs: 100 },
          },
        },
      ],
    });
    const clocks = drawn.parts.host.nodes.map(({ clock }) => clock);
    const offsets = clocks.map((clock) => clock.wall(at(0)));
    expect(new Set(offsets).size).toBe(4);
    for (const offset of offsets) {
      expect(offset).toBeGreaterThanOrEqual(10_000);
      expect(offset).toBeLessThanOrEqual(20_000);
    }
    for (const { ownDriftPpm } of clocks) expect(Math.abs(ownDriftPpm)).toBeLessThanOrEqual(100);
  });
});
