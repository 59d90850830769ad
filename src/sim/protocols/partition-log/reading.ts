/**
 * What a leader lets consumers see: records below the high watermark, or, for those who read what
 * is committed only, below the first transaction whose end is not there yet (the last stable
 * offset, LSO).
 *
 * A new leader's own high watermark may lag: it does not say where the log ends before that has
 * reached the start of its epoch, or consumers would go back in time (KAFKA-7128, KIP-320).
 *
 * Source: Apache Kafka, Partition.fetchRecords, fetchOffsetForTimestamp, UnifiedLog.read
 */
import type { Isolation } from '../../contracts/broker.ts';
import type { RecordBatch } from '../../contracts/record-batch.ts';
import type { PartitionConfig } from './config.ts';
import { fence } from './context.ts';
import type { FetchError } from './effects.ts';
import type { AbortedTxn } from './producers.ts';
import type { PartitionState } from './state.ts';

export interface Reading {
  readonly offset: number;
  /** -1: not known to whoever asks. */
  readonly leaderEpoch: number;
  readonly isolation: Isolation;
  readonly bytesMax: number;
}

export interface ReadReply {
  readonly error: FetchError | null;
  readonly batches: readonly RecordBatch[];
  readonly aborted: readonly AbortedTxn[];
}

const NOTHING: readonly never[] = Object.freeze([]);
const EMPTY: ReadReply = Object.freeze({ error: null, batches: NOTHING, aborted: NOTHING });

export const lastStableOffset = ({ producers, highWatermark }: PartitionState): number =>
  Math.min(producers.firstUnstableOffset(highWatermark), highWatermark);

/** Up to where a consumer may read. */
export function readableEnd(
  config: PartitionConfig,
  state: PartitionState,
  isolation: Isolation,
): number {
  const isStable = isolation === 'read_committed' && config.rules.lastStableOffset;
  if (isStable) return lastStableOffset(state);
  return config.rules.highWatermark ? state.highWatermark : state.log.end;
}

/** Why this replica does not answer, or null. */
export function readError(
  config: PartitionConfig,
  state: PartitionState,
  leaderEpoch: number,
): FetchError | null {
  if (leaderEpoch >= 0) return fence({ config, state, nowMicros: 0, out: [] }, leaderEpoch);
  return state.leader === config.id ? null : 'NOT_LEADER_OR_FOLLOWER';
}

export function readFor(
  config: PartitionConfig,
  state: PartitionState,
  { offset, leaderEpoch, isolation, bytesMax }: Reading,
): ReadReply {
  const { log } = state;
  const error = readError(config, state, leaderEpoch);
  if (error !== null) return { ...EMPTY, error };
  if (offset < log.start || offset > log.end) return { ...EMPTY, error: 'OFFSET_OUT_OF_RANGE' };
  const end = readableEnd(config, state, isolation);
  if (offset >= end || bytesMax <= 0) return EMPTY;
  const batches = log.read(offset, end, bytesMax);
  const readsAll = isolation === 'read_uncommitted' || !config.rules.abortedRanges;
  if (readsAll) return { error: null, batches, aborted: NOTHING };
  const aborted = state.producers.aborted.filter(
    (txn) => txn.lastOffset >= offset && txn.firstOffset < end,
  );
  return { error: null, batches, aborted };
}

/** Where the log begins or ends for a consumer. */
export function offsetAt(
  config: PartitionConfig,
  state: PartitionState,
  at: 'earliest' | 'latest',
  asked: Pick<Reading, 'leaderEpoch' | 'isolation'>,
): { readonly error: FetchError | 'OFFSET_NOT_AVAILABLE' | null; readonly offset: number } {
  const error = readError(config, state, asked.leaderEpoch);
  if (error !== null) return { error, offset: -1 };
  if (at === 'earliest') return { error: null, offset: state.log.start };
  if (config.rules.latestOffset && state.highWatermark < state.epochStart) {
    return { error: 'OFFSET_NOT_AVAILABLE', offset: -1 };
  }
  return { error: null, offset: readableEnd(config, state, asked.isolation) };
}
