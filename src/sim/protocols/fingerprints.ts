/**
 * A set of 64-bit fingerprints of texts, numbered in the order of arrival.
 *
 * It keeps no text: eight bytes and a slot for each member, so that millions of states fit. Two
 * different texts share a fingerprint with probability 2^-64; among n texts some pair does with
 * about n^2 / 2^65 (one in four million for two million texts). TLC trades the same way.
 */
const START_CAPACITY = 1 << 12;

export class FingerprintSet {
  #low = new Uint32Array(START_CAPACITY);
  #high = new Uint32Array(START_CAPACITY);
  /** Open addressing: member number + 1, or 0 for an empty slot. */
  #slots = new Uint32Array(START_CAPACITY * 2);
  #size = 0;
  #lastLow = 0;
  #lastHigh = 0;

  get size(): number {
    return this.#size;
  }

  /** The number of `text`: its old one, or `size` as it was if it is new. */
  add(text: string): number {
    this.#hash(text);
    const slot = this.#find();
    const known = this.#slots[slot] as number;
    if (known > 0) return known - 1;
    if (this.#size === this.#low.length) this.#grow();
    const number = this.#size;
    this.#low[number] = this.#lastLow;
    this.#high[number] = this.#lastHigh;
    this.#slots[this.#find()] = number + 1;
    this.#size = number + 1;
    return number;
  }

  /** The number of `text`, or -1. */
  indexOf(text: string): number {
    this.#hash(text);
    return (this.#slots[this.#find()] as number) - 1;
  }

  #hash(text: string): void {
    let low = 0x811c9dc5;
    let high = 0x9e3779b9;
    // Each half is a bijection for a given unit, and each stirs the other: no bits are lost on
    // the way, however long the text.
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      low = Math.imul(low ^ unit, 0x01000193) ^ (high >>> 17);
      high = Math.imul(high ^ unit, 0x85ebca6b) ^ (low >>> 11);
    }
    low = Math.imul(low ^ (low >>> 16), 0x45d9f3b);
    high = Math.imul(high ^ (high >>> 15), 0xc2b2ae35);
    this.#lastLow = (low ^ (low >>> 13)) >>> 0;
    this.#lastHigh = (high ^ (high >>> 16)) >>> 0;
  }

  /** The slot that holds the last hash, or the empty one where it belongs. */
  #find(): number {
    const mask = this.#slots.length - 1;
    let slot = (this.#lastLow ^ Math.imul(this.#lastHigh, 0x9e3779b1)) & mask;
    for (;;) {
      const number = this.#slots[slot] as number;
      if (number === 0) return slot;
      if (this.#low[number - 1] === this.#lastLow && this.#high[number - 1] === this.#lastHigh) {
        return slot;
      }
      slot = (slot + 1) & mask;
    }
  }

  #grow(): void {
    const { length } = this.#low;
    const low = new Uint32Array(length * 2);
    const high = new Uint32Array(length * 2);
    low.set(this.#low);
    high.set(this.#high);
    this.#low = low;
    this.#high = high;
    this.#slots = new Uint32Array(length * 4);
    const [keepLow, keepHigh] = [this.#lastLow, this.#lastHigh];
    for (let number = 0; number < this.#size; number += 1) {
      this.#lastLow = low[number] as number;
      this.#lastHigh = high[number] as number;
      this.#slots[this.#find()] = number + 1;
    }
    this.#lastLow = keepLow;
    this.#lastHigh = keepHigh;
  }
}
