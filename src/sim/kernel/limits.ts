/**
 * What stops a run that does not end by itself. A limit reached makes the verdict `unknown`, with
 * the limit named: nothing is known about what would have come after.
 */
export interface Limits {
  /** Executed events. */
  readonly events: number;
  /** Simulated time. */
  readonly simMicros: number;
  /** Events waiting in the queue at one moment: more of them is a run that feeds itself. */
  readonly pending: number;
}

export const LIMITS_DEFAULT: Limits = {
  events: 10_000_000,
  simMicros: 3_600_000_000,
  pending: 2_000_000,
};
