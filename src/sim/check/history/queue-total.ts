/**
 * A queue judged by its totals after a drain: everything that went in came out, once, and nothing
 * else. The order is not looked at (the queue model of the linearizability checker does that).
 *
 * Operations: `enqueue` (input the value), `dequeue` (output the value; null or nothing: it was
 * empty) and `drain` (output all values that were left). Linear time.
 * Invariant, counting each value: lost = acknowledged - dequeued; unexpected = dequeued and never
 * enqueued; duplicated = dequeued more often than enqueued; recovered = dequeued beyond what was
 * acknowledged. A failed enqueue that came out after all is only recovered, as in Jepsen; with
 * `failedMustBeAbsent` it is a failure: "surely did not happen" was false.
 *
 * A dequeue of unknown fate may have taken a value: a loss is still reported, because the value is
 * gone for every consumer; `openDequeues` says how many there were.
 *
 * Source: the `total-queue` checker of Jepsen. Differs: duplicates fail unless `atLeastOnce`.
 */
import type { Op } from '../../observe/history.ts';
import { often } from '../../kernel/plural.ts';
import { Multiset } from './multiset.ts';
import { showValue } from './result.ts';
import type { Result, Value } from './result.ts';

export interface QueueTotalOptions {
  /** Duplicates are allowed: the queue promises at least once. */
  readonly atLeastOnce?: boolean;
  readonly failedMustBeAbsent?: boolean;
}

export interface QueueTotalResult extends Result {
  readonly lost: readonly Value[];
  readonly unexpected: readonly Value[];
  readonly duplicated: readonly Value[];
  readonly recovered: readonly Value[];
  /** Values reported as surely not enqueued that came out. */
  readonly refuted: readonly Value[];
  readonly attempts: number;
  readonly acknowledged: number;
  /** Values dequeued. */
  readonly dequeued: number;
  readonly openDequeues: number;
  readonly because: readonly string[];
}

export function checkQueueTotal(
  ops: readonly Op[],
  options: QueueTotalOptions = {},
): QueueTotalResult {
  const attempted = new Multiset();
  const acknowledged = new Multiset();
  const failed = new Multiset();
  const dequeued = new Multiset();
  let openDequeues = 0;
  for (const op of ops) {
    if (op.f === 'enqueue') {
      attempted.add(op.input as Value);
      if (op.outcome === 'fail') failed.add(op.input as Value);
      if (op.outcome === 'ok') acknowledged.add(op.input as Value);
    } else if (op.outcome === 'unknown') {
      openDequeues++;
    } else if (op.outcome === 'ok') {
      for (const value of valuesOf(op)) dequeued.add(value);
    }
  }
  const taken = dequeued.values();
  const lost = acknowledged
    .values()
    .filter((value) => acknowledged.count(value) > dequeued.count(value));
  const unexpected = taken.filter((value) => !attempted.has(value));
  const duplicated = taken.filter(
    (value) => attempted.has(value) && dequeued.count(value) > attempted.count(value),
  );
  const recovered = taken.filter(
    (value) => Math.min(dequeued.count(value), attempted.count(value)) > acknowledged.count(value),
  );
  const refuted = recovered.filter(
    (value) => dequeued.count(value) > attempted.count(value) - failed.count(value),
  );
  const because = [
    ...lost.map((value) => `${showValue(value)} was acknowledged and never came out.`),
    ...unexpected.map((value) => `${showValue(value)} came out and nobody enqueued it.`),
  ];
  if (options.atLeastOnce !== true) {
    because.push(
      ...duplicated.map((value) => {
        const times = `${often(dequeued.count(value))}, enqueued ${attempted.count(value)}`;
        return `${showValue(value)} came out ${times}.`;
      }),
    );
  }
  if (options.failedMustBeAbsent === true) {
    because.push(
      ...refuted.map((value) => `${showValue(value)} was refused and came out after all.`),
    );
  }
  return {
    verdict: because.length > 0 ? 'fail' : 'pass',
    check: 'queue-total',
    steps: ops.length,
    lost,
    unexpected,
    duplicated,
    recovered,
    refuted,
    attempts: attempted.total,
    acknowledged: acknowledged.total,
    dequeued: dequeued.total,
    openDequeues,
    because,
  };
}

function valuesOf(op: Op): readonly Value[] {
  if (op.f === 'drain') return op.output as readonly Value[];
  if (op.output === undefined || op.output === null) return [];
  return [op.output as Value];
}
