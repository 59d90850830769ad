/**
 * The smallest set of operations found that cannot be ordered: what is worth drawing of a history
 * of thousands.
 *
 * Only what was called before the culprit returned matters; an operation that returned after it is
 * still open there and may be left out. From these, operations are dropped as long as the failure
 * keeps its kind:
 *  - the culprit is the same operation, and
 *  - where the culprit could be placed if only its own times did not count, it still can; else,
 *    where it could be if the others might be left out, it still can. Without this a stale read of
 *    1 would shrink to "1 was never written", by dropping the write of 1.
 * Reads go first, since a read whose write was dropped fails for a reason of its own; then the
 * rest, and what a process did in pairs.
 *
 * Invariant: the result fails, with the culprit of the whole. Every trial is bounded in steps and
 * one that ends without a verdict drops nothing.
 */
import type { Op } from '../../observe/history.ts';
import { dropChunks, dropEach, dropPairs } from '../history/fewest.ts';
import type { Model } from './model.ts';
import { problemOf } from './problem.ts';
import type { Problem } from './problem.ts';
import { StateSpace } from './state-space.ts';
import { searchWgl } from './wgl.ts';

const STEPS_MAX = 1_500_000;
const TRIAL_STEPS_MAX = 150_000;

export interface Window<I, O> {
  /** By call; operations that were open when the culprit returned have `ret` Infinity. */
  readonly ops: readonly Op<I, O>[];
  /** True when the culprit has a place in the order as soon as its own times are ignored. */
  readonly placeable: boolean;
  /** False: the budget ended before it was certain that no operation can go. */
  readonly isFewest: boolean;
}

type Trial = 'pass' | 'fail' | 'elsewhere' | 'unknown';

export function minimalWindow<S, I, O>(
  problem: Problem<I, O>,
  model: Model<S, I, O>,
  culprit: number,
): Window<I, O> {
  const shrinker = new Shrinker(model, problem.ops[culprit] as Op<I, O>);
  const pure: Op<I, O>[] = [];
  const effects: Op<I, O>[] = [];
  const end = problem.returnAt[culprit] ?? 0;
  for (let index = 0; index < problem.ops.length; index++) {
    const op = problem.ops[index];
    if (op === undefined || index === culprit || (problem.callAt[index] ?? 0) > end) continue;
    const open = (problem.returnAt[index] ?? 0) > end;
    if (problem.pure[index] === 1) {
      if (!open) pure.push(op);
    } else {
      effects.push(open ? { ...op, ret: Infinity } : op);
    }
  }
  return shrinker.shrink(pure, effects);
}

class Shrinker<S, I, O> {
  readonly #model: Model<S, I, O>;
  readonly #culprit: Op<I, O>;
  readonly #relaxed: Op<I, O>;
  #placeable = false;
  #supportable = false;
  #stepsLeft = STEPS_MAX;

  constructor(model: Model<S, I, O>, culprit: Op<I, O>) {
    this.#model = model;
    this.#culprit = culprit;
    this.#relaxed = { ...culprit, call: -Infinity, ret: Number.MAX_VALUE };
  }

  shrink(pure: Op<I, O>[], effects: Op<I, O>[]): Window<I, O> {
    this.#placeable = this.#isPlaceable([...pure, ...effects]) === true;
    this.#supportable = !this.#placeable && this.#isSupportable(effects) === true;
    const beside = (fixed: readonly Op<I, O>[]) => (rest: readonly Op<I, O>[]) =>
      this.#keepsKind([...rest, ...fixed]);
    const reads = dropChunks(pure, beside(effects));
    let kept = dropChunks(effects, beside(reads));
    const paired = dropPairs(kept, (next, { process }) => next.process === process, beside(reads));
    if (paired.length < kept.length) kept = dropChunks(paired, beside(reads));
    // A read may have been evidence only together with what has gone since.
    const few = dropEach([...reads, ...kept], beside([]));
    const ops = [...few.kept, this.#culprit].sort((a, b) => a.call - b.call || a.id - b.id);
    return { ops, placeable: this.#placeable, isFewest: few.isFewest };
  }

  /** Undefined: not decided within the budget. */
  #keepsKind(others: readonly Op<I, O>[]): boolean | undefined {
    const verdict = this.#verdict([...others, this.#culprit]);
    if (verdict !== 'fail') return verdict === 'unknown' ? undefined : false;
    if (this.#placeable) return this.#isPlaceable(others);
    return !this.#supportable || this.#isSupportable(others);
  }

  /** The culprit has a place as soon as its own times do not count. */
  #isPlaceable(others: readonly Op<I, O>[]): boolean | undefined {
    return isPass(this.#verdict([...others, this.#relaxed]));
  }

  /** The culprit has a place as soon as any of the others may be left out. */
  #isSupportable(others: readonly Op<I, O>[]): boolean | undefined {
    const optional = others.filter((op) => !(this.#model.pure?.(op) ?? false));
    return isPass(this.#verdict([...optional.map(pendingOf), this.#culprit]));
  }

  /** Fail only for the culprit's sake. */
  #verdict(ops: readonly Op<I, O>[]): Trial {
    if (this.#stepsLeft <= 0) return 'unknown';
    const problem = problemOf(ops, this.#model);
    const space = new StateSpace(this.#model, problem.ops);
    const found = searchWgl(problem, space, Math.min(TRIAL_STEPS_MAX, this.#stepsLeft));
    this.#stepsLeft -= found.steps + 1;
    if (found.verdict !== 'fail') return found.verdict;
    return problem.ops[found.culprit]?.id === this.#culprit.id ? 'fail' : 'elsewhere';
  }
}

const isPass = (verdict: Trial): boolean | undefined =>
  verdict === 'unknown' ? undefined : verdict === 'pass';

function pendingOf<I, O>(op: Op<I, O>): Op<I, O> {
  return { ...op, ret: Infinity };
}
