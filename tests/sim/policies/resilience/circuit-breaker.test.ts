/** The circuit breaker: a test for each sentence that resilience4j's documentation says of it. */
import { describe, expect, it } from 'vitest';
import {
  BREAKER_DEFAULTS,
  dueMicros,
  halfOpen,
  newBreaker,
  onDue,
  onResult,
  release,
  retryAtMicros,
  tryAcquire,
} from '../../../../src/sim/policies/resilience/circuit-breaker.ts';
import type {
  BreakerSettings,
  BreakerState,
} from '../../../../src/sim/policies/resilience/circuit-breaker.ts';
import {
  callsIn,
  failureRate,
  slowCallRate,
} from '../../../../src/sim/policies/resilience/outcome-window.ts';

const SECOND = 1_000_000;
const settings: BreakerSettings = {
  ...BREAKER_DEFAULTS,
  slidingWindowSize: 10,
  minimumNumberOfCalls: 10,
  permittedNumberOfCallsInHalfOpenState: 4,
  waitDurationInOpenStateMicros: 5 * SECOND,
};
const timed: BreakerSettings = { ...settings, slidingWindowType: 'time-based' };

/** Calls that end as the letters say: E failed, S succeeded, L slow success, F slow failure. */
function calls(b: BreakerState, s: BreakerSettings, letters: string, now = 0): BreakerState {
  for (const letter of letters) {
    const isSlow = letter === 'L' || letter === 'F';
    const duration = s.slowCallDurationThresholdMicros + (isSlow ? 1 : 0);
    onResult(b, s, letter === 'S' || letter === 'L', duration, now);
  }
  return b;
}

const opened = (s = settings) => calls(newBreaker(s), s, 'E'.repeat(10));

function halfOpened(s = settings): BreakerState {
  const breaker = opened(s);
  halfOpen(breaker, s, 6 * SECOND);
  return breaker;
}

describe('closed', () => {
  it('lets every call through', () => {
    const breaker = calls(newBreaker(settings), settings, 'EEEESSSSS');
    expect(tryAcquire(breaker, settings, 0)).toBe(true);
    expect(breaker.notPermitted).toBe(0);
  });

  it('opens when the failure rate is equal to or greater than the threshold', () => {
    const below = calls(newBreaker(settings), settings, 'EEEESSSSSS');
    expect(failureRate(below.window)).toBe(40);
    expect(below.state).toBe('closed');
    const equal = calls(newBreaker(settings), settings, 'EEEEESSSSS');
    expect(failureRate(equal.window)).toBe(50);
    expect(equal.state).toBe('open');
  });

  it('opens when the rate of slow calls reaches its threshold, even if all succeed', () => {
    const half = { ...settings, slowCallRateThreshold: 50 };
    expect(calls(newBreaker(half), half, 'LLLLSSSSSS').state).toBe('closed');
    const breaker = calls(newBreaker(half), half, 'LLLLLSSSSS');
    expect(slowCallRate(breaker.window)).toBe(50);
    expect(failureRate(breaker.window)).toBe(0);
    expect(breaker.state).toBe('open');
  });

  it('takes a call as slow only when it is longer than the threshold', () => {
    const breaker = calls(newBreaker(settings), settings, 'SSSSSSSSSS');
    expect(slowCallRate(breaker.window)).toBe(0);
    expect(calls(newBreaker(settings), settings, 'LLLLLLLLLL').state).toBe('open');
  });

  it('knows no rate before the minimum number of calls, though all of them failed', () => {
    const breaker = calls(newBreaker(settings), settings, 'EEEEEEEEE');
    expect(failureRate(breaker.window)).toBe(-1);
    expect(slowCallRate(breaker.window)).toBe(-1);
    expect(breaker.state).toBe('closed');
    expect(calls(breaker, settings, 'E').state).toBe('open');
  });

  it('waits for no more calls than a window of calls holds', () => {
    const large = { ...settings, minimumNumberOfCalls: 100 };
    expect(calls(newBreaker(large), large, 'E'.repeat(10)).state).toBe('open');
    const largeTimed = { ...large, slidingWindowType: 'time-based' } as const;
    const breaker = calls(newBreaker(largeTimed), largeTimed, 'E'.repeat(99));
    expect(breaker.state).toBe('closed');
    expect(calls(breaker, largeTimed, 'E').state).toBe('open');
  });

  it('forgets the oldest call when the window of calls is full', () => {
    const breaker = calls(newBreaker(settings), settings, 'EEEESSSSSS');
    calls(breaker, settings, 'SSSS');
    expect(failureRate(breaker.window)).toBe(0);
    calls(breaker, settings, 'EEEE');
    expect(failureRate(breaker.window)).toBe(40);
    expect(breaker.state).toBe('closed');
  });

  it('forgets calls of a window of time when their second has left it', () => {
    const breaker = calls(newBreaker(timed), timed, 'EEEESSSSS', 0.999 * SECOND);
    calls(breaker, timed, 'S', 9 * SECOND);
    expect(failureRate(breaker.window)).toBe(40);
    calls(breaker, timed, 'SSSSSSSSS', 10 * SECOND);
    expect(callsIn(breaker.window)).toBe(10);
    expect(failureRate(breaker.window)).toBe(0);
    expect(breaker.state).toBe('closed');
  });

  it('does not open on a permission given back', () => {
    const breaker = newBreaker(settings);
    release(breaker);
    expect(breaker).toEqual(newBreaker(settings));
  });
});

describe('open', () => {
  it('rejects calls, and counts them, until the wait is over', () => {
    const breaker = opened();
    expect(retryAtMicros(breaker)).toBe(5 * SECOND + 1);
    expect(tryAcquire(breaker, settings, 3 * SECOND)).toBe(false);
    expect(tryAcquire(breaker, settings, 5 * SECOND)).toBe(false);
    expect(breaker.notPermitted).toBe(2);
    expect(breaker.state).toBe('open');
  });

  it('becomes half-open with the first call after the wait', () => {
    const breaker = opened();
    expect(tryAcquire(breaker, settings, 5 * SECOND + 1)).toBe(true);
    expect(breaker.state).toBe('half-open');
    expect(breaker.permits).toBe(3);
  });

  it('counts results of calls from before, and they decide nothing', () => {
    const breaker = opened();
    expect(onResult(breaker, settings, true, 0, SECOND)).toBeNull();
    expect(failureRate(breaker.window)).toBe(90);
    calls(breaker, settings, 'SSSSSSSSSS');
    expect(breaker.state).toBe('open');
  });
});

describe('half-open', () => {
  it('rejects calls beyond the permitted number until all of them have ended', () => {
    const breaker = halfOpened();
    const permits = [0, 1, 2, 3, 4].map(() => tryAcquire(breaker, settings, 7 * SECOND));
    expect(permits).toEqual([true, true, true, true, false]);
    calls(breaker, settings, 'SSS', 7 * SECOND);
    expect(tryAcquire(breaker, settings, 7 * SECOND)).toBe(false);
    expect(breaker.state).toBe('half-open');
  });

  it('closes when the rates are below the thresholds, and starts with an empty window', () => {
    const breaker = halfOpened();
    calls(breaker, settings, 'SES', 7 * SECOND);
    expect(breaker.state).toBe('half-open');
    expect(onResult(breaker, settings, true, 0, 7 * SECOND)).toBe('closed');
    expect(breaker).toEqual(newBreaker(settings));
  });

  it('opens again when the failure rate is equal to or greater than the threshold', () => {
    const breaker = halfOpened();
    calls(breaker, settings, 'SSE', 7 * SECOND);
    expect(onResult(breaker, settings, false, 0, 7 * SECOND)).toBe('open');
    expect(breaker.untilMicros).toBe(12 * SECOND);
    expect(breaker.attempts).toBe(2);
  });

  it('opens again when the rate of slow calls reaches its threshold', () => {
    const breaker = calls(halfOpened(), settings, 'LLLL', 7 * SECOND);
    expect(breaker.state).toBe('open');
  });

  it('waits for ever for its calls when the longest wait is 0', () => {
    const breaker = halfOpened();
    expect(dueMicros(breaker)).toBe(Infinity);
    expect(onDue(breaker, settings, 1e15)).toBeNull();
    expect(breaker.state).toBe('half-open');
  });

  it('opens when its calls take longer than the longest wait, as of that moment', () => {
    const short = { ...settings, maxWaitDurationInHalfOpenStateMicros: SECOND };
    const breaker = halfOpened(short);
    expect(dueMicros(breaker)).toBe(7 * SECOND);
    expect(tryAcquire(breaker, short, 7 * SECOND - 1)).toBe(true);
    expect(tryAcquire(breaker, short, 9 * SECOND)).toBe(false);
    expect(breaker.state).toBe('open');
    expect(breaker.untilMicros).toBe(12 * SECOND);
    const told = halfOpened(short);
    expect(onDue(told, short, 7 * SECOND)).toBe('open');
    expect(told.untilMicros).toBe(12 * SECOND);
    const late = halfOpened(short);
    expect(onResult(late, short, true, 0, 8 * SECOND)).toBe('open');
    expect(late.untilMicros).toBe(12 * SECOND);
  });
});
