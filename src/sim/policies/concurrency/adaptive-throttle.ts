/**
 * A client that refuses its own requests, with a probability that grows as the backend accepts
 * fewer of them: max(0, (requests - K * accepts) / (requests + 1)) over the last two minutes.
 *
 * Requests are counted also when they are refused here, accepts only when the backend accepted.
 * Invariant: in the long run no more than K requests are sent for each that is accepted, and none
 * is refused while the backend accepts one in K.
 *
 * Source: Beyer et al., Site Reliability Engineering (2016), chapter 21, "Client-Side Throttling".
 * Differs: the two minutes are counted in slices, 12 of 10 s, as the book does not say how.
 */
import {
  count,
  roll,
  startCounts,
  sumAt,
  type RollingCounts,
} from '../resilience/rolling-counts.ts';

export interface ThrottleSettings {
  /** The book's K: how many requests are sent for each that is accepted. */
  readonly ratio: number;
  readonly windowMicros: number;
  /** In how many slices the window is counted. */
  readonly slices: number;
}

export const THROTTLE_DEFAULTS: ThrottleSettings = {
  ratio: 2,
  windowMicros: 120_000_000,
  slices: 12,
};

export interface ThrottleState {
  readonly counts: RollingCounts;
}

const REQUESTS = 0;
const ACCEPTS = 1;

export function startThrottle({ windowMicros, slices }: ThrottleSettings): ThrottleState {
  return { counts: startCounts(2, slices, windowMicros / slices) };
}

/** The probability that a request is refused here and now. */
export function throttleProbability(
  state: ThrottleState,
  settings: ThrottleSettings,
  nowMicros: number,
): number {
  const requests = sumAt(state.counts, REQUESTS, nowMicros);
  const accepts = sumAt(state.counts, ACCEPTS, nowMicros);
  return Math.max(0, (requests - settings.ratio * accepts) / (requests + 1));
}

/**
 * A request of the application; whether it may be sent. It is counted either way.
 * @param draw uniform in (0, 1), one for each request so that twins stay in step
 */
export function throttleAdmits(
  state: ThrottleState,
  settings: ThrottleSettings,
  nowMicros: number,
  draw: number,
): boolean {
  roll(state.counts, nowMicros);
  const requests = state.counts.totals[REQUESTS]!;
  const accepts = state.counts.totals[ACCEPTS]!;
  count(state.counts, REQUESTS, 1);
  return draw >= (requests - settings.ratio * accepts) / (requests + 1);
}

/** The backend accepted a request: it did not refuse it for being overloaded. */
export function throttleAccepted(state: ThrottleState, nowMicros: number): void {
  roll(state.counts, nowMicros);
  count(state.counts, ACCEPTS, 1);
}
