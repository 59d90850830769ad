/**
 * The states that a search meets, as small integers, and what each operation does to each of them,
 * worked out once.
 *
 * Invariant: two states have one number exactly when the model gives them one key. The memo is only
 * a cache: when it is full, steps are worked out again and answers stay the same.
 */
import type { Op } from '../../observe/history.ts';
import { ILLEGAL } from './model.ts';
import type { Model } from './model.ts';

export const NO_STATE = -1;
const MEMO_ENTRIES_MAX = 1 << 20;

export class StateSpace<S, I, O> {
  readonly #model: Model<S, I, O>;
  readonly #ops: readonly Op<I, O>[];
  readonly #states: S[] = [];
  readonly #ids = new Map<string | number, number>();
  readonly initial: number;

  /** Open addressing: the key is `state * operations + operation`, -1 where free. */
  #keys = new Float64Array(64).fill(-1);
  #values = new Int32Array(64);
  #entries = 0;

  constructor(model: Model<S, I, O>, ops: readonly Op<I, O>[]) {
    this.#model = model;
    this.#ops = ops;
    this.initial = this.#intern(model.init());
  }

  /** The state after operation `op` in `state`, or NO_STATE where its result is impossible. */
  step(state: number, op: number): number {
    const key = state * this.#ops.length + op;
    const mask = this.#keys.length - 1;
    let slot = Math.imul(key, 0x9e3779b1) >>> 7;
    for (slot &= mask; ; slot = (slot + 1) & mask) {
      const found = this.#keys[slot] ?? -1;
      if (found === key) return this.#values[slot] ?? NO_STATE;
      if (found === -1) break;
    }
    const next = this.#compute(state, op);
    if (this.#entries < MEMO_ENTRIES_MAX) {
      this.#keys[slot] = key;
      this.#values[slot] = next;
      this.#entries++;
      if (this.#entries * 2 > this.#keys.length) this.#grow();
    }
    return next;
  }

  describe(state: number): string {
    return this.#model.describeState(this.#states[state] as S);
  }

  #compute(state: number, op: number): number {
    const next = this.#model.step(this.#states[state] as S, this.#ops[op] as Op<I, O>);
    return next === ILLEGAL ? NO_STATE : this.#intern(next);
  }

  #intern(state: S): number {
    const key = this.#model.key(state);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = this.#states.length;
    this.#states.push(state);
    this.#ids.set(key, id);
    return id;
  }

  #grow(): void {
    const keys = this.#keys;
    const values = this.#values;
    const mask = keys.length * 2 - 1;
    this.#keys = new Float64Array(keys.length * 2).fill(-1);
    this.#values = new Int32Array(keys.length * 2);
    for (let from = 0; from < keys.length; from++) {
      const key = keys[from] ?? -1;
      if (key === -1) continue;
      let slot = (Math.imul(key, 0x9e3779b1) >>> 7) & mask;
      while (this.#keys[slot] !== -1) slot = (slot + 1) & mask;
      this.#keys[slot] = key;
      this.#values[slot] = values[from] ?? NO_STATE;
    }
  }
}
