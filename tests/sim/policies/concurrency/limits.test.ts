/** What each concurrency limit does with its samples, beside the published rows. */
import { describe, expect, it } from 'vitest';
import { clonePlain } from '../../../../src/sim/kernel/clone.ts';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { aimdLimit } from '../../../../src/sim/policies/concurrency/aimd.ts';
import type {
  ConcurrencyLimit,
  ConcurrencySettings,
} from '../../../../src/sim/policies/concurrency/concurrency-limit.ts';
import { gradient2Limit } from '../../../../src/sim/policies/concurrency/gradient2.ts';
import {
  CONCURRENCY_LIMITS,
  CONCURRENCY_LIMIT_NAMES,
} from '../../../../src/sim/policies/concurrency/index.ts';
import { log10Root, scaled } from '../../../../src/sim/policies/concurrency/scale.ts';
import { vegasLimit } from '../../../../src/sim/policies/concurrency/vegas.ts';

const MS = 1_000;

type Sample = readonly [rttMs: number, inflight: number, isDropped?: boolean];

function run<S>(
  limit: ConcurrencyLimit<S>,
  settings: ConcurrencySettings,
  samples: readonly Sample[],
  seed = 1,
): number[] {
  const stream = new StreamBank(seed).stream('limit');
  const state = limit.start(settings);
  return samples.map(([rttMs, inflight, isDropped]) => {
    limit.onSample(state, settings, rttMs * MS, inflight, isDropped === true, stream);
    return limit.limit(state);
  });
}

describe('the list', () => {
  it('has unique names', () => {
    expect(new Set(CONCURRENCY_LIMIT_NAMES).size).toBe(CONCURRENCY_LIMITS.length);
  });

  it.each(CONCURRENCY_LIMITS)('$name reads no setting but those that it names', (limit) => {
    const read = new Set<string>();
    const watched = new Proxy(limit.defaults, {
      get(target, key: keyof ConcurrencySettings) {
        read.add(key);
        return target[key];
      },
    });
    const stream = new StreamBank(3).stream('limit');
    const state = limit.start(watched);
    for (let i = 0; i < 2_000; i++) {
      const rtt = stream.between(1, 50) * MS;
      limit.onSample(state, watched, rtt, stream.between(1, 60), stream.chance(0.05), stream);
    }
    expect([...read].sort()).toEqual([...limit.reads].sort());
  });

  it.each(CONCURRENCY_LIMITS)('$name stays whole and within its bounds on any samples', (limit) => {
    for (let seed = 0; seed < 20; seed++) {
      const stream = new StreamBank(seed).stream('samples');
      const state = limit.start(limit.defaults);
      const { minLimit, maxLimit } = limit.defaults;
      for (let i = 0; i < 500; i++) {
        const before = clonePlain(state);
        const rtt = Math.max(1, Math.round(stream.exponential(20_000)));
        const inflight = stream.between(1, 300);
        limit.onSample(state, limit.defaults, rtt, inflight, stream.chance(0.1), stream);
        const now = limit.limit(state);
        const place = `seed ${seed}, sample ${i}: ${JSON.stringify(before)}`;
        expect(Number.isInteger(now) && now >= minLimit && now <= maxLimit, place).toBe(true);
      }
    }
  });
});

describe('functions of the limit', () => {
  it('log10Root is the whole decimal logarithm and at least 1', () => {
    expect([1, 9, 10, 99, 100, 999, 1_000, 99_999].map(log10Root)).toEqual([
      1, 1, 1, 1, 2, 2, 3, 4,
    ]);
  });

  it('a scale adds its three parts', () => {
    expect(scaled({ times: 0.5, log10Times: 0, plus: 0 }, 75)).toBe(37.5);
    expect(scaled({ times: 1, log10Times: -1, plus: 0 }, 150.5)).toBe(148.5);
    expect(scaled({ times: 0, log10Times: 6, plus: 1 }, 150.5)).toBe(13);
  });
});

describe('AIMD', () => {
  const settings = { ...aimdLimit.defaults, initialLimit: 30 };

  it('takes a tenth off after a drop and after a request over the timeout', () => {
    expect(run(aimdLimit, settings, [[1, 30, true]])).toEqual([27]);
    expect(run(aimdLimit, settings, [[5_000.001, 30]])).toEqual([27]);
    expect(run(aimdLimit, settings, [[5_000, 30]])).toEqual([31]);
  });

  it('grows by one only while at least half of it is used', () => {
    expect(run(aimdLimit, settings, [[1, 14]])).toEqual([30]);
    expect(run(aimdLimit, settings, [[1, 15]])).toEqual([31]);
  });
});

describe('Vegas', () => {
  it('grows by beta while nothing queues', () => {
    const limits = run(vegasLimit, vegasLimit.defaults, [
      [10, 20],
      [10, 20],
      [10, 26],
    ]);
    expect(limits).toEqual([20, 26, 32]);
  });

  it('shrinks after a drop even when it is hardly used', () => {
    expect(
      run(vegasLimit, vegasLimit.defaults, [
        [10, 1],
        [10, 1],
        [10, 1, true],
      ]),
    ).toEqual([20, 20, 19]);
  });

  it('forgets the best time after 15 to 30 times the limit samples, and draws when', () => {
    const probes = Array.from({ length: 30 }, (_, seed) => {
      const stream = new StreamBank(seed).stream('limit');
      const state = vegasLimit.start(vegasLimit.defaults);
      for (let sample = 1; ; sample++) {
        vegasLimit.onSample(state, vegasLimit.defaults, sample === 1 ? 10 : 99, 1, false, stream);
        if (state.rttNoloadMicros === 99) return sample;
      }
    });
    expect(Math.min(...probes)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...probes)).toBeLessThanOrEqual(600);
    expect(new Set(probes).size).toBeGreaterThan(20);
  });
});

describe('Gradient2', () => {
  const settings = { ...gradient2Limit.defaults, initialLimit: 100 };

  it('lets a fifth of the queue stand at each sample while times are as usual', () => {
    const stream = new StreamBank(1).stream('limit');
    const state = gradient2Limit.start(settings);
    gradient2Limit.onSample(state, settings, 10 * MS, 100, false, stream);
    expect(state.estimated).toBeCloseTo(100 * 0.8 + 104 * 0.2, 12);
  });

  it('learns nothing but the average while less than half of it is used', () => {
    expect(run(gradient2Limit, settings, [[10, 49]])).toEqual([100]);
  });

  it('follows the formula once times are longer than usual', () => {
    const stream = new StreamBank(1).stream('limit');
    const state = gradient2Limit.start({ ...settings, initialLimit: 20 });
    for (let i = 0; i < 20; i++) {
      gradient2Limit.onSample(state, settings, 10 * MS, 1, false, stream);
    }
    expect(state.longRttMicros).toBeCloseTo(10 * MS, 6);
    state.estimated = 100;
    gradient2Limit.onSample(state, settings, 20 * MS, 100, false, stream);
    const longRtt = 10 * MS * (1 - 2 / 601) + 20 * MS * (2 / 601);
    const gradient = (1.5 * longRtt) / (20 * MS);
    expect(state.estimated).toBeCloseTo(80 + (100 * gradient + 4) * 0.2, 9);
    // Far longer than usual: half at the most.
    state.estimated = 100;
    gradient2Limit.onSample(state, settings, 9_000 * MS, 100, false, stream);
    expect(state.estimated).toBeCloseTo(80 + (50 + 4) * 0.2, 9);
  });

  it('shortens a usual time that an overload left far too long', () => {
    const stream = new StreamBank(1).stream('limit');
    const state = gradient2Limit.start(settings);
    gradient2Limit.onSample(state, settings, 100 * MS, 1, false, stream);
    gradient2Limit.onSample(state, settings, 10 * MS, 1, false, stream);
    expect(state.longRttMicros).toBeCloseTo(55 * MS * 0.95, 9);
  });
});
