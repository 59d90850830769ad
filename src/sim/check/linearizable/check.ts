/**
 * Is a history linearizable? Each part is searched depth first and then breadth first, in rounds of
 * doubling step budgets, round robin over the parts.
 *
 * Neither search wins everywhere: depth first needs some steps per operation where it goes well and
 * may be exponential where an early choice was wrong; breadth first never regrets a choice and pays
 * for all of them. A part without a violation can be exponential for both, so no part may starve
 * the others: one that fails is found in an early round.
 *
 * Invariants
 *  - A verdict does not depend on the order of the parts: what a round gives to each part is fixed
 *    before the round begins, and every part is judged from scratch in every round.
 *  - The budget is in steps; spent, the verdict is `unknown`, with the part and the limit named.
 *
 * Source: Lowe 2017 and Horn and Kroening 2015 for the searches and the parts; Knossos runs its two
 * searches against each other in the same spirit.
 */
import { plural } from '../../kernel/plural.ts';
import type { Op } from '../../observe/history.ts';
import type { Budget, Result } from '../history/result.ts';
import { explainFailure } from './explain.ts';
import { searchJit } from './jit.ts';
import type { Model } from './model.ts';
import { partitionOps, problemOf } from './problem.ts';
import type { Problem } from './problem.ts';
import type { SearchResult } from './search.ts';
import { StateSpace } from './state-space.ts';
import { searchWgl } from './wgl.ts';

export const DEFAULT_BUDGET: Budget = { steps: 10_000_000, configurations: 100_000 };

const FIRST_ROUND_STEPS = 20_000;
/** A long part needs some steps per operation even where nothing goes wrong. */
const STEPS_PER_OPERATION = 4;
const CONFIGURATIONS_MAX = 100_000;

interface Part<S, I, O> {
  readonly problem: Problem<I, O>;
  readonly space: StateSpace<S, I, O>;
  /** The steps that each search had in the last round. */
  tried: number;
  /** True once breadth first met its limit of configurations, which more steps do not lift. */
  tooWide: boolean;
  order: readonly number[] | undefined;
}

/** Judges `ops` against `model`. Operations are given as recorded, failed and pending ones too. */
export function checkLinearizable<S, I, O>(
  ops: readonly Op<I, O>[],
  model: Model<S, I, O>,
  budget: Budget = DEFAULT_BUDGET,
): Result {
  const check = 'linearizable';
  const configurationsMax = budget.configurations ?? CONFIGURATIONS_MAX;
  const parts = partsOf(ops, model);
  let open = parts;
  let steps = 0;
  let rounds = 0;
  for (let growth = 1; open.length > 0; growth *= 2) {
    const share = Math.floor((budget.steps - steps) / (2 * open.length));
    const undecided: Part<S, I, O>[] = [];
    let isNew = false;
    for (const part of open) {
      const wanted = growth * (FIRST_ROUND_STEPS + STEPS_PER_OPERATION * part.problem.ops.length);
      const slice = Math.min(wanted, share);
      // From scratch with no more steps than the last time: the same answer.
      const found = slice > part.tried ? searchPart(part, slice, configurationsMax) : undefined;
      if (found !== undefined) isNew = true;
      steps += found?.steps ?? 0;
      if (found?.verdict === 'fail') {
        const explanation = explainFailure(part.problem, part.space, model, found.culprit);
        return { verdict: 'fail', check, steps, explanation };
      }
      if (found?.verdict !== 'pass') undecided.push(part);
    }
    open = undecided;
    if (!isNew) break;
    rounds++;
  }
  const first = open[0];
  if (first !== undefined) {
    return {
      verdict: 'unknown',
      check,
      steps,
      reason: reasonFor(first, open.length, budget, rounds),
    };
  }
  const witness = witnessOf(parts);
  return { verdict: 'pass', check, steps, ...(witness === undefined ? {} : { witness }) };
}

function partsOf<S, I, O>(ops: readonly Op<I, O>[], model: Model<S, I, O>): Part<S, I, O>[] {
  const parts: Part<S, I, O>[] = [];
  for (const [name, part] of partitionOps(ops, model)) {
    const problem = problemOf(part, model, name);
    const space = new StateSpace(model, problem.ops);
    parts.push({ problem, space, tried: 0, tooWide: false, order: undefined });
  }
  return parts;
}

function searchPart<S, I, O>(
  part: Part<S, I, O>,
  stepsMax: number,
  configurationsMax: number,
): SearchResult {
  part.tried = stepsMax;
  const deep = searchWgl(part.problem, part.space, stepsMax);
  if (deep.order !== undefined) part.order = Array.from(deep.order);
  if (deep.verdict !== 'unknown' || part.tooWide) return deep;
  const wide = searchJit(part.problem, part.space, stepsMax, configurationsMax);
  if (wide.limit === 'configurations') part.tooWide = true;
  return { ...wide, steps: deep.steps + wide.steps };
}

function reasonFor<S, I, O>(
  part: Part<S, I, O>,
  undecided: number,
  budget: Budget,
  rounds: number,
): string {
  const name = part.problem.partition;
  const where = name === undefined || name === '' ? '' : ` in part "${name}"`;
  const others = undecided > 1 ? ` and ${undecided - 1} more` : '';
  const size = `${plural(part.problem.ops.length, 'operation')}`;
  const wide = part.tooWide
    ? `; breadth first meets more than ${budget.configurations ?? CONFIGURATIONS_MAX} positions`
    : '';
  const ended = `the budget of ${budget.steps} steps ended after ${plural(rounds, 'round')}`;
  return `${ended}${where}${others} (${size})${wide}`;
}

/**
 * One legal order of the whole history, where depth first decided every part. Each operation gets
 * the earliest moment that its part's order allows: the latest call so far. It lies before its
 * return, so merging by that moment keeps real time between parts.
 */
function witnessOf<S, I, O>(parts: readonly Part<S, I, O>[]): number[] | undefined {
  const placed: { id: number; moment: number; part: number; rank: number }[] = [];
  for (let index = 0; index < parts.length; index++) {
    const part = parts[index];
    if (part?.order === undefined) return undefined;
    let moment = -Infinity;
    for (let rank = 0; rank < part.order.length; rank++) {
      const op = part.problem.ops[part.order[rank] ?? 0];
      if (op === undefined) continue;
      moment = Math.max(moment, op.call);
      placed.push({ id: op.id, moment, part: index, rank });
    }
  }
  placed.sort((a, b) => a.moment - b.moment || a.part - b.part || a.rank - b.rank);
  return placed.map((entry) => entry.id);
}
