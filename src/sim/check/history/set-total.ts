/**
 * A set that only grows, judged by its last read: is everything that was acknowledged there, and
 * nothing that nobody tried to add?
 *
 * Operations: `add` (input the element) and `read` (output the elements). Linear time.
 * Invariant: lost = acknowledged - read; unexpected = read - attempted; recovered = read and
 * attempted but not acknowledged.
 *
 * A `fail` that is in the set after all is only counted as recovered, as Jepsen does; with
 * `failedMustBeAbsent` it is a failure: "surely did not happen" was false.
 *
 * Source: the `set` checker of Jepsen.
 */
import type { Op } from '../../observe/history.ts';
import { Multiset } from './multiset.ts';
import { showValue } from './result.ts';
import type { Result, Value } from './result.ts';

export interface SetTotalOptions {
  readonly failedMustBeAbsent?: boolean;
}

export interface SetTotalResult extends Result {
  readonly lost: readonly Value[];
  readonly recovered: readonly Value[];
  readonly unexpected: readonly Value[];
  /** Elements reported as surely not added that were read. */
  readonly refuted: readonly Value[];
  /** Elements read that somebody tried to add. */
  readonly ok: readonly Value[];
  readonly acknowledged: number;
  readonly attempts: number;
  readonly because: readonly string[];
}

export function checkSetTotal(ops: readonly Op[], options: SetTotalOptions = {}): SetTotalResult {
  const attempted = new Multiset();
  const acknowledged = new Multiset();
  const failed = new Multiset();
  let attempts = 0;
  let last: Op | undefined;
  for (const op of ops) {
    if (op.f === 'add') {
      const value = op.input as Value;
      attempts++;
      attempted.add(value);
      if (op.outcome === 'ok') acknowledged.add(value);
      if (op.outcome === 'fail') failed.add(value);
    } else if (
      op.f === 'read' &&
      op.outcome === 'ok' &&
      (last === undefined || op.ret > last.ret)
    ) {
      last = op;
    }
  }
  const read = new Multiset();
  for (const value of (last?.output ?? []) as readonly Value[]) read.add(value);

  const present = attempted.values().filter((value) => read.has(value));
  const lost = last === undefined ? [] : acknowledged.values().filter((value) => !read.has(value));
  const unexpected = read.values().filter((value) => !attempted.has(value));
  const recovered = present.filter((value) => !acknowledged.has(value));
  const refuted = recovered.filter((value) => failed.count(value) === attempted.count(value));
  const because = [
    ...lost.map((value) => `${showValue(value)} was acknowledged and is not in the last read.`),
    ...unexpected.map((value) => `${showValue(value)} was read and nobody tried to add it.`),
  ];
  if (options.failedMustBeAbsent === true) {
    because.push(
      ...refuted.map((value) => `${showValue(value)} was refused and is there after all.`),
    );
  }
  return {
    verdict: last === undefined ? 'unknown' : because.length > 0 ? 'fail' : 'pass',
    check: 'set-total',
    steps: ops.length,
    ...(last === undefined ? { reason: 'no read of the whole set completed' } : {}),
    lost,
    recovered,
    unexpected,
    refuted,
    ok: present,
    acknowledged: acknowledged.total,
    attempts,
    because,
  };
}
