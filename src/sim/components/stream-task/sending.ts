/** What a task hands to the next: batches that are sent until they are taken, and barriers. */
import type {
  StreamBarrier,
  StreamElement,
  StreamPush,
  StreamTaken,
} from '../../contracts/stream.ts';
import { ms } from '../../kernel/time.ts';
import type { CallResult } from '../../node/behaviour.ts';
import { fullest, nextBatch, notTaken, put, taken } from '../../protocols/stream-job/outputs.ts';
import type { Ctx, OvertakingBarrier, StreamTaskState, TaskRun } from './state.ts';
import { tagOf } from './state.ts';

/** Elements in one message: more follow when it is taken. */
const BATCH_MAX = 100;

export const isFull = (run: TaskRun, ctx: Ctx): boolean =>
  fullest(run.outputs) >= ctx.config.bufferMax;

export function emit(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  elements: readonly StreamElement[],
): void {
  for (const element of elements) put(run.outputs, element);
  if (elements.length > 0) flush(state, run, ctx);
}

export function flush(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  run.outputTasks.forEach((_, place) => push(state, run, ctx, place));
}

export function push(state: StreamTaskState, run: TaskRun, ctx: Ctx, place: number): void {
  const task = run.outputTasks[place];
  const batch = nextBatch(run.outputs, place, BATCH_MAX);
  if (task === undefined || batch === null) return;
  const request: StreamPush = { type: 'stream.push', attempt: run.attempt, ...batch };
  const options = {
    timeout: ms(ctx.config.timeoutMs),
    tag: tagOf(state, run, { what: 'push', place }),
  };
  ctx.call<StreamPush>(task, request, options);
}

export function pushed(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  place: number,
  result: CallResult,
): void {
  if (result.outcome === 'ok') {
    taken(run.outputs, place, (result.value as StreamTaken).next);
    return push(state, run, ctx, place);
  }
  notTaken(run.outputs, place);
  ctx.setTimer('push', place, ms(ctx.config.retryMs));
}

/** A barrier that does not wait behind what is sent. */
export function sendBarrier(state: StreamTaskState, run: TaskRun, ctx: Ctx, place: number): void {
  const task = run.outputTasks[place];
  const barrier = run.barriers.get(place);
  if (task === undefined || barrier === undefined) return;
  const { attempt } = run;
  const request: StreamBarrier = { type: 'stream.barrier', attempt, ...barrier };
  const options = {
    timeout: ms(ctx.config.timeoutMs),
    tag: tagOf(state, run, { what: 'barrier', place, barrier }),
  };
  ctx.call<StreamBarrier>(task, request, options);
}

export function barrierSent(
  run: TaskRun,
  ctx: Ctx,
  place: number,
  { checkpoint }: OvertakingBarrier,
  result: CallResult,
): void {
  if (run.barriers.get(place)?.checkpoint !== checkpoint) return;
  if (result.outcome === 'ok') run.barriers.delete(place);
  else ctx.setTimer('barrier', place, ms(ctx.config.retryMs));
}
