/**
 * The log of one replica of a partition: batches by offset, with where each leader epoch begins.
 *
 * Invariant: batches follow each other without a gap from `start` (log start offset) to `end` (log
 * end offset, LEO: the offset of the next record). Copies share what cannot change.
 *
 * Differs: Kafka keeps segments in files and finds a batch by a sparse index; here it is a binary
 * search over all of them, and segments are reckoned from the batches when they are asked for.
 *
 * Source: Apache Kafka, UnifiedLog
 */
import type { RecordBatch } from '../../contracts/record-batch.ts';
import { endOf } from '../../contracts/record-batch.ts';
import { invariant } from '../../kernel/errors.ts';
import { ChunkedList } from '../chunked-list.ts';
import { LeaderEpochs } from './epochs.ts';
import type { EpochEnd } from './epochs.ts';

/** So many batches before the end are looked at one by one. */
const NEAR = 4;

export class PartitionLog {
  #batches: ChunkedList<RecordBatch>;
  readonly #epochs: LeaderEpochs;
  /** Batches before this one are deleted. */
  #first: number;
  #start: number;
  #end: number;
  /** Compaction has looked at all before this offset (its cleaner checkpoint). */
  #cleanedTo = 0;

  private constructor(
    batches: ChunkedList<RecordBatch>,
    epochs: LeaderEpochs,
    marks: { readonly first: number; readonly start: number; readonly end: number },
  ) {
    this.#batches = batches;
    this.#epochs = epochs;
    this.#first = marks.first;
    this.#start = marks.start;
    this.#end = marks.end;
  }

  static of(batches: readonly RecordBatch[] = []): PartitionLog {
    const start = batches[0]?.baseOffset ?? 0;
    const marks = { first: 0, start, end: start };
    const log = new PartitionLog(ChunkedList.empty(), LeaderEpochs.empty(), marks);
    for (const batch of batches) log.append(batch);
    return log;
  }

  /** The first offset that can be read (logStartOffset). */
  get start(): number {
    return this.#start;
  }

  /** The offset of the next record (LEO). */
  get end(): number {
    return this.#end;
  }

  /** Up to where (exclusive) compaction has come; what comes after is dirty. */
  get cleanedTo(): number {
    return Math.max(this.#cleanedTo, this.#start);
  }

  /** The epoch of the last record; -1 for an empty log. */
  get lastEpoch(): number {
    if (this.#end === this.#start) return -1;
    return this.#batches.at(this.#batches.length - 1)?.leaderEpoch ?? -1;
  }

  get latestEpoch(): number {
    return this.#epochs.latest;
  }

  get epochs(): LeaderEpochs {
    return this.#epochs;
  }

  append(batch: RecordBatch): void {
    invariant(batch.baseOffset === this.#end, 'a partition has no gaps');
    this.#batches.push(batch);
    this.#epochs.assign(batch.leaderEpoch, batch.baseOffset);
    this.#end = endOf(batch);
  }

  /** A leader of `epoch` begins here, before it has written anything. */
  beginEpoch(epoch: number): void {
    this.#epochs.assign(epoch, this.#end);
  }

  endOfEpoch(epoch: number): EpochEnd {
    return this.#epochs.endOffsetFor(epoch, this.#end);
  }

  /**
   * Drops what comes at or after `end`. A batch goes as a whole: epochs end where batches do, and
   * so do high watermarks, since followers copy whole batches.
   */
  truncateTo(end: number): void {
    if (end >= this.#end) {
      // Whoever led and wrote nothing has noted an epoch that others may not know.
      this.#epochs.truncateFromEnd(this.#end);
      return;
    }
    const keep = this.#placeOf(end);
    this.#batches.truncate(keep);
    this.#end = Math.max(this.#start, keep > this.#first ? endOf(this.#batches.at(keep - 1)!) : 0);
    this.#cleanedTo = Math.min(this.#cleanedTo, this.#end);
    this.#epochs.truncateFromEnd(this.#end);
  }

  /** Deletes batches that end at or before `start`: retention does, not truncation. */
  deleteTo(start: number): void {
    const to = Math.min(start, this.#end);
    if (to <= this.#start) return;
    this.#first = this.#placeOf(to);
    this.#start = to;
    this.#epochs.truncateFromStart(to);
    if (this.#first * 2 > this.#batches.length) this.#rebuild();
  }

  /**
   * Compaction has looked at all before `upTo`: `cleaned` are the batches from the start to there,
   * each at the offsets that it had.
   */
  replaceTo(upTo: number, cleaned: readonly RecordBatch[]): void {
    const rest = this.#batches.slice(this.#placeOf(upTo), this.#batches.length);
    this.#batches = ChunkedList.empty();
    for (const batch of cleaned) this.#batches.push(batch);
    for (const batch of rest) this.#batches.push(batch);
    this.#first = 0;
    this.#cleanedTo = upTo;
  }

  /** Drops all and begins again at `start`: a follower whose log the leader no longer has. */
  restartAt(start: number): void {
    this.#batches = ChunkedList.empty();
    this.#epochs.truncateFromEnd(0);
    this.#first = 0;
    this.#start = start;
    this.#end = start;
    this.#cleanedTo = start;
  }

  /** The batch that holds `offset`, or undefined outside of the log. */
  batchAt(offset: number): RecordBatch | undefined {
    if (offset < this.#start || offset >= this.#end) return undefined;
    return this.#batches.at(this.#placeOf(offset));
  }

  /** The epoch of the record at `offset`; -1 outside of the log. */
  epochAt(offset: number): number {
    return this.batchAt(offset)?.leaderEpoch ?? -1;
  }

  /** Whole batches from the one that holds `from` on that end at or before `to`: at least one. */
  read(from: number, to: number, bytesMax: number): readonly RecordBatch[] {
    const found: RecordBatch[] = [];
    let bytes = 0;
    for (let at = this.#placeOf(from); ; at += 1) {
      const batch = this.#batches.at(at);
      if (batch === undefined || endOf(batch) > to) break;
      bytes += batch.bytes;
      if (found.length > 0 && bytes > bytesMax) break;
      found.push(batch);
    }
    return found;
  }

  toArray(): readonly RecordBatch[] {
    return this.#batches.slice(this.#first, this.#batches.length);
  }

  imageBytes(): number {
    return this.#batches.imageBytes() + this.#epochs.entries.length * 8;
  }

  clone(): PartitionLog {
    const marks = { first: this.#first, start: this.#start, end: this.#end };
    const copy = new PartitionLog(this.#batches.clone(), this.#epochs.clone(), marks);
    copy.#cleanedTo = this.#cleanedTo;
    return copy;
  }

  /** The place of the first batch that ends after `offset`; all of them: the length. */
  #placeOf(offset: number): number {
    let low = this.#first;
    let high = this.#batches.length;
    // Readers and followers are mostly at the end, or a few batches before it.
    if (offset >= this.#end) return high;
    for (let near = 0; near < NEAR && high > low; near++) {
      if (endOf(this.#batches.at(high - 1)!) <= offset) return high;
      high -= 1;
    }
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (endOf(this.#batches.at(middle)!) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #rebuild(): void {
    const rest = ChunkedList.empty<RecordBatch>();
    for (const batch of this.toArray()) rest.push(batch);
    this.#batches = rest;
    this.#first = 0;
  }
}
