/**
 * A set of short integer tuples: open addressing over one arena.
 *
 * Invariant: membership is by equality of every word; the hash only finds the place to look. A
 * cache that trusted the hash would, once in a long while, call a legal history illegal.
 */
export class WordSet {
  #arena = new Int32Array(256);
  #used = 0;
  /** Offset of an entry in the arena plus one; 0 = free. An entry is its length, then its words. */
  #slots = new Int32Array(64);
  #count = 0;

  get size(): number {
    return this.#count;
  }

  /** Adds the first `length` words; false when they were there already. */
  add(words: Int32Array, length: number): boolean {
    const before = this.#count;
    this.intern(words, length);
    return this.#count > before;
  }

  /** A number for the first `length` words: the same exactly for the same words. */
  intern(words: Int32Array, length: number): number {
    const mask = this.#slots.length - 1;
    let slot = hashWords(words, length) & mask;
    for (; ; slot = (slot + 1) & mask) {
      const offset = this.#slots[slot] ?? 0;
      if (offset === 0) break;
      if (this.#equals(offset - 1, words, length)) return offset;
    }
    while (this.#used + length + 1 > this.#arena.length) {
      const larger = new Int32Array(this.#arena.length * 2);
      larger.set(this.#arena);
      this.#arena = larger;
    }
    const id = this.#used + 1;
    this.#slots[slot] = id;
    this.#arena[this.#used++] = length;
    for (let index = 0; index < length; index++) this.#arena[this.#used++] = words[index] ?? 0;
    this.#count++;
    if (this.#count * 2 > this.#slots.length) this.#grow();
    return id;
  }

  #equals(offset: number, words: Int32Array, length: number): boolean {
    if (this.#arena[offset] !== length) return false;
    for (let index = 0; index < length; index++) {
      if (this.#arena[offset + 1 + index] !== words[index]) return false;
    }
    return true;
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2);
    const mask = slots.length - 1;
    for (let offset = 0; offset < this.#used;) {
      const length = this.#arena[offset] ?? 0;
      const words = this.#arena.subarray(offset + 1, offset + 1 + length);
      let slot = hashWords(words, length) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = offset + 1;
      offset += length + 1;
    }
    this.#slots = slots;
  }
}

/** FNV-like over words with a final mix, so that low bits depend on all of them. */
export function hashWords(words: Int32Array, length: number): number {
  let hash = 0x811c9dc5 ^ length;
  for (let index = 0; index < length; index++) {
    hash = Math.imul(hash ^ (words[index] ?? 0), 0x01000193);
    hash ^= hash >>> 15;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
