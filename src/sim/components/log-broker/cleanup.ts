/**
 * Housekeeping of a broker: every few minutes retention looks at each of its replicas, and every
 * few seconds the cleaner does, leaders and followers alike. Each broker goes by its own clock.
 *
 * Differs: Kafka's cleaner takes the dirtiest log first and one at a time; here all that are dirty
 * enough are cleaned at once, and it takes no time.
 *
 * Source: Apache Kafka 4.0, LogManager.cleanupLogs, LogCleaner
 */
import type { ProducedBatch } from '../../contracts/record-batch.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { Ctx } from './asking.ts';
import type { LogBrokerConfig } from './config.ts';
import type { LogBrokerRecord } from './disk.ts';
import { feed } from './feed.ts';
import type { Hosted, LogBrokerState } from './state.ts';

const RETENTION = 'retention';
const CLEANER = 'cleaner';

const hasCompacted = ({ topics }: LogBrokerConfig): boolean =>
  topics.some(({ cleanupPolicy }) => cleanupPolicy !== 'delete');
const hasDeleted = ({ topics }: LogBrokerConfig): boolean =>
  topics.some(({ cleanupPolicy }) => cleanupPolicy !== 'compact');

export function startCleanup(ctx: Ctx): void {
  const { config } = ctx;
  armRetention(ctx);
  if (hasCompacted(config)) ctx.setTimer(CLEANER, 0, ms(config.logCleanerBackoffMs));
}

/** At its next time, unless a checkpoint comes before that: then that one arms it. */
export function armRetention(ctx: Ctx): void {
  const { config } = ctx;
  if (!hasDeleted(config)) return;
  const every = ms(config.logRetentionCheckIntervalMs);
  const due = every - (ctx.mono() % every);
  if (due > ms(config.replicaHighWatermarkCheckpointIntervalMs)) return;
  ctx.setTimer(RETENTION, 0, micros(due));
}

export function onCleanupTimer(state: LogBrokerState, ctx: Ctx, kind: string): void {
  const { config } = ctx;
  if (kind === RETENTION) {
    armRetention(ctx);
    for (const hosted of state.hosted.values()) retain(state, ctx, hosted);
  } else if (kind === CLEANER) {
    ctx.setTimer(CLEANER, 0, ms(config.logCleanerBackoffMs));
    for (const hosted of state.hosted.values()) clean(state, ctx, hosted);
  }
}

function retain(state: LogBrokerState, ctx: Ctx, hosted: Hosted): void {
  const { cleanup } = hosted;
  if (cleanup === null || !cleanup.deletes) return;
  feed(state, ctx, hosted, { type: 'retain', cleanup, wallMicros: ctx.wall() });
}

function clean(state: LogBrokerState, ctx: Ctx, hosted: Hosted): void {
  const { cleanup, partition } = hosted;
  if (cleanup === null || !cleanup.compacts) return;
  const { log } = hosted.state;
  const before = log.cleanedTo;
  feed(state, ctx, hosted, { type: 'compact', cleanup, wallMicros: ctx.wall() });
  const upTo = log.cleanedTo;
  if (upTo === before) return;
  const batches = log.read(log.start, upTo, Infinity);
  ctx.write({ type: 'compact', partition, upTo, batches } satisfies LogBrokerRecord);
  state.isDirty = true;
}

/** A topic that is compacted takes no record without a key (INVALID_RECORD). */
export const isInvalid = ({ cleanup }: Hosted, { records }: ProducedBatch): boolean =>
  cleanup !== null && cleanup.compacts && records.some(({ key }) => key === null);
