/** What a task of a stream job knows: what it was deployed with, and what came since. */
import type { TaskSnapshot } from '../../contracts/stream.ts';
import type { CallRef, Context, NodeIndex } from '../../node/behaviour.ts';
import type { Gate } from '../../protocols/stream-job/gate.ts';
import type { Outputs } from '../../protocols/stream-job/outputs.ts';
import type { Sink } from '../../protocols/stream-job/sink.ts';
import type { Splits } from '../../protocols/stream-job/splits.ts';
import type { Windowing } from '../../protocols/stream-job/windowing.ts';
import type { StreamRules } from '../../protocols/stream-job/rules.ts';
import type { StreamTaskConfig } from './config.ts';

export type Ctx = Context<StreamTaskConfig>;

/** A call that is under way. */
export type Asked =
  | { readonly what: 'push'; readonly place: number }
  | { readonly what: 'barrier'; readonly place: number; readonly barrier: OvertakingBarrier }
  | { readonly what: 'describe' }
  | { readonly what: 'fetch'; readonly partition: number }
  | { readonly what: 'results' };

export interface OvertakingBarrier {
  readonly checkpoint: number;
  readonly before: number;
}

/** One attempt of the job, as this task has it. */
export interface TaskRun {
  readonly attempt: number;
  readonly coordinator: NodeIndex;
  readonly index: number;
  readonly parallelism: number;
  readonly inputs: readonly NodeIndex[];
  readonly outputTasks: readonly NodeIndex[];
  readonly isAligned: boolean;
  readonly isUnaligned: boolean;
  readonly snapshot: TaskSnapshot | null;
  readonly gate: Gate;
  readonly outputs: Outputs;
  /** Of a source, once it knows its partitions. */
  splits: Splits | null;
  readonly windowing: Windowing | null;
  readonly sink: Sink | null;
  /** Who waits until an input has room, by its place. */
  readonly parked: Map<number, CallRef>;
  /** The input whose first event is being worked on; -1: none. */
  busyPlace: number;
  readonly fetching: Set<number>;
  /** Of a source that does not know its partitions yet: who deploys it. */
  deployCall: CallRef | null;
  /** Of an unaligned checkpoint under way: what is known of this task's part. */
  part: { readonly checkpoint: number; readonly snapshot: TaskSnapshot } | null;
  /** Barriers that nobody has confirmed, by place of the output. */
  readonly barriers: Map<number, OvertakingBarrier>;
}

export interface StreamTaskState {
  readonly rules: StreamRules;
  run: TaskRun | null;
  /** The newest attempt that it was deployed in: none before it comes back. */
  newest: number;
  readonly asked: Map<number, { readonly attempt: number; readonly of: Asked }>;
  nextTag: number;
  readonly counts: {
    records: number;
    rows: number;
    late: number;
    lost: number;
    /** Of the newest snapshot. */
    checkpoint: number;
    inFlight: number;
  };
}

export function tagOf(state: StreamTaskState, run: TaskRun, of: Asked): number {
  const tag = state.nextTag++;
  state.asked.set(tag, { attempt: run.attempt, of });
  return tag;
}
