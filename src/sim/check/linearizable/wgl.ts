/**
 * Linearizability depth first: place one operation after the other, undo where it leads nowhere.
 *
 * The calls and returns of the operations not placed yet form a linked list in time order. Those
 * called before the first return in the list may come next; the one that returns there must come
 * before it. A position is (operations placed, state); one that was met before is not searched
 * again.
 *
 * Invariants
 *  - The cache key holds the whole set of placed operations and the state. The set is written as
 *    its first hole, the words from there to the last operation that can have been placed while the
 *    hole is open, and the pending operations taken (interned: they change seldom).
 *  - Pure shortcut: an open operation that is legal now and pure by its recorded output is placed
 *    at once and never reconsidered: whatever order follows stays legal with it here. Only the
 *    model's `pure` decides. "Changes nothing in this state" is not enough: write 5 onto 5,
 *    placed early, is missing where 5 must come back later.
 *  - A pending operation is tried after all others, and not where it would change nothing: leaving
 *    it for later allows everything that taking it allows.
 *  - The furthest return at which the search ever stopped is the culprit of a failure.
 *
 * Source: Wing and Gong 1993; Lowe, "Testing for linearizability", 2017.
 */
import type { Problem } from './problem.ts';
import { NO_CULPRIT } from './search.ts';
import type { SearchResult } from './search.ts';
import { NO_STATE } from './state-space.ts';
import type { StateSpace } from './state-space.ts';
import { WordSet } from './word-set.ts';

/** Searches `problem` for at most `stepsMax` steps. */
export function searchWgl<S, I, O>(
  problem: Problem<I, O>,
  space: StateSpace<S, I, O>,
  stepsMax: number,
): SearchResult {
  return new WglSearch(problem, space, stepsMax).run();
}

/** List nodes are places in the event order plus one; node 0 is the head. */
const HEAD = 0;
const OUT_OF_STEPS = -2;
const EXHAUSTED = -3;

class WglSearch<S, I, O> {
  readonly #problem: Problem<I, O>;
  readonly #space: StateSpace<S, I, O>;
  readonly #stepsMax: number;
  readonly #end: number;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Per required operation: how many required operations were called before it returned. */
  readonly #windowEnd: Int32Array;
  readonly #placed: Int32Array;
  readonly #taken: Int32Array;
  readonly #takenSets = new WordSet();
  /** A number for the set of pending operations taken. */
  #takenId = 0;
  readonly #stack: Int32Array;
  readonly #stackState: Int32Array;
  /** 1 = placed by the shortcut: nothing else was possible there. */
  readonly #stackForced: Uint8Array;
  readonly #key: Int32Array;
  readonly #seen = new WordSet();
  #depth = 0;
  #placedCount = 0;
  #hole = 0;
  #state: number;
  #steps = 0;
  #furthest = -1;

  constructor(problem: Problem<I, O>, space: StateSpace<S, I, O>, stepsMax: number) {
    const { ops, required, events, returnAt } = problem;
    this.#problem = problem;
    this.#space = space;
    this.#stepsMax = stepsMax;
    this.#state = space.initial;
    this.#end = events.length + 1;
    this.#next = new Int32Array(events.length + 2);
    this.#previous = new Int32Array(events.length + 2);
    const callsBefore = new Int32Array(events.length + 1);
    let last = HEAD;
    let calls = 0;
    for (let place = 0; place < events.length; place++) {
      callsBefore[place] = calls;
      const event = events[place] ?? 0;
      if (event >> 1 >= required) continue;
      if ((event & 1) === 0) calls++;
      this.#next[last] = place + 1;
      this.#previous[place + 1] = last;
      last = place + 1;
    }
    this.#next[last] = this.#end;
    this.#previous[this.#end] = last;
    this.#windowEnd = new Int32Array(required);
    for (let op = 0; op < required; op++) {
      this.#windowEnd[op] = callsBefore[returnAt[op] ?? 0] ?? 0;
    }
    this.#placed = new Int32Array((required >> 5) + 1);
    this.#taken = new Int32Array((ops.length - required + 31) >> 5);
    this.#stack = new Int32Array(ops.length);
    this.#stackState = new Int32Array(ops.length);
    this.#stackForced = new Uint8Array(ops.length);
    this.#takenId = this.#takenSets.intern(this.#taken, this.#taken.length);
    this.#key = new Int32Array(3 + this.#placed.length);
  }

  run(): SearchResult {
    const { required } = this.#problem;
    for (;;) {
      if (!this.#absorbPure()) return this.#unknown();
      if (this.#placedCount === required) {
        const order = this.#stack.slice(0, this.#depth);
        return { verdict: 'pass', steps: this.#steps, culprit: NO_CULPRIT, order };
      }
      let after = this.#isNew() ? this.#branchRequired(this.#next[HEAD] ?? 0) : EXHAUSTED;
      while (after === EXHAUSTED) {
        const undone = this.#backtrack();
        if (undone === NO_CULPRIT) return this.#failed();
        after =
          undone < required
            ? this.#branchRequired(this.#next[this.#callNode(undone)] ?? 0)
            : this.#branchPending(undone + 1, this.#firstReturn());
      }
      if (after === OUT_OF_STEPS) return this.#unknown();
    }
  }

  /** Places every open operation that is pure and legal now. False when the budget ended. */
  #absorbPure(): boolean {
    const { events, pure } = this.#problem;
    let node = this.#next[HEAD] ?? 0;
    while (node !== this.#end) {
      const event = events[node - 1] ?? 0;
      if ((event & 1) === 1) return true;
      const op = event >> 1;
      node = this.#next[node] ?? 0;
      if (pure[op] === 0) continue;
      if (this.#steps >= this.#stepsMax) return false;
      this.#steps++;
      if (this.#space.step(this.#state, op) === NO_STATE) continue;
      this.#place(op, this.#state, 1);
      // The return just unlinked may have been the next node.
      if (node === (this.#problem.returnAt[op] ?? 0) + 1) node = this.#next[node] ?? 0;
    }
    return true;
  }

  /** Tries required operations from `node` on, then pending ones. Answers the one placed. */
  #branchRequired(node: number): number {
    const { events, pure } = this.#problem;
    while (node !== this.#end) {
      const event = events[node - 1] ?? 0;
      if ((event & 1) === 1) {
        if (node - 1 > this.#furthest) this.#furthest = node - 1;
        return this.#branchPending(this.#problem.required, node - 1);
      }
      const op = event >> 1;
      // A pure one that is still here is illegal in this state.
      if (pure[op] === 0) {
        if (this.#steps >= this.#stepsMax) return OUT_OF_STEPS;
        this.#steps++;
        const state = this.#space.step(this.#state, op);
        if (state !== NO_STATE) {
          this.#place(op, state, 0);
          return op;
        }
      }
      node = this.#next[node] ?? 0;
    }
    return EXHAUSTED;
  }

  #branchPending(from: number, firstReturn: number): number {
    const { ops, callAt, required } = this.#problem;
    for (let op = from; op < ops.length; op++) {
      if ((callAt[op] ?? 0) > firstReturn) break;
      const bit = op - required;
      if ((((this.#taken[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1) continue;
      if (this.#steps >= this.#stepsMax) return OUT_OF_STEPS;
      this.#steps++;
      const state = this.#space.step(this.#state, op);
      if (state === NO_STATE || state === this.#state) continue;
      this.#place(op, state, 0);
      return op;
    }
    return EXHAUSTED;
  }

  /** Undoes the last choice and what it forced. Answers its operation; NO_CULPRIT: none is left. */
  #backtrack(): number {
    while (this.#depth > 0) {
      const depth = --this.#depth;
      const op = this.#stack[depth] ?? 0;
      this.#state = this.#stackState[depth] ?? 0;
      this.#unplace(op);
      if (this.#stackForced[depth] === 0) return op;
    }
    return NO_CULPRIT;
  }

  #place(op: number, state: number, forced: 0 | 1): void {
    const { required } = this.#problem;
    this.#stack[this.#depth] = op;
    this.#stackState[this.#depth] = this.#state;
    this.#stackForced[this.#depth] = forced;
    this.#depth++;
    this.#state = state;
    if (op >= required) {
      const bit = op - required;
      this.#taken[bit >> 5] = (this.#taken[bit >> 5] ?? 0) | (1 << (bit & 31));
      this.#takenId = this.#takenSets.intern(this.#taken, this.#taken.length);
      return;
    }
    this.#unlink(this.#callNode(op));
    this.#unlink((this.#problem.returnAt[op] ?? 0) + 1);
    this.#placed[op >> 5] = (this.#placed[op >> 5] ?? 0) | (1 << (op & 31));
    this.#placedCount++;
    while (
      this.#hole < required &&
      (((this.#placed[this.#hole >> 5] ?? 0) >>> (this.#hole & 31)) & 1) === 1
    ) {
      this.#hole++;
    }
  }

  #unplace(op: number): void {
    const { required } = this.#problem;
    if (op >= required) {
      const bit = op - required;
      this.#taken[bit >> 5] = (this.#taken[bit >> 5] ?? 0) & ~(1 << (bit & 31));
      this.#takenId = this.#takenSets.intern(this.#taken, this.#taken.length);
      return;
    }
    // In the reverse order of unlinking, so that each finds its neighbours again.
    this.#relink((this.#problem.returnAt[op] ?? 0) + 1);
    this.#relink(this.#callNode(op));
    this.#placed[op >> 5] = (this.#placed[op >> 5] ?? 0) & ~(1 << (op & 31));
    this.#placedCount--;
    if (op < this.#hole) this.#hole = op;
  }

  /** Notes the position; false when it was searched before. */
  #isNew(): boolean {
    const key = this.#key;
    key[0] = this.#state;
    key[1] = this.#hole;
    key[2] = this.#takenId;
    let length = 3;
    const lastWord = ((this.#windowEnd[this.#hole] ?? 0) - 1) >> 5;
    for (let word = this.#hole >> 5; word <= lastWord; word++) {
      key[length++] = this.#placed[word] ?? 0;
    }
    return this.#seen.add(key, length);
  }

  #firstReturn(): number {
    const { events } = this.#problem;
    let node = this.#next[HEAD] ?? 0;
    while (node !== this.#end && ((events[node - 1] ?? 0) & 1) === 0) node = this.#next[node] ?? 0;
    return node - 1;
  }

  #callNode(op: number): number {
    return (this.#problem.callAt[op] ?? 0) + 1;
  }

  #unlink(node: number): void {
    const next = this.#next[node] ?? 0;
    const previous = this.#previous[node] ?? 0;
    this.#next[previous] = next;
    this.#previous[next] = previous;
  }

  #relink(node: number): void {
    this.#next[this.#previous[node] ?? 0] = node;
    this.#previous[this.#next[node] ?? 0] = node;
  }

  #unknown(): SearchResult {
    return { verdict: 'unknown', steps: this.#steps, limit: 'steps', culprit: NO_CULPRIT };
  }

  #failed(): SearchResult {
    const culprit = (this.#problem.events[this.#furthest] ?? 0) >> 1;
    return { verdict: 'fail', steps: this.#steps, culprit };
  }
}
