/** The rate limiters of the catalogue: an explicit list. */
import { fixedWindow, type FixedWindowState } from './fixed-window.ts';
import { gcra, type GcraState } from './gcra.ts';
import { leakyBucket, type LeakyBucketState } from './leaky-bucket.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { slidingCounter, type SlidingCounterState } from './sliding-counter.ts';
import { slidingLog, type SlidingLogState } from './sliding-log.ts';
import { tokenBucket, type TokenBucketState } from './token-bucket.ts';

export type { RateLimiter, RateLimitSettings } from './rate-limiter.ts';

/** The state of any limiter: plain data, for the limiter that started it. */
export type RateLimitState =
  | TokenBucketState
  | LeakyBucketState
  | FixedWindowState
  | SlidingLogState
  | SlidingCounterState
  | GcraState;

export const RATE_LIMITERS: readonly RateLimiter<RateLimitState>[] = [
  tokenBucket,
  leakyBucket,
  fixedWindow,
  slidingLog,
  slidingCounter,
  gcra,
];

export const RATE_LIMITER_NAMES: readonly string[] = RATE_LIMITERS.map(({ name }) => name);
