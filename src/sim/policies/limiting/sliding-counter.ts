/**
 * Two counters: this window's, and that of the window before weighed by how much of it the last
 * window's length still covers. It assumes that the requests of the window before came evenly.
 *
 * Invariant: previous * (1 - share of this window gone) + current <= limit after each request.
 *
 * Source: Cloudflare, "How we built rate limiting capable of scaling to millions of domains"
 * (2017): 42 before, 18 now, 15 s of 60 s gone: 42 * 0.75 + 18 = 49.5. Differs: a refused request
 * is not counted.
 */
import {
  NANOSECOND,
  wholeMicros,
  windowLimit,
  type RateLimiter,
  type RateLimitSettings,
} from './rate-limiter.ts';

export interface SlidingCounterState {
  /** Which window `current` counts, from 0. */
  window: number;
  current: number;
  /** What passed in the window before it. */
  previous: number;
}

/** The window of now, or the last one used if the clock went back. */
function windowNow(
  { window }: SlidingCounterState,
  { windowMicros }: RateLimitSettings,
  nowMicros: number,
): number {
  return Math.max(window, Math.floor(nowMicros / windowMicros));
}

function currentIn(state: SlidingCounterState, window: number): number {
  return window === state.window ? state.current : 0;
}

function previousIn(state: SlidingCounterState, window: number): number {
  if (window === state.window) return state.previous;
  return window === state.window + 1 ? state.current : 0;
}

/** The share of the window before that still counts, in microseconds of it. */
function overlapMicros({ windowMicros }: RateLimitSettings, window: number, nowMicros: number) {
  return Math.min(windowMicros, (window + 1) * windowMicros - nowMicros);
}

/** The estimate of what passed in the last window's length. */
export function slidingEstimate(
  state: SlidingCounterState,
  settings: RateLimitSettings,
  nowMicros: number,
): number {
  const window = windowNow(state, settings, nowMicros);
  const overlap = overlapMicros(settings, window, nowMicros) / settings.windowMicros;
  return previousIn(state, window) * overlap + currentIn(state, window);
}

/** Until previous * overlap fits into the room, counted from the start of a window. */
function fitsAfterMicros(previous: number, room: number, windowMicros: number): number {
  return previous <= room ? 0 : windowMicros * (1 - room / previous);
}

export const slidingCounter: RateLimiter<SlidingCounterState> = {
  name: 'sliding-counter',
  about: 'This window and what is left of the one before: two numbers that nearly slide.',
  source: 'Cloudflare, How we built rate limiting capable of scaling (2017)',
  reads: ['ratePerSecond', 'windowMicros'],
  start: () => ({ window: 0, current: 0, previous: 0 }),
  decide(state, settings, nowMicros, cost) {
    const window = windowNow(state, settings, nowMicros);
    const current = currentIn(state, window);
    const previous = previousIn(state, window);
    const overlap = overlapMicros(settings, window, nowMicros) - NANOSECOND;
    const room = windowLimit(settings) - cost - current;
    if (room < 0 || previous * overlap > room * settings.windowMicros) return false;
    state.window = window;
    state.previous = previous;
    state.current = current + cost;
    return true;
  },
  limit: windowLimit,
  remaining(state, settings, nowMicros) {
    const room = windowLimit(settings) - slidingEstimate(state, settings, nowMicros);
    return Math.max(0, Math.floor(room + 1e-9));
  },
  retryAfterMicros(state, settings, nowMicros, cost) {
    const { windowMicros } = settings;
    const room = windowLimit(settings) - cost;
    if (room < 0) return Infinity;
    const window = windowNow(state, settings, nowMicros);
    const current = currentIn(state, window);
    const start = window * windowMicros;
    const at =
      current <= room
        ? start + fitsAfterMicros(previousIn(state, window), room - current, windowMicros)
        : start + windowMicros + fitsAfterMicros(current, room, windowMicros);
    return wholeMicros(at - nowMicros);
  },
  resetAfterMicros(state, settings, nowMicros) {
    const window = windowNow(state, settings, nowMicros);
    const end = (window + 1) * settings.windowMicros;
    if (currentIn(state, window) > 0) return end + settings.windowMicros - nowMicros;
    return previousIn(state, window) > 0 ? end - nowMicros : 0;
  },
  level: (state, settings, nowMicros) =>
    Math.min(1, slidingEstimate(state, settings, nowMicros) / windowLimit(settings)),
};
