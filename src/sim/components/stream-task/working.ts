/** A task with inputs: takes what comes, works on it in its order, and hands the results on. */
import type { ResultsMessage, ResultRow } from '../../contracts/results.ts';
import type {
  StreamElement,
  StreamPush,
  StreamTaken,
  StreamBarrier,
} from '../../contracts/stream.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef, CallResult, NodeIndex } from '../../node/behaviour.ts';
import {
  drop,
  overtake,
  passBarrier,
  peek,
  take,
  waitingAt,
} from '../../protocols/stream-job/gate.ts';
import { answered, nextRequest, notAnswered, writeRow } from '../../protocols/stream-job/sink.ts';
import { work } from '../../protocols/stream-job/windowing.ts';
import { beginCapture, endCapture, takeSnapshot } from './checkpointing.ts';
import { emit, isFull } from './sending.ts';
import { sinkConfigOf, windowingConfigOf } from './settings.ts';
import type { Ctx, StreamTaskState, TaskRun } from './state.ts';
import { tagOf } from './state.ts';
import type { StreamTaskFact } from './facts.ts';

export function onPush(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  { first, elements }: StreamPush,
  from: NodeIndex,
  call: CallRef,
): void {
  const place = run.inputs.indexOf(from);
  take(run.gate, place, first, elements);
  run.parked.set(place, call);
  endCapture(state, run, ctx);
  pump(state, run, ctx);
  makeRoom(run, ctx, place);
}

/** Says that it is taken once there is room for more: until then, nobody sends. */
function makeRoom(run: TaskRun, ctx: Ctx, place: number): void {
  const call = run.parked.get(place);
  if (call === undefined || waitingAt(run.gate, place) >= ctx.config.bufferMax) return;
  run.parked.delete(place);
  const next = run.gate.inputs[place]?.next ?? 0;
  ctx.reply<StreamTaken>(call, { type: 'stream.taken', next });
}

export function onBarrier(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  { checkpoint, before }: StreamBarrier,
  from: NodeIndex,
  call: CallRef,
): void {
  const place = run.inputs.indexOf(from);
  if (overtake(run.gate, place, checkpoint, before)) {
    run.part = null;
    beginCapture(state, run, ctx, checkpoint);
  } else endCapture(state, run, ctx);
  ctx.reply<StreamTaken>(call, { type: 'stream.taken', next: before });
  pump(state, run, ctx);
}

const isStopped = (run: TaskRun, ctx: Ctx): boolean =>
  run.busyPlace >= 0 || isFull(run, ctx) || (run.sink !== null && isSinkStopped(run.sink, ctx));

function isSinkStopped({ flushing, requests }: NonNullable<TaskRun['sink']>, ctx: Ctx): boolean {
  const rows = requests.reduce((sum, one) => sum + ('rows' in one ? one.rows.length : 0), 0);
  return flushing !== null || rows >= ctx.config.bufferMax;
}

/** Works on what has come, as far as it may. */
export function pump(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  while (!isStopped(run, ctx)) {
    const head = peek(run, run.gate);
    if (head === null) return;
    const { place, element } = head;
    if (element.kind === 'record' && ctx.config.recordMs > 0) {
      run.busyPlace = place;
      return ctx.work(ms(ctx.config.recordMs), run.attempt);
    }
    end(state, run, ctx, place, element);
  }
}

export function onWorked(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  const { busyPlace: place } = run;
  const element = run.gate.inputs[place]?.waiting[0]?.element;
  run.busyPlace = -1;
  if (element !== undefined) end(state, run, ctx, place, element);
  pump(state, run, ctx);
}

function end(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  place: number,
  element: StreamElement,
): void {
  drop(run.gate, place);
  if (element.kind === 'barrier') {
    const { checkpoint } = element;
    if (passBarrier(run, run.gate, place, checkpoint)) takeSnapshot(state, run, ctx, checkpoint);
  } else if (run.windowing !== null) count(state, run, ctx, place, element);
  else if (run.sink !== null) write(state, run, ctx, element);
  makeRoom(run, ctx, place);
}

function count(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  place: number,
  element: StreamElement,
): void {
  const { windowing } = run;
  if (windowing === null) return;
  if (element.kind === 'record') state.counts.records += 1;
  const { out, late } = work(windowingConfigOf(state, ctx), windowing, place, element);
  if (late !== null) {
    state.counts.late += 1;
    const { id, at } = late;
    const watermark = windowing.panes.clock;
    ctx.tell<StreamTaskFact>({ type: 'stream.late', id, at, watermark });
  }
  for (const one of out) {
    if (one.kind !== 'row') continue;
    const { key, start, end: until, sum, isUpdate } = one.row;
    state.counts.rows += 1;
    ctx.tell<StreamTaskFact>({ type: 'stream.fired', key, start, end: until, sum, isUpdate });
  }
  emit(state, run, ctx, out);
}

function rowOf(element: StreamElement): ResultRow | null {
  if (element.kind === 'row') return { kind: 'row', row: element.row };
  return element.kind === 'late' ? { kind: 'late', event: element.event } : null;
}

function write(state: StreamTaskState, run: TaskRun, ctx: Ctx, element: StreamElement): void {
  const row = rowOf(element);
  if (row === null || run.sink === null) return;
  state.counts.rows += 1;
  writeRow(sinkConfigOf(state, ctx), run.sink, row);
  askStore(state, run, ctx);
}

export function askStore(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  const [store] = ctx.members('store');
  const { sink } = run;
  if (sink === null || store === undefined) return;
  const request = nextRequest(sink);
  if (request === null) return;
  const options = {
    timeout: ms(ctx.config.timeoutMs),
    tag: tagOf(state, run, { what: 'results' }),
  };
  ctx.call<ResultsMessage>(store, request, options);
}

/** What the store says to this definitely. */
const REFUSED = ['transaction-aborted', 'producer-fenced'];

export function storeAnswered(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  result: CallResult,
): void {
  const { sink } = run;
  if (sink === null) return;
  const isDone = result.outcome === 'ok';
  if (!isDone && !REFUSED.includes(result.error.code)) {
    notAnswered(sink);
    return ctx.setTimer('store', 0, ms(ctx.config.retryMs));
  }
  const lost = answered(sink, isDone);
  if (lost !== null) {
    state.counts.lost += 1;
    ctx.tell<StreamTaskFact>({ type: 'stream.transaction-lost', id: lost });
  }
  const { flushing } = sink;
  if (flushing !== null && run.isUnaligned) beginCapture(state, run, ctx, flushing);
  else if (flushing !== null) takeSnapshot(state, run, ctx, flushing);
  askStore(state, run, ctx);
  pump(state, run, ctx);
}
