/**
 * What every history checker answers.
 *
 * Invariant: a budget is counted in steps, never in time, so a verdict is a pure function of the
 * history and the budget; a budget that ends gives `unknown` with the reason, never a silent pass.
 */
import type { CheckVerdict } from '../../observe/frame.ts';
import type { Op } from '../../observe/history.ts';

export type Verdict = CheckVerdict;

export interface Budget {
  /** Search steps of the whole check; a step tries one operation in one state. */
  readonly steps: number;
  /** Configurations that the breadth-first search may hold at one event. */
  readonly configurations?: number;
}

export interface MaximalPath {
  /** Operation ids in the order in which they can be placed, as far as it goes. */
  readonly order: readonly number[];
  /** The operation that must come next and cannot. */
  readonly stuckAt: number;
  readonly why: string;
}

export interface Explanation {
  /** The first operation, in the order of returns, that no order of the rest can place. */
  readonly culprit: number;
  readonly partition?: string;
  /** The last operation that returned before the culprit did. */
  readonly lastOk?: number;
  /** The states in which the object could be just before the culprit returned. */
  readonly statesBefore: readonly string[];
  readonly maximalPaths: readonly MaximalPath[];
  /** The smallest set of operations found that cannot be ordered, by call; worth drawing. */
  readonly window: readonly number[];
  /** Plain sentences, the most telling first. */
  readonly because: readonly string[];
}

export interface Result {
  readonly verdict: Verdict;
  readonly check: string;
  readonly steps: number;
  /** For unknown: which budget ended, and where. */
  readonly reason?: string;
  /** For pass, where the search kept it: one legal order of operation ids. */
  readonly witness?: readonly number[];
  readonly explanation?: Explanation;
}

/** A value that a client writes and reads. */
export type Value = number | string | boolean | null;

/** Equal exactly for equal values, also between types: 1, "1", true and null stay apart. */
export function valueKey(value: Value): number | string {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? `"${value}` : String(value);
}

export function showValue(value: Value | undefined): string {
  if (value === undefined) return '?';
  if (value === null) return 'nothing';
  return typeof value === 'string' ? `"${value}"` : String(value);
}

/** The name under which a person knows who did it. */
export function actorOf(op: Op): string {
  return op.client ?? `process ${op.process}`;
}

/** "1.240 s" where the history has times, else the position in the order of events. */
export function showMicros(micros: number): string {
  const millis = Math.round(micros / 1000);
  const whole = Math.floor(millis / 1000);
  return `${whole}.${String(millis - whole * 1000).padStart(3, '0')} s`;
}

export function callTime(op: Op): string {
  return op.callMicros === undefined ? `position ${op.call}` : showMicros(op.callMicros);
}

export function returnTime(op: Op): string {
  return op.retMicros === undefined ? `position ${op.ret}` : showMicros(op.retMicros);
}
