/**
 * How many requests may pass in a time: what every rate limiter offers.
 *
 * A limiter holds plain data for one key (a client, an address) and changes it in place. Invariant
 * of all of them: a refused request leaves the state as it was, so that whoever keeps knocking is
 * not punished for it, and `remaining`, `level` and the two waits never change anything.
 */

/** The settings of any limiter. Which of them it reads stands with the limiter. */
export interface RateLimitSettings {
  /** Units of cost a second in the long run; a plain request costs 1. */
  readonly ratePerSecond: number;
  /** How much may pass at once. Token bucket, leaky bucket: the whole bucket. GCRA: beyond one. */
  readonly burst: number;
  /** The length of a window, for those that count in windows: they let rate * window pass in it. */
  readonly windowMicros: number;
}

export interface RateLimiter<S> {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Which of the settings it reads. */
  readonly reads: readonly (keyof RateLimitSettings)[];
  /** A limiter at rest. */
  start(settings: RateLimitSettings): S;
  /**
   * Whether a request of this cost may pass now; if so, it is counted.
   * @param nowMicros integer; a clock that went back is taken as one that stood still
   */
  decide(state: S, settings: RateLimitSettings, nowMicros: number, cost: number): boolean;
  /** The most that can pass at once, for a limiter at rest (`X-RateLimit-Limit`). */
  limit(settings: RateLimitSettings): number;
  /** Whole units of cost that may pass now (`X-RateLimit-Remaining`). */
  remaining(state: S, settings: RateLimitSettings, nowMicros: number): number;
  /**
   * Whole microseconds until a request of this cost may pass if nothing else does: 0 if it may now,
   * Infinity if it never may (`Retry-After`).
   */
  retryAfterMicros(state: S, settings: RateLimitSettings, nowMicros: number, cost: number): number;
  /** Whole microseconds until it is at rest again if nothing passes (`X-RateLimit-Reset`). */
  resetAfterMicros(state: S, settings: RateLimitSettings, nowMicros: number): number;
  /**
   * How much of what may pass is used up, for people: 0 at rest, 1 when full. A token bucket is
   * drawn as the rest of it.
   */
  level(state: S, settings: RateLimitSettings, nowMicros: number): number;
}

export const MICROS_PER_SECOND = 1_000_000;

/** What a window lets pass. The tiny sum keeps 0.7 * 60 from being a little less than 42. */
export function windowLimit({ ratePerSecond, windowMicros }: RateLimitSettings): number {
  return Math.floor((ratePerSecond * windowMicros) / MICROS_PER_SECOND + 1e-9);
}

/** A wait rounded up, so that it is over when it has passed; a billionth does not count. */
export function wholeMicros(micros: number): number {
  return Math.max(0, Math.ceil(micros - NANOSECOND));
}

/** In microseconds. Waits closer than this are one: rates such as 3/s have no exact interval. */
export const NANOSECOND = 0.001;
