import { describe, expect, it } from 'vitest';
import { clonePlain } from '../../../../src/sim/kernel/clone.ts';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import {
  isEjected,
  onOutlierInterval,
  onOutlierResult,
  startOutliers,
  updateOutliers,
} from '../../../../src/sim/policies/balancing/outlier-detection.ts';
import { OUTLIER_DEFAULTS } from '../../../../src/sim/policies/balancing/outlier-settings.ts';
import type { OutlierSettings } from '../../../../src/sim/policies/balancing/outlier-settings.ts';
import { successRateThreshold } from '../../../../src/sim/policies/balancing/success-rates.ts';
import { forSeeds } from '../../../support/seeds.ts';

const SECOND = 1_000_000;

function detector(count: number, settings: Partial<OutlierSettings> = {}) {
  const state = startOutliers({ ...OUTLIER_DEFAULTS, ...settings });
  updateOutliers(
    state,
    Array.from({ length: count }, (_, i) => 100 + i),
  );
  const draw = new StreamBank(1).stream('outliers');
  return {
    state,
    draw,
    fail: (backend: number, times: number, atSecond = 0): boolean[] =>
      Array.from({ length: times }, () =>
        onOutlierResult(state, backend, false, atSecond * SECOND, draw),
      ),
    succeed: (backend: number, times: number): void => {
      for (let i = 0; i < times; i++) onOutlierResult(state, backend, true, 0, draw);
    },
    interval: (atSecond: number): boolean => onOutlierInterval(state, atSecond * SECOND, draw),
    ejected: (): number[] =>
      state.backends.flatMap((_, backend) => (isEjected(state, backend) ? [backend] : [])),
  };
}

describe('consecutive failures', () => {
  it('eject at the fifth in a row', () => {
    const it = detector(10);
    expect(it.fail(3, 5)).toEqual([false, false, false, false, true]);
    expect(it.state.backends[3]!.ejectedBy).toBe('consecutive-5xx');
    expect(it.ejected()).toEqual([3]);
  });

  it('start anew after a success', () => {
    const it = detector(10);
    it.fail(3, 4);
    it.succeed(3, 1);
    it.fail(3, 4);
    expect(it.ejected()).toEqual([]);
  });

  it('of answers still under way do not eject again', () => {
    const it = detector(10);
    it.fail(3, 5);
    expect(it.fail(3, 20)).not.toContain(true);
    expect(it.state.ejectedCount).toBe(1);
  });

  it('from before the return do not count after it', () => {
    const it = detector(10);
    it.fail(3, 5);
    it.fail(3, 4);
    it.interval(30);
    expect(it.ejected()).toEqual([]);
    expect(it.fail(3, 4, 31)).not.toContain(true);
    expect(it.fail(3, 1, 31)).toEqual([true]);
  });

  it('eject with the enforced chance only', () => {
    const never = detector(10, { enforcingConsecutive5xx: 0 });
    expect(never.fail(0, 50)).not.toContain(true);
    const some = detector(1_000, { enforcingConsecutive5xx: 30, maxEjectionPercent: 100 });
    for (let backend = 0; backend < 1_000; backend++) some.fail(backend, 5);
    // 4 standard deviations of 1000 draws.
    expect(Math.abs(some.ejected().length - 300)).toBeLessThan(58);
  });
});

describe('how many are ejected', () => {
  it('is 10 percent at most', () => {
    const it = detector(20);
    for (let backend = 0; backend < 20; backend++) it.fail(backend, 5);
    expect(it.ejected()).toEqual([0, 1]);
  });

  it('may always be one', () => {
    const it = detector(3);
    for (let backend = 0; backend < 3; backend++) it.fail(backend, 5);
    expect(it.ejected()).toEqual([0]);
  });

  it('follows the members that leave', () => {
    const it = detector(3);
    it.fail(1, 5);
    updateOutliers(it.state, [102, 101]);
    expect(it.ejected()).toEqual([1]);
    updateOutliers(it.state, [102, 100]);
    expect(it.ejected()).toEqual([]);
    expect(it.state.ejectedCount).toBe(0);
  });
});

describe('how long', () => {
  /** The second of the first interval at which backend 0 is back, ejected at second `from`. */
  function backAt(it: ReturnType<typeof detector>, from: number): number {
    it.fail(0, 5, from);
    let at = Math.ceil((from + 1) / 10) * 10;
    for (; at < from + 1_000; at += 10) {
      it.interval(at);
      if (it.ejected().length === 0) return at;
    }
    return Infinity;
  }

  it('is 30 s times the ejections so far, up to 300 s, and ends at an interval', () => {
    const it = detector(10);
    const lasted: number[] = [];
    let now = 0;
    for (let i = 0; i < 13; i++) {
      const back = backAt(it, now);
      lasted.push(back - now);
      now = back;
    }
    // The eleventh and later: the multiplier stops at the first that reaches the maximum.
    expect(lasted).toEqual([30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300, 300]);
  });

  it('waits for the interval after its time', () => {
    expect(backAt(detector(10), 5)).toBe(40);
  });

  it('sinks by one step for every interval behaved', () => {
    const it = detector(10);
    const first = backAt(it, 0);
    const second = backAt(it, first);
    expect(second - first).toBe(60);
    it.interval(second + 10);
    expect(it.state.backends[0]!.backoff).toBe(1);
    it.interval(second + 20);
    it.interval(second + 30);
    expect(it.state.backends[0]!.backoff).toBe(0);
    expect(backAt(it, second + 30) - second - 30).toBe(30);
  });

  it('is longer by a jitter when one is set', () => {
    const it = detector(10, { maxEjectionTimeJitterMicros: 20 * SECOND });
    const lasted = Array.from({ length: 20 }, (_, i) => {
      it.state.backends[0]!.backoff = 0;
      const from = i * 1_000;
      return backAt(it, from) - from;
    });
    expect(Math.min(...lasted)).toBeGreaterThanOrEqual(30);
    expect(new Set(lasted).size).toBeGreaterThan(1);
    expect(Math.max(...lasted)).toBeLessThanOrEqual(50);
  });
});

describe('success rates', () => {
  it('have the threshold of the example in Envoy: 52 for 50, 100, 100, 100, 100', () => {
    expect(successRateThreshold([50, 100, 100, 100, 100], 1_900)).toBeCloseTo(52, 9);
  });

  /** One interval with that many failures per hundred requests; consecutive ones do not count. */
  function oneInterval(failures: readonly number[], settings: Partial<OutlierSettings> = {}) {
    const it = detector(failures.length, { consecutive5xx: 1_000, ...settings });
    for (const [backend, percent] of failures.entries()) {
      it.succeed(backend, 100 - percent);
      it.fail(backend, percent);
    }
    it.interval(10);
    return it;
  }

  it('eject one far below the others', () => {
    const it = oneInterval([50, 0, 0, 0, 0]);
    expect(it.ejected()).toEqual([0]);
    expect(it.state.backends[0]!.ejectedBy).toBe('success-rate');
  });

  it('do not when all fail alike', () => {
    expect(oneInterval([50, 50, 50, 50, 50]).ejected()).toEqual([]);
  });

  it('need five hosts and a hundred requests each', () => {
    expect(oneInterval([50, 0, 0, 0]).ejected()).toEqual([]);
    expect(oneInterval([50, 0, 0, 0, 0], { successRateRequestVolume: 101 }).ejected()).toEqual([]);
  });

  it('count one interval only', () => {
    const it = detector(5, { consecutive5xx: 1_000 });
    for (let backend = 0; backend < 5; backend++) it.succeed(backend, 50);
    it.fail(0, 50);
    it.interval(10);
    for (let backend = 0; backend < 5; backend++) it.succeed(backend, 50);
    it.interval(20);
    expect(it.ejected()).toEqual([]);
  });

  it('a share of failures ejects only when that is enforced', () => {
    const failures = [85, 84, 84, 84, 84];
    expect(oneInterval(failures, { enforcingSuccessRate: 0 }).ejected()).toEqual([]);
    const it = oneInterval(failures, {
      enforcingSuccessRate: 0,
      enforcingFailurePercentage: 100,
      maxEjectionPercent: 100,
    });
    expect(it.ejected()).toEqual([0]);
    expect(it.state.backends[0]!.ejectedBy).toBe('failure-percentage');
  });
});

describe('over many runs', () => {
  it('the limit holds, the count is right, and a copy goes on alike', () => {
    forSeeds(60, import.meta.url, (seed, random) => {
      const count = 1 + random.int(30);
      const maxEjectionPercent = random.pick([0, 10, 33, 100]);
      const it = detector(count, { maxEjectionPercent, maxEjectionTimeJitterMicros: SECOND });
      let twin = clonePlain(it.state);
      const bank = new StreamBank(1);
      const twinDraw = bank.stream('outliers');
      const cut = random.int(400);
      for (let i = 0; i < 400; i++) {
        if (i === cut) twin = clonePlain(it.state);
        const now = i * SECOND;
        const backend = random.int(count);
        const ok = random.chance(20 + (backend % 3) * 30);
        onOutlierResult(it.state, backend, ok, now, it.draw);
        onOutlierResult(twin, backend, ok, now, twinDraw);
        if (i % 10 === 0) {
          onOutlierInterval(it.state, now, it.draw);
          onOutlierInterval(twin, now, twinDraw);
        }
        const ejected = it.ejected().length;
        expect(it.state.ejectedCount).toBe(ejected);
        expect(ejected).toBeLessThanOrEqual(Math.max(1, (count * maxEjectionPercent) / 100));
      }
      expect(twin, `seed ${seed}`).toEqual(it.state);
    });
  });
});
