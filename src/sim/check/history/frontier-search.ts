/**
 * The search for one order that keeps what each process did in its order: depth first over
 * frontiers, how far each process is, and the state. Among the next operations of the processes the
 * one called first is tried first, so a linearizable history is decided at once.
 *
 * Invariants
 *  - A pending operation may be placed anywhere after what its process did before, or left out; it
 *    holds up nothing of its process that follows (in our histories nothing does).
 *  - An operation that is next in its process, legal now and pure by its recorded output is placed
 *    at once: whatever order follows stays legal with it here.
 *  - A budget that ends gives `unknown`.
 *
 * Source: Lamport 1979; the search is that of linearizability with another precedence (Wing and
 * Gong 1993). In general exponential in the number of processes.
 */
import type { Op } from '../../observe/history.ts';
import type { Model } from '../linearizable/model.ts';
import { problemOf } from '../linearizable/problem.ts';
import type { Problem } from '../linearizable/problem.ts';
import { NO_STATE, StateSpace } from '../linearizable/state-space.ts';
import { WordSet } from '../linearizable/word-set.ts';
import type { Verdict } from './result.ts';

interface Frontier<I, O> {
  readonly verdict: Verdict;
  readonly steps: number;
  /** For pass a legal order of everything; else one of those that went furthest. */
  readonly order: readonly Op<I, O>[];
  /** The state that it leads to, in words. */
  readonly state: string;
  /** What each process that is not at its end would have to do next. */
  readonly next: readonly Op<I, O>[];
}

/** Every operation given takes part. */
export function searchFrontiers<S, I, O>(
  ops: readonly Op<I, O>[],
  model: Model<S, I, O>,
  stepsMax: number,
): Frontier<I, O> {
  const problem = problemOf(ops, model);
  return new FrontierSearch(problem, new StateSpace(model, problem.ops), stepsMax).run();
}

const NONE = -1;
const OUT_OF_STEPS = -2;

class FrontierSearch<S, I, O> {
  readonly #problem: Problem<I, O>;
  readonly #space: StateSpace<S, I, O>;
  readonly #stepsMax: number;
  /** Per process: its next required operation, or NONE at its end. */
  readonly #heads: Int32Array;
  readonly #laneOf: Int32Array;
  readonly #nextInLane: Int32Array;
  readonly #placed: Uint8Array;
  /** Per pending operation: the required one of its process that must come first, or NONE. */
  readonly #follows: Int32Array;
  readonly #stack: Int32Array;
  readonly #stackState: Int32Array;
  readonly #stackForced: Uint8Array;
  readonly #key: Int32Array;
  readonly #seen = new WordSet();
  #depth = 0;
  #requiredPlaced = 0;
  #state: number;
  #steps = 0;
  #deepest = -1;
  #deepestOrder: number[] = [];
  #deepestState = 0;

  constructor(problem: Problem<I, O>, space: StateSpace<S, I, O>, stepsMax: number) {
    const { ops, required } = problem;
    this.#problem = problem;
    this.#space = space;
    this.#stepsMax = stepsMax;
    this.#state = space.initial;
    const { heads, laneOf, nextInLane, follows } = lanesOf(problem);
    this.#heads = heads;
    this.#laneOf = laneOf;
    this.#nextInLane = nextInLane;
    this.#follows = follows;
    this.#placed = new Uint8Array(ops.length);
    this.#stack = new Int32Array(ops.length);
    this.#stackState = new Int32Array(ops.length);
    this.#stackForced = new Uint8Array(ops.length);
    this.#key = new Int32Array(1 + heads.length + ((ops.length - required + 31) >> 5));
  }

  run(): Frontier<I, O> {
    const { required } = this.#problem;
    for (;;) {
      if (!this.#absorbPure()) return this.#ended('unknown');
      if (this.#requiredPlaced > this.#deepest) this.#noteDeepest();
      if (this.#requiredPlaced === required) return this.#ended('pass');
      let chosen = this.#isNew() ? this.#branch(NONE) : NONE;
      while (chosen === NONE) {
        const undone = this.#backtrack();
        if (undone === NONE) return this.#ended('fail');
        chosen = this.#branch(undone);
      }
      if (chosen === OUT_OF_STEPS) return this.#ended('unknown');
    }
  }

  #absorbPure(): boolean {
    const { pure } = this.#problem;
    for (let lane = 0; lane < this.#heads.length; lane++) {
      for (let op = this.#heads[lane] ?? NONE; op !== NONE; op = this.#heads[lane] ?? NONE) {
        if (pure[op] === 0) break;
        if (this.#steps >= this.#stepsMax) return false;
        this.#steps++;
        if (this.#space.step(this.#state, op) === NO_STATE) break;
        this.#place(op, this.#state, 1);
      }
    }
    return true;
  }

  /** Places the next possible operation after `last` in the order of indices. */
  #branch(last: number): number {
    const { ops, required } = this.#problem;
    for (let op = this.#nextHead(last); op !== NONE; op = this.#nextHead(op)) {
      const placed = this.#attempt(op);
      if (placed !== NONE) return placed;
    }
    for (let op = Math.max(required, last + 1); op < ops.length; op++) {
      const before = this.#follows[op] ?? NONE;
      if (this.#placed[op] === 1 || (before !== NONE && this.#placed[before] === 0)) continue;
      const placed = this.#attempt(op);
      if (placed !== NONE) return placed;
    }
    return NONE;
  }

  #attempt(op: number): number {
    if (this.#problem.pure[op] === 1) return NONE;
    if (this.#steps >= this.#stepsMax) return OUT_OF_STEPS;
    this.#steps++;
    const state = this.#space.step(this.#state, op);
    if (state === NO_STATE) return NONE;
    // A pending operation that changes nothing is better left for later.
    if (op >= this.#problem.required && state === this.#state) return NONE;
    this.#place(op, state, 0);
    return op;
  }

  /** The smallest head with an index above `last`: heads are tried in the order of their calls. */
  #nextHead(last: number): number {
    let best = NONE;
    for (const head of this.#heads) {
      if (head > last && (best === NONE || head < best)) best = head;
    }
    return best;
  }

  #place(op: number, state: number, forced: 0 | 1): void {
    this.#stack[this.#depth] = op;
    this.#stackState[this.#depth] = this.#state;
    this.#stackForced[this.#depth] = forced;
    this.#depth++;
    this.#state = state;
    this.#placed[op] = 1;
    if (op >= this.#problem.required) return;
    this.#heads[this.#laneOf[op] ?? 0] = this.#nextInLane[op] ?? NONE;
    this.#requiredPlaced++;
  }

  #backtrack(): number {
    while (this.#depth > 0) {
      const op = this.#stack[--this.#depth] ?? 0;
      this.#state = this.#stackState[this.#depth] ?? 0;
      this.#placed[op] = 0;
      if (op < this.#problem.required) {
        this.#heads[this.#laneOf[op] ?? 0] = op;
        this.#requiredPlaced--;
      }
      if (this.#stackForced[this.#depth] === 0) return op;
    }
    return NONE;
  }

  #isNew(): boolean {
    const key = this.#key.fill(0);
    key[0] = this.#state;
    key.set(this.#heads, 1);
    const base = 1 + this.#heads.length;
    const { ops, required } = this.#problem;
    for (let op = required; op < ops.length; op++) {
      if (this.#placed[op] === 0) continue;
      const bit = op - required;
      key[base + (bit >> 5)] = (key[base + (bit >> 5)] ?? 0) | (1 << (bit & 31));
    }
    return this.#seen.add(key, key.length);
  }

  #noteDeepest(): void {
    this.#deepest = this.#requiredPlaced;
    this.#deepestOrder = Array.from(this.#stack.subarray(0, this.#depth));
    this.#deepestState = this.#state;
  }

  #ended(verdict: Verdict): Frontier<I, O> {
    const { ops, required } = this.#problem;
    const done = new Set(this.#deepestOrder);
    const next = new Map<number, Op<I, O>>();
    for (let op = 0; op < required; op++) {
      const lane = this.#laneOf[op] ?? 0;
      const waits = ops[op];
      if (waits !== undefined && !done.has(op) && !next.has(lane)) next.set(lane, waits);
    }
    return {
      verdict,
      steps: this.#steps,
      order: this.#deepestOrder.flatMap((op) => ops[op] ?? []),
      state: this.#space.describe(this.#deepestState),
      next: [...next.values()],
    };
  }
}

interface Lanes {
  readonly heads: Int32Array;
  readonly laneOf: Int32Array;
  readonly nextInLane: Int32Array;
  readonly follows: Int32Array;
}

/** The required operations of each process in their order, and what pending ones come after. */
function lanesOf<I, O>(problem: Problem<I, O>): Lanes {
  const { ops, required } = problem;
  const laneOf = new Int32Array(required);
  const nextInLane = new Int32Array(required).fill(NONE);
  const follows = new Int32Array(ops.length).fill(NONE);
  const lanes = new Map<number, number>();
  const heads: number[] = [];
  const lasts: number[] = [];
  for (let op = 0; op < required; op++) {
    const process = ops[op]?.process ?? 0;
    let lane = lanes.get(process);
    if (lane === undefined) {
      lane = heads.length;
      lanes.set(process, lane);
      heads.push(op);
    } else {
      nextInLane[lasts[lane] ?? 0] = op;
    }
    lasts[lane] = op;
    laneOf[op] = lane;
  }
  for (let op = required; op < ops.length; op++) {
    const pending = ops[op];
    if (pending === undefined) continue;
    let other = heads[lanes.get(pending.process) ?? NONE] ?? NONE;
    while (other !== NONE && (ops[other]?.call ?? Infinity) < pending.call) {
      follows[op] = other;
      other = nextInLane[other] ?? NONE;
    }
  }
  return { heads: Int32Array.from(heads), laneOf, nextInLane, follows };
}
