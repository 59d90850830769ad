/**
 * A task of a stream job: it reads events from a log, makes windows of them, or writes the results
 * to a store, in each attempt of the job with what the coordinator gives it.
 *
 * Invariants: it keeps nothing beyond its attempt but what a checkpoint has of it; it talks to
 * tasks of its own attempt only.
 *
 * Source: Flink, StreamTask and its subclasses
 */
import type {
  JobAlive,
  JobCheckpointComplete,
  JobDeploy,
  JobDeployed,
  JobTrigger,
  TaskMessage,
} from '../../contracts/stream-job.ts';
import { streamTask as contract } from '../../contracts/stream-job.ts';
import { eventLog } from '../../contracts/event-log.ts';
import { results } from '../../contracts/results.ts';
import { stream } from '../../contracts/stream.ts';
import type { StreamBarrier, StreamPush } from '../../contracts/stream.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, NodeIndex } from '../../node/behaviour.ts';
import { startGate } from '../../protocols/stream-job/gate.ts';
import { startOutputs } from '../../protocols/stream-job/outputs.ts';
import { streamRules } from '../../protocols/stream-job/rules.ts';
import type { StreamAblation } from '../../protocols/stream-job/rules.ts';
import { checkpointComplete, startSink } from '../../protocols/stream-job/sink.ts';
import { startWindowing } from '../../protocols/stream-job/windowing.ts';
import { beginCapture, forgetCheckpoint, takeSnapshot } from './checkpointing.ts';
import { checkStreamTask, streamTaskConfig } from './config.ts';
import type { StreamTaskConfig } from './config.ts';
import { streamTaskFacts } from './facts.ts';
import type { StreamTaskFact } from './facts.ts';
import { describe, described, fetchAll, fetched, onWatermarkTimer } from './reading.ts';
import { barrierSent, flush, push, pushed, sendBarrier } from './sending.ts';
import { streamRuleNeeds } from './rule-needs.ts';
import { sinkConfigOf } from './settings.ts';
import type { Ctx, StreamTaskState, TaskRun } from './state.ts';
import { gaugesOfTask, viewOfTask } from './view.ts';
import type { StreamTaskView } from './view.ts';
import { askStore, onBarrier, onPush, onWorked, pump, storeAnswered } from './working.ts';

const start = (ctx: Ctx): StreamTaskState => ({
  rules: streamRules(ctx.ablations),
  run: null,
  newest: 0,
  asked: new Map(),
  nextTag: 1,
  counts: { records: 0, rows: 0, late: 0, lost: 0, checkpoint: 0, inFlight: 0 },
});

function onDeploy(
  state: StreamTaskState,
  ctx: Ctx,
  message: JobDeploy,
  coordinator: NodeIndex,
  call: CallRef,
): void {
  const { attempt } = message;
  // One that comes again, or from the past, changes nothing.
  if (attempt > state.newest) deploy(state, ctx, message, coordinator);
  const { run } = state;
  if (run !== null && ctx.config.role === 'source' && run.splits === null) {
    run.deployCall = call;
    return;
  }
  ctx.reply<JobDeployed>(call, { type: 'job.deployed', attempt });
}

function deploy(
  state: StreamTaskState,
  ctx: Ctx,
  { attempt, index, parallelism, inputs, outputs, mode, unaligned, snapshot }: JobDeploy,
  coordinator: NodeIndex,
): void {
  const { role } = ctx.config;
  const own = snapshot?.own ?? null;
  const writer = { sink: index, attempt };
  const run: TaskRun = {
    attempt,
    coordinator,
    index,
    parallelism,
    inputs,
    outputTasks: outputs,
    isAligned: mode === 'EXACTLY_ONCE' && state.rules.alignBarriers,
    isUnaligned: unaligned,
    snapshot,
    gate: startGate(inputs.length, snapshot?.inputs ?? []),
    outputs: startOutputs(outputs.length, snapshot?.outputs ?? []),
    splits: null,
    windowing: role === 'window' ? startWindowing(inputs.length, own) : null,
    sink: role === 'sink' ? startSink(sinkConfigOf(state, ctx), writer, own) : null,
    parked: new Map(),
    busyPlace: -1,
    fetching: new Set(),
    deployCall: null,
    part: null,
    barriers: new Map(),
  };
  state.run = run;
  state.newest = attempt;
  if (role === 'source') describe(state, run, ctx);
  askStore(state, run, ctx);
  flush(state, run, ctx);
  pump(state, run, ctx);
}

/** What its run does when a message is of that run. */
const inRun =
  <M extends { readonly attempt: number }>(
    does: (state: StreamTaskState, run: TaskRun, ctx: Ctx, message: M) => void,
  ) =>
  (state: StreamTaskState, ctx: Ctx, message: M): void => {
    if (state.run?.attempt === message.attempt) does(state, state.run, ctx, message);
  };

const answeredInRun =
  <M extends { readonly attempt: number }>(
    does: (
      state: StreamTaskState,
      run: TaskRun,
      ctx: Ctx,
      message: M,
      from: NodeIndex,
      call: CallRef,
    ) => void,
  ) =>
  (state: StreamTaskState, ctx: Ctx, message: M, from: NodeIndex, call: CallRef): void => {
    const { run } = state;
    const isOurs = run?.attempt === message.attempt && run.inputs.includes(from);
    if (isOurs) does(state, run, ctx, message, from, call);
    else ctx.refuse(call, 'not-deployed');
  };

function onTrigger(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  { checkpoint }: JobTrigger,
): void {
  if (run.splits === null) return;
  if (run.isUnaligned) beginCapture(state, run, ctx, checkpoint);
  else takeSnapshot(state, run, ctx, checkpoint);
}

function onComplete(
  state: StreamTaskState,
  run: TaskRun,
  ctx: Ctx,
  { checkpoint }: JobCheckpointComplete,
): void {
  if (run.sink === null) return;
  checkpointComplete(run.sink, checkpoint);
  askStore(state, run, ctx);
}

function onTimer(state: StreamTaskState, ctx: Ctx, kind: string, key: number): void {
  const { run } = state;
  if (run === null) return;
  switch (kind) {
    case 'push':
      return push(state, run, ctx, key);
    case 'barrier':
      return sendBarrier(state, run, ctx, key);
    case 'describe':
      if (run.splits === null) describe(state, run, ctx);
      return;
    case 'fetch':
      return fetchAll(state, run, ctx);
    case 'watermark':
      return onWatermarkTimer(state, run, ctx);
    case 'store':
      return askStore(state, run, ctx);
  }
}

function onResult(state: StreamTaskState, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = state.asked.get(tag);
  state.asked.delete(tag);
  const { run } = state;
  if (asked === undefined || run?.attempt !== asked.attempt) return;
  const { of } = asked;
  switch (of.what) {
    case 'push':
      pushed(state, run, ctx, of.place, result);
      // There may be room again.
      pump(state, run, ctx);
      return fetchAll(state, run, ctx);
    case 'barrier':
      return barrierSent(run, ctx, of.place, of.barrier, result);
    case 'describe':
      return described(state, run, ctx, result);
    case 'fetch':
      return fetched(state, run, ctx, of.partition, result);
    case 'results':
      return storeAnswered(state, run, ctx, result);
  }
}

const RULES: readonly StreamAblation[] = [
  'stream.watermark-minimum',
  'stream.idle-excluded',
  'stream.align-barriers',
  'stream.in-flight-in-snapshot',
  'stream.restore-offsets-with-state',
  'stream.commit-on-complete',
  'stream.commit-on-restore',
];

export const streamTask = defineBehaviour<
  StreamTaskState,
  StreamTaskConfig,
  TaskMessage | StreamPush | StreamBarrier,
  StreamTaskView,
  StreamTaskFact
>({
  component: 'stream-task',
  about: 'A source, a window operator or a sink of a stream job.',
  source: 'Flink, StreamTask; Carbone et al., Apache Flink (2015)',
  leavesOut: [
    'Several operators in a row, joins, and timers of users.',
    'State that does not fit into memory, and snapshots that are written while work goes on.',
    'Slots and machines: each task has a node of its own.',
  ],
  badge: 'ST',
  serves: [contract, stream],
  links: {
    log: { about: 'Of a source: what it reads.', contract: eventLog, optional: true },
    store: { about: 'Of a sink: where it writes.', contract: results, optional: true },
  },
  config: streamTaskConfig,
  facts: streamTaskFacts,
  // It does what its coordinator says, and its partners what it is there for.
  usage: { uses: () => [], idle: { noun: 'task' } },
  rules: RULES,
  ruleNeeds: streamRuleNeeds,
  roleNames: {
    source: 'Reads events.',
    window: 'Makes windows of them.',
    sink: 'Writes the results.',
    waiting: 'Is not deployed.',
  },
  check: checkStreamTask,
  start,
  on: {
    'job.deploy': onDeploy,
    'job.cancel': inRun((state) => {
      state.run = null;
    }),
    'job.trigger': inRun(onTrigger),
    'job.checkpoint-complete': inRun(onComplete),
    'job.checkpoint-aborted': inRun((state, run, ctx, { checkpoint }) => {
      forgetCheckpoint(run, checkpoint);
      pump(state, run, ctx);
    }),
    'job.heartbeat': (state, ctx, _message, _from, call) =>
      ctx.reply<JobAlive>(call, { type: 'job.alive', attempt: state.run?.attempt ?? 0 }),
    'stream.push': answeredInRun(onPush),
    'stream.barrier': answeredInRun(onBarrier),
  },
  onTimer,
  onResult,
  onWorked(state, ctx, attempt) {
    if (state.run?.attempt === attempt) onWorked(state, state.run, ctx);
  },
  gauges: gaugesOfTask,
  roles: ({ run }) => [
    run === null
      ? 'waiting'
      : run.windowing !== null
        ? 'window'
        : run.sink !== null
          ? 'sink'
          : 'source',
  ],
  view: viewOfTask,
});
