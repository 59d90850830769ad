/** How long to wait before another try. A policy is a pure function of the try and one draw. */
export interface RetryPolicy {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Whether it uses its draw; a policy that does not costs no draw. */
  readonly isRandom: boolean;
  /**
   * @param attempt 1 before the second try, 2 before the third
   * @param baseMicros the first pause
   * @param capMicros the longest pause
   * @param draw uniform in [0, 1)
   */
  readonly pauseMicros: (
    attempt: number,
    baseMicros: number,
    capMicros: number,
    draw: number,
  ) => number;
}
