/**
 * A counter that begins anew with each window of time; windows begin at whole multiples of their
 * length, as a key with the time in its name gives them.
 *
 * Invariant: no more than the limit pass in one window. Across a boundary twice as many may pass in
 * less than a window: that is what it is known for.
 *
 * Source: the INCR and EXPIRE pattern of the Redis documentation ("Pattern: Rate limiter 1").
 * Differs: there a refused request is counted too; here a refused request changes nothing.
 */
import { windowLimit, type RateLimiter, type RateLimitSettings } from './rate-limiter.ts';

export interface FixedWindowState {
  /** Which window the count is of, from 0. */
  window: number;
  used: number;
}

/** What has passed in the window of now. A clock that went back stays in the window it was in. */
function usedNow(
  { window, used }: FixedWindowState,
  { windowMicros }: RateLimitSettings,
  nowMicros: number,
): number {
  return nowMicros >= (window + 1) * windowMicros ? 0 : used;
}

/** Until the window ends; 0 if nothing was counted in it. */
function untilNextMicros(
  state: FixedWindowState,
  settings: RateLimitSettings,
  nowMicros: number,
): number {
  if (usedNow(state, settings, nowMicros) === 0) return 0;
  return (state.window + 1) * settings.windowMicros - nowMicros;
}

export const fixedWindow: RateLimiter<FixedWindowState> = {
  name: 'fixed-window',
  about: 'A counter that begins anew with each window: twice the limit can pass at a boundary.',
  source: 'Redis documentation, INCR, Pattern: Rate limiter 1',
  reads: ['ratePerSecond', 'windowMicros'],
  start: () => ({ window: 0, used: 0 }),
  decide(state, settings, nowMicros, cost) {
    const used = usedNow(state, settings, nowMicros) + cost;
    if (used > windowLimit(settings)) return false;
    state.window = Math.max(state.window, Math.floor(nowMicros / settings.windowMicros));
    state.used = used;
    return true;
  },
  limit: windowLimit,
  remaining: (state, settings, nowMicros) =>
    Math.max(0, Math.floor(windowLimit(settings) - usedNow(state, settings, nowMicros))),
  retryAfterMicros(state, settings, nowMicros, cost) {
    const limit = windowLimit(settings);
    if (cost > limit) return Infinity;
    if (usedNow(state, settings, nowMicros) + cost <= limit) return 0;
    return untilNextMicros(state, settings, nowMicros);
  },
  resetAfterMicros: untilNextMicros,
  level: (state, settings, nowMicros) =>
    Math.min(1, usedNow(state, settings, nowMicros) / windowLimit(settings)),
};
