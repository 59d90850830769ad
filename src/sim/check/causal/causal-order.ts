/**
 * What each operation can depend on: the order of its process, and the write that each read saw,
 * closed transitively.
 *
 * Invariants
 *  - `before(a, b)` is strict and transitive; it is only asked where the order has no circle.
 *  - Rows are bit sets, one per operation: n operations cost n * n / 32 words.
 */
export class CausalOrder {
  readonly size: number;
  readonly #words: number;
  /** Direct predecessors. */
  readonly direct: number[][];
  #rows: Int32Array;

  constructor(size: number) {
    this.size = size;
    this.#words = (size + 31) >> 5;
    this.direct = Array.from({ length: size }, () => []);
    this.#rows = new Int32Array(0);
  }

  add(before: number, after: number): void {
    if (before !== after) this.direct[after]?.push(before);
  }

  /** Closes the order. A circle is answered instead, as places each of which precedes the next. */
  close(): readonly number[] | undefined {
    const order = this.#sorted();
    if (order.length < this.size) return this.#circle(new Set(order));
    this.#rows = new Int32Array(this.size * this.#words);
    for (const place of order) {
      const row = place * this.#words;
      for (const other of this.direct[place] ?? []) {
        const from = other * this.#words;
        for (let word = 0; word < this.#words; word++) {
          this.#rows[row + word] = (this.#rows[row + word] ?? 0) | (this.#rows[from + word] ?? 0);
        }
        const at = row + (other >> 5);
        this.#rows[at] = (this.#rows[at] ?? 0) | (1 << (other & 31));
      }
    }
    return undefined;
  }

  before(a: number, b: number): boolean {
    return (((this.#rows[b * this.#words + (a >> 5)] ?? 0) >>> (a & 31)) & 1) === 1;
  }

  /** A shortest way from `a` to `b` over direct steps, both ends included. */
  path(a: number, b: number): readonly number[] {
    const next = new Map<number, number>();
    const queue = [b];
    for (const place of queue) {
      for (const other of this.direct[place] ?? []) {
        if (next.has(other)) continue;
        next.set(other, place);
        queue.push(other);
      }
      if (next.has(a)) break;
    }
    const path = [a];
    for (let place = next.get(a); place !== undefined; place = next.get(place)) {
      path.push(place);
      if (place === b) break;
    }
    return path;
  }

  /** Operations with all their predecessors before them, without those on or behind a circle. */
  #sorted(): number[] {
    const left = this.direct.map((before) => before.length);
    const after: number[][] = Array.from({ length: this.size }, () => []);
    for (let place = 0; place < this.size; place++) {
      for (const other of this.direct[place] ?? []) after[other]?.push(place);
    }
    const sorted: number[] = [];
    for (let place = 0; place < this.size; place++) if (left[place] === 0) sorted.push(place);
    for (const place of sorted) {
      for (const next of after[place] ?? []) {
        left[next] = (left[next] ?? 0) - 1;
        if (left[next] === 0) sorted.push(next);
      }
    }
    return sorted;
  }

  /** Walks back among the operations that could not be sorted until one comes again. */
  #circle(sorted: ReadonlySet<number>): readonly number[] {
    let place = 0;
    while (sorted.has(place)) place++;
    const walked: number[] = [];
    while (!walked.includes(place)) {
      walked.push(place);
      place = this.direct[place]?.find((other) => !sorted.has(other)) ?? place;
    }
    return walked.slice(walked.indexOf(place)).reverse();
  }
}
