/**
 * Why no order of the operations keeps that of each process: the smallest set of them that has
 * none, told process by process, and how far an order of these comes.
 *
 * A set counts only if whatever in it was possible in some state still is: without its write a read
 * would fail for a reason of its own, and hide what is wrong with the order.
 *
 * Invariants
 *  - The set has no order by itself. Whatever one leaves out of it, what is left has an order, or
 *    holds an operation that only what was left out made possible.
 *  - The work is bounded in steps; where that ended it, it is said that fewer may do.
 */
import type { Op } from '../../observe/history.ts';
import type { Model } from '../linearizable/model.ts';
import { isPending } from '../linearizable/problem.ts';
import { NO_STATE, StateSpace } from '../linearizable/state-space.ts';
import { NOT_FEWEST, dropChunks, dropEach, dropGroups, dropPairs } from './fewest.ts';
import type { Few } from './fewest.ts';
import { searchFrontiers } from './frontier-search.ts';
import { actorOf } from './result.ts';
import type { Explanation } from './result.ts';

const STEPS_MAX = 3_000_000;
const TRIAL_STEPS_MAX = 150_000;
/** Of the search for ways in, beside those of the first states. */
const STEPS_PER_OPERATION = 20;
const STEPS_LEAST = 100;

/** `ops` have no order. */
export function explainDisorder<S, I, O>(
  ops: readonly Op<I, O>[],
  model: Model<S, I, O>,
): Explanation {
  const few = new Shrinker(ops, model).shrink();
  const window = [...few.kept].sort((a, b) => a.call - b.call || a.id - b.id);
  const { order, state, next } = searchFrontiers(window, model, TRIAL_STEPS_MAX);
  const culprit = next[0] ?? window[0];
  const did = (op: Op<I, O>): string => `${actorOf(op)} ${model.describe(op)}`;
  const path =
    order.length === 0 ? 'At the start' : `In the order "${order.map(did).join(', then ')}"`;
  const which = next.length === 1 ? 'this cannot' : 'none of these can';
  const why = `${path} the state is ${state}, and ${which} be next: ${next.map(did).join('; ')}.`;
  const because = [...lanes(window, model), verdictOn(window), why];
  if (!few.isFewest) because.push(NOT_FEWEST);
  return {
    culprit: culprit?.id ?? 0,
    statesBefore: [state],
    maximalPaths: [{ order: order.map(({ id }) => id), stuckAt: culprit?.id ?? 0, why }],
    window: window.map(({ id }) => id),
    because,
  };
}

/** What each process did, one sentence each. */
function lanes<S, I, O>(window: readonly Op<I, O>[], model: Model<S, I, O>): string[] {
  const byProcess = new Map<number, Op<I, O>[]>();
  for (const op of window) {
    const lane = byProcess.get(op.process);
    if (lane === undefined) byProcess.set(op.process, [op]);
    else lane.push(op);
  }
  return [...byProcess.values()].map((lane) => {
    const steps = lane.map((op) => `${model.describe(op)}${isPending(op) ? ' (perhaps)' : ''}`);
    return `${actorOf(lane[0] as Op)} ${steps.join(', then ')}.`;
  });
}

function verdictOn({ length }: readonly unknown[]): string {
  if (length === 1) return 'No state allows that.';
  return `No one order of these ${length} operations keeps what each process did in its order.`;
}

class Shrinker<S, I, O> {
  readonly #ops: readonly Op<I, O>[];
  readonly #model: Model<S, I, O>;
  /** By operation: one way of making it possible, as operations of the whole history. */
  readonly #waysIn: ReadonlyMap<Op<I, O>, readonly Op<I, O>[]>;
  #stepsLeft = STEPS_MAX;

  constructor(ops: readonly Op<I, O>[], model: Model<S, I, O>) {
    this.#ops = ops;
    this.#model = model;
    this.#waysIn = waysIn(ops, model, ops);
  }

  shrink(): Few<Op<I, O>> {
    const keeps = (rest: readonly Op<I, O>[]): boolean | undefined => this.#keeps(rest);
    let kept = dropGroups(this.#ops, (op) => partOf(op, this.#model), keeps);
    kept = dropGroups(kept, ({ process }) => process, keeps);
    // Reads first: what they saw can go only without them.
    const isPure = (op: Op<I, O>): boolean => this.#model.pure?.(op) ?? false;
    kept = [...kept.filter(isPure), ...kept.filter((op) => !isPure(op))];
    kept = dropChunks(kept, keeps);
    kept = dropPairs(kept, (next, { process }) => next.process === process, keeps);
    return dropEach(kept, keeps);
  }

  /** Has no order, and not because something that an operation needs has gone. */
  #keeps(rest: readonly Op<I, O>[]): boolean | undefined {
    if (this.#stepsLeft <= 0) return undefined;
    this.#stepsLeft -= rest.length;
    const here = new Set(rest);
    const bereft = rest.filter((op) => this.#waysIn.get(op)?.every((by) => here.has(by)) === false);
    if (bereft.length > 0 && waysIn(rest, this.#model, bereft).size < bereft.length) return false;
    const found = searchFrontiers(rest, this.#model, Math.min(TRIAL_STEPS_MAX, this.#stepsLeft));
    this.#stepsLeft -= found.steps;
    return found.verdict === 'unknown' ? undefined : found.verdict === 'fail';
  }
}

const partOf = <S, I, O>(op: Op<I, O>, model: Model<S, I, O>): string =>
  model.partition?.(op) ?? '';

/**
 * By operation of `wanted`: which others, in any order and each as often as need be, lead to a
 * state in which it is legal. One that is not there has no such way, or none that was found.
 */
function waysIn<S, I, O>(
  ops: readonly Op<I, O>[],
  model: Model<S, I, O>,
  wanted: readonly Op<I, O>[],
): Map<Op<I, O>, readonly Op<I, O>[]> {
  const ways = new Map<Op<I, O>, readonly Op<I, O>[]>();
  for (const name of new Set(wanted.map((op) => partOf(op, model)))) {
    const isHere = (op: Op<I, O>): boolean => partOf(op, model) === name;
    waysInPart(ops.filter(isHere), model, wanted.filter(isHere), ways);
  }
  return ways;
}

/** Breadth first over the states of one part, until everything has been possible once. */
function waysInPart<S, I, O>(
  part: readonly Op<I, O>[],
  model: Model<S, I, O>,
  wanted: readonly Op<I, O>[],
  ways: Map<Op<I, O>, readonly Op<I, O>[]>,
): void {
  const space = new StateSpace(model, part);
  const isWanted = new Set(wanted);
  const places = part.map((_, place) => place);
  const effects = places.filter((place) => model.pure?.(part[place] as Op<I, O>) !== true);
  let open = places.filter((place) => isWanted.has(part[place] as Op<I, O>));
  const wayTo = new Map<number, readonly Op<I, O>[]>([[space.initial, []]]);
  let steps = STEPS_LEAST + STEPS_PER_OPERATION * part.length;
  for (let level = [space.initial]; level.length > 0;) {
    for (const state of level) {
      open = open.filter((place) => {
        if (space.step(state, place) === NO_STATE) return true;
        ways.set(part[place] as Op<I, O>, wayTo.get(state) ?? []);
        return false;
      });
    }
    if (open.length === 0) return;
    const after: number[] = [];
    for (const state of level) {
      for (const place of effects) {
        if (--steps < 0) return;
        const next = space.step(state, place);
        if (next === NO_STATE || wayTo.has(next)) continue;
        wayTo.set(next, [...(wayTo.get(state) ?? []), part[place] as Op<I, O>]);
        after.push(next);
      }
    }
    level = after;
  }
}
