/**
 * The log of an acceptor: a table by slot, from 1 on, with gaps, whose copies are cheap.
 *
 * Rows live in chunks of 256. A chunk that two tables share is copied by the first of them that
 * writes to it, so neither can disturb the other; a copy costs a pointer per chunk.
 */
const CHUNK_BITS = 8;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;

export class Slots<T> {
  #chunks: (readonly (T | undefined)[])[];
  /** By chunk: whether this table alone holds it. */
  #own: boolean[];
  #last: number;

  private constructor(chunks: (readonly (T | undefined)[])[], last: number) {
    this.#chunks = chunks;
    this.#own = chunks.map(() => false);
    this.#last = last;
  }

  static empty<T>(): Slots<T> {
    return new Slots<T>([], 0);
  }

  /** The highest slot with a row; 0 when there is none. */
  get last(): number {
    return this.#last;
  }

  get(slot: number): T | undefined {
    return this.#chunks[slot >>> CHUNK_BITS]?.[slot & CHUNK_MASK];
  }

  set(slot: number, row: T): void {
    const at = slot >>> CHUNK_BITS;
    while (this.#chunks.length <= at) {
      this.#chunks.push([]);
      this.#own.push(true);
    }
    if (this.#own[at] !== true) {
      this.#chunks[at] = (this.#chunks[at] ?? []).slice();
      this.#own[at] = true;
    }
    const chunk = this.#chunks[at] as (T | undefined)[];
    // No holes: a sparse array reads and copies slowly.
    while (chunk.length < (slot & CHUNK_MASK)) chunk.push(undefined);
    chunk[slot & CHUNK_MASK] = row;
    if (slot > this.#last) this.#last = slot;
  }

  /** The rows from one slot to another, both included; gaps are left out. */
  slice(from: number, to: number): T[] {
    const rows: T[] = [];
    for (let slot = from; slot <= Math.min(to, this.#last); slot += 1) {
      const row = this.get(slot);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  clone(): Slots<T> {
    this.#own.fill(false);
    return new Slots<T>(this.#chunks.slice(), this.#last);
  }
}
