/**
 * The times of the last requests that passed: exact, and as large as the limit.
 *
 * A ring with one slot for each unit that may pass in a window, oldest first. A request of cost c
 * passes if the c oldest slots are of a time that has left the window; it takes them over. Nothing
 * is ever cleaned up, so that a decision costs its c slots and no search.
 *
 * Invariant: in any span of one window, wherever it begins, no more than the limit pass.
 *
 * Source: the sorted-set limiter in common use with Redis (ZREMRANGEBYSCORE, ZCARD, ZADD).
 * Differs: there a refused request is often logged too; here it changes nothing. Costs count as
 * whole units, rounded up; the limit is that of the start.
 */
import { windowLimit, type RateLimiter, type RateLimitSettings } from './rate-limiter.ts';

export interface SlidingLogState {
  /** When each unit passed, in a ring. */
  times: Float64Array;
  /** The slot of the oldest. */
  oldest: number;
}

/** The time in an empty slot: it has left every window. */
const NEVER = Number.MIN_SAFE_INTEGER;

/** The time of the unit that is the index-th from the oldest. */
function timeAt({ times, oldest }: SlidingLogState, index: number): number {
  const slot = oldest + index;
  return times[slot < times.length ? slot : slot - times.length]!;
}

/** How many units may pass: those slots, from the oldest, that have left the window. */
function free(state: SlidingLogState, { windowMicros }: RateLimitSettings, nowMicros: number) {
  let low = 0;
  let high = state.times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timeAt(state, middle) + windowMicros <= nowMicros) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Until the index-th oldest unit leaves the window. */
function untilLeavesMicros(
  state: SlidingLogState,
  { windowMicros }: RateLimitSettings,
  nowMicros: number,
  index: number,
): number {
  return Math.max(0, timeAt(state, index) + windowMicros - nowMicros);
}

export const slidingLog: RateLimiter<SlidingLogState> = {
  name: 'sliding-log',
  about: 'The time of each request that passed in the last window: exact, at the price of memory.',
  source: 'the sorted-set limiter in common use with Redis',
  reads: ['ratePerSecond', 'windowMicros'],
  start: (settings) => ({
    times: new Float64Array(windowLimit(settings)).fill(NEVER),
    oldest: 0,
  }),
  decide(state, settings, nowMicros, cost) {
    const units = Math.ceil(cost);
    const { times } = state;
    if (units === 0) return true;
    if (units > times.length) return false;
    if (timeAt(state, units - 1) + settings.windowMicros > nowMicros) return false;
    // Times ascend along the ring, also when the clock went back.
    const time = Math.max(nowMicros, timeAt(state, times.length - 1));
    for (let i = 0; i < units; i++) {
      times[state.oldest] = time;
      state.oldest = state.oldest + 1 === times.length ? 0 : state.oldest + 1;
    }
    return true;
  },
  limit: windowLimit,
  remaining: free,
  retryAfterMicros(state, settings, nowMicros, cost) {
    const units = Math.ceil(cost);
    if (units === 0) return 0;
    if (units > state.times.length) return Infinity;
    return untilLeavesMicros(state, settings, nowMicros, units - 1);
  },
  resetAfterMicros: (state, settings, nowMicros) =>
    untilLeavesMicros(state, settings, nowMicros, state.times.length - 1),
  level: (state, settings, nowMicros) => 1 - free(state, settings, nowMicros) / state.times.length,
};
