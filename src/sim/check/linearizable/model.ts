/**
 * A sequential object: what its operations do one after the other. The checkers ask whether a
 * concurrent history has an order that this object would accept.
 *
 * Invariants that a model keeps: `step` is a pure function and never changes the state that it is
 * given; `key` is equal exactly for equal states; an operation for which `pure` answers true leaves
 * every state in which it is legal as it was.
 */
import type { Op } from '../../observe/history.ts';

/** The answer of `step` to an operation that cannot have this result in this state. */
export const ILLEGAL = Symbol('illegal');

export interface Model<S, I = unknown, O = unknown> {
  readonly name: string;
  init(): S;
  step(state: S, op: Op<I, O>): S | typeof ILLEGAL;
  /** Equal key iff equal state. */
  key(state: S): string | number;
  /**
   * Changes nothing, in every state, by what it is recorded to have returned: a read, a compare-
   * and-set that failed. "Happens to change nothing now" (write 5 onto 5) is not pure: treating it
   * so is unsound.
   */
  pure?(op: Op<I, O>): boolean;
  /** Operations of different parts never influence each other: each part is checked alone. */
  partition?(op: Op<I, O>): string;
  /** True where `fail` means "was executed and saw why not". Default: it never happened. */
  failMeansObserved?(op: Op<I, O>): boolean;
  /** What was done, in the past tense: "wrote x = 2". */
  describe(op: Op<I, O>): string;
  describeState(state: S): string;
}
