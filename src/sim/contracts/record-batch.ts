/**
 * What a partition of a log holds and its replicas hand to each other: batches of records.
 *
 * A batch is immutable: the leader stamps one copy with its offset and epoch, and every replica's
 * log, every answer and every checkpoint shares that.
 *
 * Source: Apache Kafka, the record batch of message format v2 (DefaultRecordBatch)
 */

/** A text of a producer; null is a tombstone: compaction removes the key. */
export type RecordValue = string | number | null;

export interface LogRecord {
  /** Null: the record has no key. */
  readonly key: string | null;
  readonly value: RecordValue;
  /** Whoever works on it fails, however often; absent: it can be worked on. */
  readonly isPoison?: true;
}

/** What ends a transaction in a partition. */
export type Marker = 'commit' | 'abort';

/** What a producer sends: the offset and the epoch are the leader's to give. */
export interface ProducedBatch {
  /** -1: the producer is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The sequence number of the first record; -1 without a producer id. */
  readonly baseSequence: number;
  readonly isTransactional: boolean;
  /** Null: the batch holds records. A marker takes an offset, too. */
  readonly marker: Marker | null;
  /** By the clock of who made it (message.timestamp.type = CreateTime). */
  readonly timestampMicros: number;
  readonly bytes: number;
  readonly records: readonly LogRecord[];
}

/** What a batch was before compaction took records out of it: offsets never change. */
export interface Remains {
  /** How many offsets it takes. */
  readonly span: number;
  /** Of each record that is left: its place in the batch as it was written. */
  readonly places: readonly number[];
  /** Tombstones in it go in a cleaning after that (delete horizon, KIP-534); null: it has none. */
  readonly deleteHorizonMicros: number | null;
}

export interface RecordBatch extends ProducedBatch {
  readonly baseOffset: number;
  /** Of the leader that appended it (partitionLeaderEpoch). */
  readonly leaderEpoch: number;
  /** Absent: no cleaning has touched it. */
  readonly remains?: Remains;
}

/** How many offsets a batch takes: as many as it had records when it was written. */
export const spanOf = ({ records, remains }: ProducedBatch & Partial<RecordBatch>): number =>
  remains === undefined ? records.length : remains.span;

/** The offset after the last record of a batch. */
export const endOf = (batch: RecordBatch): number =>
  batch.baseOffset + (batch.remains === undefined ? batch.records.length : batch.remains.span);

/** The offset of its record at `index`. */
export const offsetIn = (
  { baseOffset, remains }: Pick<RecordBatch, 'baseOffset' | 'remains'>,
  index: number,
): number => baseOffset + (remains === undefined ? index : (remains.places[index] as number));

/** The record at an offset; undefined: not in this batch, or cleaned away. */
export function recordAt(
  { baseOffset, records, remains }: Pick<RecordBatch, 'baseOffset' | 'records' | 'remains'>,
  offset: number,
): LogRecord | undefined {
  const place = offset - baseOffset;
  if (remains === undefined) return records[place];
  const index = remains.places.indexOf(place);
  return index < 0 ? undefined : records[index];
}

/** How many records of the batch are at offsets from `from` up to, not including, `to`. */
export function recordsIn(batch: RecordBatch, from: number, to: number): number {
  const { baseOffset, remains } = batch;
  if (remains === undefined) return Math.max(0, Math.min(to, endOf(batch)) - from);
  let count = 0;
  for (const place of remains.places) {
    const offset = baseOffset + place;
    if (offset >= from && offset < to) count += 1;
  }
  return count;
}

export const NO_PRODUCER = -1;
