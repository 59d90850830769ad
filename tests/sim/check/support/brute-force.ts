/**
 * The definition, executed: try every order. No cache, no shortcut, no partition, nothing shared
 * with the checkers but the model's `step`. For histories of up to about ten operations.
 */
import type { Op } from '../../../../src/sim/observe/history.ts';
import { ILLEGAL } from '../../../../src/sim/check/linearizable/model.ts';
import type { Model } from '../../../../src/sim/check/linearizable/model.ts';

type Order = 'real-time' | 'process';

/** True when some order of the operations keeps `order` and is legal for `model`. */
export function hasOrder<S, I, O>(
  history: readonly Op<I, O>[],
  model: Model<S, I, O>,
  order: Order,
): boolean {
  const ops = history.filter(
    (op) => op.outcome !== 'fail' || (model.failMeansObserved?.(op) ?? false),
  );
  const must: number[] = [];
  let required = 0;
  for (let a = 0; a < ops.length; a++) {
    // What has to be placed (or, pending, left out) before `a`: a bit set.
    let before = 0;
    for (let b = 0; b < ops.length; b++) {
      if (precedes(ops[b] as Op, ops[a] as Op, order)) before |= 1 << b;
    }
    must.push(before);
    if (!pending(ops[a] as Op)) required |= 1 << a;
  }
  const place = (placed: number, state: S): boolean => {
    if ((placed & required) === required) return true;
    for (let a = 0; a < ops.length; a++) {
      if (((placed >> a) & 1) === 1) continue;
      if (((must[a] as number) & required & ~placed) !== 0) continue;
      const next = model.step(state, ops[a] as Op<I, O>);
      if (next !== ILLEGAL && place(placed | (1 << a), next)) return true;
    }
    return false;
  };
  return place(0, model.init());
}

function pending(op: Op): boolean {
  return op.outcome === 'unknown' || op.ret === Infinity;
}

function precedes(a: Op, b: Op, order: Order): boolean {
  if (pending(a)) return false;
  return order === 'real-time' ? a.ret < b.call : a.process === b.process && a.call < b.call;
}

/**
 * The place in `history` of the operation at whose return the history stops being linearizable:
 * the shortest failing prefix, found by trying each. An operation that has not returned in the
 * prefix is pending there, with the result that it will have.
 */
export function firstBadReturn<S, I, O>(
  history: readonly Op<I, O>[],
  model: Model<S, I, O>,
): number | undefined {
  const returns = history
    .filter((op) => !pending(op) && (op.outcome === 'ok' || model.failMeansObserved?.(op)))
    .sort((a, b) => a.ret - b.ret);
  for (const last of returns) {
    const prefix = history
      .filter((op) => op.call < last.ret)
      .map((op) => (op.ret > last.ret ? { ...op, ret: Infinity } : op));
    if (!hasOrder(prefix, model, 'real-time')) return last.id;
  }
  return undefined;
}
