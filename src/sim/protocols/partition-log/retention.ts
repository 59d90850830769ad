/**
 * Retention: the oldest segments go, by their age and by the size of the log.
 *
 * Invariant: only whole segments go, oldest first, and only what is committed: a segment that ends
 * above the high watermark stays. Each replica deletes by itself; a follower whose leader has
 * deleted more drops that, too.
 *
 * Source: Apache Kafka, UnifiedLog.deleteOldSegments: deleteRetentionMsBreachedSegments,
 * deleteRetentionSizeBreachedSegments
 * Differs: the files are gone at once, not after file.delete.delay.ms, which no reader could tell.
 */
import type { Step } from './context.ts';
import type { PartitionLog } from './log.ts';
import { segmentsOf } from './segments.ts';
import type { CleanupConfig } from './segments.ts';

/** Where the log is to begin: behind all segments that have to go. */
export function retainedFrom(
  log: PartitionLog,
  highWatermark: number,
  config: CleanupConfig,
  wallMicros: number,
): number {
  const segments = segmentsOf(log, config);
  let first = 0;
  // A segment is as old as its youngest record. One that is younger keeps all that come after it.
  for (const { endOffset, lastMicros } of segments) {
    if (endOffset > highWatermark || wallMicros - lastMicros <= config.retentionMicros) break;
    first += 1;
  }
  let excess = -config.retentionBytes;
  for (const { bytes } of segments.slice(first)) excess += bytes;
  for (const { endOffset, bytes } of segments.slice(first)) {
    if (endOffset > highWatermark || excess < bytes) break;
    excess -= bytes;
    first += 1;
  }
  return segments[first - 1]?.endOffset ?? log.start;
}

export function retain({ state, out }: Step, config: CleanupConfig, wallMicros: number): void {
  const { log, highWatermark } = state;
  const from = log.start;
  const to = retainedFrom(log, highWatermark, config, wallMicros);
  if (to <= from) return;
  log.deleteTo(to);
  out.push({ type: 'told', fact: { type: 'partition.deleted', from, to } });
  out.push({ type: 'moved' });
}
