/**
 * The coordinator of a stream job: deploys its tasks, has them take checkpoints, and starts them
 * all anew from the last complete one when one of them fails.
 *
 * Invariants: a checkpoint is complete when every task has acknowledged it and it is on disk; tasks
 * are told so only then, and a restart begins from the newest such checkpoint; no attempt number
 * is given twice.
 *
 * Source: Flink, CheckpointCoordinator, CheckpointFailureManager, fixed-delay restart strategy
 */
import type { TaskSnapshot } from '../../contracts/stream.ts';

export interface CoordinatorConfig {
  /** execution.checkpointing.max-concurrent-checkpoints */
  readonly concurrentMax: number;
  /** execution.checkpointing.tolerable-failed-checkpoints */
  readonly tolerableFailures: number;
  /** Nodes, sources first. */
  readonly tasks: readonly number[];
}

export interface CompletedCheckpoint {
  readonly checkpoint: number;
  /** By place in `tasks`. */
  readonly snapshots: readonly TaskSnapshot[];
}

export type CoordinatorRecord =
  | { readonly type: 'attempt'; readonly attempt: number }
  | { readonly type: 'checkpoint'; readonly completed: CompletedCheckpoint };

export interface CoordinatorDisk {
  attempt: number;
  completed: CompletedCheckpoint | null;
}

export function applyCoordinator(disk: CoordinatorDisk, record: CoordinatorRecord): void {
  if (record.type === 'attempt') disk.attempt = record.attempt;
  else disk.completed = record.completed;
}

interface Pending {
  readonly checkpoint: number;
  readonly snapshots: Map<number, TaskSnapshot>;
  /** All have acknowledged, and it is being written. */
  isWriting: boolean;
}

export interface Coordinator {
  phase: 'waiting' | 'deploying' | 'running';
  attempt: number;
  /** Places of tasks that run in this attempt. */
  readonly deployed: Set<number>;
  pending: Pending[];
  nextCheckpoint: number;
  completed: CompletedCheckpoint | null;
  /** One after the other, since the last that was completed. */
  failures: number;
  /** One was due when it was not possible. */
  isDue: boolean;
}

export type CoordinatorInput =
  /** The attempt is on disk, or the pause before it is over. */
  | { readonly type: 'begin' }
  | { readonly type: 'durable'; readonly record: CoordinatorRecord }
  | { readonly type: 'deployed'; readonly place: number; readonly attempt: number }
  | { readonly type: 'tick' }
  | {
      readonly type: 'acknowledged';
      readonly place: number;
      readonly attempt: number;
      readonly checkpoint: number;
      readonly snapshot: TaskSnapshot;
    }
  | { readonly type: 'expired'; readonly checkpoint: number }
  | { readonly type: 'failed'; readonly place: number };

export type CoordinatorEffect =
  | { readonly type: 'persist'; readonly record: CoordinatorRecord }
  | { readonly type: 'deploy' }
  | { readonly type: 'running' }
  | { readonly type: 'trigger'; readonly checkpoint: number }
  | { readonly type: 'complete'; readonly checkpoint: number }
  /** Tasks that have not acknowledged it. */
  | { readonly type: 'expire'; readonly checkpoint: number; readonly missing: readonly number[] }
  | { readonly type: 'due' }
  /** Of a task, or of checkpoints: null. */
  | { readonly type: 'fail'; readonly place: number | null };

export function startCoordinator({ attempt, completed }: CoordinatorDisk): Coordinator {
  return {
    phase: 'waiting',
    attempt,
    deployed: new Set(),
    pending: [],
    nextCheckpoint: (completed?.checkpoint ?? 0) + 1,
    completed,
    failures: 0,
    isDue: false,
  };
}

export function step(
  config: CoordinatorConfig,
  state: Coordinator,
  input: CoordinatorInput,
  effects: CoordinatorEffect[],
): void {
  switch (input.type) {
    case 'begin':
      if (state.phase !== 'waiting') return;
      effects.push({ type: 'persist', record: { type: 'attempt', attempt: state.attempt + 1 } });
      return;
    case 'durable':
      return durable(state, input.record, effects);
    case 'deployed':
      return deployed(config, state, input, effects);
    case 'tick':
      return trigger(config, state, effects);
    case 'acknowledged':
      return acknowledged(config, state, input, effects);
    case 'expired':
      return expired(config, state, input.checkpoint, effects);
    case 'failed':
      if (state.phase !== 'waiting') fail(state, input.place, effects);
  }
}

function durable(
  state: Coordinator,
  record: CoordinatorRecord,
  effects: CoordinatorEffect[],
): void {
  if (record.type === 'attempt') {
    if (state.phase !== 'waiting') return;
    state.attempt = record.attempt;
    state.phase = 'deploying';
    state.deployed.clear();
    effects.push({ type: 'deploy' });
    return;
  }
  const { checkpoint } = record.completed;
  state.completed = record.completed;
  state.failures = 0;
  // Older ones are of no use any more.
  state.pending = state.pending.filter((one) => one.checkpoint > checkpoint);
  if (state.phase !== 'running') return;
  effects.push({ type: 'complete', checkpoint });
  if (state.isDue) effects.push({ type: 'due' });
  state.isDue = false;
}

function deployed(
  { tasks }: CoordinatorConfig,
  state: Coordinator,
  { place, attempt }: { readonly place: number; readonly attempt: number },
  effects: CoordinatorEffect[],
): void {
  if (state.phase !== 'deploying' || attempt !== state.attempt) return;
  state.deployed.add(place);
  if (state.deployed.size < tasks.length) return;
  state.phase = 'running';
  effects.push({ type: 'running' });
}

function trigger(
  { concurrentMax }: CoordinatorConfig,
  state: Coordinator,
  effects: CoordinatorEffect[],
): void {
  if (state.phase !== 'running') return;
  if (state.pending.length >= concurrentMax) {
    state.isDue = true;
    return;
  }
  const checkpoint = state.nextCheckpoint++;
  state.pending.push({ checkpoint, snapshots: new Map(), isWriting: false });
  effects.push({ type: 'trigger', checkpoint });
}

function acknowledged(
  { tasks }: CoordinatorConfig,
  state: Coordinator,
  input: Extract<CoordinatorInput, { readonly type: 'acknowledged' }>,
  effects: CoordinatorEffect[],
): void {
  const { checkpoint, place, snapshot } = input;
  if (state.phase !== 'running' || input.attempt !== state.attempt) return;
  const pending = state.pending.find((one) => one.checkpoint === checkpoint);
  if (pending === undefined || pending.isWriting) return;
  pending.snapshots.set(place, snapshot);
  if (pending.snapshots.size < tasks.length) return;
  pending.isWriting = true;
  const snapshots = tasks.map((_, i) => pending.snapshots.get(i) as TaskSnapshot);
  effects.push({
    type: 'persist',
    record: { type: 'checkpoint', completed: { checkpoint, snapshots } },
  });
}

function expired(
  config: CoordinatorConfig,
  state: Coordinator,
  checkpoint: number,
  effects: CoordinatorEffect[],
): void {
  const pending = state.pending.find((one) => one.checkpoint === checkpoint);
  if (pending === undefined || pending.isWriting || state.phase !== 'running') return;
  state.pending = state.pending.filter((one) => one !== pending);
  state.failures += 1;
  const missing = config.tasks.flatMap((_, i) => (pending.snapshots.has(i) ? [] : [i]));
  effects.push({ type: 'expire', checkpoint, missing });
  if (state.failures > config.tolerableFailures) return fail(state, null, effects);
  if (state.isDue) effects.push({ type: 'due' });
  state.isDue = false;
}

function fail(state: Coordinator, place: number | null, effects: CoordinatorEffect[]): void {
  state.phase = 'waiting';
  state.pending = state.pending.filter(({ isWriting }) => isWriting);
  state.failures = 0;
  state.isDue = false;
  effects.push({ type: 'fail', place });
}
