/**
 * Transactions at the leaders of partitions: markers of coordinators, and the question to the
 * coordinator whether a transaction is open, before its first batch in a partition is appended.
 *
 * Invariant: a batch that comes after the marker of its transaction is not appended: nobody would
 * ever end what it begins.
 *
 * Source: KIP-890, part 1; Apache Kafka 4.0, ReplicaManager (maybeSendPartitionsToTransaction-
 * Coordinator, VerificationGuard), KafkaApis.handleWriteTxnMarkersRequest
 * Leaves out: the same question for offsets in a transaction.
 */
import type { PartitionError } from '../../contracts/broker.ts';
import type {
  TransactionAddPartitions,
  TransactionError,
  TransactionPartitionsAdded,
  TransactionWriteMarkers,
} from '../../contracts/log-transaction.ts';
import type { ProducedBatch } from '../../contracts/record-batch.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef, CallResult } from '../../node/behaviour.ts';
import type { Ctx } from './asking.ts';
import { ask } from './asking.ts';
import { feed } from './feed.ts';
import { coordinatorOf } from './shards.ts';
import type { Hosted, LogBrokerState, Verifying } from './state.ts';
import { answerPart, errorOfAbsent, openWrite, tagOfPart } from './writes.ts';

/** request.timeout.ms of a broker. */
const MARKERS_TIMEOUT_MS = 30_000;

const keyOf = (partition: number, producerId: number): string => `${partition}/${producerId}`;

export function onWriteMarkers(
  state: LogBrokerState,
  ctx: Ctx,
  { partitions, producerId, producerEpoch, marker }: TransactionWriteMarkers,
  call: CallRef,
): void {
  const marks = { producerId, marker };
  const write = openWrite(state, ctx, call, partitions, MARKERS_TIMEOUT_MS, marks);
  partitions.forEach((partition, place) => {
    const hosted = state.hosted.get(partition);
    if (hosted === undefined) {
      return answerPart(state, ctx, write, place, errorOfAbsent(state, partition), -1);
    }
    const late = state.verifying.get(keyOf(partition, producerId));
    if (late !== undefined) late.isLate = true;
    const tag = tagOfPart(state, write, place);
    const timestampMicros = ctx.wall();
    const of = { producerId, producerEpoch, marker, timestampMicros };
    feed(state, ctx, hosted, { type: 'marker', tag, ...of });
  });
}

/** One that is open here already needs no question; those behind it wait for its answer. */
export function mustVerify(
  state: LogBrokerState,
  { partition, config, state: replica }: Hosted,
  { isTransactional, producerId }: ProducedBatch,
): boolean {
  if (!isTransactional || !config.rules.verification || replica.leader !== config.id) return false;
  const isOpen = replica.producers.hasOpenTransaction(producerId);
  return !isOpen || state.verifying.has(keyOf(partition, producerId));
}

export function verify(
  state: LogBrokerState,
  ctx: Ctx,
  { partition }: Hosted,
  waiting: Verifying['waiting'][number],
  transactionalId: string,
  timeoutMs: number,
): void {
  const { producerId, producerEpoch } = waiting.batch;
  const key = keyOf(partition, producerId);
  const known = state.verifying.get(key);
  if (known !== undefined) {
    known.waiting.push(waiting);
    return;
  }
  const to = coordinatorOf(state, ctx, 'transaction', transactionalId);
  if (to < 0) {
    return answerPart(state, ctx, waiting.write, waiting.place, 'NOT_ENOUGH_REPLICAS', -1);
  }
  state.verifying.set(key, { partition, waiting: [waiting], isLate: false });
  const request: TransactionAddPartitions = {
    type: 'transaction.add-partitions',
    transactionalId,
    producerId,
    producerEpoch,
    partitions: [partition],
    verifyOnly: true,
  };
  ask(state, ctx, request, ms(timeoutMs), { about: 'verify', to, key });
}

/** Whoever may come again is told NOT_ENOUGH_REPLICAS: older clients know nothing better. */
function errorOf(error: TransactionError | null): PartitionError | null {
  switch (error) {
    case null:
      return null;
    case 'PRODUCER_FENCED':
      return 'INVALID_PRODUCER_EPOCH';
    case 'INVALID_TXN_STATE':
    case 'INVALID_PRODUCER_ID_MAPPING':
      return 'INVALID_TXN_STATE';
    default:
      return 'NOT_ENOUGH_REPLICAS';
  }
}

/** It is in no transaction, and will not be. */
const isFinal = (error: PartitionError | null): boolean =>
  error === 'INVALID_TXN_STATE' || error === 'INVALID_PRODUCER_EPOCH';

function tellUnverified(
  ctx: Ctx,
  { name: of }: Hosted,
  { producerId, producerEpoch }: ProducedBatch,
): void {
  ctx.tell({ type: 'transaction.batch-unverified', of, producerId, producerEpoch });
}

const NO_TAG = -1;

export function onVerified(state: LogBrokerState, ctx: Ctx, key: string, result: CallResult): void {
  const verifying = state.verifying.get(key);
  if (verifying === undefined) return;
  state.verifying.delete(key);
  const hosted = state.hosted.get(verifying.partition);
  const answer = result.outcome === 'ok' ? (result.value as TransactionPartitionsAdded) : null;
  const said = answer === null ? 'NOT_ENOUGH_REPLICAS' : errorOf(answer.error);
  const error = said === null && verifying.isLate ? 'INVALID_TXN_STATE' : said;
  for (const { write, place, batch, acks } of verifying.waiting) {
    if (hosted === undefined || error !== null) {
      if (hosted !== undefined && isFinal(error)) tellUnverified(ctx, hosted, batch);
      answerPart(state, ctx, write, place, error ?? 'NOT_LEADER_OR_FOLLOWER', -1);
      continue;
    }
    const tag = state.writes.has(write) ? tagOfPart(state, write, place) : NO_TAG;
    state.records += batch.records.length;
    feed(state, ctx, hosted, { type: 'produce', tag, batch, acks });
  }
}
