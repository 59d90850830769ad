/**
 * A replicated log whose copies are cheap.
 *
 * Entries live in chunks of 256. A full chunk is never written again, so copies of a log share
 * it; only the last chunk is private. A copy of a log of n entries therefore costs n / 256
 * pointers, which is what keeps checkpoints of long logs affordable. Term lookup is O(1).
 *
 * Seam for compaction: the log starts after `snapshotIndex`, whose term is `snapshotTerm`.
 */
import type { RaftEntry } from '../../contracts/raft.ts';
import { invariant } from '../../kernel/errors.ts';

const CHUNK_BITS = 8;
const CHUNK_SIZE = 1 << CHUNK_BITS;
const CHUNK_MASK = CHUNK_SIZE - 1;

export const NO_ENTRIES: readonly RaftEntry[] = Object.freeze([]);

export class RaftLog {
  /** Every chunk but the last is full and shared. There is always a last one, perhaps empty. */
  private readonly chunks: RaftEntry[][];
  private length: number;
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  private tailTerm: number;

  constructor(entries: readonly RaftEntry[] = NO_ENTRIES, snapshotIndex = 0, snapshotTerm = 0) {
    this.chunks = [[]];
    this.length = 0;
    this.snapshotIndex = snapshotIndex;
    this.snapshotTerm = snapshotTerm;
    this.tailTerm = snapshotTerm;
    for (const entry of entries) this.append(entry);
  }

  get firstIndex(): number {
    return this.snapshotIndex + 1;
  }

  get lastIndex(): number {
    return this.snapshotIndex + this.length;
  }

  get lastTerm(): number {
    return this.tailTerm;
  }

  /** The entry at `index`, or undefined outside the log. */
  entry(index: number): RaftEntry | undefined {
    const at = index - this.snapshotIndex - 1;
    if (at < 0 || at >= this.length) return undefined;
    return this.chunks[at >>> CHUNK_BITS]?.[at & CHUNK_MASK];
  }

  /** The term at `index`; 0 where the log begins, -1 where the term is not known here. */
  term(index: number): number {
    if (index === this.snapshotIndex) return this.snapshotTerm;
    const found = this.entry(index);
    return found === undefined ? -1 : found.term;
  }

  append(entry: RaftEntry): void {
    invariant(entry.index === this.lastIndex + 1, 'a log has no gaps');
    let tail = this.chunks[this.chunks.length - 1] as RaftEntry[];
    if (tail.length === CHUNK_SIZE) {
      tail = [];
      this.chunks.push(tail);
    }
    tail.push(entry);
    this.length += 1;
    this.tailTerm = entry.term;
  }

  /** Drops the entry at `index` and all that follow. */
  truncateFrom(index: number): void {
    const keep = Math.max(0, index - this.snapshotIndex - 1);
    if (keep >= this.length) return;
    const last = keep === 0 ? 0 : (keep - 1) >>> CHUNK_BITS;
    const within = keep - (last << CHUNK_BITS);
    // The chunk that becomes the last one may be shared: a copy, never a cut in place.
    this.chunks[last] = (this.chunks[last] as RaftEntry[]).slice(0, within);
    this.chunks.length = last + 1;
    this.length = keep;
    this.tailTerm = this.term(this.lastIndex);
  }

  /** Entries from `from` up to and including `to`. */
  slice(from: number, to: number): readonly RaftEntry[] {
    if (to < from) return NO_ENTRIES;
    const first = from - this.snapshotIndex - 1;
    const last = to - this.snapshotIndex - 1;
    const chunk = first >>> CHUNK_BITS;
    if (chunk === last >>> CHUNK_BITS) {
      const start = first & CHUNK_MASK;
      return (this.chunks[chunk] as RaftEntry[]).slice(start, start + last - first + 1);
    }
    const found: RaftEntry[] = [];
    for (let at = first; at <= last; at += 1) {
      found.push((this.chunks[at >>> CHUNK_BITS] as RaftEntry[])[at & CHUNK_MASK] as RaftEntry);
    }
    return found;
  }

  /**
   * The last index at or below `index` whose term is at or below `term`, and that term (0 when it
   * is compacted away). Nothing after it can match a log whose entry there has that term: terms
   * never decrease along a log.
   */
  lastNotAbove(index: number, term: number): { readonly index: number; readonly term: number } {
    let at = Math.min(index, this.lastIndex);
    while (at > this.snapshotIndex) {
      const here = this.term(at);
      if (here <= term) return { index: at, term: here };
      at -= 1;
    }
    if (at < this.snapshotIndex) return { index: at, term: 0 };
    if (this.snapshotTerm <= term) return { index: at, term: this.snapshotTerm };
    return { index: at - 1, term: 0 };
  }

  /** A log that shares everything but the private last chunk. */
  clone(): RaftLog {
    const copy = new RaftLog(NO_ENTRIES, this.snapshotIndex, this.snapshotTerm);
    copy.adopt(this.chunks, this.length, this.tailTerm);
    return copy;
  }

  toArray(): readonly RaftEntry[] {
    return this.slice(this.firstIndex, this.lastIndex);
  }

  private adopt(chunks: readonly RaftEntry[][], length: number, tailTerm: number): void {
    const last = chunks.length - 1;
    for (let i = 0; i < last; i += 1) this.chunks[i] = chunks[i] as RaftEntry[];
    this.chunks[last] = (chunks[last] as RaftEntry[]).slice();
    this.length = length;
    this.tailTerm = tailTerm;
  }
}
