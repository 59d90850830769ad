/**
 * Who speaks for a transactional id, and which partitions its transaction writes to.
 *
 * Source: Apache Kafka 4.0, TransactionCoordinator.prepareInitProducerIdTransit,
 * handleAddPartitionsToTransaction, handleVerifyPartitionsInTransaction
 */
import type {
  TransactionAddPartitions,
  TransactionError,
  TransactionalProducer,
  TransactionInit,
} from '../../contracts/log-transaction.ts';
import { reply } from './answers.ts';
import { fence } from './ending.ts';
import { write } from './records.ts';
import type { Promised, Step, Transaction, TransactionImage } from './state.ts';
import { isPrepared } from './state.ts';

/** Java's short. */
const EPOCH_MAX = 32_767;

export function onInit(at: Step, tag: number, request: TransactionInit): void {
  const { state, config } = at;
  const answer = { tag, answer: 'initiated' } as const;
  const { transactionalId: id, timeoutMs } = request;
  if (timeoutMs > config.maxTimeoutMs) return reply(at, answer, 'INVALID_TRANSACTION_TIMEOUT');
  const known = state.transactions.get(id);
  if (known === undefined) {
    const producerId = at.at.unique();
    return write(at, { ...answer, id, image: emptyImage(producerId, 0, -1, timeoutMs) });
  }
  const { image } = known;
  if (known.pending !== null) return reply(at, answer, 'CONCURRENT_TRANSACTIONS');
  if (config.rules.epochFencing && isStranger(image, request)) {
    return reply(at, answer, 'PRODUCER_FENCED');
  }
  if (isPrepared(image)) return reply(at, answer, 'CONCURRENT_TRANSACTIONS');
  if (image.phase === 'Ongoing') {
    // It comes again when the transaction that somebody has left is aborted.
    fence(at, known, 'another producer has come');
    return reply(at, answer, 'CONCURRENT_TRANSACTIONS');
  }
  write(at, { ...answer, id, image: nextEpoch(at, image, timeoutMs) });
}

/** KIP-360: whoever had an id and an epoch before may go on only if nobody came meanwhile. */
function isStranger(image: TransactionImage, { producerId, producerEpoch }: TransactionInit) {
  if (producerId < 0) return false;
  const isNewest = producerEpoch === image.producerEpoch;
  return (
    producerId !== image.producerId || !(isNewest || producerEpoch === image.lastProducerEpoch)
  );
}

const emptyImage = (
  producerId: number,
  producerEpoch: number,
  lastProducerEpoch: number,
  timeoutMs: number,
): TransactionImage => ({
  producerId,
  producerEpoch,
  lastProducerEpoch,
  timeoutMs,
  phase: 'Empty',
  partitions: [],
});

function nextEpoch(at: Step, image: TransactionImage, timeoutMs: number): TransactionImage {
  const { producerId, producerEpoch } = image;
  return producerEpoch >= EPOCH_MAX - 1
    ? emptyImage(at.at.unique(), 0, -1, timeoutMs)
    : emptyImage(producerId, producerEpoch + 1, producerEpoch, timeoutMs);
}

/** Why whoever speaks does not speak for the id. */
function stranger(
  at: Step,
  known: Transaction,
  { producerId, producerEpoch }: TransactionalProducer,
): TransactionError | null {
  const { image } = known;
  if (image.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING';
  const isFenced = at.config.rules.epochFencing && image.producerEpoch !== producerEpoch;
  return isFenced ? 'PRODUCER_FENCED' : null;
}

export function onAddPartitions(
  at: Step,
  tag: number,
  request: TransactionalProducer & { readonly partitions: readonly number[] },
  type: 'partitions-added' | 'offsets-added',
): void {
  const answer = { tag, answer: type } as const;
  const { transactionalId: id, partitions } = request;
  const known = at.state.transactions.get(id);
  if (known === undefined) return reply(at, answer, 'INVALID_PRODUCER_ID_MAPPING');
  if (known.pending !== null) return reply(at, answer, 'CONCURRENT_TRANSACTIONS');
  const error = stranger(at, known, request);
  if (error !== null) return reply(at, answer, error);
  const { image } = known;
  if (isPrepared(image)) return reply(at, answer, 'CONCURRENT_TRANSACTIONS');
  const isOpen = image.phase === 'Ongoing';
  const before = isOpen ? image.partitions : [];
  const added = partitions.filter((one) => !before.includes(one));
  if (isOpen && added.length === 0) return reply(at, answer, null);
  const all = [...before, ...added].sort((a, b) => a - b);
  const promised: Promised = {
    ...answer,
    id,
    image: { ...image, phase: 'Ongoing', partitions: all },
  };
  if (!isOpen) known.startMicros = at.at.nowMicros;
  write(at, promised);
}

export function onVerify(at: Step, tag: number, request: TransactionAddPartitions): void {
  const answer = { tag, answer: 'partitions-added' } as const;
  const known = at.state.transactions.get(request.transactionalId);
  if (known === undefined) return reply(at, answer, 'INVALID_PRODUCER_ID_MAPPING');
  const error = stranger(at, known, request);
  if (error !== null) return reply(at, answer, error);
  const { image, pending } = known;
  if (pending !== null || isPrepared(image)) return reply(at, answer, 'CONCURRENT_TRANSACTIONS');
  const isIn =
    image.phase === 'Ongoing' && request.partitions.every((one) => image.partitions.includes(one));
  reply(at, answer, isIn ? null : 'INVALID_TXN_STATE');
}
