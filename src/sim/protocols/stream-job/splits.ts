/**
 * The partitions that a source reads, and the watermark that follows from them.
 *
 * Invariants: a partition is read in its order; the watermark never goes back, and is the least of
 * the partitions that are not idle.
 *
 * Source: Flink, SourceOperator, BoundedOutOfOrdernessWatermarks, WatermarksWithIdleness
 * Differs: the latest event time is part of the snapshot, where Flink starts watermarks anew.
 */
import type { OwnState, SplitState, StreamEvent } from '../../contracts/stream.ts';
import {
  NO_TIME,
  boundedWatermark,
  combinedWatermark,
  latestOf,
} from '../../policies/windows/index.ts';
import type { StreamRules } from './rules.ts';

export interface SplitsConfig {
  readonly maxOutOfOrdernessMs: number;
  /** 0: nothing is ever idle. */
  readonly withIdlenessMicros: number;
  readonly startingOffsets: 'earliest' | 'latest';
  readonly rules: StreamRules;
}

export interface Split {
  readonly partition: number;
  offset: number;
  latest: number;
  /** When the last event came. */
  lastMicros: number;
  isIdle: boolean;
  /** Nothing will come any more. */
  isEnd: boolean;
}
export interface Splits {
  readonly all: readonly Split[];
  /** As it was told last. */
  watermark: number;
  isIdle: boolean;
}

/** No event is expected any more (Watermark.MAX_WATERMARK). */
export const LAST_WATERMARK = Number.MAX_SAFE_INTEGER;

/** The partitions of a source: every so many-th. */
export function startSplits(
  config: SplitsConfig,
  partitions: readonly number[],
  snapshot: OwnState | null,
  nowMicros: number,
): Splits {
  const kept = snapshot?.role === 'source' ? snapshot.splits : [];
  const start = config.startingOffsets === 'earliest' ? 0 : -1;
  const all = partitions.map((partition): Split => {
    const found = kept.find((one) => one.partition === partition);
    const offset = config.rules.restoreOffsets ? (found?.offset ?? start) : start;
    const latest = found?.latest ?? NO_TIME;
    return { partition, offset, latest, lastMicros: nowMicros, isIdle: false, isEnd: false };
  });
  return { all, watermark: NO_TIME, isIdle: false };
}

export const snapshotOfSplits = ({ all }: Splits): OwnState => ({
  role: 'source',
  splits: all.map(({ partition, offset, latest }): SplitState => ({ partition, offset, latest })),
});

/** @returns whether the partition was idle, and is not any more */
export function readEvents(
  { all }: Splits,
  partition: number,
  page: { readonly events: readonly StreamEvent[]; readonly next: number; readonly isEnd: boolean },
  nowMicros: number,
): boolean {
  const split = all.find((one) => one.partition === partition);
  if (split === undefined) return false;
  split.offset = page.next;
  split.isEnd = page.isEnd;
  if (page.events.length === 0) return false;
  const wasIdle = split.isIdle;
  split.isIdle = false;
  split.lastMicros = nowMicros;
  for (const { at } of page.events) split.latest = latestOf(split.latest, at);
  return wasIdle;
}

/** @returns partitions that have been silent for too long, for the first time */
export function findIdle(config: SplitsConfig, { all }: Splits, nowMicros: number): number[] {
  const { withIdlenessMicros } = config;
  if (withIdlenessMicros === 0) return [];
  const found: number[] = [];
  for (const split of all) {
    if (split.isIdle || split.isEnd || nowMicros - split.lastMicros < withIdlenessMicros) continue;
    split.isIdle = true;
    found.push(split.partition);
  }
  return found;
}

/** What there is to tell now; null: nothing new. */
export function newWatermark(config: SplitsConfig, splits: Splits): number | null {
  const inputs = splits.all.map(({ latest, isIdle, isEnd }) => ({
    watermark: isEnd ? LAST_WATERMARK : boundedWatermark(latest, config.maxOutOfOrdernessMs),
    isIdle: isIdle && config.rules.idleExcluded,
  }));
  const next = combinedWatermark(inputs, splits.watermark);
  if (next <= splits.watermark) return null;
  splits.watermark = next;
  return next;
}

/** Whether it has nothing to say as a whole, where that has changed; else null. */
export function newStatus({ rules }: SplitsConfig, splits: Splits): boolean | null {
  // Without a partition there is nothing to wait for.
  const isIdle = rules.idleExcluded && splits.all.every((split) => split.isIdle);
  if (isIdle === splits.isIdle) return null;
  splits.isIdle = isIdle;
  return isIdle;
}
