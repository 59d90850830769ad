/** How long to wait before another try: pure functions of the try and one draw. */

/** What a pause may depend on. */
export interface Retry {
  /** 1 before the second try, 2 before the third. */
  readonly attempt: number;
  /** The pause before this one; before the first it is the base. */
  readonly previousMicros: number;
  readonly baseMicros: number;
  /** No pause is longer. */
  readonly capMicros: number;
}

export interface RetryPolicy {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Whether it uses its draw; a policy that does not costs no draw. */
  readonly isRandom: boolean;
  /** @param draw uniform in [0, 1); 0 for a policy that uses none */
  readonly pauseMicros: (retry: Retry, draw: number) => number;
}
