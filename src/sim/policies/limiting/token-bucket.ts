/**
 * A bucket of tokens that fills at a steady rate; a request takes what it costs or is refused.
 *
 * Tokens are counted in millionths, so that whole rates stay exact at any whole microsecond.
 * Invariant: 0 <= tokens <= burst, to a billionth of a second's worth. Over any time t no more
 * than burst + rate * t pass.
 *
 * Source: Turner, "New directions in communications", IEEE Communications Magazine, 1986; the form
 * of Go's x/time/rate (a bucket of `burst`, filled when it is looked at).
 */
import {
  MICROS_PER_SECOND,
  NANOSECOND,
  wholeMicros,
  type RateLimiter,
  type RateLimitSettings,
} from './rate-limiter.ts';

export interface TokenBucketState {
  /** As of `atMicros`, in millionths. */
  microTokens: number;
  atMicros: number;
}

function tokensNow(
  state: TokenBucketState,
  { ratePerSecond, burst }: RateLimitSettings,
  nowMicros: number,
): number {
  const filled = Math.max(0, nowMicros - state.atMicros) * ratePerSecond;
  return Math.min(burst * MICROS_PER_SECOND, state.microTokens + filled);
}

export const tokenBucket: RateLimiter<TokenBucketState> = {
  name: 'token-bucket',
  about: 'A bucket of tokens that fills at a steady rate; each request takes some or is refused.',
  source: 'Turner, New directions in communications (IEEE 1986); Go x/time/rate',
  reads: ['ratePerSecond', 'burst'],
  start: ({ burst }) => ({ microTokens: burst * MICROS_PER_SECOND, atMicros: 0 }),
  decide(state, settings, nowMicros, cost) {
    const tokens = tokensNow(state, settings, nowMicros);
    const left = tokens - cost * MICROS_PER_SECOND;
    if (left < -NANOSECOND * settings.ratePerSecond) return false;
    state.microTokens = left;
    state.atMicros = Math.max(state.atMicros, nowMicros);
    return true;
  },
  limit: ({ burst }) => Math.floor(burst),
  remaining(state, settings, nowMicros) {
    const nanosecondsWorth = NANOSECOND * settings.ratePerSecond;
    const tokens = tokensNow(state, settings, nowMicros) + nanosecondsWorth;
    return Math.max(0, Math.floor(tokens / MICROS_PER_SECOND));
  },
  retryAfterMicros(state, settings, nowMicros, cost) {
    if (cost > settings.burst) return Infinity;
    const missing = cost * MICROS_PER_SECOND - tokensNow(state, settings, nowMicros);
    if (missing <= 0) return 0;
    return wholeMicros(missing / settings.ratePerSecond) + behind(state, nowMicros);
  },
  resetAfterMicros(state, settings, nowMicros) {
    const missing = settings.burst * MICROS_PER_SECOND - tokensNow(state, settings, nowMicros);
    if (missing <= 0) return 0;
    return wholeMicros(missing / settings.ratePerSecond) + behind(state, nowMicros);
  },
  level(state, settings, nowMicros) {
    const share = tokensNow(state, settings, nowMicros) / (settings.burst * MICROS_PER_SECOND);
    return Math.max(0, Math.min(1, 1 - share));
  },
};

/** How far the clock went back behind the last look: nothing fills until it is there again. */
function behind({ atMicros }: TokenBucketState, nowMicros: number): number {
  return Math.max(0, atMicros - nowMicros);
}
