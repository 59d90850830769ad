/**
 * A set of configurations of the breadth-first search: a state, the open required operations that
 * are placed already, and the pending operations taken.
 *
 * Invariant (subsumption): of two configurations with the same state and the same required
 * operations only the one with fewer pending operations taken is kept: whatever the other can still
 * do, it can do too. The required operations must be equal: one more of them placed is neither
 * better nor worse.
 *
 * Source: the just-in-time linearization of Knossos; Lowe 2017.
 */
import { hashWords } from './word-set.ts';

const NONE = -1;

export class ConfigurationSet {
  /** Words of the state and of the required operations: what must be equal. */
  readonly #keyWords: number;
  readonly stride: number;
  /** Entry `index` lies at `index * stride`. */
  words: Int32Array;
  #alive: Uint8Array;
  #nextInChain: Int32Array;
  #slotOf: Int32Array;
  #slots = new Int32Array(64);
  #count = 0;

  constructor(requiredWords: number, pendingWords: number) {
    this.#keyWords = 1 + requiredWords;
    this.stride = this.#keyWords + pendingWords;
    this.words = new Int32Array(16 * this.stride);
    this.#alive = new Uint8Array(16);
    this.#nextInChain = new Int32Array(16);
    this.#slotOf = new Int32Array(16);
  }

  /** Entries ever added, also those that a smaller one replaced. */
  get count(): number {
    return this.#count;
  }

  isAlive(entry: number): boolean {
    return this.#alive[entry] === 1;
  }

  clear(): void {
    for (let entry = 0; entry < this.#count; entry++) this.#slots[this.#slotOf[entry] ?? 0] = 0;
    this.#count = 0;
  }

  /** Adds a configuration; false when one that is at least as good is here. */
  add(words: Int32Array, from: number): boolean {
    const slot = this.#find(words, from);
    const head = (this.#slots[slot] ?? 0) - 1;
    for (let entry = head; entry !== NONE; entry = this.#nextInChain[entry] ?? NONE) {
      if (this.#alive[entry] === 0) continue;
      if (subset(this.words, entry * this.stride, words, from, this.#keyWords, this.stride)) {
        return false;
      }
      if (subset(words, from, this.words, entry * this.stride, this.#keyWords, this.stride)) {
        this.#alive[entry] = 0;
      }
    }
    if (this.#count === this.#alive.length) this.#growEntries();
    const entry = this.#count++;
    const base = entry * this.stride;
    for (let index = 0; index < this.stride; index++) {
      this.words[base + index] = words[from + index] ?? 0;
    }
    this.#alive[entry] = 1;
    this.#nextInChain[entry] = head;
    this.#slotOf[entry] = slot;
    this.#slots[slot] = entry + 1;
    if (this.#count * 2 > this.#slots.length) this.#growSlots();
    return true;
  }

  /** The slot of the chain with the same state and required operations, or a free one. */
  #find(words: Int32Array, from: number): number {
    const mask = this.#slots.length - 1;
    const key = words.subarray(from, from + this.#keyWords);
    let slot = hashWords(key, this.#keyWords) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const entry = (this.#slots[slot] ?? 0) - 1;
      if (entry === NONE) return slot;
      const base = entry * this.stride;
      let index = 0;
      while (index < this.#keyWords && this.words[base + index] === words[from + index]) index++;
      if (index === this.#keyWords) return slot;
    }
  }

  #growEntries(): void {
    const size = this.#alive.length * 2;
    this.words = copied(this.words, new Int32Array(size * this.stride));
    this.#alive = copied(this.#alive, new Uint8Array(size));
    this.#nextInChain = copied(this.#nextInChain, new Int32Array(size));
    this.#slotOf = copied(this.#slotOf, new Int32Array(size));
  }

  #growSlots(): void {
    this.#slots = new Int32Array(this.#slots.length * 2);
    for (let entry = 0; entry < this.#count; entry++) {
      // Entries of one chain are met oldest first, so the newest ends as its head again.
      const slot = this.#find(this.words, entry * this.stride);
      this.#slots[slot] = entry + 1;
      this.#slotOf[entry] = slot;
    }
  }
}

/** True when every bit of `a` from word `start` on is in `b` too. */
function subset(
  a: Int32Array,
  aFrom: number,
  b: Int32Array,
  bFrom: number,
  start: number,
  end: number,
): boolean {
  for (let index = start; index < end; index++) {
    if (((a[aFrom + index] ?? 0) & ~(b[bFrom + index] ?? 0)) !== 0) return false;
  }
  return true;
}

function copied<T extends Int32Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
