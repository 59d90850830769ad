/**
 * A node's cores: work waits in one FIFO queue and each item occupies one core to its end.
 *
 * Source: the M/G/c station of queueing theory. Leaves out preemption and context switches.
 */
/** A node's cores as others may see them. */
export interface Cores {
  /** How many the node has: so much work goes on at once. */
  readonly count: number;
  /** Cores at work now. */
  readonly busy: number;
  /** Pieces of work in the queue, those at work not counted. */
  readonly waiting: number;
}

export interface CpuImage {
  readonly busy: number;
  readonly queue: readonly number[];
  readonly factor: number;
}

export class Cpu implements Cores {
  readonly count: number;
  #busy = 0;
  #factor = 1;
  /** Demand and tag in turn; read from `#head` so that taking one is O(1). */
  #queue: number[] = [];
  #head = 0;

  constructor(count: number) {
    this.count = count;
  }

  get busy(): number {
    return this.#busy;
  }
  get waiting(): number {
    return (this.#queue.length - this.#head) / 2;
  }

  /** Returns how long the work takes from now where a core is free, else -1: it waits. */
  request(demandMicros: number, tag: number): number {
    if (this.#busy < this.count) {
      this.#busy += 1;
      return Math.round(demandMicros * this.#factor);
    }
    this.#queue.push(demandMicros, tag);
    return -1;
  }

  /** A core became free. True: `nextTag` and `nextMicros` say what it does now. */
  release(): boolean {
    if (this.#head >= this.#queue.length) {
      this.#busy -= 1;
      return false;
    }
    this.nextMicros = Math.round((this.#queue[this.#head] as number) * this.#factor);
    this.nextTag = this.#queue[this.#head + 1] as number;
    this.#head += 2;
    if (this.#head > 1_024 && this.#head * 2 > this.#queue.length) {
      this.#queue.splice(0, this.#head);
      this.#head = 0;
    }
    return true;
  }
  nextMicros = 0;
  nextTag = 0;

  crash(): void {
    this.#busy = 0;
    this.#queue = [];
    this.#head = 0;
  }

  slow(factor: number): void {
    this.#factor = factor;
  }

  save(): CpuImage {
    return { busy: this.#busy, queue: this.#queue.slice(this.#head), factor: this.#factor };
  }

  restore(image: CpuImage): void {
    this.#busy = image.busy;
    this.#queue = image.queue.slice();
    this.#head = 0;
    this.#factor = image.factor;
  }
}
