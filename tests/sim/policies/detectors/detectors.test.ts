/** Failure detectors: what each promises, and what it does with pauses and long silences. */
import { describe, expect, it } from 'vitest';
import { FAILURE_DETECTORS, phiOfNormal } from '../../../../src/sim/policies/detectors/index.ts';
import type {
  DetectorSettings,
  FailureDetector,
} from '../../../../src/sim/policies/detectors/index.ts';
import {
  addInterval,
  meanOf,
  newIntervals,
  varianceOf,
} from '../../../../src/sim/policies/detectors/intervals.ts';
import { phiExponential } from '../../../../src/sim/policies/detectors/phi-exponential.ts';
import { phiNormal } from '../../../../src/sim/policies/detectors/phi-normal.ts';
import { timeoutDetector } from '../../../../src/sim/policies/detectors/timeout.ts';
import { forSeeds } from '../../../support/seeds.ts';

const SECOND = 1_000_000;

/** Hears a peer at these instants. */
function hearing<S>(
  detector: FailureDetector<S>,
  settings: DetectorSettings,
  instants: readonly number[],
): S {
  const state = detector.start(settings);
  for (const at of instants) detector.heard(state, settings, at);
  return state;
}
const every = (micros: number, count: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => (i + 1) * micros);

describe('every failure detector', () => {
  it('suspects nobody that it never heard of', () => {
    for (const detector of FAILURE_DETECTORS) {
      const state = detector.start(detector.defaults);
      expect(detector.isSuspect(state, detector.defaults, 1e12)).toBe(false);
      expect(detector.level(state, detector.defaults, 1e12)).toBe(0);
    }
  });

  it('grows more suspicious with the silence, never less, and changes nothing by looking', () => {
    forSeeds(40, import.meta.url, (_seed, random) => {
      for (const detector of FAILURE_DETECTORS) {
        const settings = { ...detector.defaults, windowSize: random.between(2, 30) };
        let now = 0;
        const instants = Array.from({ length: 60 }, () => (now += random.between(1, 2 * SECOND)));
        const state = hearing(detector, settings, instants);
        const before = JSON.stringify(state);
        let level = 0;
        let isSuspect = false;
        for (let step = 0; step < 80; step++) {
          now += random.between(1, 5 * SECOND);
          const next = detector.level(state, settings, now);
          expect(Number.isFinite(next)).toBe(true);
          expect(next).toBeGreaterThanOrEqual(level);
          expect(detector.isSuspect(state, settings, now) || !isSuspect).toBe(true);
          level = next;
          isSuspect = detector.isSuspect(state, settings, now);
        }
        expect(isSuspect, detector.name).toBe(true);
        expect(JSON.stringify(state)).toBe(before);
      }
    });
  });

  it('trusts again whoever is heard again', () => {
    for (const detector of FAILURE_DETECTORS) {
      const state = hearing(detector, detector.defaults, every(SECOND, 100));
      const back = 400 * SECOND;
      expect(detector.isSuspect(state, detector.defaults, back)).toBe(true);
      detector.heard(state, detector.defaults, back);
      expect(detector.isSuspect(state, detector.defaults, back + SECOND)).toBe(false);
    }
  });
});

describe('the timeout', () => {
  it('suspects at the timeout, not a microsecond earlier', () => {
    const settings = { ...timeoutDetector.defaults, timeoutMicros: 3 * SECOND };
    const state = hearing(timeoutDetector, settings, [SECOND]);
    expect(timeoutDetector.isSuspect(state, settings, 4 * SECOND - 1)).toBe(false);
    expect(timeoutDetector.isSuspect(state, settings, 4 * SECOND)).toBe(true);
  });
});

describe('phi with a normal distribution', () => {
  it('is 0.301 at the mean: half of all intervals are longer', () => {
    expect(phiOfNormal(1_000, 1_000, 100)).toBeCloseTo(0.30103, 4);
  });

  it('stays finite and exact where the chance itself is too small for a double', () => {
    // y = 1000: x = 1000 * (1.5976 + 70566), phi = x / ln 10.
    expect(phiOfNormal(101_000, 1_000, 100)).toBeCloseTo(70_567_597.6 / Math.LN10, 3);
    expect(phiOfNormal(1e12, 1_000, 100)).toBeGreaterThan(1e25);
    expect(phiOfNormal(0, 1_000_000, 100)).toBe(0);
  });

  it('is near the exact tail of a normal distribution up to three deviations', () => {
    // -log10 of the complementary normal distribution, from tables.
    const exact = [0.30103, 0.79955, 1.64302, 2.8697];
    exact.forEach((phi, y) => expect(phiOfNormal(y, 0, 1)).toBeCloseTo(phi, 1));
  });

  it('takes the pause that is acceptable off the silence', () => {
    const { defaults } = phiNormal;
    const state = phiNormal.start(defaults);
    for (const at of every(SECOND, 1_000)) phiNormal.heard(state, defaults, at);
    const last = 1_000 * SECOND;
    // Regular signs of life: the deviation is the least that is believed, 100 ms.
    expect(phiNormal.level(state, defaults, last + 4 * SECOND)).toBeCloseTo(0.301, 2);
    const first = [...Array(3_000).keys()].find((millis) =>
      phiNormal.isSuspect(state, defaults, last + 4 * SECOND + millis * 1_000),
    );
    expect(first).toBeGreaterThan(400);
    expect(first).toBeLessThan(600);
  });

  it('does not learn from the silence of a failure', () => {
    const { defaults } = phiNormal;
    const state = phiNormal.start(defaults);
    for (const at of every(SECOND, 100)) phiNormal.heard(state, defaults, at);
    const mean = meanOf(state.intervals);
    phiNormal.heard(state, defaults, 500 * SECOND);
    expect(meanOf(state.intervals)).toBe(mean);
    phiNormal.heard(state, defaults, 502 * SECOND);
    expect(meanOf(state.intervals)).toBeGreaterThan(mean);
  });

  it('starts from a guess: the interval, with a quarter of it as deviation', () => {
    const { defaults } = phiNormal;
    const state = phiNormal.start(defaults);
    phiNormal.heard(state, defaults, 0);
    expect(meanOf(state.intervals)).toBe(SECOND);
    expect(varianceOf(state.intervals)).toBe((SECOND / 4) ** 2);
  });
});

describe('phi with an exponential distribution', () => {
  it('convicts after 8 ln 10 mean intervals', () => {
    const { defaults } = phiExponential;
    const state = phiExponential.start(defaults);
    for (const at of every(SECOND, 2_001)) phiExponential.heard(state, defaults, at);
    const last = 2_001 * SECOND;
    const silence = 8 * Math.LN10 * SECOND;
    expect(phiExponential.isSuspect(state, defaults, last + silence - 10)).toBe(false);
    expect(phiExponential.isSuspect(state, defaults, last + silence + 10)).toBe(true);
  });

  it('drops intervals that are longer than two of gossip', () => {
    const { defaults } = phiExponential;
    const state = phiExponential.start(defaults);
    for (const at of [0, SECOND, 4 * SECOND, 5 * SECOND]) phiExponential.heard(state, defaults, at);
    expect(state.intervals.ring).toEqual([2 * SECOND, SECOND, SECOND]);
  });
});

describe('the window of intervals', () => {
  it('has the mean and the variance of what it holds, however long it was used', () => {
    forSeeds(20, import.meta.url, (_seed, random) => {
      const size = random.between(1, 40);
      const intervals = newIntervals();
      const all: number[] = [];
      for (let i = 0; i < 300; i++) {
        const micros = random.chance(5) ? random.int(3_600 * SECOND) : random.int(SECOND);
        all.push(micros);
        addInterval(intervals, size, micros);
        const held = all.slice(-size);
        const mean = held.reduce((sum, x) => sum + x, 0) / held.length;
        const variance = held.reduce((sum, x) => sum + (x - mean) ** 2, 0) / held.length;
        expect(meanOf(intervals)).toBeCloseTo(mean, 6);
        // What long intervals leave behind is far below the deviations that matter (1 ms).
        expect(Math.abs(varianceOf(intervals) - variance)).toBeLessThan(1e6 + variance * 1e-9);
      }
    });
  });
});
