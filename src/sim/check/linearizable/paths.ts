/**
 * The longest orders that a small failing set of operations allows, and why each stops there.
 *
 * Invariant: every path keeps real time and is legal as far as it goes; its next operation by
 * return cannot follow. Bounded in steps: what is found within them is shown.
 *
 * Source: the "final paths" of Knossos.
 */
import type { Op } from '../../observe/history.ts';
import { actorOf } from '../history/result.ts';
import type { MaximalPath } from '../history/result.ts';
import type { Model } from './model.ts';
import { problemOf } from './problem.ts';
import type { Problem } from './problem.ts';
import { NO_STATE, StateSpace } from './state-space.ts';

const STEPS_MAX = 20_000;
const PATHS_MAX = 4;

interface Stop {
  readonly order: readonly number[];
  readonly state: number;
  readonly required: number;
}

/** The paths of `ops`, most required operations placed first, at most a few. */
export function maximalPaths<S, I, O>(
  ops: readonly Op<I, O>[],
  model: Model<S, I, O>,
): MaximalPath[] {
  const problem = problemOf(ops, model);
  const space = new StateSpace(model, problem.ops);
  const walk = new PathWalk(problem, space);
  walk.from(space.initial, []);
  const paths: MaximalPath[] = [];
  const seen = new Set<string>();
  for (const stop of walk.best()) {
    const stuck = walk.nextToReturn(stop.order);
    const op = problem.ops[stuck];
    if (op === undefined) continue;
    const why = whyStuck(problem, space, model, stop, op);
    if (seen.has(why)) continue;
    seen.add(why);
    const order = stop.order.map((index) => problem.ops[index]?.id ?? 0);
    paths.push({ order, stuckAt: op.id, why });
    if (paths.length === PATHS_MAX) break;
  }
  return paths;
}

function whyStuck<S, I, O>(
  problem: Problem<I, O>,
  space: StateSpace<S, I, O>,
  model: Model<S, I, O>,
  stop: Stop,
  stuck: Op<I, O>,
): string {
  const steps: string[] = [];
  for (const index of stop.order) {
    const op = problem.ops[index];
    if (op !== undefined) steps.push(`${actorOf(op)} ${model.describe(op)}`);
  }
  const path = steps.length === 0 ? 'At the start' : `In the order "${steps.join(', then ')}"`;
  const state = space.describe(stop.state);
  const next = `${actorOf(stuck)} ${model.describe(stuck)}`;
  return `${path} the state is ${state}, and "${next}" cannot follow.`;
}

class PathWalk<S, I, O> {
  readonly #problem: Problem<I, O>;
  readonly #space: StateSpace<S, I, O>;
  readonly #stops: Stop[] = [];
  #steps = 0;

  constructor(problem: Problem<I, O>, space: StateSpace<S, I, O>) {
    this.#problem = problem;
    this.#space = space;
  }

  /** The stops with the most completed operations placed; of these the shortest first. */
  best(): Stop[] {
    let most = 0;
    for (const stop of this.#stops) most = Math.max(most, stop.required);
    const best = this.#stops.filter((stop) => stop.required === most);
    return best.sort((a, b) => a.order.length - b.order.length || compareOrders(a.order, b.order));
  }

  from(state: number, order: readonly number[]): void {
    const { ops, required, callAt, returnAt } = this.#problem;
    const next = this.nextToReturn(order);
    const limit = next < required ? (returnAt[next] ?? 0) : -1;
    let stuck = true;
    for (let op = 0; op < ops.length; op++) {
      if ((callAt[op] ?? 0) > limit || order.includes(op)) continue;
      if (this.#steps >= STEPS_MAX) return;
      this.#steps++;
      const after = this.#space.step(state, op);
      if (after === NO_STATE || (op >= required && after === state)) continue;
      // A path that only goes on by pending operations is maximal here too.
      if (op < required) stuck = false;
      this.from(after, [...order, op]);
    }
    if (stuck) {
      this.#stops.push({ order, state, required: order.filter((op) => op < required).length });
    }
  }

  /** The completed operation not in `order` that returns first. */
  nextToReturn(order: readonly number[]): number {
    const { required, returnAt } = this.#problem;
    let next = required;
    for (let op = 0; op < required; op++) {
      if (order.includes(op)) continue;
      if (next === required || (returnAt[op] ?? 0) < (returnAt[next] ?? 0)) next = op;
    }
    return next;
  }
}

function compareOrders(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < a.length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
