/**
 * Accounting of acknowledged writes: each is still there, or its loss is explained, or it is lost.
 *
 * Invariant: acknowledged = present + explained + lost, counting operations. Which losses are
 * allowed (by configuration, by a fault that the scenario injected) is the caller's to say, with a
 * reason that the report shows.
 *
 * Values are unique among the writes of one key. For a register the final state holds one value, so
 * `overwritten` explains the others where the order of times allows: a write that began after the
 * final value's write had completed cannot have been overwritten by it.
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, returnTime, showValue, valueKey } from './result.ts';
import type { Result, Value } from './result.ts';

export interface LostWritesInput {
  /** Which operations are writes, and of what value. Undefined: not a write. */
  readonly written: (op: Op) => Value | undefined;
  /** True when the final state, or what consumers were given, holds `value` under `key`. */
  readonly isPresent: (key: string | undefined, value: Value) => boolean;
  /** Why the absence of an acknowledged write is allowed; undefined: it is not. */
  readonly explain?: (op: Op) => string | undefined;
}

export interface ExplainedLoss {
  readonly id: number;
  readonly why: string;
}

export interface LostWritesResult extends Result {
  readonly acknowledged: number;
  readonly present: number;
  readonly explained: readonly ExplainedLoss[];
  /** Ids of acknowledged writes that are gone without an explanation. */
  readonly lost: readonly number[];
  /** Unknown writes that took effect. */
  readonly recovered: readonly number[];
  /** Writes reported as surely not done that are there. */
  readonly refuted: readonly number[];
  readonly because: readonly string[];
}

export function checkLostWrites(ops: readonly Op[], input: LostWritesInput): LostWritesResult {
  let acknowledged = 0;
  let present = 0;
  const explained: ExplainedLoss[] = [];
  const lost: number[] = [];
  const recovered: number[] = [];
  const refuted: number[] = [];
  const because: string[] = [];
  for (const op of ops) {
    const value = input.written(op);
    if (value === undefined) continue;
    const isPresent = input.isPresent(op.key, value);
    const where = op.key === undefined ? '' : `${op.key} = `;
    const what = `${actorOf(op)} wrote ${where}${showValue(value)}`;
    if (op.outcome === 'unknown') {
      if (isPresent) recovered.push(op.id);
      continue;
    }
    if (op.outcome === 'fail') {
      if (!isPresent) continue;
      refuted.push(op.id);
      because.push(`${what}, was told at ${returnTime(op)} that it failed, and it is there.`);
      continue;
    }
    acknowledged++;
    if (isPresent) {
      present++;
      continue;
    }
    const why = input.explain?.(op);
    if (why !== undefined) {
      explained.push({ id: op.id, why });
      continue;
    }
    lost.push(op.id);
    because.push(`${what}, acknowledged at ${returnTime(op)}, and it is gone.`);
  }
  return {
    verdict: lost.length + refuted.length > 0 ? 'fail' : 'pass',
    check: 'lost-writes',
    steps: ops.length,
    acknowledged,
    present,
    explained,
    lost,
    recovered,
    refuted,
    because,
  };
}

/**
 * Explains, for registers, an acknowledged write that the final value of its key may have
 * overwritten: the final value's write had not completed when this one was called.
 */
export function overwritten(
  ops: readonly Op[],
  written: (op: Op) => Value | undefined,
  finalValue: (key: string | undefined) => Value,
): (op: Op) => string | undefined {
  const finalWrites = new Map<string | undefined, Op>();
  for (const op of ops) {
    const value = written(op);
    if (value === undefined || op.outcome === 'fail') continue;
    if (valueKey(finalValue(op.key)) === valueKey(value)) finalWrites.set(op.key, op);
  }
  return (op) => {
    const last = finalWrites.get(op.key);
    if (last === undefined || (last.outcome === 'ok' && last.ret < op.call)) return undefined;
    return `overwritten by ${showValue(written(last))}`;
  };
}
