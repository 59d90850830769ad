/**
 * What a coordinator knows of transactional ids: who speaks for each, and how far its transaction
 * is.
 *
 * Source: Apache Kafka 4.0, TransactionMetadata, TransactionState
 */
import type { TransactionError } from '../../contracts/log-transaction.ts';
import type { Marker } from '../../contracts/record-batch.ts';
import type { AppendError, MachineAt, MachineEffect } from '../coordinator-machine.ts';
import type { TransactionRules } from './rules.ts';

/**
 * Prepare* is the decision; Complete*: all partitions are marked. PrepareEpochFence is never
 * written: an old epoch is to be shut out, and its transaction to be aborted.
 */
export type TransactionPhase =
  | 'Empty'
  | 'Ongoing'
  | 'PrepareCommit'
  | 'PrepareAbort'
  | 'CompleteCommit'
  | 'CompleteAbort'
  | 'PrepareEpochFence';

/** What is written of it. */
export interface TransactionImage {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Before the last bump, for a question that comes twice; -1: none. */
  readonly lastProducerEpoch: number;
  readonly timeoutMs: number;
  readonly phase: TransactionPhase;
  readonly partitions: readonly number[];
}

export interface Transaction {
  readonly id: string;
  image: TransactionImage;
  /** The phase that is being written; null: none is. */
  pending: TransactionPhase | null;
  /** When it became Ongoing, by this coordinator's clock. */
  startMicros: number;
  /** Partitions that are not marked yet, and of them those that are asked for it. */
  readonly awaiting: Set<number>;
  readonly asking: Set<number>;
}

/** What follows once an image is written. */
export interface Promised {
  readonly id: string;
  readonly image: TransactionImage;
  /** Of the request that waits; -1: none. */
  readonly tag: number;
  readonly answer: 'initiated' | 'partitions-added' | 'offsets-added' | 'ended' | 'nobody';
}

export interface TransactionsState {
  readonly transactions: Map<string, Transaction>;
  readonly promised: Map<number, Promised>;
  /** Markers that were asked for. */
  readonly asked: Map<number, { readonly id: string; readonly partitions: readonly number[] }>;
  nextTicket: number;
}

export interface TransactionConfig {
  /** transaction.max.timeout.ms */
  readonly maxTimeoutMs: number;
  /** transaction.abort.timed.out.transaction.cleanup.interval.ms */
  readonly abortScanMs: number;
  /** transaction.version: with 2 each end of a transaction begins a new epoch (KIP-890). */
  readonly transactionVersion: 1 | 2;
  readonly rules: TransactionRules;
}

/** What the parts of one step hand to each other. */
export interface Step {
  readonly config: TransactionConfig;
  readonly state: TransactionsState;
  readonly at: MachineAt;
  readonly out: MachineEffect[];
}

export function transactionOf(
  { transactions }: TransactionsState,
  id: string,
  image: TransactionImage,
) {
  let known = transactions.get(id);
  if (known === undefined) {
    known = { id, image, pending: null, startMicros: 0, awaiting: new Set(), asking: new Set() };
    transactions.set(id, known);
  }
  return known;
}

export const copyTransaction = (one: Transaction): Transaction => ({
  ...one,
  awaiting: new Set(one.awaiting),
  asking: new Set(one.asking),
});

export const outcomeOf = (phase: TransactionPhase): Marker =>
  phase === 'PrepareCommit' || phase === 'CompleteCommit' ? 'commit' : 'abort';

export const isPrepared = ({ phase }: TransactionImage): boolean =>
  phase === 'PrepareCommit' || phase === 'PrepareAbort';

export const isComplete = ({ phase }: TransactionImage): boolean =>
  phase === 'CompleteCommit' || phase === 'CompleteAbort';

/** What whoever asked is told when its coordinator could not write. */
export const errorOf = (error: AppendError): TransactionError =>
  error === 'NOT_LEADER_OR_FOLLOWER' ? 'NOT_COORDINATOR' : 'COORDINATOR_NOT_AVAILABLE';

export const bumps = ({ config }: Step): boolean =>
  config.transactionVersion === 2 && config.rules.epochBump;
