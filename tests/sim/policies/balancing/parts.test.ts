/** The small parts around a balancer: health counters, slow start, panic, subsets, zones. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import {
  afterCheck,
  HEALTH_DEFAULTS,
  isUp,
  startHealth,
} from '../../../../src/sim/policies/balancing/health.ts';
import { isPanic } from '../../../../src/sim/policies/balancing/panic.ts';
import {
  linearSlowStart,
  slowStartFactor,
} from '../../../../src/sim/policies/balancing/slow-start.ts';
import { afterFailure } from '../../../../src/sim/policies/balancing/smooth-turns.ts';
import { deterministicSubset } from '../../../../src/sim/policies/balancing/subsetting.ts';
import { drawDifferent, drawUsable } from '../../../../src/sim/policies/balancing/usable.ts';
import { pickZone, zoneRouting } from '../../../../src/sim/policies/balancing/zone-aware.ts';
import { forSeeds } from '../../../support/seeds.ts';

describe('health', () => {
  /** + a success, - a failure; U or D after each. */
  const after = (checks: string): string => {
    let health = startHealth(HEALTH_DEFAULTS);
    let seen = '';
    for (const check of checks) {
      health = afterCheck(health, check === '+', HEALTH_DEFAULTS);
      seen += isUp(health, HEALTH_DEFAULTS) ? 'U' : 'D';
    }
    return seen;
  };

  it.each([
    ['+---', 'UUUD'],
    ['+--+---', 'UUUUUUD'],
    ['-', 'D'],
    ['-++', 'DDU'],
    ['-+-++', 'DDDDU'],
    ['-++--', 'DDUUU'],
  ])('after %s is %s', (checks, expected) => {
    expect(after(checks)).toBe(expected);
  });
});

describe('slow start', () => {
  it('of HAProxy is linear from 1 percent', () => {
    const slowStart = linearSlowStart(1_000);
    const factors = [0, 5, 10, 500, 999, 1_000].map((at) => slowStartFactor(at, slowStart));
    expect(factors).toEqual([0.01, 0.01, 0.01, 0.5, 0.999, 1]);
  });

  it('of one that comes up only later is at its least', () => {
    const slowStart = { windowMicros: 100, aggression: 1.5, minWeightPercent: 10 };
    expect(slowStartFactor(-5, slowStart)).toBe(0.1);
  });

  it('without a window is over at once', () => {
    expect(slowStartFactor(0, linearSlowStart(0))).toBe(1);
  });
});

describe('panic', () => {
  it('comes when nobody is there, and never with a threshold of 0', () => {
    expect([isPanic(0, 0, 50), isPanic(0, 10, 50), isPanic(0, 10, 0)]).toEqual([true, true, false]);
  });
});

describe('a failure lowers the effective weight', () => {
  it.each([
    [10, 10, 1, 0],
    [10, 10, 3, 7],
    [4, 10, 2, 0],
    [1, 1, 3, 1],
    [10, 10, 0, 10],
  ])('%i of %i with max_fails %i leaves %i', (effective, weight, maxFails, left) => {
    expect(afterFailure(effective, weight, maxFails)).toBe(left);
  });
});

describe('draws among the usable', () => {
  const view = {
    count: 20,
    weight: Array.from({ length: 20 }, (_, i) => (i === 3 ? 0 : 1)),
    eligible: Array.from({ length: 20 }, (_, i) => [3, 7, 11, 19].includes(i)),
    active: new Array<number>(20).fill(0),
  };

  it('are equally likely, even when nearly nobody is usable', () => {
    const draw = new StreamBank(4).stream('x');
    const counts = new Map<number, number>();
    for (let i = 0; i < 30_000; i++) {
      const backend = drawUsable(view, draw);
      counts.set(backend, (counts.get(backend) ?? 0) + 1);
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([7, 11, 19]);
    // 4 standard deviations of 30000 draws of a third.
    for (const count of counts.values()) expect(Math.abs(count - 10_000)).toBeLessThan(327);
  });

  it('of different ones give every ordered pair alike', () => {
    const draw = new StreamBank(5).stream('x');
    const counts = new Map<string, number>();
    const drawn: number[] = [];
    for (let i = 0; i < 30_000; i++) {
      drawDifferent(view, 2, drawn, draw);
      counts.set(drawn.join(' '), (counts.get(drawn.join(' ')) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 5_000)).toBeLessThan(259);
    drawDifferent(view, 9, drawn, draw);
    expect(drawn.toSorted((a, b) => a - b)).toEqual([7, 11, 19]);
  });
});

describe('deterministic subsets', () => {
  it('of one round share no backend, and full rounds load all alike', () => {
    forSeeds(30, import.meta.url, (_seed, random) => {
      const size = 1 + random.int(8);
      const subsets = 1 + random.int(8);
      const backends = size * subsets;
      const load = new Array<number>(backends).fill(0);
      const rounds = 1 + random.int(4);
      for (let client = 0; client < rounds * subsets; client++) {
        const subset = deterministicSubset(backends, client, size);
        expect(new Set(subset).size).toBe(size);
        for (const backend of subset) load[backend]! += 1;
      }
      expect(new Set(load)).toEqual(new Set([rounds]));
    });
  });

  it('leave some out of each round when the size does not divide, and others in the next', () => {
    const missing = [0, 1, 2, 3].map((round) => {
      const used = [0, 1, 2].flatMap((i) => deterministicSubset(11, round * 3 + i, 3));
      expect(new Set(used).size).toBe(9);
      return Array.from({ length: 11 }, (_, b) => b).filter((b) => !used.includes(b));
    });
    expect(new Set(missing.map(String)).size).toBeGreaterThan(1);
  });

  it('are all backends when there are no more than the size', () => {
    expect(deterministicSubset(4, 7, 10).toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3]);
  });
});

describe('zones', () => {
  const counts = (balancers: number[], backends: number[], ownZone = 0) => ({
    balancers,
    backends,
    ownZone,
  });

  it('keep all traffic when they have their share of the backends', () => {
    expect(zoneRouting(counts([2, 2], [3, 3]), 6).kind).toBe('direct');
    expect(zoneRouting(counts([1, 3], [3, 3]), 6).kind).toBe('direct');
  });

  it('do not count in small clusters, in one zone, or where the own zone has no balancer', () => {
    expect(zoneRouting(counts([2, 2], [2, 3]), 6).kind).toBe('none');
    expect(zoneRouting(counts([2], [9]), 6).kind).toBe('none');
    expect(zoneRouting(counts([0, 2], [4, 4]), 6).kind).toBe('none');
    const draw = new StreamBank(1).stream('x');
    expect(pickZone(zoneRouting(counts([2], [9]), 6), draw)).toBe(-1);
  });

  it("leave residual capacities as in Envoy's example", () => {
    // Local 40, 40, 20 %, upstream 25, 50, 25 %.
    const routing = zoneRouting(counts([4, 4, 2], [5, 10, 5]), 6);
    expect(routing).toEqual({
      kind: 'residual',
      ownZone: 0,
      ownShare: 6_250,
      residual: [0, 1_000, 1_500],
    });
  });

  it('give every backend the same load, whatever the balancers', () => {
    const balancers = [4, 4, 2];
    const backends = [5, 10, 5];
    const draw = new StreamBank(2).stream('x');
    const load = [0, 0, 0];
    let crossed = 0;
    for (const [ownZone, count] of balancers.entries()) {
      const routing = zoneRouting({ balancers, backends, ownZone }, 6);
      for (let i = 0; i < count * 5_000; i++) {
        const zone = pickZone(routing, draw);
        load[zone]! += 1;
        if (zone !== ownZone) crossed++;
      }
    }
    for (const [zone, count] of backends.entries()) {
      expect(Math.abs(load[zone]! / count / 2_500 - 1)).toBeLessThan(0.03);
    }
    // Only what zone 0 cannot take: 15 of 40 percent.
    expect(Math.abs(crossed / 50_000 - 0.15)).toBeLessThan(0.01);
  });

  it('without healthy backends send all away', () => {
    const draw = new StreamBank(3).stream('x');
    const routing = zoneRouting(counts([1, 1], [0, 8]), 6);
    const zones = Array.from({ length: 100 }, () => pickZone(routing, draw));
    expect(new Set(zones)).toEqual(new Set([1]));
  });
});
