/**
 * Pieces of work in a binary heap, the least (key, sequence) on top, in columns: nothing is
 * allocated per piece once it has grown. Every sequence number is there once, so the order is
 * total.
 */
export interface JobHeapImage {
  /** In heap order. */
  readonly key: readonly number[];
  readonly sequence: readonly number[];
  readonly tag: readonly number[];
  readonly value: readonly number[];
}

export class JobHeap {
  /** Places 0 to `size - 1` hold what is in the heap; read them, do not write. */
  readonly key: number[] = [];
  readonly sequence: number[] = [];
  readonly tag: number[] = [];
  /** What else the discipline keeps of a piece. */
  readonly value: number[] = [];

  get size(): number {
    return this.key.length;
  }

  push(key: number, sequence: number, tag: number, value: number): void {
    this.key.push(key);
    this.sequence.push(sequence);
    this.tag.push(tag);
    this.value.push(value);
    this.#rise(this.size - 1);
  }

  /** Takes the piece at this place out; the top is place 0. */
  removeAt(place: number): void {
    const last = this.size - 1;
    if (place !== last) this.#swap(place, last);
    this.key.pop();
    this.sequence.pop();
    this.tag.pop();
    this.value.pop();
    if (place === last) return;
    this.#rise(place);
    this.#sink(place);
  }

  clear(): void {
    this.key.length = 0;
    this.sequence.length = 0;
    this.tag.length = 0;
    this.value.length = 0;
  }

  save(): JobHeapImage {
    return {
      key: this.key.slice(),
      sequence: this.sequence.slice(),
      tag: this.tag.slice(),
      value: this.value.slice(),
    };
  }

  restore(image: JobHeapImage): void {
    this.clear();
    // They were a heap, so each stays where it is put.
    for (let i = 0; i < image.key.length; i++) {
      this.key.push(image.key[i] as number);
      this.sequence.push(image.sequence[i] as number);
      this.tag.push(image.tag[i] as number);
      this.value.push(image.value[i] as number);
    }
  }

  #isBefore(a: number, b: number): boolean {
    const one = this.key[a] as number;
    const other = this.key[b] as number;
    if (one !== other) return one < other;
    return (this.sequence[a] as number) < (this.sequence[b] as number);
  }

  #rise(from: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(place, parent)) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #sink(from: number): void {
    const { size } = this;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) return;
      if (child + 1 < size && this.#isBefore(child + 1, child)) child += 1;
      if (!this.#isBefore(child, place)) return;
      this.#swap(place, child);
      place = child;
    }
  }

  #swap(a: number, b: number): void {
    swap(this.key, a, b);
    swap(this.sequence, a, b);
    swap(this.tag, a, b);
    swap(this.value, a, b);
  }
}

function swap(column: number[], a: number, b: number): void {
  const kept = column[a] as number;
  column[a] = column[b] as number;
  column[b] = kept;
}
