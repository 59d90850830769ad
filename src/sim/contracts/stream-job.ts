/**
 * What the coordinator of a stream job says to its tasks: who they are, when to take a checkpoint,
 * and what became of it.
 *
 * Source: Apache Flink, TaskManagerGateway, CheckpointCoordinator, CheckpointListener
 * Differs: a snapshot travels in the acknowledgement, where Flink writes it to a store of
 * checkpoints and sends where it is.
 */
import { defineContract } from './contract.ts';
import type { TaskSnapshot } from './stream.ts';

export type CheckpointingMode = 'EXACTLY_ONCE' | 'AT_LEAST_ONCE';

/** A task starts, or starts anew, in this attempt. */
export interface JobDeploy {
  readonly type: 'job.deploy';
  readonly attempt: number;
  /** Which of the tasks of its role it is, from 0, and of how many. */
  readonly index: number;
  readonly parallelism: number;
  /** Nodes. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
  readonly mode: CheckpointingMode;
  readonly unaligned: boolean;
  /** Null: it starts with nothing. */
  readonly snapshot: TaskSnapshot | null;
}
export interface JobDeployed {
  readonly type: 'job.deployed';
  readonly attempt: number;
}
export interface JobCancel {
  readonly type: 'job.cancel';
  readonly attempt: number;
}
/** To sources: let a barrier go. */
export interface JobTrigger {
  readonly type: 'job.trigger';
  readonly attempt: number;
  readonly checkpoint: number;
}
export interface JobAcknowledge {
  readonly type: 'job.acknowledge';
  readonly attempt: number;
  readonly checkpoint: number;
  readonly snapshot: TaskSnapshot;
}
/** All tasks have acknowledged it (notifyCheckpointComplete). */
export interface JobCheckpointComplete {
  readonly type: 'job.checkpoint-complete';
  readonly attempt: number;
  readonly checkpoint: number;
}
/** It will never be (notifyCheckpointAborted): whoever waits for its barriers goes on. */
export interface JobCheckpointAborted {
  readonly type: 'job.checkpoint-aborted';
  readonly attempt: number;
  readonly checkpoint: number;
}
export interface JobHeartbeat {
  readonly type: 'job.heartbeat';
  readonly attempt: number;
}
export interface JobAlive {
  readonly type: 'job.alive';
  /** In which it is; 0: in none. */
  readonly attempt: number;
}
export type TaskMessage =
  JobDeploy | JobCancel | JobTrigger | JobCheckpointComplete | JobCheckpointAborted | JobHeartbeat;
export type StreamJobMessage = TaskMessage | JobDeployed | JobAlive;

const about = (word: string) =>
  ({
    role: 'notice',
    flight: 'control',
    digest: (m: { readonly attempt: number; readonly checkpoint: number }) =>
      (Math.imul(m.attempt, 31) + m.checkpoint) | 0,
    label: (m: { readonly checkpoint: number }) => `checkpoint ${m.checkpoint}${word}`,
  }) as const;

export const streamTask = defineContract<StreamJobMessage>({
  name: 'stream-task',
  about: 'A coordinator deploys the tasks of a stream job and has them take checkpoints.',
  source: 'Apache Flink, JobMaster, CheckpointCoordinator and TaskExecutor',
  overConnections: true,
  messages: {
    'job.deploy': {
      role: 'request',
      flight: 'control',
      digest: (m) => (Math.imul(m.attempt, 31) + m.index) | 0,
      label: (m) => `deploy attempt ${m.attempt}`,
    },
    'job.deployed': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.attempt,
      label: (m) => `in attempt ${m.attempt}`,
    },
    'job.cancel': {
      role: 'notice',
      flight: 'control',
      digest: (m) => m.attempt,
      label: (m) => `cancel attempt ${m.attempt}`,
    },
    'job.trigger': about(''),
    'job.checkpoint-complete': about(' is complete'),
    'job.checkpoint-aborted': about(' is aborted'),
    'job.heartbeat': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) => m.attempt,
      label: () => 'heartbeat',
    },
    'job.alive': {
      role: 'reply',
      flight: 'heartbeat',
      digest: (m) => m.attempt,
      label: (m) => `in attempt ${m.attempt}`,
    },
  },
  errors: [],
});

export const streamJob = defineContract<JobAcknowledge>({
  name: 'stream-job',
  about: 'Tasks of a stream job hand their snapshots to its coordinator.',
  source: 'Apache Flink, CheckpointCoordinatorGateway.acknowledgeCheckpoint',
  messages: {
    'job.acknowledge': {
      role: 'notice',
      flight: 'acknowledgement',
      digest: (m) => (Math.imul(m.attempt, 31) + m.checkpoint) | 0,
      label: (m) => `snapshot for checkpoint ${m.checkpoint}`,
    },
  },
  errors: [],
});
