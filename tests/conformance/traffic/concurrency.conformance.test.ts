/** The concurrency rows of `ratelimit_cases.json`: Vegas, Gradient2, AIMD, adaptive throttling. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import {
  startThrottle,
  throttleAccepted,
  throttleAdmits,
  THROTTLE_DEFAULTS,
} from '../../../src/sim/policies/concurrency/adaptive-throttle.ts';
import { aimdLimit } from '../../../src/sim/policies/concurrency/aimd.ts';
import type { ConcurrencySettings } from '../../../src/sim/policies/concurrency/index.ts';
import { gradient2Limit } from '../../../src/sim/policies/concurrency/gradient2.ts';
import { vegasLimit } from '../../../src/sim/policies/concurrency/vegas.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

interface VegasCase {
  readonly cfg: {
    readonly alpha?: number;
    readonly beta?: number;
    readonly initial: number;
    readonly max: number;
    readonly decrease?: string;
    readonly smoothing?: number;
  };
  readonly samples: readonly (readonly [number, number])[];
  readonly limits: readonly number[];
}
interface Cases {
  readonly vegas: {
    readonly defaults: {
      readonly initial: number;
      readonly max: number;
      readonly smoothing: number;
      readonly probeMultiplier: number;
    };
    readonly cases: readonly VegasCase[];
  };
  readonly gradient2: Readonly<Record<string, number>>;
  readonly aimd: Readonly<Record<string, number>>;
  readonly sre_fixed_point: readonly {
    readonly K: number;
    readonly offered_over_capacity: number;
    readonly sent_over_capacity: number;
  }[];
}
const file = JSON.parse(readFileSync(join(folder, 'ratelimit_cases.json'), 'utf8')) as Cases;

const constant = (plus: number) => ({ times: 0, log10Times: 0, plus });

function vegasSettings({ cfg }: VegasCase): ConcurrencySettings {
  const { defaults } = vegasLimit;
  expect([undefined, 'x/2']).toContain(cfg.decrease);
  return {
    ...defaults,
    initialLimit: cfg.initial,
    maxLimit: cfg.max,
    smoothing: cfg.smoothing ?? defaults.smoothing,
    alpha: cfg.alpha === undefined ? defaults.alpha : constant(cfg.alpha),
    beta: cfg.beta === undefined ? defaults.beta : constant(cfg.beta),
    decrease:
      cfg.decrease === undefined ? defaults.decrease : { times: 0.5, log10Times: 0, plus: 0 },
  };
}

describe('Vegas (concurrency-limits, VegasLimitTest)', () => {
  it.each(file.vegas.cases)('%o', (row) => {
    const settings = vegasSettings(row);
    const stream = new StreamBank(1).stream('limit');
    const state = vegasLimit.start(settings);
    const limits = row.samples.map(([rttMs, inflight]) => {
      vegasLimit.onSample(state, settings, rttMs * 1_000, inflight, false, stream);
      return vegasLimit.limit(state);
    });
    expect(limits).toEqual(row.limits);
  });
});

describe('the defaults', () => {
  it('are those of the table', () => {
    const { vegas, gradient2, aimd } = file;
    const v = vegasLimit.defaults;
    expect(vegas.defaults).toMatchObject({
      initial: v.initialLimit,
      max: v.maxLimit,
      smoothing: v.smoothing,
      probeMultiplier: v.probeMultiplier,
      alpha: `${v.alpha.log10Times}*log10(limit)`,
      beta: `${v.beta.log10Times}*log10(limit)`,
      threshold: 'log10(limit)',
      increase: '+log10(limit)',
      decrease: '-log10(limit)',
    });
    expect(v.threshold).toEqual({ times: 0, log10Times: 1, plus: 0 });
    expect(v.increase).toEqual({ times: 1, log10Times: 1, plus: 0 });
    expect(v.decrease).toEqual({ times: 1, log10Times: -1, plus: 0 });
    const g = gradient2Limit.defaults;
    expect(gradient2).toMatchObject({
      initial: g.initialLimit,
      min: g.minLimit,
      max: g.maxLimit,
      smoothing: g.smoothing,
      queue: g.queueSize,
      longWindow: g.longWindow,
      rttTolerance: g.rttTolerance,
    });
    const a = aimdLimit.defaults;
    expect(aimd).toMatchObject({
      initial: a.initialLimit,
      min: a.minLimit,
      max: a.maxLimit,
      backoff: a.backoffRatio,
      timeout_s: a.timeoutMicros / 1e6,
    });
    expect(THROTTLE_DEFAULTS).toMatchObject({ ratio: 2, windowMicros: 120e6 });
  });
});

describe('adaptive throttling settles where the book says', () => {
  /**
   * A backend that accepts `capacity` requests a second and answers at once. The formula is of
   * averages: what the backend leaves unused it may make up for within ten seconds. One that
   * cannot loses capacity at random gaps, accepts less and is sent still less, far below K.
   */
  function sentOverCapacity(ratio: number, offeredOverCapacity: number, seed: number): number {
    const settings = { ...THROTTLE_DEFAULTS, ratio };
    const state = startThrottle(settings);
    const stream = new StreamBank(seed).stream('throttle');
    const capacity = 100;
    const gap = 1e6 / (capacity * offeredOverCapacity);
    const end = 1_200e6;
    const warm = 300e6;
    let sent = 0;
    let credit = 0;
    for (let n = 1; n * gap <= end; n++) {
      const now = Math.round(n * gap);
      credit = Math.min(10 * capacity, credit + 1 / offeredOverCapacity);
      if (!throttleAdmits(state, settings, now, stream.open01())) continue;
      if (now > warm) sent++;
      if (credit < 1) continue;
      credit -= 1;
      throttleAccepted(state, now);
    }
    return sent / ((capacity * (end - warm)) / 1e6);
  }

  it.each(file.sre_fixed_point)('%o', (row) => {
    const sent = sentOverCapacity(row.K, row.offered_over_capacity, 7);
    expect(sent / row.sent_over_capacity).toBeGreaterThan(0.98);
    expect(sent / row.sent_over_capacity).toBeLessThan(1.02);
  });
});
