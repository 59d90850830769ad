/**
 * A bucket that leaks at a steady rate; a request pours in what it costs, or is refused when that
 * would overflow. This is the leaky bucket as a meter: it lets bursts through up to its size. The
 * other leaky bucket, a queue that sends its requests on one by one, is a service's own queue.
 *
 * Invariant: 0 <= water <= burst, to a billionth of a second's worth; it is the mirror image of a
 * token bucket (water = burst - tokens).
 *
 * Source: Turner, "New directions in communications", IEEE Communications Magazine, 1986; ITU-T
 * I.371, annex A (the continuous-state leaky bucket).
 */
import {
  MICROS_PER_SECOND,
  NANOSECOND,
  wholeMicros,
  type RateLimiter,
  type RateLimitSettings,
} from './rate-limiter.ts';

export interface LeakyBucketState {
  /** As of `atMicros`, in millionths. */
  microWater: number;
  atMicros: number;
}

function waterNow(
  state: LeakyBucketState,
  { ratePerSecond }: RateLimitSettings,
  nowMicros: number,
): number {
  const leaked = Math.max(0, nowMicros - state.atMicros) * ratePerSecond;
  return Math.max(0, state.microWater - leaked);
}

/** How long until so much has leaked; a clock that went back leaks nothing until it is back. */
function leakMicros(
  state: LeakyBucketState,
  { ratePerSecond }: RateLimitSettings,
  nowMicros: number,
  microWater: number,
): number {
  if (microWater <= 0) return 0;
  return wholeMicros(microWater / ratePerSecond) + Math.max(0, state.atMicros - nowMicros);
}

export const leakyBucket: RateLimiter<LeakyBucketState> = {
  name: 'leaky-bucket',
  about: 'A bucket that leaks at a steady rate; a request that would make it overflow is refused.',
  source: 'Turner, New directions in communications (IEEE 1986); ITU-T I.371, annex A',
  reads: ['ratePerSecond', 'burst'],
  start: () => ({ microWater: 0, atMicros: 0 }),
  decide(state, settings, nowMicros, cost) {
    const water = waterNow(state, settings, nowMicros) + cost * MICROS_PER_SECOND;
    const spare = NANOSECOND * settings.ratePerSecond;
    if (water > settings.burst * MICROS_PER_SECOND + spare) return false;
    state.microWater = water;
    state.atMicros = Math.max(state.atMicros, nowMicros);
    return true;
  },
  limit: ({ burst }) => Math.floor(burst),
  remaining(state, settings, nowMicros) {
    const room = settings.burst * MICROS_PER_SECOND - waterNow(state, settings, nowMicros);
    const nanosecondsWorth = NANOSECOND * settings.ratePerSecond;
    return Math.max(0, Math.floor((room + nanosecondsWorth) / MICROS_PER_SECOND));
  },
  retryAfterMicros(state, settings, nowMicros, cost) {
    if (cost > settings.burst) return Infinity;
    const water = waterNow(state, settings, nowMicros);
    const over = water + (cost - settings.burst) * MICROS_PER_SECOND;
    return leakMicros(state, settings, nowMicros, over);
  },
  resetAfterMicros: (state, settings, nowMicros) =>
    leakMicros(state, settings, nowMicros, waterNow(state, settings, nowMicros)),
  level(state, settings, nowMicros) {
    const full = settings.burst * MICROS_PER_SECOND;
    return Math.min(1, waterNow(state, settings, nowMicros) / full);
  },
};
