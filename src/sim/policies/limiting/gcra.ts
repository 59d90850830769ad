/**
 * The generic cell rate algorithm: one number, the theoretical arrival time (TAT) of the next
 * request if all came evenly spaced. A request may come before it, by the tolerance at most.
 *
 * With `burst` = b it decides as a token bucket of b + 1 does: one request, and b beyond it.
 *
 * Differs: the source rounds the interval between two requests down to whole nanoseconds; here it
 * is a double, and times a nanosecond apart count as one. A request of no cost is a request.
 *
 * Source: ITU-T I.371, annex A (virtual scheduling); throttled/throttled `rate.go` at 9e814f27 and
 * redis-cell (`max_burst`, the five numbers of its answer).
 */
import {
  MICROS_PER_SECOND,
  NANOSECOND,
  wholeMicros,
  type RateLimiter,
  type RateLimitSettings,
} from './rate-limiter.ts';

export interface GcraState {
  /** The theoretical arrival time; in the past for a limiter at rest. */
  tatMicros: number;
}

/** How far ahead of now the TAT is. */
function aheadMicros(state: GcraState, nowMicros: number): number {
  return Math.max(0, state.tatMicros - nowMicros);
}

/** How far ahead of now the TAT may be after a request. */
function toleranceMicros({ ratePerSecond, burst }: RateLimitSettings): number {
  return ((burst + 1) * MICROS_PER_SECOND) / ratePerSecond;
}

export const gcra: RateLimiter<GcraState> = {
  name: 'gcra',
  about: 'One number, when the next request is due: one may come early by no more than the burst.',
  source: 'ITU-T I.371, annex A; throttled at 9e814f27; redis-cell',
  reads: ['ratePerSecond', 'burst'],
  start: () => ({ tatMicros: 0 }),
  decide(state, settings, nowMicros, cost) {
    const step = (cost * MICROS_PER_SECOND) / settings.ratePerSecond;
    const tat = Math.max(nowMicros, state.tatMicros) + step;
    if (tat - toleranceMicros(settings) > nowMicros + NANOSECOND) return false;
    state.tatMicros = tat;
    return true;
  },
  limit: ({ burst }) => Math.floor(burst) + 1,
  remaining(state, settings, nowMicros) {
    const room = toleranceMicros(settings) - aheadMicros(state, nowMicros) + NANOSECOND;
    return Math.max(0, Math.floor((room * settings.ratePerSecond) / MICROS_PER_SECOND));
  },
  retryAfterMicros(state, settings, nowMicros, cost) {
    if (cost > settings.burst + 1) return Infinity;
    const step = (cost * MICROS_PER_SECOND) / settings.ratePerSecond;
    return wholeMicros(aheadMicros(state, nowMicros) + step - toleranceMicros(settings));
  },
  resetAfterMicros: (state, _settings, nowMicros) => wholeMicros(aheadMicros(state, nowMicros)),
  level: (state, settings, nowMicros) =>
    Math.min(1, aheadMicros(state, nowMicros) / toleranceMicros(settings)),
};
