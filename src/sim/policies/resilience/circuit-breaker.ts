/**
 * A circuit breaker: closed, it lets all calls through and counts how they end; when too many of
 * the last ones failed or were slow, it opens and lets none through; after a while it is half-open
 * and lets a few through, whose results decide whether it closes or opens again.
 *
 * Invariants: no rate is known, and nothing happens, before the minimum number of calls; half-open,
 * it lets through no more calls than are permitted; a result counts in the state in which it comes.
 *
 * Source: resilience4j at af9e7c97, `CircuitBreakerStateMachine`, `CircuitBreakerMetrics`. Names
 * and defaults are its own. Differs: times are the caller's clock, not timers; a host that wants
 * the moments at which waiting ends asks `dueMicros` and calls `onDue`, otherwise they take effect
 * with the next call or result, as of the moment they were due.
 */
import {
  failureRate,
  newOutcomeWindow,
  recordOutcome,
  slowCallRate,
  type OutcomeWindow,
  type SlidingWindowType,
} from './outcome-window.ts';

export interface BreakerSettings {
  /** Per cent of failed calls from which it opens. */
  readonly failureRateThreshold: number;
  /** Per cent of slow calls from which it opens. */
  readonly slowCallRateThreshold: number;
  /** A call that takes longer is slow, whether it fails or not. */
  readonly slowCallDurationThresholdMicros: number;
  readonly slidingWindowType: SlidingWindowType;
  /** Calls, or seconds. */
  readonly slidingWindowSize: number;
  readonly minimumNumberOfCalls: number;
  readonly waitDurationInOpenStateMicros: number;
  readonly permittedNumberOfCallsInHalfOpenState: number;
  /** 0: half-open for as long as the permitted calls take. */
  readonly maxWaitDurationInHalfOpenStateMicros: number;
}

export const BREAKER_DEFAULTS: BreakerSettings = {
  failureRateThreshold: 50,
  slowCallRateThreshold: 100,
  slowCallDurationThresholdMicros: 60_000_000,
  slidingWindowType: 'count-based',
  slidingWindowSize: 100,
  minimumNumberOfCalls: 100,
  waitDurationInOpenStateMicros: 60_000_000,
  permittedNumberOfCallsInHalfOpenState: 10,
  maxWaitDurationInHalfOpenStateMicros: 0,
};

export type BreakerPosition = 'closed' | 'open' | 'half-open';

export interface BreakerState {
  state: BreakerPosition;
  /** The results that its next change is decided by; open, those that opened it. */
  window: OutcomeWindow;
  /** When the state ends by itself: open or half-open; Infinity otherwise. */
  untilMicros: number;
  /** Half-open: how many more calls are let through. */
  permits: number;
  /** Times that it opened since it was last closed. */
  attempts: number;
  /** Calls that were not let through since it was last closed. */
  notPermitted: number;
}

export function newBreaker(settings: BreakerSettings): BreakerState {
  return {
    state: 'closed',
    window: closedWindow(settings),
    untilMicros: Infinity,
    permits: 0,
    attempts: 0,
    notPermitted: 0,
  };
}

/** Whether a call may be made now. A call that may must end in `onResult` or in `release`. */
export function tryAcquire(
  breaker: BreakerState,
  settings: BreakerSettings,
  nowMicros: number,
): boolean {
  onDue(breaker, settings, nowMicros);
  if (breaker.state === 'closed') return true;
  // Strictly later, as in the source.
  if (breaker.state === 'open' && nowMicros > breaker.untilMicros) {
    halfOpen(breaker, settings, nowMicros);
  }
  if (breaker.state === 'half-open' && breaker.permits > 0) {
    breaker.permits--;
    return true;
  }
  breaker.notPermitted++;
  return false;
}

/** A call that was let through was not made after all: its permission goes back. */
export function release(breaker: BreakerState): void {
  if (breaker.state === 'half-open') breaker.permits++;
}

/** A call has ended. Returns the state that this led to, or null if it led to none. */
export function onResult(
  breaker: BreakerState,
  settings: BreakerSettings,
  isOk: boolean,
  durationMicros: number,
  nowMicros: number,
): BreakerPosition | null {
  const due = onDue(breaker, settings, nowMicros);
  const { window } = breaker;
  const isSlow = durationMicros > settings.slowCallDurationThresholdMicros;
  recordOutcome(window, isOk, isSlow, nowMicros);
  // Results of calls from before it opened are counted and decide nothing.
  if (breaker.state === 'open') return due;
  const failed = failureRate(window);
  if (failed < 0) return due;
  const isExceeded =
    failed >= settings.failureRateThreshold ||
    slowCallRate(window) >= settings.slowCallRateThreshold;
  if (isExceeded) open(breaker, settings, nowMicros);
  else if (breaker.state === 'half-open') close(breaker, settings);
  else return due;
  return breaker.state;
}

/** When the state next ends by itself if nobody calls; Infinity if it does not. */
export function dueMicros(breaker: BreakerState): number {
  return breaker.state === 'half-open' ? breaker.untilMicros : Infinity;
}

/** When calls are let through again; 0 unless it is open. */
export function retryAtMicros(breaker: BreakerState): number {
  return breaker.state === 'open' ? breaker.untilMicros + 1 : 0;
}

/** Ends the state that has lasted its time: half-open for too long, it opens again. */
export function onDue(
  breaker: BreakerState,
  settings: BreakerSettings,
  nowMicros: number,
): BreakerPosition | null {
  if (nowMicros < dueMicros(breaker)) return null;
  open(breaker, settings, breaker.untilMicros);
  return breaker.state;
}

/** Goes from open to half-open without a call (`automaticTransitionFromOpenToHalfOpenEnabled`). */
export function halfOpen(
  breaker: BreakerState,
  settings: BreakerSettings,
  nowMicros: number,
): void {
  const calls = settings.permittedNumberOfCallsInHalfOpenState;
  const maxWait = settings.maxWaitDurationInHalfOpenStateMicros;
  breaker.state = 'half-open';
  breaker.window = newOutcomeWindow('count-based', calls, calls);
  breaker.untilMicros = maxWait > 0 ? nowMicros + maxWait : Infinity;
  breaker.permits = calls;
}

function open(breaker: BreakerState, settings: BreakerSettings, nowMicros: number): void {
  breaker.state = 'open';
  breaker.untilMicros = nowMicros + settings.waitDurationInOpenStateMicros;
  breaker.permits = 0;
  breaker.attempts++;
}

function close(breaker: BreakerState, settings: BreakerSettings): void {
  breaker.state = 'closed';
  breaker.window = closedWindow(settings);
  breaker.untilMicros = Infinity;
  breaker.permits = 0;
  breaker.attempts = 0;
  breaker.notPermitted = 0;
}

/** A window of calls never waits for more calls than it holds. */
function closedWindow(settings: BreakerSettings): OutcomeWindow {
  const { slidingWindowType, slidingWindowSize, minimumNumberOfCalls } = settings;
  const minimum =
    slidingWindowType === 'count-based'
      ? Math.min(minimumNumberOfCalls, slidingWindowSize)
      : minimumNumberOfCalls;
  return newOutcomeWindow(slidingWindowType, slidingWindowSize, minimum);
}
