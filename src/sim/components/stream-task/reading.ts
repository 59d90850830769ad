/** A source: reads its partitions, and tells how far they are. */
import type {
  EventLogDescribe,
  EventLogDescription,
  EventLogFetch,
  EventLogPage,
} from '../../contracts/event-log.ts';
import type { JobDeployed } from '../../contracts/stream-job.ts';
import type { StreamElement } from '../../contracts/stream.ts';
import { ms } from '../../kernel/time.ts';
import type { CallResult } from '../../node/behaviour.ts';
import {
  findIdle,
  newStatus,
  newWatermark,
  readEvents,
  startSplits,
} from '../../protocols/stream-job/splits.ts';
import { emit, isFull } from './sending.ts';
import { splitsConfigOf } from './settings.ts';
import type { Ctx, StreamTaskState, TaskRun } from './state.ts';
import { tagOf } from './state.ts';
import type { StreamTaskFact } from './facts.ts';

/** First it has to know which partitions there are. */
export function describe(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  const [log] = ctx.members('log');
  if (log === undefined) return;
  const options = {
    timeout: ms(ctx.config.timeoutMs),
    tag: tagOf(state, run, { what: 'describe' }),
  };
  ctx.call<EventLogDescribe>(log, { type: 'event-log.describe' }, options);
}

export function described(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  result: CallResult,
): void {
  if (run.splits !== null) return;
  if (result.outcome !== 'ok') return ctx.setTimer('describe', 0, ms(ctx.config.retryMs));
  const { partitions: count } = result.value as EventLogDescription;
  const own = Array.from({ length: count }, (_, i) => i).filter(
    (partition) => partition % run.parallelism === run.index,
  );
  run.splits = startSplits(splitsConfigOf(state, ctx), own, run.snapshot?.own ?? null, ctx.mono());
  const { deployCall, attempt } = run;
  if (deployCall !== null) {
    ctx.reply<JobDeployed>(deployCall, { type: 'job.deployed', attempt });
  }
  ctx.setTimer('watermark', 0, ms(ctx.config.autoWatermarkIntervalMs));
  fetchAll(state, run, ctx);
}

/** Nothing is read while the outputs are full. */
export function fetchAll(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  const [log] = ctx.members('log');
  if (run.splits === null || log === undefined || isFull(run, ctx)) return;
  const { maxPollRecords: max, bounded: isBounded, timeoutMs } = ctx.config;
  for (const { partition, offset, isEnd } of run.splits.all) {
    if (isEnd || run.fetching.has(partition)) continue;
    run.fetching.add(partition);
    const request: EventLogFetch = { type: 'event-log.fetch', partition, offset, max, isBounded };
    const tag = tagOf(state, run, { what: 'fetch', partition });
    ctx.call<EventLogFetch>(log, request, { timeout: ms(timeoutMs), tag });
  }
}

export function fetched(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  partition: number,
  result: CallResult,
): void {
  const { splits } = run;
  run.fetching.delete(partition);
  if (splits === null) return;
  if (result.outcome !== 'ok') {
    // A log that has nothing to say is silent, too: then it is asked again.
    return ctx.setTimer('fetch', 0, ms(ctx.config.retryMs));
  }
  const page = result.value as EventLogPage;
  const config = splitsConfigOf(state, ctx);
  const wasIdle = readEvents(splits, partition, page, ctx.mono());
  if (wasIdle) ctx.tell<StreamTaskFact>({ type: 'stream.active', partition });
  const status = newStatus(config, splits);
  const out: StreamElement[] = status === null ? [] : [{ kind: 'status', isIdle: status }];
  for (const event of page.events) out.push({ kind: 'record', event });
  state.counts.records += page.events.length;
  emit(state, run, ctx, out);
  fetchAll(state, run, ctx);
}

export function onWatermarkTimer(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  const { splits } = run;
  if (splits === null) return;
  const config = splitsConfigOf(state, ctx);
  for (const partition of findIdle(config, splits, ctx.mono())) {
    ctx.tell<StreamTaskFact>({ type: 'stream.idle', partition });
  }
  const out: StreamElement[] = [];
  const at = newWatermark(config, splits);
  if (at !== null) out.push({ kind: 'watermark', at });
  const isIdle = newStatus(config, splits);
  if (isIdle !== null) out.push({ kind: 'status', isIdle });
  emit(state, run, ctx, out);
  ctx.setTimer('watermark', 0, ms(ctx.config.autoWatermarkIntervalMs));
}
