/**
 * A replicated log: entries by index, terms in O(1), copies that share what cannot change.
 *
 * Invariant: entry k of the log has index `firstIndex + k`; there are no gaps.
 * Seam for compaction: the log starts after `snapshotIndex`, whose term is `snapshotTerm`.
 */
import type { RaftEntry } from '../../contracts/raft.ts';
import { invariant } from '../../kernel/errors.ts';
import { ChunkedList } from '../chunked-list.ts';

export const NO_ENTRIES: readonly RaftEntry[] = Object.freeze([]);

export class RaftLog {
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  readonly #entries: ChunkedList<RaftEntry>;
  #lastIndex: number;
  #lastTerm: number;

  private constructor(
    entries: ChunkedList<RaftEntry>,
    snapshotIndex: number,
    snapshotTerm: number,
  ) {
    this.snapshotIndex = snapshotIndex;
    this.snapshotTerm = snapshotTerm;
    this.#entries = entries;
    this.#lastIndex = snapshotIndex + entries.length;
    this.#lastTerm = entries.at(entries.length - 1)?.term ?? snapshotTerm;
  }

  static of(entries: readonly RaftEntry[], snapshotIndex = 0, snapshotTerm = 0): RaftLog {
    const log = new RaftLog(ChunkedList.empty(), snapshotIndex, snapshotTerm);
    for (const entry of entries) log.append(entry);
    return log;
  }

  get firstIndex(): number {
    return this.snapshotIndex + 1;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  get lastTerm(): number {
    return this.#lastTerm;
  }

  /** The entry at `index`, or undefined outside the log. */
  entry(index: number): RaftEntry | undefined {
    return this.#entries.at(index - this.snapshotIndex - 1);
  }

  /** The term at `index`; 0 where the log begins, -1 where the term is not known here. */
  term(index: number): number {
    if (index === this.#lastIndex) return this.#lastTerm;
    if (index === this.snapshotIndex) return this.snapshotTerm;
    return this.entry(index)?.term ?? -1;
  }

  append(entry: RaftEntry): void {
    invariant(entry.index === this.#lastIndex + 1, 'a log has no gaps');
    this.#entries.push(entry);
    this.#lastIndex = entry.index;
    this.#lastTerm = entry.term;
  }

  /** Drops the entry at `index` and all that follow. */
  truncateFrom(index: number): void {
    this.#entries.truncate(Math.max(0, index - this.snapshotIndex - 1));
    this.#lastIndex = this.snapshotIndex + this.#entries.length;
    this.#lastTerm = this.entry(this.#lastIndex)?.term ?? this.snapshotTerm;
  }

  /** Entries from `from` up to and including `to`. */
  slice(from: number, to: number): readonly RaftEntry[] {
    if (to < from) return NO_ENTRIES;
    return this.#entries.slice(from - this.snapshotIndex - 1, to - this.snapshotIndex);
  }

  /**
   * The last index at or below `index` whose term is at or below `term`, and that term (0 when it
   * is compacted away). Nothing after it can match a log whose entry there has that term: terms
   * never decrease along a log.
   */
  lastNotAbove(index: number, term: number): { readonly index: number; readonly term: number } {
    let at = Math.min(index, this.#lastIndex);
    while (at > this.snapshotIndex) {
      const here = this.term(at);
      if (here <= term) return { index: at, term: here };
      at -= 1;
    }
    if (at < this.snapshotIndex) return { index: at, term: 0 };
    if (this.snapshotTerm <= term) return { index: at, term: this.snapshotTerm };
    return { index: at - 1, term: 0 };
  }

  imageBytes(): number {
    return this.#entries.imageBytes();
  }

  clone(): RaftLog {
    return new RaftLog(this.#entries.clone(), this.snapshotIndex, this.snapshotTerm);
  }

  toArray(): readonly RaftEntry[] {
    return this.slice(this.firstIndex, this.#lastIndex);
  }
}
