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

export interface RecordBatch extends ProducedBatch {
  readonly baseOffset: number;
  /** Of the leader that appended it (partitionLeaderEpoch). */
  readonly leaderEpoch: number;
}

/** The offset after the last record of a batch. */
export const endOf = (batch: RecordBatch): number => batch.baseOffset + batch.records.length;

export const NO_PRODUCER = -1;
