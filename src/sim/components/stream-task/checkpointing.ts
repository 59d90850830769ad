/** The part of a task in a checkpoint: when its snapshot is taken, and what is in it. */
import type { JobAcknowledge } from '../../contracts/stream-job.ts';
import type { OwnState, TaskSnapshot } from '../../contracts/stream.ts';
import { captured, endCheckpoint } from '../../protocols/stream-job/gate.ts';
import { barrierPlace, unsent } from '../../protocols/stream-job/outputs.ts';
import { snapshotOfSink } from '../../protocols/stream-job/sink.ts';
import { snapshotOfSplits } from '../../protocols/stream-job/splits.ts';
import { snapshotOfWindowing } from '../../protocols/stream-job/windowing.ts';
import { emit, sendBarrier } from './sending.ts';
import type { Ctx, StreamTaskState, TaskRun } from './state.ts';
import { sinkConfigOf } from './settings.ts';

/** Null: a sink has rows that are not with the store yet. */
function ownState(state: StreamTaskState, run: TaskRun, ctx: Ctx, id: number): OwnState | null {
  if (run.splits !== null) return snapshotOfSplits(run.splits);
  if (run.windowing !== null) return snapshotOfWindowing(run.windowing);
  if (run.sink !== null) return snapshotOfSink(sinkConfigOf(state, ctx), run.sink, id);
  return null;
}

/** All barriers have come, or, of a source, it was told to let one go. */
export function takeSnapshot(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  checkpoint: number,
): void {
  const own = ownState(state, run, ctx, checkpoint);
  if (own === null) return;
  emit(state, run, ctx, [{ kind: 'barrier', checkpoint }]);
  acknowledge(state, run, ctx, checkpoint, { own, inputs: [], outputs: [] });
}

/** The first barrier has come, and overtakes whatever is in the channels. */
export function beginCapture(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  checkpoint: number,
): void {
  const own = ownState(state, run, ctx, checkpoint);
  if (own === null) return;
  const outputs = state.rules.inFlightInSnapshot ? unsent(run.outputs) : [];
  run.part = { checkpoint, snapshot: { own, inputs: [], outputs } };
  run.outputTasks.forEach((_, place) => {
    run.barriers.set(place, { checkpoint, before: barrierPlace(run.outputs, place) });
    sendBarrier(state, run, ctx, place);
  });
  if (run.inputs.length === 0) endPart(state, run, ctx, checkpoint, []);
  else endCapture(state, run, ctx);
}

/** Looks whether all that was overtaken is here. */
export function endCapture(state: StreamTaskState, run: TaskRun, ctx: Ctx): void {
  if (run.part === null) return;
  const whole = captured(run.gate);
  if (whole === null) return;
  const inputs = state.rules.inFlightInSnapshot ? whole.inputs : [];
  endPart(state, run, ctx, whole.checkpoint, inputs);
}

function endPart(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  checkpoint: number,
  inputs: TaskSnapshot['inputs'],
): void {
  const { part } = run;
  run.part = null;
  if (part?.checkpoint !== checkpoint) return;
  acknowledge(state, run, ctx, checkpoint, { ...part.snapshot, inputs });
}

function acknowledge(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  checkpoint: number,
  snapshot: TaskSnapshot,
): void {
  const { attempt, coordinator } = run;
  const channels = [...snapshot.inputs, ...snapshot.outputs];
  state.counts.checkpoint = checkpoint;
  state.counts.inFlight = channels.reduce((sum, [, elements]) => sum + elements.length, 0);
  const message: JobAcknowledge = { type: 'job.acknowledge', attempt, checkpoint, snapshot };
  ctx.send<JobAcknowledge>(coordinator, message);
}

/** Nobody waits for it any more. */
export function forgetCheckpoint(run: TaskRun, checkpoint: number): void {
  endCheckpoint(run.gate, checkpoint);
  if (run.part !== null && run.part.checkpoint <= checkpoint) run.part = null;
  for (const [place, barrier] of [...run.barriers]) {
    if (barrier.checkpoint <= checkpoint) run.barriers.delete(place);
  }
  const { sink } = run;
  if (sink !== null && sink.flushing !== null && sink.flushing <= checkpoint) sink.flushing = null;
}
