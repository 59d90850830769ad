/**
 * The outcomes of the last n calls, or of the calls of the last n seconds: how many failed, and how
 * many were slow. Each result costs the same whatever the size.
 *
 * Invariant: a rate is -1 until the minimum number of calls is in the window.
 *
 * Source: resilience4j at af9e7c97, `FixedSizeSlidingWindowMetrics`,
 * `SlidingTimeWindowMetrics` (buckets of whole seconds of the clock) and `CircuitBreakerMetrics`.
 */
import { count, roll, startCounts, type RollingCounts } from './rolling-counts.ts';

export type SlidingWindowType = 'count-based' | 'time-based';

const CALLS = 0;
const FAILED = 1;
const SLOW = 2;
const KINDS = 3;
const SECOND = 1_000_000;

/** Bits of a remembered call. */
const FAILED_BIT = 1;
const SLOW_BIT = 2;

export interface OutcomeWindow {
  readonly minimumNumberOfCalls: number;
  /** Of a time-based window: the counts. Of a count-based one: only their totals are used. */
  readonly counts: RollingCounts;
  /** Of a count-based window: each call, in a ring; null in a time-based one. */
  readonly ring: Uint8Array | null;
  /** Of a count-based window: where the next call goes, which is where the oldest is. */
  next: number;
}

export function newOutcomeWindow(
  type: SlidingWindowType,
  size: number,
  minimumNumberOfCalls: number,
): OutcomeWindow {
  const isTimed = type === 'time-based';
  return {
    minimumNumberOfCalls,
    counts: startCounts(KINDS, isTimed ? size : 1, SECOND),
    ring: isTimed ? null : new Uint8Array(size),
    next: 0,
  };
}

export function recordOutcome(
  window: OutcomeWindow,
  isOk: boolean,
  isSlow: boolean,
  nowMicros: number,
): void {
  const { counts, ring } = window;
  if (ring === null) {
    roll(counts, nowMicros);
    count(counts, CALLS, 1);
    if (!isOk) count(counts, FAILED, 1);
    if (isSlow) count(counts, SLOW, 1);
    return;
  }
  const { totals } = counts;
  if (totals[CALLS]! === ring.length) forget(totals, ring[window.next]!);
  else totals[CALLS]!++;
  if (!isOk) totals[FAILED]!++;
  if (isSlow) totals[SLOW]!++;
  ring[window.next] = (isOk ? 0 : FAILED_BIT) | (isSlow ? SLOW_BIT : 0);
  window.next = window.next + 1 === ring.length ? 0 : window.next + 1;
}

function forget(totals: Float64Array, call: number): void {
  if ((call & FAILED_BIT) !== 0) totals[FAILED]!--;
  if ((call & SLOW_BIT) !== 0) totals[SLOW]!--;
}

/** Calls in the window as of the last result. */
export function callsIn({ counts }: OutcomeWindow): number {
  return counts.totals[CALLS]!;
}

/** In per cent, as of the last result; -1 while too few calls are known. */
export function failureRate(window: OutcomeWindow): number {
  return rate(window, FAILED);
}

/** In per cent, as of the last result; -1 while too few calls are known. */
export function slowCallRate(window: OutcomeWindow): number {
  return rate(window, SLOW);
}

function rate({ counts, minimumNumberOfCalls }: OutcomeWindow, kind: number): number {
  const calls = counts.totals[CALLS]!;
  if (calls === 0 || calls < minimumNumberOfCalls) return -1;
  return (counts.totals[kind]! * 100) / calls;
}
