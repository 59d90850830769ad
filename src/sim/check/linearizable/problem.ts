/**
 * One part of a history made ready for search: which operations count, in what order their calls
 * and returns came, and which of them must be placed.
 *
 * Invariants
 *  - Operations 0 to `required - 1` completed and must be placed between call and return; the rest
 *    are pending: each may be placed anywhere after its call, or left out.
 *  - A `fail` never happened and is left out, unless the model says that it observed something. A
 *    pending pure operation proves nothing and is left out.
 *  - At equal positions (logs from elsewhere) calls come before returns: the two are concurrent.
 *
 * Source: reference model of histories of Knossos and porcupine; P-compositionality: Horn and
 * Kroening, "Faster linearizability checking via P-compositionality", 2015.
 */
import type { Op } from '../../observe/history.ts';
import type { Model } from './model.ts';

export interface Problem<I, O> {
  readonly partition: string | undefined;
  /** Required operations by call, then pending ones by call. */
  readonly ops: readonly Op<I, O>[];
  readonly required: number;
  /** The calls and returns in order: `index * 2` a call, `index * 2 + 1` a return. */
  readonly events: Int32Array;
  /** Places in `events`, per operation; a pending one returns at `events.length`. */
  readonly callAt: Int32Array;
  readonly returnAt: Int32Array;
  /** 1 = pure by its recorded output. */
  readonly pure: Uint8Array;
}

/** True for an operation whose effect, if any, may come at any time after its call. */
export function isPending(op: Op): boolean {
  return op.outcome === 'unknown' || op.ret === Infinity;
}

/** True when the operation takes part in the search. */
export function counts<S, I, O>(op: Op<I, O>, model: Model<S, I, O>): boolean {
  if (op.outcome === 'fail') return model.failMeansObserved?.(op) ?? false;
  return !(isPending(op) && (model.pure?.(op) ?? false));
}

/** The parts of a history, in the order of their first operation. */
export function partitionOps<S, I, O>(
  ops: readonly Op<I, O>[],
  model: Model<S, I, O>,
): Map<string | undefined, Op<I, O>[]> {
  const parts = new Map<string | undefined, Op<I, O>[]>();
  for (const op of ops) {
    if (!counts(op, model)) continue;
    const name = model.partition?.(op);
    const part = parts.get(name);
    if (part === undefined) parts.set(name, [op]);
    else part.push(op);
  }
  return parts;
}

const byCall = (a: Op, b: Op): number => a.call - b.call || a.id - b.id;

/** Builds the problem of one part. Every operation given takes part. */
export function problemOf<S, I, O>(
  part: readonly Op<I, O>[],
  model: Model<S, I, O>,
  partition?: string,
): Problem<I, O> {
  const completed: Op<I, O>[] = [];
  const pending: Op<I, O>[] = [];
  for (const op of part) (isPending(op) ? pending : completed).push(op);
  completed.sort(byCall);
  pending.sort(byCall);
  const ops = [...completed, ...pending];
  const required = completed.length;

  const events = eventOrder(ops, required);
  const callAt = new Int32Array(ops.length);
  const returnAt = new Int32Array(ops.length).fill(events.length);
  for (let place = 0; place < events.length; place++) {
    const event = events[place] ?? 0;
    if ((event & 1) === 0) callAt[event >> 1] = place;
    else returnAt[event >> 1] = place;
  }
  const pure = new Uint8Array(ops.length);
  if (model.pure !== undefined) {
    for (let index = 0; index < ops.length; index++) {
      const op = ops[index];
      if (op !== undefined && model.pure(op)) pure[index] = 1;
    }
  }
  return { partition, ops, required, events, callAt, returnAt, pure };
}

function eventOrder(ops: readonly Op[], required: number): Int32Array {
  const positions = new Float64Array(ops.length * 2);
  const events = new Int32Array(ops.length + required);
  let count = 0;
  for (let index = 0; index < ops.length; index++) {
    const op = ops[index];
    if (op === undefined) continue;
    positions[index * 2] = op.call;
    positions[index * 2 + 1] = op.ret;
    events[count++] = index * 2;
    if (index < required) events[count++] = index * 2 + 1;
  }
  return events.sort(
    (a, b) => (positions[a] ?? 0) - (positions[b] ?? 0) || (a & 1) - (b & 1) || a - b,
  );
}
