/**
 * Compaction: of each key the last record survives, at the offset that it has.
 *
 * A log is clean up to where the last cleaning came; behind that it is dirty. The active segment is
 * never touched, nor what is not committed or belongs to an open transaction. Once enough of the
 * log is dirty, all before the active segment is copied without the records that a dirty one has
 * replaced. A tombstone stays for delete.retention.ms from the cleaning that first sees it as the
 * last of its key, so that a reader that is on its way hears of it.
 *
 * Invariant: offsets never change; a reader from the start sees the last value of every key.
 *
 * Source: Apache Kafka, LogCleaner, Cleaner.buildOffsetMap, LogCleanerManager.cleanableOffsets;
 * KIP-354, KIP-534
 * Differs: a batch whose records are all gone stays as a header, where Kafka leaves a gap in the
 * offsets unless its producer still needs it; markers of transactions stay for ever. The map of
 * offsets has room for all keys (log.cleaner.dedupe.buffer.size).
 */
import type { LogRecord, RecordBatch } from '../../contracts/record-batch.ts';
import { endOf, offsetIn, spanOf } from '../../contracts/record-batch.ts';
import type { Step } from './context.ts';
import type { PartitionLog } from './log.ts';
import type { AbortedTxn } from './producers.ts';
import { lastStableOffset } from './reading.ts';
import { segmentsOf } from './segments.ts';
import type { CleanupConfig } from './segments.ts';
import type { PartitionState } from './state.ts';

/** The header of a batch in message format v2: what is left of one without records. */
const BATCH_OVERHEAD = 61;

interface Cleaning {
  /** By key: the offset of its last dirty record. */
  readonly latest: ReadonlyMap<string, number>;
  readonly aborted: readonly AbortedTxn[];
  readonly wallMicros: number;
  readonly deleteRetentionMicros: number;
}

/** Up to where (exclusive) the log could be cleaned now. */
export function cleanableTo(
  state: PartitionState,
  config: CleanupConfig,
  wallMicros: number,
): number {
  const { log } = state;
  const segments = segmentsOf(log, config);
  const active = segments[segments.length - 1];
  let end = Math.min(active?.baseOffset ?? log.start, lastStableOffset(state));
  for (const { baseOffset, lastMicros } of segments) {
    const isYoung = wallMicros - lastMicros < config.minCompactionLagMicros;
    if (isYoung && baseOffset >= log.cleanedTo) end = Math.min(end, baseOffset);
  }
  // A batch is cleaned as a whole.
  const across = log.batchAt(end);
  return across === undefined ? end : across.baseOffset;
}

/** The share of the dirty bytes in what could be cleaned; 0: nothing is dirty. */
export function dirtyRatio(log: PartitionLog, cleanableEnd: number): number {
  let [clean, dirty] = [0, 0];
  for (const { baseOffset, bytes } of log.read(log.start, cleanableEnd, Infinity)) {
    if (baseOffset < log.cleanedTo) clean += bytes;
    else dirty += bytes;
  }
  return dirty === 0 ? 0 : dirty / (clean + dirty);
}

export function compact(at: Step, config: CleanupConfig, wallMicros: number): void {
  const { state, out } = at;
  const { log, producers } = state;
  const upTo = cleanableTo(state, config, wallMicros);
  if (upTo <= log.cleanedTo) return;
  if (dirtyRatio(log, upTo) <= config.minCleanableDirtyRatio) return;
  const { aborted } = producers;
  const cleaning: Cleaning = {
    latest: latestOf(log.read(log.cleanedTo, upTo, Infinity), aborted),
    aborted,
    wallMicros,
    deleteRetentionMicros: at.config.rules.tombstones ? config.deleteRetentionMicros : -1,
  };
  let [kept, dropped] = [0, 0];
  const cleaned = log.read(log.start, upTo, Infinity).map((batch) => {
    const rest = clean(batch, cleaning);
    kept += rest.records.length;
    dropped += batch.records.length - rest.records.length;
    return rest;
  });
  log.replaceTo(upTo, cleaned);
  out.push({ type: 'told', fact: { type: 'partition.compacted', upTo, kept, dropped } });
}

export const isAborted = (batch: RecordBatch, aborted: readonly AbortedTxn[]): boolean =>
  batch.isTransactional &&
  aborted.some(
    ({ producerId, firstOffset, lastOffset }) =>
      producerId === batch.producerId &&
      firstOffset <= batch.baseOffset &&
      batch.baseOffset < lastOffset,
  );

function latestOf(
  batches: readonly RecordBatch[],
  aborted: readonly AbortedTxn[],
): ReadonlyMap<string, number> {
  const latest = new Map<string, number>();
  for (const batch of batches) {
    // What was aborted replaces nothing.
    if (batch.marker !== null || isAborted(batch, aborted)) continue;
    batch.records.forEach(({ key }, i) => {
      if (key !== null) latest.set(key, offsetIn(batch, i));
    });
  }
  return latest;
}

/** The same batch if nothing of it goes and nothing of it has to be noted. */
function clean(batch: RecordBatch, cleaning: Cleaning): RecordBatch {
  if (batch.marker !== null) return batch;
  const { wallMicros, deleteRetentionMicros } = cleaning;
  const noted = batch.remains?.deleteHorizonMicros ?? null;
  const isOver = deleteRetentionMicros < 0 || (noted !== null && wallMicros > noted);
  const records: LogRecord[] = [];
  const places: number[] = [];
  let hasTombstone = false;
  const isGone = isAborted(batch, cleaning.aborted);
  batch.records.forEach((record, i) => {
    const offset = offsetIn(batch, i);
    if (isGone || isReplaced(record, offset, cleaning.latest)) return;
    if (record.value === null) {
      if (isOver) return;
      hasTombstone = true;
    }
    records.push(record);
    places.push(offset - batch.baseOffset);
  });
  const horizon = hasTombstone ? (noted ?? wallMicros + deleteRetentionMicros) : null;
  if (records.length === batch.records.length && horizon === noted) return batch;
  const share = records.length / Math.max(1, batch.records.length);
  const bytes = BATCH_OVERHEAD + Math.round(Math.max(0, batch.bytes - BATCH_OVERHEAD) * share);
  return Object.freeze({
    ...batch,
    bytes: Math.min(bytes, batch.bytes),
    records: Object.freeze(records),
    remains: Object.freeze({
      span: spanOf(batch),
      places: Object.freeze(places),
      deleteHorizonMicros: horizon,
    }),
  });
}

/** Without a key nothing can be said of a record: Kafka's brokers do not let one in. */
const isReplaced = (
  { key }: LogRecord,
  offset: number,
  latest: ReadonlyMap<string, number>,
): boolean => key === null || (latest.get(key) ?? offset) > offset;

/** Whether `batch` is what a cleaning may have left of `whole`, or the other way round. */
export function isSameBatch(batch: RecordBatch, whole: RecordBatch): boolean {
  if (batch === whole) return true;
  if (batch.remains === undefined && whole.remains === undefined) return false;
  return (
    batch.baseOffset === whole.baseOffset &&
    batch.leaderEpoch === whole.leaderEpoch &&
    endOf(batch) === endOf(whole) &&
    agree(batch, whole)
  );
}

/** Where both hold a record, it is the same one. */
function agree(one: RecordBatch, other: RecordBatch): boolean {
  const held = new Map(one.records.map((record, i) => [offsetIn(one, i), record]));
  return other.records.every((record, i) => {
    const found = held.get(offsetIn(other, i));
    return found === undefined || found === record;
  });
}
