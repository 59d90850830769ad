/**
 * Offsets of a consumer group that a transaction commits with its records: all of it counts, or
 * nothing. The group's coordinator takes them only of a member of its generation, so that whoever
 * has lost its partitions commits nothing of them (KIP-447).
 *
 * Source: Apache Kafka 4.0, KafkaProducer.sendOffsetsToTransaction, TransactionManager
 * (AddOffsetsToTxnHandler, TxnOffsetCommitHandler)
 */
import type { BrokerCoordinator } from '../../contracts/broker.ts';
import type { GroupCommitted, GroupTxnCommit } from '../../contracts/group.ts';
import type {
  TransactionAddOffsets,
  TransactionOffsetsAdded,
} from '../../contracts/log-transaction.ts';
import type { CallResult, NodeIndex } from '../../node/behaviour.ts';
import { ask, comeAgain, find, whoOf } from './transaction-asking.ts';
import type { Ctx, LogWriter, OffsetsStep, Transactional, TransactionOffsets } from './state.ts';

/** The next of the three questions. */
export function handOver(
  state: LogWriter,
  ctx: Ctx,
  of: Transactional,
  { group, offsets, coordinator, isAdded }: TransactionOffsets,
): void {
  const who = whoOf(state, of);
  if (!isAdded) {
    const added = { type: 'transaction.add-offsets', ...who, group: group.group } as const;
    return ask(ctx, of, added satisfies TransactionAddOffsets, { what: 'offsets', step: 'add' });
  }
  if (coordinator < 0) return find(ctx, of, true);
  const commit = { type: 'group.txn-commit', ...who, ...group, offsets } as const;
  ask(ctx, of, commit satisfies GroupTxnCommit, { what: 'offsets', step: 'commit' }, coordinator);
}

type Answer = BrokerCoordinator | TransactionOffsetsAdded | GroupCommitted;
type AnswerError = Exclude<Answer['error'], null>;

/** Errors of the transaction itself are its own affair: they are returned. */
export function onOffsetsAnswer(
  ctx: Ctx,
  of: Transactional,
  step: OffsetsStep,
  result: CallResult,
): Exclude<TransactionOffsetsAdded['error'], null> | 'INVALID_PRODUCER_EPOCH' | null {
  const { offsets } = of;
  if (offsets === null) return null;
  const answer = result.outcome === 'ok' ? (result.value as Answer) : null;
  const error = answer === null ? 'COORDINATOR_NOT_AVAILABLE' : answer.error;
  if (step === 'add') {
    if (error === null) offsets.isAdded = true;
    return error as TransactionOffsetsAdded['error'];
  }
  if (error !== null) return onRefused(ctx, of, offsets, error);
  if (step === 'find') offsets.coordinator = (answer as BrokerCoordinator).node as NodeIndex;
  else offsets.isTaken = true;
  return null;
}

function onRefused(ctx: Ctx, of: Transactional, offsets: TransactionOffsets, error: AnswerError) {
  switch (error) {
    case 'COORDINATOR_NOT_AVAILABLE':
    case 'NOT_COORDINATOR':
      offsets.coordinator = -1;
      comeAgain(ctx, of);
      return null;
    case 'COORDINATOR_LOAD_IN_PROGRESS':
      comeAgain(ctx, of);
      return null;
    case 'INVALID_PRODUCER_EPOCH':
    case 'INVALID_TXN_STATE':
      return error;
    default:
      // CommitFailedException: the transaction can only be aborted.
      of.hasFailed = true;
      of.refusal = error;
      return null;
  }
}
