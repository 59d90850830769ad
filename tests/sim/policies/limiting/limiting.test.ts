/** What each rate limiter is known for. */
import { describe, expect, it } from 'vitest';
import { fixedWindow } from '../../../../src/sim/policies/limiting/fixed-window.ts';
import { RATE_LIMITERS, RATE_LIMITER_NAMES } from '../../../../src/sim/policies/limiting/index.ts';
import { windowLimit } from '../../../../src/sim/policies/limiting/rate-limiter.ts';
import { slidingCounter } from '../../../../src/sim/policies/limiting/sliding-counter.ts';
import { slidingLog } from '../../../../src/sim/policies/limiting/sliding-log.ts';

const SECOND = 1_000_000;
const settings = { ratePerSecond: 10, burst: 10, windowMicros: SECOND };

/** How many of `tries` plain requests pass at `at`. */
function pass<S>(
  limiter: {
    decide(state: S, s: typeof settings, at: number, cost: number): boolean;
  },
  state: S,
  at: number,
  tries: number,
): number {
  let passed = 0;
  for (let i = 0; i < tries; i++) if (limiter.decide(state, settings, at, 1)) passed++;
  return passed;
}

describe('the list', () => {
  it('has unique names, and says what each is and where it comes from', () => {
    expect(new Set(RATE_LIMITER_NAMES).size).toBe(RATE_LIMITERS.length);
    for (const { about, source, reads } of RATE_LIMITERS) {
      expect(about).toMatch(/^[A-Z].*\.$/);
      expect(source).not.toBe('');
      expect(reads).toContain('ratePerSecond');
    }
  });

  it.each(RATE_LIMITERS)('$name reads no setting but those that it names', (limiter) => {
    const read = new Set<string>();
    const watched = new Proxy(settings, {
      get(target, key: keyof typeof settings) {
        read.add(key);
        return target[key];
      },
    });
    const state = limiter.start(watched);
    for (const at of [0, 0, SECOND / 2, SECOND, 4 * SECOND]) {
      pass({ decide: (_s, _c, now, cost) => limiter.decide(state, watched, now, cost) }, 0, at, 25);
      limiter.retryAfterMicros(state, watched, at, 1);
      limiter.resetAfterMicros(state, watched, at);
      limiter.level(state, watched, at);
      limiter.remaining(state, watched, at);
      limiter.limit(watched);
    }
    expect([...read].sort()).toEqual([...limiter.reads].sort());
  });

  it.each(RATE_LIMITERS)('$name: a clock that goes back lets nothing more pass', (limiter) => {
    const state = limiter.start(settings);
    const passed = pass(limiter, state, 5 * SECOND, 100);
    expect(passed).toBeGreaterThanOrEqual(10);
    expect(pass(limiter, state, 3 * SECOND, 100)).toBe(0);
    expect(pass(limiter, state, 5 * SECOND, 100)).toBe(0);
    const wait = limiter.retryAfterMicros(state, settings, 3 * SECOND, 1);
    expect(limiter.decide(state, settings, 3 * SECOND + wait - 1, 1)).toBe(false);
    expect(limiter.decide(state, settings, 3 * SECOND + wait, 1)).toBe(true);
  });
});

describe('at the boundary of a window', () => {
  it('a fixed window lets exactly twice its limit pass within two microseconds', () => {
    const state = fixedWindow.start(settings);
    expect(pass(fixedWindow, state, SECOND - 1, 50)).toBe(10);
    expect(pass(fixedWindow, state, SECOND, 50)).toBe(10);
    expect(pass(fixedWindow, state, SECOND + 1, 50)).toBe(0);
  });

  it('a sliding log lets nothing more pass until the window has gone by', () => {
    const state = slidingLog.start(settings);
    expect(pass(slidingLog, state, SECOND - 1, 50)).toBe(10);
    expect(pass(slidingLog, state, SECOND, 50)).toBe(0);
    expect(pass(slidingLog, state, 2 * SECOND - 2, 50)).toBe(0);
    expect(pass(slidingLog, state, 2 * SECOND - 1, 50)).toBe(10);
  });

  it('a sliding counter lets one tenth of the limit pass with each tenth of the window', () => {
    const state = slidingCounter.start(settings);
    expect(pass(slidingCounter, state, SECOND - 1, 50)).toBe(10);
    expect(pass(slidingCounter, state, SECOND, 50)).toBe(0);
    for (let tenth = 1; tenth <= 10; tenth++) {
      expect(pass(slidingCounter, state, SECOND + (tenth * SECOND) / 10 - 1, 50)).toBe(0);
      if (tenth < 10) expect(pass(slidingCounter, state, SECOND + tenth * 100_000, 50)).toBe(1);
    }
  });

  it('a sliding counter over-admits by up to its assumption of evenness: not exact', () => {
    const state = slidingCounter.start(settings);
    expect(pass(slidingCounter, state, SECOND - 1, 50)).toBe(10);
    // Half a window later five pass: fifteen within 500001 us.
    expect(pass(slidingCounter, state, SECOND + SECOND / 2, 50)).toBe(5);
  });
});

describe('the limit of a window', () => {
  it('is rate times window, rounded down, whatever the doubles', () => {
    const limit = (ratePerSecond: number, seconds: number) =>
      windowLimit({ ratePerSecond, burst: 0, windowMicros: seconds * SECOND });
    expect(limit(0.7, 60)).toBe(42);
    expect(limit(0.1, 30)).toBe(3);
    expect(limit(1.99, 1)).toBe(1);
    expect(limit(100 / 60, 60)).toBe(100);
  });
});
