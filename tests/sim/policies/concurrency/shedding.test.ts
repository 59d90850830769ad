/** Shedding by importance, and the window of adaptive throttling. */
import { describe, expect, it } from 'vitest';
import {
  startThrottle,
  throttleAccepted,
  throttleAdmits,
  throttleProbability,
  THROTTLE_DEFAULTS,
} from '../../../../src/sim/policies/concurrency/adaptive-throttle.ts';
import {
  CRITICALITIES,
  SHED_DEFAULTS,
  sheds,
} from '../../../../src/sim/policies/concurrency/priority-shed.ts';

describe('shedding by importance', () => {
  it('refuses the least important first', () => {
    const refused = [0.5, 0.9, 1.2, 1.7, 2.5].map((utilisation) =>
      CRITICALITIES.filter((_, level) => sheds(SHED_DEFAULTS, level, utilisation)),
    );
    expect(refused).toEqual([
      [],
      ['sheddable'],
      ['sheddable-plus', 'sheddable'],
      ['critical', 'sheddable-plus', 'sheddable'],
      [...CRITICALITIES],
    ]);
  });

  it('takes a level without a threshold as the least important', () => {
    expect(sheds(SHED_DEFAULTS, 9, 0.81)).toBe(true);
    expect(sheds(SHED_DEFAULTS, 9, 0.8)).toBe(false);
    expect(sheds({ thresholds: [] }, 0, 99)).toBe(false);
  });
});

describe('adaptive throttling', () => {
  it('refuses nothing while the backend accepts half', () => {
    const state = startThrottle(THROTTLE_DEFAULTS);
    for (let i = 0; i < 1_000; i++) {
      expect(throttleAdmits(state, THROTTLE_DEFAULTS, i * 1_000, 1e-9)).toBe(true);
      if (i % 2 === 0) throttleAccepted(state, i * 1_000);
    }
  });

  it('counts what it refuses itself', () => {
    const state = startThrottle(THROTTLE_DEFAULTS);
    for (let i = 0; i < 9; i++) throttleAdmits(state, THROTTLE_DEFAULTS, 0, 0);
    expect(throttleProbability(state, THROTTLE_DEFAULTS, 0)).toBe(0.9);
    expect(throttleAdmits(state, THROTTLE_DEFAULTS, 0, 0.89)).toBe(false);
    expect(throttleAdmits(state, THROTTLE_DEFAULTS, 0, 10 / 11)).toBe(true);
  });

  it('forgets after two minutes, ten seconds at a time, and asking changes nothing', () => {
    const state = startThrottle(THROTTLE_DEFAULTS);
    for (let i = 0; i < 9; i++) throttleAdmits(state, THROTTLE_DEFAULTS, 9_000_000, 0);
    for (let i = 0; i < 3; i++) throttleAdmits(state, THROTTLE_DEFAULTS, 10_000_000, 0);
    const at = (seconds: number) =>
      throttleProbability(state, THROTTLE_DEFAULTS, seconds * 1_000_000);
    expect([11, 119.999, 120, 129.999, 130, 10_000].map(at)).toEqual([
      12 / 13,
      12 / 13,
      3 / 4,
      3 / 4,
      0,
      0,
    ]);
    expect(at(11)).toBe(12 / 13);
  });
});
