/**
 * Where each leader epoch begins in a log: what truncation is decided by since KIP-101.
 *
 * Invariant: epochs and start offsets both rise strictly from entry to entry.
 * Source: Apache Kafka, LeaderEpochFileCache
 */

export interface EpochStart {
  readonly epoch: number;
  readonly startOffset: number;
}

/** Up to where (exclusive) a log goes in the largest epoch that is not above the one asked for. */
export interface EpochEnd {
  readonly epoch: number;
  readonly endOffset: number;
}

/** The log knows nothing of the epoch. */
export const UNDEFINED: EpochEnd = Object.freeze({ epoch: -1, endOffset: -1 });

export class LeaderEpochs {
  readonly #entries: EpochStart[];

  private constructor(entries: EpochStart[]) {
    this.#entries = entries;
  }

  static empty(): LeaderEpochs {
    return new LeaderEpochs([]);
  }

  get entries(): readonly EpochStart[] {
    return this.#entries;
  }

  /** -1: none. */
  get latest(): number {
    return this.#entries[this.#entries.length - 1]?.epoch ?? -1;
  }

  /** The epoch before the newest; -1: none. */
  get previous(): number {
    return this.#entries[this.#entries.length - 2]?.epoch ?? -1;
  }

  /** An epoch keeps its first start; entries that contradict a later word give way to it. */
  assign(epoch: number, startOffset: number): void {
    const entries = this.#entries;
    const last = entries[entries.length - 1];
    if (last !== undefined && last.epoch === epoch && startOffset >= last.startOffset) return;
    for (;;) {
      const tail = entries[entries.length - 1];
      if (tail === undefined) break;
      if (tail.epoch < epoch && tail.startOffset < startOffset) break;
      entries.pop();
    }
    entries.push(Object.freeze({ epoch, startOffset }));
  }

  /** `logEnd` is where the log ends: there the newest epoch does. */
  endOffsetFor(epoch: number, logEnd: number): EpochEnd {
    if (epoch < 0 || epoch > this.latest) return UNDEFINED;
    if (epoch === this.latest) return { epoch, endOffset: logEnd };
    let at = this.#entries.length - 1;
    while (at > 0 && this.#entries[at - 1]!.epoch > epoch) at -= 1;
    const higher = this.#entries[at]!;
    const floor = this.#entries[at - 1];
    return { epoch: floor?.epoch ?? epoch, endOffset: higher.startOffset };
  }

  /** The log was cut: it ends at `endOffset` now. */
  truncateFromEnd(endOffset: number): void {
    const entries = this.#entries;
    while (entries.length > 0 && entries[entries.length - 1]!.startOffset >= endOffset) {
      entries.pop();
    }
  }

  /** The log begins at `startOffset` now. */
  truncateFromStart(startOffset: number): void {
    const entries = this.#entries;
    let gone = 0;
    while (gone < entries.length && entries[gone]!.startOffset <= startOffset) gone += 1;
    const last = entries[gone - 1];
    if (last === undefined || last.startOffset === startOffset) {
      entries.splice(0, Math.max(0, gone - 1));
      return;
    }
    entries.splice(0, gone, Object.freeze({ epoch: last.epoch, startOffset }));
  }

  clone(): LeaderEpochs {
    return new LeaderEpochs(this.#entries.slice());
  }
}
