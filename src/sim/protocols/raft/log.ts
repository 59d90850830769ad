/**
 * A replicated log: entries by index, terms in O(1), copies that share what cannot change.
 *
 * Invariant: entry k of the log has index `firstIndex + k`; there are no gaps.
 * The log starts after `compactedIndex`, whose term is `compactedTerm`.
 */
import type { RaftEntry } from '../../contracts/raft.ts';
import { invariant } from '../../kernel/errors.ts';
import { ChunkedList } from '../chunked-list.ts';

export const NO_ENTRIES: readonly RaftEntry[] = Object.freeze([]);

export class RaftLog {
  #compactedIndex: number;
  #compactedTerm: number;
  #entries: ChunkedList<RaftEntry>;
  #lastIndex: number;
  #lastTerm: number;

  private constructor(
    entries: ChunkedList<RaftEntry>,
    compactedIndex: number,
    compactedTerm: number,
  ) {
    this.#compactedIndex = compactedIndex;
    this.#compactedTerm = compactedTerm;
    this.#entries = entries;
    this.#lastIndex = compactedIndex + entries.length;
    this.#lastTerm = entries.at(entries.length - 1)?.term ?? compactedTerm;
  }

  static of(entries: readonly RaftEntry[], compactedIndex = 0, compactedTerm = 0): RaftLog {
    const log = new RaftLog(ChunkedList.empty(), compactedIndex, compactedTerm);
    for (const entry of entries) log.append(entry);
    return log;
  }

  /** The last entry that is gone; 0 when none is. */
  get compactedIndex(): number {
    return this.#compactedIndex;
  }

  get compactedTerm(): number {
    return this.#compactedTerm;
  }

  get firstIndex(): number {
    return this.#compactedIndex + 1;
  }

  get lastIndex(): number {
    return this.#lastIndex;
  }

  get lastTerm(): number {
    return this.#lastTerm;
  }

  /** The entry at `index`, or undefined outside the log. */
  entry(index: number): RaftEntry | undefined {
    return this.#entries.at(index - this.#compactedIndex - 1);
  }

  /** The term at `index`; 0 where the log begins, -1 where the term is not known here. */
  term(index: number): number {
    if (index === this.#lastIndex) return this.#lastTerm;
    if (index === this.#compactedIndex) return this.#compactedTerm;
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
    this.#entries.truncate(Math.max(0, index - this.#compactedIndex - 1));
    this.#lastIndex = this.#compactedIndex + this.#entries.length;
    this.#lastTerm = this.entry(this.#lastIndex)?.term ?? this.#compactedTerm;
  }

  /**
   * Drops the entries up to `index`, which has `term`. A log that does not hold that entry agrees
   * with nothing that comes after it, and is dropped whole (paper figure 13).
   */
  compactTo(index: number, term: number): void {
    if (index <= this.#compactedIndex) return;
    const rest = ChunkedList.empty<RaftEntry>();
    if (this.term(index) === term) {
      for (const entry of this.slice(index + 1, this.#lastIndex)) rest.push(entry);
    }
    this.#entries = rest;
    this.#compactedIndex = index;
    this.#compactedTerm = term;
    this.#lastIndex = index + rest.length;
    this.#lastTerm = rest.at(rest.length - 1)?.term ?? term;
  }

  /** Entries from `from` up to and including `to`. */
  slice(from: number, to: number): readonly RaftEntry[] {
    if (to < from) return NO_ENTRIES;
    return this.#entries.slice(from - this.#compactedIndex - 1, to - this.#compactedIndex);
  }

  /**
   * The last index at or below `index` whose term is at or below `term`, and that term (0 when it
   * is compacted away). Nothing after it can match a log whose entry there has that term: terms
   * never decrease along a log.
   */
  lastNotAbove(index: number, term: number): { readonly index: number; readonly term: number } {
    let at = Math.min(index, this.#lastIndex);
    while (at > this.#compactedIndex) {
      const here = this.term(at);
      if (here <= term) return { index: at, term: here };
      at -= 1;
    }
    if (at < this.#compactedIndex) return { index: at, term: 0 };
    if (this.#compactedTerm <= term) return { index: at, term: this.#compactedTerm };
    return { index: at - 1, term: 0 };
  }

  imageBytes(): number {
    return this.#entries.imageBytes();
  }

  clone(): RaftLog {
    return new RaftLog(this.#entries.clone(), this.#compactedIndex, this.#compactedTerm);
  }

  toArray(): readonly RaftEntry[] {
    return this.slice(this.firstIndex, this.#lastIndex);
  }
}
