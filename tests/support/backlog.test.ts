/** The fluid model against records counted one by one. */
import { describe, expect, it } from 'vitest';
import { drainSeconds, hotKeyGrowth, lagAfter, lossAfterSeconds } from './backlog.ts';

/** Lag after whole seconds, counted. */
function counted(lag: number, inRate: number, outRate: number, seconds: number): number {
  let left = lag;
  for (let second = 0; second < seconds; second++) left = Math.max(0, left + inRate - outRate);
  return left;
}

describe('a backlog', () => {
  it.each([
    [0, 100, 80, 60],
    [500, 100, 100, 60],
    [1_200, 80, 100, 30],
    [1_200, 80, 100, 90],
  ])('of %i at %i in and %i out, after %i s', (lag, inRate, outRate, seconds) => {
    expect(lagAfter(lag, inRate, outRate, seconds)).toBe(counted(lag, inRate, outRate, seconds));
  });

  it('is empty when it has drained, and not a second before', () => {
    const seconds = drainSeconds(1_200, 80, 100);
    expect(seconds).toBe(60);
    expect(counted(1_200, 80, 100, 60)).toBe(0);
    expect(counted(1_200, 80, 100, 59)).toBeGreaterThan(0);
    expect(drainSeconds(1, 100, 100)).toBe(Infinity);
    expect(drainSeconds(0, 100, 100)).toBe(0);
  });

  it('of a hot key grows with its share alone', () => {
    expect(hotKeyGrowth(1_000, 0.5, 200)).toBe(300);
    expect(hotKeyGrowth(1_000, 0.2, 200)).toBe(0);
  });

  it('loses its oldest records once they are as old as retention', () => {
    // 100 in, 75 out: at 40 s record 3,000 is read, which came at 30 s.
    expect(lossAfterSeconds(100, 75, 10)).toBe(40);
    expect(lossAfterSeconds(75, 75, 10)).toBe(Infinity);
  });
});
