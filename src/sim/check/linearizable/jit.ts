/**
 * Linearizability breadth first, just in time: all configurations that the history so far allows.
 *
 * At each return only those in which the returning operation is placed go on; where it is not, open
 * operations are placed in every way until it is. No configuration left: the history is not
 * linearizable, and this return is where it shows.
 *
 * Invariants
 *  - Between returns nothing is placed, except the pure operations that are legal already (the same
 *    shortcut as in the depth-first search, for the same reason).
 *  - A slot of the bit set belongs to one open required operation and is zero in every
 *    configuration when it is given away.
 *  - Configurations are thinned by subsumption only as `configurations.ts` allows.
 *
 * Source: Knossos `linear`; Lowe, "Testing for linearizability", 2017, just-in-time linearization.
 */
import { ConfigurationSet } from './configurations.ts';
import type { Problem } from './problem.ts';
import { NO_CULPRIT } from './search.ts';
import type { SearchResult } from './search.ts';
import { NO_STATE } from './state-space.ts';
import type { StateSpace } from './state-space.ts';

/** One configuration in words: its state, and which open operations it has not placed. */
export interface Situation {
  readonly state: number;
  readonly open: readonly number[];
}

interface JitResult extends SearchResult {
  /** For fail: the configurations just before the culprit returned, at most a few. */
  readonly before: readonly Situation[];
}

/** Searches `problem` for at most `stepsMax` steps and `configurationsMax` at one return. */
export function searchJit<S, I, O>(
  problem: Problem<I, O>,
  space: StateSpace<S, I, O>,
  stepsMax: number,
  configurationsMax: number,
): JitResult {
  return new JitSearch(problem, space, stepsMax, configurationsMax).run();
}

const SITUATIONS_MAX = 8;

type Limit = 'steps' | 'configurations';

class JitSearch<S, I, O> {
  readonly #problem: Problem<I, O>;
  readonly #space: StateSpace<S, I, O>;
  readonly #stepsMax: number;
  readonly #configurationsMax: number;
  /** Per required operation: its bit while it is open. */
  readonly #slot: Int32Array;
  readonly #pendingBase: number;
  /** Open required operations by call. */
  readonly #open: number[] = [];
  /** Open pure operations called since the last return. */
  readonly #fresh: number[] = [];
  #pendingOpen = 0;
  #current: ConfigurationSet;
  #reached: ConfigurationSet;
  readonly #scratch: Int32Array;
  #steps = 0;

  constructor(
    problem: Problem<I, O>,
    space: StateSpace<S, I, O>,
    stepsMax: number,
    configurationsMax: number,
  ) {
    this.#problem = problem;
    this.#space = space;
    this.#stepsMax = stepsMax;
    this.#configurationsMax = configurationsMax;
    const { slot, slotCount } = assignSlots(problem);
    this.#slot = slot;
    const requiredWords = (slotCount + 31) >> 5;
    const pendingWords = (problem.ops.length - problem.required + 31) >> 5;
    this.#pendingBase = 1 + requiredWords;
    this.#current = new ConfigurationSet(requiredWords, pendingWords);
    this.#reached = new ConfigurationSet(requiredWords, pendingWords);
    this.#scratch = new Int32Array(this.#current.stride);
    this.#scratch[0] = space.initial;
    this.#current.add(this.#scratch, 0);
  }

  run(): JitResult {
    const { events, required, pure } = this.#problem;
    for (let place = 0; place < events.length; place++) {
      const event = events[place] ?? 0;
      const op = event >> 1;
      if ((event & 1) === 0) {
        if (op >= required) this.#pendingOpen++;
        else {
          this.#open.push(op);
          if (pure[op] === 1) this.#fresh.push(op);
        }
        continue;
      }
      const limit = this.#settle(op);
      if (limit !== undefined) {
        return {
          verdict: 'unknown',
          steps: this.#steps,
          limit,
          culprit: NO_CULPRIT,
          before: [],
        };
      }
      if (this.#reached.count > 0 && !this.#keepSurvivors(op)) {
        const before = this.#situations();
        return { verdict: 'fail', steps: this.#steps, culprit: op, before };
      }
      this.#open.splice(this.#open.indexOf(op), 1);
      this.#fresh.length = 0;
    }
    return { verdict: 'pass', steps: this.#steps, culprit: NO_CULPRIT, before: [] };
  }

  /**
   * Places what must be placed so that `target` is. Leaves the outcome in `#reached`, or, where
   * every configuration had it placed already, clears its bit in `#current` and reaches nothing.
   */
  #settle(target: number): Limit | undefined {
    const { words, stride, count } = this.#current;
    const targetSlot = this.#slot[target] ?? 0;
    let all = true;
    for (let entry = 0; entry < count; entry++) {
      if (!this.#absorb(words, entry * stride, this.#fresh)) return 'steps';
      if (!hasBit(words, entry * stride + 1, targetSlot)) all = false;
    }
    this.#reached.clear();
    if (all) {
      for (let entry = 0; entry < count; entry++) clearBit(words, entry * stride + 1, targetSlot);
      return undefined;
    }
    for (let entry = 0; entry < count; entry++) this.#reached.add(words, entry * stride);
    for (let entry = 0; entry < this.#reached.count; entry++) {
      if (!this.#reached.isAlive(entry)) continue;
      if (hasBit(this.#reached.words, entry * stride + 1, targetSlot)) continue;
      if (!this.#expand(entry)) return 'steps';
      if (this.#reached.count > this.#configurationsMax) return 'configurations';
    }
    return undefined;
  }

  /** Adds what entry `entry` leads to by one more operation. False when the budget ended. */
  #expand(entry: number): boolean {
    const { required, pure } = this.#problem;
    const base = entry * this.#reached.stride;
    for (const op of this.#open) {
      // An open pure operation that is not placed is illegal here.
      if (pure[op] === 1 || hasBit(this.#reached.words, base + 1, this.#slot[op] ?? 0)) continue;
      if (!this.#follow(base, op, 1, this.#slot[op] ?? 0)) return false;
    }
    for (let bit = 0; bit < this.#pendingOpen; bit++) {
      if (hasBit(this.#reached.words, base + this.#pendingBase, bit)) continue;
      if (!this.#follow(base, required + bit, this.#pendingBase, bit)) return false;
    }
    return true;
  }

  #follow(base: number, op: number, wordsFrom: number, bit: number): boolean {
    if (this.#steps >= this.#stepsMax) return false;
    this.#steps++;
    const before = this.#reached.words[base] ?? 0;
    const after = this.#space.step(before, op);
    if (after === NO_STATE) return true;
    // A pending operation that changes nothing is better left for later.
    if (wordsFrom === this.#pendingBase && after === before) return true;
    const scratch = this.#scratch;
    for (let index = 0; index < scratch.length; index++) {
      scratch[index] = this.#reached.words[base + index] ?? 0;
    }
    scratch[0] = after;
    setBit(scratch, wordsFrom, bit);
    if (!this.#absorb(scratch, 0, this.#open)) return false;
    this.#reached.add(scratch, 0);
    return true;
  }

  /** Places those of `candidates` that are pure, open and legal in the configuration at `base`. */
  #absorb(words: Int32Array, base: number, candidates: readonly number[]): boolean {
    const { pure } = this.#problem;
    for (const op of candidates) {
      const slot = this.#slot[op] ?? 0;
      if (pure[op] === 0 || hasBit(words, base + 1, slot)) continue;
      if (this.#steps >= this.#stepsMax) return false;
      this.#steps++;
      if (this.#space.step(words[base] ?? 0, op) !== NO_STATE) setBit(words, base + 1, slot);
    }
    return true;
  }

  /** Makes the configurations with `target` placed the current ones. False when there are none. */
  #keepSurvivors(target: number): boolean {
    const slot = this.#slot[target] ?? 0;
    const { words, stride, count } = this.#reached;
    let survives = false;
    for (let entry = 0; entry < count && !survives; entry++) {
      survives = this.#reached.isAlive(entry) && hasBit(words, entry * stride + 1, slot);
    }
    if (!survives) return false;
    this.#current.clear();
    for (let entry = 0; entry < count; entry++) {
      if (!this.#reached.isAlive(entry) || !hasBit(words, entry * stride + 1, slot)) continue;
      clearBit(words, entry * stride + 1, slot);
      this.#current.add(words, entry * stride);
    }
    return true;
  }

  #situations(): Situation[] {
    const { words, stride, count } = this.#current;
    const situations: Situation[] = [];
    for (let entry = 0; entry < count && situations.length < SITUATIONS_MAX; entry++) {
      const open: number[] = [];
      for (const op of this.#open) {
        if (!hasBit(words, entry * stride + 1, this.#slot[op] ?? 0)) open.push(op);
      }
      situations.push({ state: words[entry * stride] ?? 0, open });
    }
    return situations;
  }
}

function assignSlots<I, O>(problem: Problem<I, O>): { slot: Int32Array; slotCount: number } {
  const slot = new Int32Array(problem.required);
  const free: number[] = [];
  let slotCount = 0;
  for (const event of problem.events) {
    const op = event >> 1;
    if (op >= problem.required) continue;
    if ((event & 1) === 1) free.push(slot[op] ?? 0);
    else slot[op] = free.pop() ?? slotCount++;
  }
  return { slot, slotCount };
}

function hasBit(words: Int32Array, from: number, bit: number): boolean {
  return (((words[from + (bit >> 5)] ?? 0) >>> (bit & 31)) & 1) === 1;
}

function setBit(words: Int32Array, from: number, bit: number): void {
  const at = from + (bit >> 5);
  words[at] = (words[at] ?? 0) | (1 << (bit & 31));
}

function clearBit(words: Int32Array, from: number, bit: number): void {
  const at = from + (bit >> 5);
  words[at] = (words[at] ?? 0) & ~(1 << (bit & 31));
}
