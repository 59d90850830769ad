/**
 * A list whose copies are cheap: for logs and append-only records that checkpoints must keep.
 *
 * Items live in chunks of 256. A full chunk is never written again, so copies share it; only the
 * last chunk is private. A copy of n items therefore costs n / 256 pointers plus one chunk, and
 * neither side can disturb the other. Items themselves are shared: they must be immutable.
 */
const CHUNK_BITS = 8;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;

export class ChunkedList<T> {
  /** Every chunk but the last is full and may be shared. There is always a last one. */
  readonly #chunks: T[][];
  #length: number;

  private constructor(chunks: T[][], length: number) {
    this.#chunks = chunks;
    this.#length = length;
  }

  static empty<T>(): ChunkedList<T> {
    return new ChunkedList<T>([[]], 0);
  }

  get length(): number {
    return this.#length;
  }

  at(position: number): T | undefined {
    if (position < 0 || position >= this.#length) return undefined;
    return this.#chunks[position >>> CHUNK_BITS]?.[position & CHUNK_MASK];
  }

  push(item: T): void {
    let tail = this.#chunks[this.#chunks.length - 1] as T[];
    if (tail.length === CHUNK_SIZE) {
      tail = [];
      this.#chunks.push(tail);
    }
    tail.push(item);
    this.#length += 1;
  }

  /** Keeps the first `length` items. */
  truncate(length: number): void {
    if (length >= this.#length) return;
    const last = length === 0 ? 0 : (length - 1) >>> CHUNK_BITS;
    // The chunk that becomes the last one may be shared: a copy, never a cut in place.
    this.#chunks[last] = (this.#chunks[last] as T[]).slice(0, length - (last << CHUNK_BITS));
    this.#chunks.length = last + 1;
    this.#length = length;
  }

  /** The items from position `start` up to, not including, `end`. */
  slice(start: number, end: number): T[] {
    const last = Math.min(end, this.#length) - 1;
    if (last < start) return [];
    const chunk = start >>> CHUNK_BITS;
    if (chunk === last >>> CHUNK_BITS) {
      const from = start & CHUNK_MASK;
      return (this.#chunks[chunk] as T[]).slice(from, from + last - start + 1);
    }
    const found: T[] = [];
    for (let at = start; at <= last; at += 1) {
      found.push((this.#chunks[at >>> CHUNK_BITS] as T[])[at & CHUNK_MASK] as T);
    }
    return found;
  }

  /** What a copy takes for itself: the rest is shared. */
  imageBytes(): number {
    return (this.#chunks.length + CHUNK_SIZE) * 8;
  }

  clone(): ChunkedList<T> {
    const chunks = this.#chunks.slice();
    const last = chunks.length - 1;
    chunks[last] = (chunks[last] as T[]).slice();
    return new ChunkedList<T>(chunks, this.#length);
  }
}
