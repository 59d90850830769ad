/** Settings of arrivals that make no sense are refused with the place. */
import { describe, expect, it } from 'vitest';
import { ScenarioError } from '../../../../src/sim/kernel/errors.ts';
import type { ArrivalSettings } from '../../../../src/sim/policies/arrivals/arrivals.ts';
import { checkArrivals } from '../../../../src/sim/policies/arrivals/check-arrivals.ts';

const bursty = {
  kind: 'bursty',
  calmRatePerSecond: 1,
  burstRatePerSecond: 2,
  calmMeanMs: 1,
  burstMeanMs: 1,
} as const;
const diurnal = {
  kind: 'diurnal',
  minRatePerSecond: 1,
  maxRatePerSecond: 2,
  periodMs: 1,
  lowAtMs: 0,
} as const;
const spike = { kind: 'spike', ratePerSecond: 1, factor: 2, fromMs: 1, untilMs: 2 } as const;
const ramp = {
  kind: 'ramp',
  startRatePerSecond: 1,
  endRatePerSecond: 2,
  fromMs: 1,
  untilMs: 1,
} as const;
const step = (atMs: number, ratePerSecond: number) => ({ atMs, ratePerSecond });

const GOOD: readonly ArrivalSettings[] = [
  { kind: 'poisson', ratePerSecond: 0 },
  { kind: 'constant', ratePerSecond: 5 },
  bursty,
  diurnal,
  spike,
  ramp,
  { kind: 'steps', steps: [step(0, 1), step(1, 0)] },
  { kind: 'replay', timesMs: [0, 0, 4], loopMs: 4 },
  { kind: 'renewal', gap: { kind: 'constant', ms: 2 } },
  { kind: 'renewal', gap: { kind: 'exponential', meanMs: 2 }, stages: 2 },
];

const BAD: readonly (readonly [string, ArrivalSettings])[] = [
  ['/ratePerSecond', { kind: 'poisson', ratePerSecond: -1 }],
  ['/ratePerSecond', { kind: 'constant', ratePerSecond: NaN }],
  ['/burstRatePerSecond', { ...bursty, burstRatePerSecond: Infinity }],
  ['/calmRatePerSecond', { ...bursty, calmRatePerSecond: -2 }],
  ['/calmMeanMs', { ...bursty, calmMeanMs: 0 }],
  ['/burstMeanMs', { ...bursty, burstMeanMs: -1 }],
  ['/minRatePerSecond', { ...diurnal, minRatePerSecond: -1 }],
  ['/maxRatePerSecond', { ...diurnal, maxRatePerSecond: 0.5 }],
  ['/periodMs', { ...diurnal, periodMs: 0 }],
  ['/factor', { ...spike, factor: -1 }],
  ['/untilMs', { ...spike, untilMs: 0.5 }],
  ['/endRatePerSecond', { ...ramp, endRatePerSecond: -1 }],
  ['/fromMs', { ...ramp, fromMs: -1 }],
  ['/steps/1/atMs', { kind: 'steps', steps: [step(1, 1), step(1, 1)] }],
  ['/steps/0/ratePerSecond', { kind: 'steps', steps: [step(1, -1)] }],
  ['/timesMs/2', { kind: 'replay', timesMs: [1, 3, 2] }],
  ['/timesMs/0', { kind: 'replay', timesMs: [-1] }],
  ['/loopMs', { kind: 'replay', timesMs: [1, 3], loopMs: 2 }],
  ['/gap', { kind: 'renewal', gap: { kind: 'constant', ms: 0 } }],
  ['/gap/kind', { kind: 'renewal', gap: { kind: 'constnat' as 'constant', ms: 1 } }],
  ['/stages', { kind: 'renewal', gap: { kind: 'constant', ms: 1 }, stages: 0.5 }],
];

describe('checkArrivals', () => {
  it.each(GOOD)('takes $kind', (settings) => {
    expect(() => checkArrivals(settings, 'x')).not.toThrow();
  });

  it.each(BAD)('points at %s of %o', (path, settings) => {
    try {
      checkArrivals(settings, 'clients/arrivals');
      expect.unreachable('it was taken');
    } catch (error) {
      expect(error).toBeInstanceOf(ScenarioError);
      expect((error as ScenarioError).path).toBe(`clients/arrivals${path}`);
      expect((error as ScenarioError).hint).not.toBe('');
    }
  });
});
