/**
 * The segments of a log: what retention deletes as a whole, and compaction leaves alone at its end.
 *
 * A segment rolls before a batch that would make it larger than segment.bytes, or that is more than
 * segment.ms younger than the first batch in it. The last one is active: it is written to.
 *
 * Invariant: segments follow each other without a gap, and begin where batches do.
 *
 * Differs: they are reckoned from the batches that are there, which costs nothing while records
 * come; where compaction has made segments small they are taken together, as Kafka's cleaner does.
 *
 * Source: Apache Kafka, LogSegment.shouldRoll, LogSegment.timeWaitedForRoll
 */
import type { RecordBatch } from '../../contracts/record-batch.ts';
import { endOf } from '../../contracts/record-batch.ts';
import type { PartitionLog } from './log.ts';

/** What becomes of old records of a topic, with Kafka's settings by their names. */
export interface CleanupConfig {
  /** cleanup.policy: either, or both. */
  readonly deletes: boolean;
  readonly compacts: boolean;
  /** segment.bytes, segment.ms */
  readonly segmentBytes: number;
  readonly segmentMicros: number;
  /** retention.ms, retention.bytes; Infinity: no limit. */
  readonly retentionMicros: number;
  readonly retentionBytes: number;
  /** min.cleanable.dirty.ratio */
  readonly minCleanableDirtyRatio: number;
  /** min.compaction.lag.ms */
  readonly minCompactionLagMicros: number;
  /** delete.retention.ms */
  readonly deleteRetentionMicros: number;
}

export interface Segment {
  readonly baseOffset: number;
  readonly endOffset: number;
  readonly bytes: number;
  /** The largest timestamp of its batches. */
  readonly lastMicros: number;
}

interface OpenSegment {
  readonly baseOffset: number;
  readonly firstMicros: number;
  endOffset: number;
  bytes: number;
  lastMicros: number;
}

type Rolling = Pick<CleanupConfig, 'segmentBytes' | 'segmentMicros'>;

/** Oldest first; the last one is active. */
export function segmentsOf(log: PartitionLog, config: Rolling): readonly Segment[] {
  const segments: OpenSegment[] = [];
  let open: OpenSegment | null = null;
  for (const batch of log.toArray()) {
    if (open === null || rolls(open, batch, config) || batch.baseOffset === log.cleanedTo) {
      open = begin(batch);
      segments.push(open);
      continue;
    }
    open.endOffset = endOf(batch);
    open.bytes += batch.bytes;
    open.lastMicros = Math.max(open.lastMicros, batch.timestampMicros);
  }
  return segments;
}

const begin = (batch: RecordBatch): OpenSegment => ({
  baseOffset: batch.baseOffset,
  firstMicros: batch.timestampMicros,
  endOffset: endOf(batch),
  bytes: batch.bytes,
  lastMicros: batch.timestampMicros,
});

const rolls = (
  { bytes, firstMicros }: OpenSegment,
  batch: RecordBatch,
  { segmentBytes, segmentMicros }: Rolling,
): boolean =>
  bytes + batch.bytes > segmentBytes || batch.timestampMicros - firstMicros > segmentMicros;
