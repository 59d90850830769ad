/**
 * Why a history is not linearizable, for a person: the operation where it shows, the states it met,
 * the smallest set of operations that cannot be ordered, and sentences.
 *
 * Invariants
 *  - Everything said is true of the history itself; the minimised window only chooses what to say.
 *  - The work is bounded in steps of its own. Bounded short, an explanation is less small, never
 *    wrong.
 *
 * Source: the failure reports of Knossos (states before, paths and where each stops) and of
 * porcupine (longest linearized prefix).
 */
import type { Op } from '../../observe/history.ts';
import { NOT_FEWEST } from '../history/fewest.ts';
import { actorOf, callTime, returnTime } from '../history/result.ts';
import type { Explanation, MaximalPath } from '../history/result.ts';
import { searchJit } from './jit.ts';
import type { Situation } from './jit.ts';
import { minimalWindow } from './minimise.ts';
import type { Window } from './minimise.ts';
import type { Model } from './model.ts';
import { maximalPaths } from './paths.ts';
import { isPending } from './problem.ts';
import type { Problem } from './problem.ts';
import type { StateSpace } from './state-space.ts';

const STATES_STEPS_MAX = 400_000;
const STATES_CONFIGURATIONS_MAX = 20_000;
const OPEN_SHOWN_MAX = 3;
const EVIDENCE_MAX = 8;

/** Explains that nothing can place the operation with index `culprit` of `problem`. */
export function explainFailure<S, I, O>(
  problem: Problem<I, O>,
  space: StateSpace<S, I, O>,
  model: Model<S, I, O>,
  culprit: number,
): Explanation {
  const culpritOp = problem.ops[culprit] as Op<I, O>;
  const statesBefore = describeStates(problem, space, model);
  const window = minimalWindow(problem, model, culprit);
  const paths = maximalPaths(window.ops, model);
  const lastOk = lastReturnBefore(problem, culprit);
  return {
    culprit: culpritOp.id,
    ...(problem.partition === undefined ? {} : { partition: problem.partition }),
    ...(lastOk === undefined ? {} : { lastOk }),
    statesBefore,
    maximalPaths: paths,
    window: window.ops.map((op) => op.id),
    because: sentences(culpritOp, window, statesBefore, paths, model),
  };
}

function describeStates<S, I, O>(
  problem: Problem<I, O>,
  space: StateSpace<S, I, O>,
  model: Model<S, I, O>,
): string[] {
  const found = searchJit(problem, space, STATES_STEPS_MAX, STATES_CONFIGURATIONS_MAX);
  const texts = new Set<string>();
  for (const situation of found.before) {
    texts.add(describeSituation(problem, space, model, situation, found.culprit));
  }
  return [...texts];
}

function describeSituation<S, I, O>(
  problem: Problem<I, O>,
  space: StateSpace<S, I, O>,
  model: Model<S, I, O>,
  situation: Situation,
  culprit: number,
): string {
  const state = named(problem.partition, space.describe(situation.state));
  const open: string[] = [];
  for (const index of situation.open) {
    const op = problem.ops[index];
    if (op !== undefined && index !== culprit && problem.pure[index] === 0)
      open.push(did(op, model));
  }
  if (open.length === 0) return state;
  const shown = open.slice(0, OPEN_SHOWN_MAX).join('; ');
  const more = open.length > OPEN_SHOWN_MAX ? `; and ${open.length - OPEN_SHOWN_MAX} more` : '';
  return `${state}, with this still to come: ${shown}${more}`;
}

function lastReturnBefore<I, O>(problem: Problem<I, O>, culprit: number): number | undefined {
  for (let place = (problem.returnAt[culprit] ?? 0) - 1; place >= 0; place--) {
    const event = problem.events[place] ?? 0;
    if ((event & 1) === 1) return problem.ops[event >> 1]?.id;
  }
  return undefined;
}

function sentences<S, I, O>(
  culprit: Op<I, O>,
  { ops: window, placeable, isFewest }: Window<I, O>,
  statesBefore: readonly string[],
  paths: readonly MaximalPath[],
  model: Model<S, I, O>,
): string[] {
  const because: string[] = [];
  const what = `${did(culprit, model)} at ${returnTime(culprit)}`;
  const blocker = latestBefore(culprit, window);
  if (blocker !== undefined && placeable) {
    because.push(
      `${what}, but ${did(blocker, model)}, acknowledged at ${returnTime(blocker)}, ` +
        `before that call at ${callTime(culprit)}.`,
    );
  } else if (statesBefore.length > 0) {
    because.push(`${what}, but just before it could only be: ${statesBefore.join(', or ')}.`);
  } else {
    because.push(`${what}, and no order of the operations allows that.`);
  }
  for (const op of window.slice(0, EVIDENCE_MAX)) {
    if (op !== culprit && op !== blocker) because.push(evidence(op, model));
  }
  if (window.length > 1) {
    because.push(`No order of these ${window.length} operations fits their times and results.`);
  }
  for (const path of paths) because.push(path.why);
  if (!isFewest) because.push(NOT_FEWEST);
  return because;
}

function evidence<S, I, O>(op: Op<I, O>, model: Model<S, I, O>): string {
  if (isPending(op)) {
    const fate =
      op.outcome === 'unknown' ? 'whether it took effect is not known' : 'still open then';
    return `${did(op, model)}, called at ${callTime(op)}: ${fate}.`;
  }
  return `${did(op, model)}, called at ${callTime(op)}, answered at ${returnTime(op)}.`;
}

/** The operation of the window that returned last among those over before the culprit began. */
function latestBefore<I, O>(culprit: Op<I, O>, window: readonly Op<I, O>[]): Op<I, O> | undefined {
  let latest: Op<I, O> | undefined;
  for (const op of window) {
    if (isPending(op) || op.ret >= culprit.call) continue;
    if (latest === undefined || op.ret > latest.ret) latest = op;
  }
  return latest;
}

function did<S, I, O>(op: Op<I, O>, model: Model<S, I, O>): string {
  return `${actorOf(op)} ${model.describe(op)}`;
}

function named(partition: string | undefined, state: string): string {
  return partition === undefined || partition === '' ? state : `${partition} = ${state}`;
}
