/** The level of a limit between requests: what pictures show is what the limiter would say. */
import { describe, expect, it } from 'vitest';
import { RATE_LIMITERS } from '../../src/sim/policies/limiting/index.ts';
import { courseOfLimiter, courseOfWindow } from '../../src/sim/traffic/limit-course.ts';
import { levelAt } from '../../src/viz/painters/course.ts';

const settings = { ratePerSecond: 10, burst: 10, windowMicros: 1_000_000 };
const MONO = 3_400_000;
/** The node's clock is not the run's: the picture is of the run's time. */
const NOW = 5_400_000;
const sight = { config: null, nowMicros: NOW, monoMicros: MONO, wallMicros: MONO };

describe.each(RATE_LIMITERS)('the course of $name', (limiter) => {
  const state = limiter.start(settings);
  for (let i = 0; i < 6; i++) limiter.decide(state, settings, MONO - 1_000 * (6 - i), 1);
  const before = JSON.stringify(state, (_, value: unknown) =>
    value instanceof Float64Array ? [...value] : value,
  );
  const course = courseOfLimiter(limiter, state, settings, sight);

  it('begins at the level of now, ends at rest, and changes nothing', () => {
    expect(levelAt(course, NOW)).toBeCloseTo(limiter.level(state, settings, MONO), 9);
    expect(course[0]!.level).toBeGreaterThan(0.4);
    expect(course.at(-1)!.level).toBe(0);
    const after = JSON.stringify(state, (_, value: unknown) =>
      value instanceof Float64Array ? [...value] : value,
    );
    expect(after).toBe(before);
  });

  it('is what the limiter says at any moment in between', () => {
    const exact = limiter.name !== 'sliding-log';
    for (let after = 0; after < 2_500_000; after += 90_001) {
      const said = limiter.level(state, settings, MONO + after);
      const off = Math.abs(levelAt(course, NOW + after)! - said);
      // What goes down in steps of single requests is a line.
      expect(off, `${limiter.name} after ${after}`).toBeLessThan(exact ? 1e-4 : 0.62);
    }
  });

  it('of a key that was forgotten is at rest', () => {
    expect(courseOfLimiter(limiter, null, settings, sight)).toEqual([{ atMicros: NOW, level: 0 }]);
  });
});

describe('the course of a count', () => {
  it('stays until its window ends', () => {
    const noted = { key: 1, level: 0.7, atMicros: MONO - 100_000 };
    const course = courseOfWindow(noted, settings, sight);
    expect([0, 500_000, 599_999, 600_000].map((after) => levelAt(course, NOW + after))).toEqual([
      0.7, 0.7, 0.7, 0,
    ]);
    const old = { ...noted, atMicros: MONO - 900_000 };
    expect(levelAt(courseOfWindow(old, settings, sight), NOW)).toBe(0);
  });

  it('of which nobody knows is unknown', () => {
    expect(levelAt([], NOW)).toBeNull();
  });
});
