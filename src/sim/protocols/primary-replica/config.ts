/** What a server of a replicated store is told: the settings of PostgreSQL, MySQL and Patroni. */
import type { PeerId } from '../../contracts/raft.ts';
import type { ReplicaRules } from './rules.ts';

export const REPLICATION_MODES = ['asynchronous', 'semi-synchronous', 'synchronous'] as const;
export type ReplicationMode = (typeof REPLICATION_MODES)[number];

export const COMMIT_LEVELS = ['off', 'local', 'remote_write', 'on', 'remote_apply'] as const;
/** PostgreSQL synchronous_commit: what has happened before a write is answered. */
export type CommitLevel = (typeof COMMIT_LEVELS)[number];

export interface ReplicaConfig {
  readonly id: PeerId;
  readonly life: number;
  /** All servers, in the order of their priority as standbys; the first is the first primary. */
  readonly peers: readonly PeerId[];
  /** Without a DCS nobody takes over by himself. */
  readonly hasDcs: boolean;
  readonly replication: ReplicationMode;
  readonly synchronousCommit: CommitLevel;
  readonly walWriterDelayMicros: number;
  /** Of synchronous replication: FIRST or ANY, and how many. */
  readonly synchronousMethod: 'FIRST' | 'ANY';
  readonly synchronousCount: number;
  readonly walSenderTimeoutMicros: number;
  readonly statusIntervalMicros: number;
  /** A primary that has heard fewer replicas within so long takes no writes; 0: it always does. */
  readonly minReplicasToWrite: number;
  readonly minReplicasMaxLagMicros: number;
  /** Of semi-synchronous replication. */
  readonly semiSyncTimeoutMicros: number;
  readonly semiSyncWaitCount: number;
  readonly semiSyncWaitPoint: 'AFTER_SYNC' | 'AFTER_COMMIT';
  readonly semiSyncWaitNoReplica: boolean;
  /** Of a standby. */
  readonly hotStandby: boolean;
  readonly minApplyDelayMicros: number;
  readonly tokenPolicy: 'wait' | 'redirect';
  readonly tokenTimeoutMicros: number;
  /** Of Patroni. */
  readonly loopWaitMicros: number;
  readonly retryTimeoutMicros: number;
  /** In records. */
  readonly maximumLag: number;
  readonly primaryStartTimeoutMicros: number;
  readonly synchronousMode: boolean;
  readonly synchronousModeStrict: boolean;
  readonly synchronousNodeCount: number;
  readonly usePgRewind: boolean;
  readonly watchdog: boolean;
  readonly watchdogMarginMicros: number;
  readonly healthTimeoutMicros: number;
  /** How long recovery takes after a crash, and a rewind. */
  readonly crashRecoveryMicros: number;
  readonly rewindMicros: number;
  readonly rules: ReplicaRules;
}

/** Tries of a request to the DCS within retry_timeout: a failure that is shorter does no harm. */
export const DCS_TRIES = 10;
