/**
 * The producer of a processor: one for the process, or, before KIP-447, one for the partition that
 * it has been given, whose transactional id goes with the partition.
 */
import { micros } from '../../kernel/time.ts';
import { recordAt } from '../../contracts/record-batch.ts';
import type { LogRecord } from '../../contracts/record-batch.ts';
import { askMetadata } from '../../traffic/log-metadata.ts';
import type { ReadRun } from '../../traffic/log-reader/read-run.ts';
import { accept } from '../../traffic/log-writer/accumulator.ts';
import type { LogWriter } from '../../traffic/log-writer/state.ts';
import { advance } from '../../traffic/log-writer/transactions.ts';
import { initProducer, newWriter } from '../../traffic/log-writer/writer.ts';
import { isExactlyOnce } from './config.ts';
import { writerCtx } from './state.ts';
import type { Ctx, LogProcessorState } from './state.ts';

/** The channel of what came of which record. */
export const RECORD_DERIVED = 'record.derived';

/** A record of a partition, and the value of what was written for it. */
export interface DerivedRecord {
  readonly group: string;
  readonly partition: number;
  readonly offset: number;
  readonly value: number;
}

/** Null: it needs no producer now. */
function idOf(state: LogProcessorState, ctx: Ctx): string | null {
  const { applicationId, processingGuarantee } = ctx.config;
  if (processingGuarantee !== 'exactly_once') {
    return `${applicationId}-${ctx.members('peers').indexOf(ctx.self)}`;
  }
  const [track] = state.reader.tracks;
  return track === undefined ? null : `${applicationId}-0_${track.partition}`;
}

/** Begins anew: what was under way is nobody's any more, and its answers are not waited for. */
export function renewWriter(state: LogProcessorState, ctx: Ctx): void {
  const old = state.writer;
  const id = idOf(state, ctx);
  state.failedBefore = 0;
  state.committedBefore = 0;
  if (id === null) {
    state.writer = null;
    return;
  }
  const wctx = writerCtx(state, ctx);
  const writer = newWriter(wctx, isExactlyOnce(ctx.config) ? id : null);
  writer.nextTag = Math.max(writer.nextTag, old?.nextTag ?? 0);
  state.writer = writer;
  askMetadata(writer.meta, wctx);
  if (writer.transaction === null) initProducer(wctx);
  else wctx.setTimer('transaction-retry', 0, micros(0));
}

/** A producer for each partition comes and goes with it. */
export function followPartitions(state: LogProcessorState, ctx: Ctx): void {
  if (ctx.config.processingGuarantee !== 'exactly_once') return;
  const { transaction = null } = state.writer ?? {};
  // What it has asked the coordinator would be answered to the next one.
  const isAsking = transaction?.asked !== null && transaction !== null;
  if (!isAsking && idOf(state, ctx) !== (transaction?.id ?? null)) renewWriter(state, ctx);
}

/** Whether it may write. */
export const isReady = (state: LogProcessorState, ctx: Ctx, of: LogWriter): boolean => {
  const { lanes, producerId, transaction } = of;
  if (transaction !== null && transaction.id !== idOf(state, ctx)) return false;
  return (
    lanes.length > 0 && producerId >= 0 && (transaction === null || transaction.phase === 'ready')
  );
};

/** For each record one with its key, and a value of its own. */
export function derive(
  state: LogProcessorState,
  ctx: Ctx,
  { partition, batch }: ReadRun,
  from: number,
  to: number,
): void {
  const { writer } = state;
  if (writer === null) return;
  const wctx = writerCtx(state, ctx);
  const { applicationId: group, processingGuarantee } = ctx.config;
  const commitsAfter = processingGuarantee !== 'at_most_once';
  let isFull = false;
  for (let offset = from; offset < to; offset++) {
    const input = recordAt(batch, offset);
    if (input === undefined) continue;
    const value = ctx.unique();
    const record: LogRecord = { key: input.key, value };
    const derived: DerivedRecord = { group, partition, offset, value };
    ctx.probe(RECORD_DERIVED, derived);
    if (accept(writer, wctx, record, value)) isFull = true;
    state.outputs += 1;
    if (commitsAfter) state.pending += 1;
  }
  if (isFull) advance(writer, wctx);
}
