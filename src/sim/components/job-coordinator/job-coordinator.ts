/**
 * The coordinator of a stream job on one node: it deploys tasks, triggers checkpoints, keeps the
 * newest complete one on its disk, and starts all tasks anew when one has failed.
 *
 * Source: Flink, JobMaster, CheckpointCoordinator, HeartbeatManager
 */
import { streamJob, streamTask } from '../../contracts/stream-job.ts';
import type {
  JobAcknowledge,
  JobAlive,
  JobCancel,
  JobCheckpointAborted,
  JobCheckpointComplete,
  JobDeploy,
  JobHeartbeat,
  JobTrigger,
} from '../../contracts/stream-job.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, NodeIndex, View } from '../../node/behaviour.ts';
import {
  applyCoordinator,
  startCoordinator,
  step,
} from '../../protocols/stream-job/coordinator.ts';
import type {
  Coordinator,
  CoordinatorConfig,
  CoordinatorDisk,
  CoordinatorEffect,
  CoordinatorInput,
  CoordinatorRecord,
} from '../../protocols/stream-job/coordinator.ts';
import { checkJobCoordinator, jobCoordinatorConfig, usesOfCoordinator } from './config.ts';
import type { JobCoordinatorConfig } from './config.ts';
import { jobFacts } from './facts.ts';
import type { JobFact } from './facts.ts';

type Ctx = Context<JobCoordinatorConfig>;

/** A call that is under way. */
interface Asked {
  readonly what: 'deploy' | 'heartbeat';
  readonly place: number;
  readonly attempt: number;
}

export interface JobCoordinatorState {
  readonly job: Coordinator;
  readonly writing: Map<number, CoordinatorRecord>;
  readonly asked: Map<number, Asked>;
  nextTag: number;
  /** When each checkpoint that is under way was triggered. */
  readonly since: Map<number, number>;
  endedMicros: number;
  readonly counts: { completed: number; failed: number; restarts: number; lastMicros: number };
}

export interface JobCoordinatorView extends View {
  readonly component: 'job-coordinator';
  readonly phase: Coordinator['phase'];
  readonly attempt: number;
  readonly checkpoint: number;
  /** Of the oldest checkpoint under way: how many have acknowledged it. */
  readonly underWay: { readonly checkpoint: number; readonly acknowledged: number } | null;
  readonly tasks: number;
}

const tasksOf = (ctx: Ctx): readonly NodeIndex[] => [
  ...ctx.members('sources'),
  ...ctx.members('operators'),
  ...ctx.members('sinks'),
];

const configOf = (ctx: Ctx): CoordinatorConfig => ({
  concurrentMax: ctx.config.maxConcurrentCheckpoints,
  tolerableFailures: ctx.config.tolerableFailedCheckpoints,
  tasks: tasksOf(ctx),
});

function start(ctx: Ctx): JobCoordinatorState {
  const state: JobCoordinatorState = {
    job: startCoordinator(ctx.durable as CoordinatorDisk),
    writing: new Map(),
    asked: new Map(),
    nextTag: 1,
    since: new Map(),
    endedMicros: ctx.mono(),
    counts: { completed: 0, failed: 0, restarts: 0, lastMicros: 0 },
  };
  feed(state, ctx, { type: 'begin' });
  return state;
}

function feed(state: JobCoordinatorState, ctx: Ctx, input: CoordinatorInput): void {
  const effects: CoordinatorEffect[] = [];
  step(configOf(ctx), state.job, input, effects);
  for (const effect of effects) perform(state, ctx, effect);
}

function perform(state: JobCoordinatorState, ctx: Ctx, effect: CoordinatorEffect): void {
  const { job } = state;
  const { attempt } = job;
  switch (effect.type) {
    case 'persist': {
      const ticket = state.nextTag++;
      state.writing.set(ticket, effect.record);
      ctx.write(effect.record);
      return ctx.sync(ticket);
    }
    case 'deploy': {
      const checkpoint = job.completed?.checkpoint ?? 0;
      ctx.tell<JobFact>({ type: 'job.deploying', attempt, checkpoint });
      return tasksOf(ctx).forEach((_, place) => deploy(state, ctx, place));
    }
    case 'running':
      return run(state, ctx);
    case 'trigger':
      state.since.set(effect.checkpoint, ctx.mono());
      ctx.setTimer('expire', effect.checkpoint, ms(ctx.config.checkpointTimeoutMs));
      for (const source of ctx.members('sources')) {
        const { checkpoint } = effect;
        ctx.send<JobTrigger>(source, { type: 'job.trigger', attempt, checkpoint });
      }
      return;
    case 'complete':
      return complete(state, ctx, effect.checkpoint);
    case 'expire':
      return expire(state, ctx, effect.checkpoint, effect.missing);
    case 'due':
      return ctx.setTimer('due', 0, ms(ctx.config.minPauseMs));
    case 'fail':
      return fail(state, ctx, effect.place);
  }
}

function deploy(state: JobCoordinatorState, ctx: Ctx, place: number): void {
  const { job } = state;
  const { attempt } = job;
  const groups = [ctx.members('sources'), ctx.members('operators'), ctx.members('sinks')];
  const task = tasksOf(ctx)[place];
  if (task === undefined) return;
  const at = groups.findIndex((group) => group.includes(task));
  const request: JobDeploy = {
    type: 'job.deploy',
    attempt,
    index: groups[at]?.indexOf(task) ?? 0,
    parallelism: groups[at]?.length ?? 1,
    inputs: groups[at - 1] ?? [],
    outputs: groups[at + 1] ?? [],
    mode: ctx.config.mode,
    unaligned: ctx.config.unaligned,
    snapshot: job.completed?.snapshots[place] ?? null,
  };
  const tag = state.nextTag++;
  state.asked.set(tag, { what: 'deploy', place, attempt });
  ctx.call<JobDeploy>(task, request, { timeout: ms(ctx.config.heartbeatTimeoutMs), tag });
}

function run({ job }: JobCoordinatorState, ctx: Ctx): void {
  const { checkpointIntervalMs, heartbeatIntervalMs } = ctx.config;
  ctx.tell<JobFact>({ type: 'job.running', attempt: job.attempt });
  ctx.setTimer('heartbeat', 0, ms(heartbeatIntervalMs));
  if (checkpointIntervalMs > 0) ctx.setTimer('checkpoint', 0, ms(checkpointIntervalMs));
}

function complete(state: JobCoordinatorState, ctx: Ctx, checkpoint: number): void {
  const { attempt } = state.job;
  ctx.cancelTimer('expire', checkpoint);
  const durationMicros = ctx.mono() - (state.since.get(checkpoint) ?? ctx.mono());
  for (const older of [...state.since.keys()]) if (older <= checkpoint) state.since.delete(older);
  state.endedMicros = ctx.mono();
  state.counts.completed += 1;
  state.counts.lastMicros = durationMicros;
  ctx.tell<JobFact>({ type: 'checkpoint.completed', checkpoint, durationMicros });
  const notice: JobCheckpointComplete = { type: 'job.checkpoint-complete', attempt, checkpoint };
  for (const task of tasksOf(ctx)) ctx.send<JobCheckpointComplete>(task, notice);
}

function expire(
  state: JobCoordinatorState,
  ctx: Ctx,
  checkpoint: number,
  missing: readonly number[],
): void {
  const { attempt } = state.job;
  state.since.delete(checkpoint);
  state.endedMicros = ctx.mono();
  state.counts.failed += 1;
  const tasks = tasksOf(ctx);
  const nodes = missing.map((place) => tasks[place] ?? -1).filter((node) => node >= 0);
  ctx.tell<JobFact>({ type: 'checkpoint.expired', checkpoint, missing: nodes });
  const notice: JobCheckpointAborted = { type: 'job.checkpoint-aborted', attempt, checkpoint };
  for (const task of tasks) ctx.send<JobCheckpointAborted>(task, notice);
}

function fail(state: JobCoordinatorState, ctx: Ctx, place: number | null): void {
  const { attempt } = state.job;
  const tasks = tasksOf(ctx);
  const task = place === null ? null : (tasks[place] ?? null);
  ctx.tell<JobFact>({ type: 'job.failed', attempt, task });
  state.counts.restarts += 1;
  state.since.clear();
  for (const kind of ['heartbeat', 'checkpoint', 'due']) ctx.cancelTimer(kind, 0);
  for (const one of tasks) ctx.send<JobCancel>(one, { type: 'job.cancel', attempt });
  ctx.setTimer('restart', 0, ms(ctx.config.restartDelayMs));
}

function trigger(state: JobCoordinatorState, ctx: Ctx): void {
  const { minPauseMs } = ctx.config;
  const pauseMicros = state.endedMicros + ms(minPauseMs) - ctx.mono();
  if (state.counts.completed + state.counts.failed > 0 && pauseMicros > 0) {
    return ctx.setTimer('due', 0, ms(pauseMicros / 1_000));
  }
  feed(state, ctx, { type: 'tick' });
}

function heartbeat(state: JobCoordinatorState, ctx: Ctx): void {
  const { job } = state;
  const { heartbeatTimeoutMs, heartbeatIntervalMs } = ctx.config;
  if (job.phase !== 'running') return;
  const { attempt } = job;
  tasksOf(ctx).forEach((task, place) => {
    const tag = state.nextTag++;
    state.asked.set(tag, { what: 'heartbeat', place, attempt });
    const options = { timeout: ms(heartbeatTimeoutMs), tag };
    ctx.call<JobHeartbeat>(task, { type: 'job.heartbeat', attempt }, options);
  });
  ctx.setTimer('heartbeat', 0, ms(heartbeatIntervalMs));
}

function onResult(state: JobCoordinatorState, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = state.asked.get(tag);
  state.asked.delete(tag);
  if (asked === undefined || asked.attempt !== state.job.attempt) return;
  const { what, place, attempt } = asked;
  const isOk = result.outcome === 'ok';
  if (what === 'heartbeat') {
    const isAlive = isOk && (result.value as JobAlive).attempt === attempt;
    if (!isAlive) feed(state, ctx, { type: 'failed', place });
    return;
  }
  if (isOk) return feed(state, ctx, { type: 'deployed', place, attempt });
  ctx.setTimer('deploy', place, ms(ctx.config.deployRetryMs));
}

function onTimer(state: JobCoordinatorState, ctx: Ctx, kind: string, key: number): void {
  switch (kind) {
    case 'restart':
      return feed(state, ctx, { type: 'begin' });
    case 'deploy':
      if (state.job.phase === 'deploying') deploy(state, ctx, key);
      return;
    case 'heartbeat':
      return heartbeat(state, ctx);
    case 'checkpoint':
      ctx.setTimer('checkpoint', 0, ms(ctx.config.checkpointIntervalMs));
      return trigger(state, ctx);
    case 'due':
      return trigger(state, ctx);
    case 'expire':
      return feed(state, ctx, { type: 'expired', checkpoint: key });
  }
}

function onAcknowledge(
  state: JobCoordinatorState,
  ctx: Ctx,
  { attempt, checkpoint, snapshot }: JobAcknowledge,
  from: NodeIndex,
): void {
  const place = tasksOf(ctx).indexOf(from);
  if (place < 0) return;
  feed(state, ctx, { type: 'acknowledged', place, attempt, checkpoint, snapshot });
}

const cloned = ({ attempt, completed }: CoordinatorDisk): CoordinatorDisk => ({
  attempt,
  completed,
});

export const jobCoordinator = defineBehaviour<
  JobCoordinatorState,
  JobCoordinatorConfig,
  JobAcknowledge,
  JobCoordinatorView,
  JobFact,
  CoordinatorDisk,
  CoordinatorRecord
>({
  component: 'job-coordinator',
  about: 'Deploys the tasks of a stream job, checkpoints them, and restarts them from there.',
  source: 'Flink, JobMaster and CheckpointCoordinator',
  leavesOut: [
    'A store of checkpoints apart from it: snapshots are on its disk.',
    'Restarts of a part of the job: all tasks start anew.',
    'A limit to attempts: it tries for ever.',
    'Savepoints, and another parallelism after a restart.',
  ],
  badge: 'JM',
  countMax: 1,
  serves: [streamJob],
  links: {
    sources: { about: 'Tasks that read the events.', contract: streamTask },
    operators: { about: 'Tasks that make windows of them.', contract: streamTask },
    sinks: { about: 'Tasks that write the results.', contract: streamTask },
  },
  config: jobCoordinatorConfig,
  check: checkJobCoordinator,
  usage: { uses: usesOfCoordinator },
  facts: jobFacts,
  roleNames: { coordinator: 'Keeps the job running.' },
  durable: {
    empty: () => ({ attempt: 0, completed: null }),
    apply: applyCoordinator,
    save: cloned,
    restore: (image) => cloned(image as CoordinatorDisk),
  },
  start,
  on: {
    'job.acknowledge': (state, ctx, message, from) => onAcknowledge(state, ctx, message, from),
  },
  onTimer,
  onResult,
  onSynced(state, ctx, ticket) {
    const record = state.writing.get(ticket);
    if (record === undefined) return;
    state.writing.delete(ticket);
    feed(state, ctx, { type: 'durable', record });
  },
  gauges: [
    {
      kind: 'count',
      title: 'Checkpoints',
      about: 'Checkpoints that were completed.',
      of: ({ counts }) => counts.completed,
    },
    {
      kind: 'count',
      title: 'Failed checkpoints',
      about: 'Checkpoints that were not complete in time.',
      of: ({ counts }) => counts.failed,
    },
    {
      kind: 'count',
      title: 'Restarts',
      about: 'How often the job was started anew.',
      of: ({ counts }) => counts.restarts,
    },
    {
      kind: 'level',
      title: 'Checkpoint duration',
      about: 'How long the newest checkpoint took, from its trigger on.',
      unit: 'ms',
      of: ({ counts }) => counts.lastMicros / 1_000,
    },
  ],
  roles: () => ['coordinator'],
  view({ job, counts }) {
    const [oldest] = job.pending;
    const checkpoint = job.completed?.checkpoint ?? 0;
    const tasks = job.completed?.snapshots.length ?? job.deployed.size;
    return {
      component: 'job-coordinator',
      phase: job.phase,
      attempt: job.attempt,
      checkpoint,
      underWay:
        oldest === undefined
          ? null
          : { checkpoint: oldest.checkpoint, acknowledged: oldest.snapshots.size },
      tasks: Math.max(tasks, job.deployed.size),
      fields: [
        { label: 'Job', value: job.phase },
        { label: 'Attempt', value: job.attempt },
        { label: 'Completed checkpoint', value: checkpoint },
        { label: 'Checkpoints', value: counts.completed },
        { label: 'Failed checkpoints', value: counts.failed },
        { label: 'Restarts', value: counts.restarts },
      ],
    };
  },
});
