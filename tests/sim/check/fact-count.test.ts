/** Counts of facts: at least, at most, in a window, and unknown where the window was cut. */
import { describe, expect, it } from 'vitest';
import { factCount } from '../../../src/sim/check/fact-count.ts';
import { Stage } from './support/check-env.ts';

const stage = (args: object) => new Stage(factCount, { fact: 'bell', ...args });
const bell = { type: 'bell' };

describe('a count of facts', () => {
  it('wakes on its own kind only', () => {
    expect(stage({}).check.facts).toEqual(['bell']);
  });

  it('holds within its bounds', () => {
    const two = stage({ atLeast: 2, atMost: 2 }).fact(1, bell).fact(2, bell);
    expect(two.now).toBe('pass');
    expect(two.end().verdict).toBe('pass');
    expect(two.told).toEqual([]);
  });

  it('breaks at the first one too many, with its event and its node', () => {
    const three = stage({ atMost: 1 }).fact(1, bell).fact(2, bell, 2).fact(3, bell);
    expect(three.now).toBe('fail');
    expect(three.told).toEqual([
      { why: 'bell came 2 times, more than 1.', evidence: [2], nodes: [2] },
    ]);
  });

  it('breaks at the end where there were too few', () => {
    const one = stage({ atLeast: 2 }).fact(1, bell);
    expect(one.now).toBe('unknown');
    expect(one.end().verdict).toBe('fail');
    expect(one.whys).toEqual(['bell came once, not at least 2.']);
  });

  it('looks only at its window, both ends included', () => {
    const window = { fromMs: 10, untilMs: 20, atMost: 0 };
    expect(stage(window).fact(9, bell).fact(21, bell).end().verdict).toBe('pass');
    expect(stage(window).fact(10, bell).verdict).toBe('fail');
    expect(stage(window).fact(20, bell).verdict).toBe('fail');
  });

  it('is unknown where the run ended before the window did and more may have come', () => {
    const short = stage({ atLeast: 1, untilMs: 20 }).end(19);
    expect(short.verdict).toBe('unknown');
    expect(short.told).toEqual([]);
    expect(stage({ atLeast: 1, untilMs: 20 }).end(20).verdict).toBe('fail');
    expect(stage({ atLeast: 1 }).end(500, false).verdict).toBe('unknown');
  });

  it('goes on from a saved image', () => {
    const running = stage({ atMost: 1 }).fact(1, bell);
    const image = structuredClone(running.check.save());
    expect(running.fact(2, bell).verdict).toBe('fail');
    running.check.restore(image);
    expect(running.end().verdict).toBe('pass');
  });
});
