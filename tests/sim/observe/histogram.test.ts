import { build } from 'hdr-histogram-js';
import { describe, expect, it } from 'vitest';
import { Histogram } from '../../../src/sim/observe/histogram.ts';
import { randomOf } from '../../support/seeds.ts';

const PERCENTS = [0, 1, 25, 50, 75, 90, 95, 99, 99.9, 99.99, 100];

/** Values over many magnitudes, as latencies under faults are. */
function values(seed: number, count: number): number[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => random.int(2 ** (1 + random.int(30))));
}

describe('histogram', () => {
  it('gives the percentiles of HdrHistogram with three digits', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const ours = new Histogram();
      const oracle = build({
        lowestDiscernibleValue: 1,
        highestTrackableValue: 2 ** 40,
        numberOfSignificantValueDigits: 3,
        bitBucketSize: 64,
        useWebAssembly: false,
      });
      for (const value of values(seed, 1 + seed * 25)) {
        ours.record(value);
        oracle.recordValue(value);
      }
      for (const percent of PERCENTS.slice(1)) {
        const theirs = Math.min(oracle.getValueAtPercentile(percent), oracle.maxValue);
        expect(ours.percentile(percent), `seed ${seed}, p${percent}`).toBe(theirs);
      }
    }
  });

  it('is within a thousandth of the exact percentile', () => {
    for (let seed = 1; seed <= 40; seed++) {
      const histogram = new Histogram();
      const recorded = values(seed, 500);
      for (const value of recorded) histogram.record(value);
      const sorted = recorded.sort((a, b) => a - b);
      for (const percent of PERCENTS) {
        const rank = Math.max(1, Math.ceil((Math.round(percent * 1000) * 500) / 100_000));
        const exact = sorted[rank - 1] as number;
        const found = histogram.percentile(percent);
        expect(found, `seed ${seed}, p${percent}`).toBeGreaterThanOrEqual(exact);
        expect(found, `seed ${seed}, p${percent}`).toBeLessThanOrEqual(exact + exact / 1024);
      }
    }
  });

  it('keeps count, mean, minimum and maximum exactly', () => {
    const histogram = new Histogram();
    for (const value of [1_000_001, 3, 2 ** 50 + 1]) histogram.record(value);
    expect(histogram.summary()).toMatchObject({ count: 3, min: 3, max: 2 ** 50 + 1 });
    expect(histogram.mean).toBe((1_000_001 + 3 + 2 ** 50 + 1) / 3);
  });

  it('puts powers of two and their neighbours where they belong', () => {
    for (let power = 0; power < 53; power++) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
        if (!Number.isSafeInteger(value)) continue;
        const histogram = new Histogram();
        histogram.record(value);
        // A larger value too, so that the maximum does not cap the bucket's end.
        if (value < 2 ** 52) histogram.record(2 ** 53 - 1);
        const found = histogram.percentile(50);
        expect(found, `${value}`).toBeGreaterThanOrEqual(value);
        expect(found, `${value}`).toBeLessThanOrEqual(value + Math.floor(value / 1024));
      }
    }
  });

  it('counts what is at most so long, a bucket by its lowest value', () => {
    const histogram = new Histogram();
    for (const value of [0, 1, 1_023, 1_024, 5_000, 5_001, 5_004, 2 ** 40]) histogram.record(value);
    // 5,000 to 5,003 are one bucket.
    expect(histogram.countsAtMost([0, 1_023, 5_000, 5_003, 5_004, 2 ** 41])).toEqual([
      1, 3, 6, 6, 7, 8,
    ]);
    for (let seed = 1; seed <= 5; seed++) {
      const all = values(seed, 500);
      const many = new Histogram();
      for (const value of all) many.record(value);
      const bounds = [5_000, 10_000, 100_000, 1_000_000];
      many.countsAtMost(bounds).forEach((count, i) => {
        const bound = bounds[i] as number;
        const atMost = (limit: number) => all.filter((value) => value <= limit).length;
        expect(count, `seed ${seed}`).toBeGreaterThanOrEqual(atMost(bound));
        expect(count, `seed ${seed}`).toBeLessThanOrEqual(atMost(bound * 1.001));
      });
    }
  });

  it('is empty at first, and refuses what is no count of microseconds', () => {
    const histogram = new Histogram();
    expect(histogram.summary()).toEqual({
      count: 0,
      mean: 0,
      min: 0,
      p50: 0,
      p90: 0,
      p95: 0,
      p99: 0,
      p999: 0,
      max: 0,
    });
    for (const value of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => histogram.record(value)).toThrow('integer microseconds');
    }
  });

  it('merges to the histogram of all records', () => {
    const parts = [1, 2, 3].map((seed) => values(seed, 300));
    const whole = new Histogram();
    const merged = new Histogram();
    for (const part of parts) {
      const own = new Histogram();
      for (const value of part) {
        own.record(value);
        whole.record(value);
      }
      merged.merge(own);
    }
    expect(merged.summary()).toEqual(whole.summary());
    expect(PERCENTS.map((p) => merged.percentile(p))).toEqual(
      PERCENTS.map((p) => whole.percentile(p)),
    );
  });

  it('restores any checkpoint, and a checkpoint never changes', () => {
    const recorded = values(7, 400);
    const histogram = new Histogram();
    const checkpoints = recorded.map((value) => {
      const image = histogram.save();
      const summary = histogram.summary();
      histogram.record(value);
      return { image, summary };
    });
    const end = histogram.summary();
    for (const at of [399, 0, 200, 57, 311]) {
      const { image, summary } = checkpoints[at] as (typeof checkpoints)[number];
      histogram.restore(image);
      expect(histogram.summary()).toEqual(summary);
      for (const value of recorded.slice(at)) histogram.record(value);
      expect(histogram.summary()).toEqual(end);
    }
  });
});
