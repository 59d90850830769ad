/**
 * How a transaction ends: it is decided when Prepare* is committed, and whoever asked is answered
 * then; after that each partition is marked, however long that takes; Complete* says that all are.
 *
 * Source: Apache Kafka 4.0, TransactionCoordinator.endTransaction, TransactionMarkerChannelManager
 */
import type {
  TransactionEnd,
  TransactionError,
  TransactionMarkersWritten,
  TransactionWriteMarkers,
} from '../../contracts/log-transaction.ts';
import type { Message } from '../../contracts/contract.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import type { MachineEffect } from '../coordinator-machine.ts';
import { reply } from './answers.ts';
import type { TransactionFact } from './facts.ts';
import { write } from './records.ts';
import type { Promised, Step, Transaction, TransactionImage } from './state.ts';
import { bumps, isComplete, isPrepared, outcomeOf } from './state.ts';

export const MARKERS = 'markers';
/** request.timeout.ms of a broker, and the pause after an error. */
const MARKERS_TIMEOUT_MICROS = 30_000_000;
const RETRY_MICROS = 100_000;

export const tell = ({ out }: Step, fact: TransactionFact): void => {
  out.push({ type: 'told', fact } satisfies MachineEffect);
};

export function onEnd(at: Step, tag: number, request: TransactionEnd): void {
  const answer = { tag, answer: 'ended' } as const;
  const known = at.state.transactions.get(request.transactionalId);
  if (known === undefined || known.image.producerId !== request.producerId) {
    return reply(at, answer, 'INVALID_PRODUCER_ID_MAPPING');
  }
  const verdict = judge(at, known, request);
  if (verdict === 'PRODUCER_FENCED') {
    const { transactionalId, producerEpoch, outcome } = request;
    tell(at, { type: 'transaction.end-refused', transactionalId, producerEpoch, outcome });
  }
  if (verdict !== 'decide') return reply(at, answer, verdict, known.image);
  decide(at, known, request.outcome, answer);
}

/** Null: it is done already, and whoever asks has missed the answer. */
function judge(
  at: Step,
  { image, pending }: Transaction,
  { producerEpoch, outcome }: TransactionEnd,
): TransactionError | null | 'decide' {
  if (pending !== null) return 'CONCURRENT_TRANSACTIONS';
  const isAgain =
    bumps(at) &&
    producerEpoch === image.lastProducerEpoch &&
    (isPrepared(image) || isComplete(image));
  const isOfAnother = !isAgain && image.producerEpoch !== producerEpoch;
  if (at.config.rules.epochFencing && isOfAnother) return 'PRODUCER_FENCED';
  if (image.phase === 'Ongoing') return 'decide';
  // In the new epoch nothing was written yet: there may be batches under way to fence, though.
  if (bumps(at) && !isAgain && outcome === 'abort' && !isPrepared(image)) return 'decide';
  if (image.phase === 'Empty' || (bumps(at) && !isAgain)) return 'INVALID_TXN_STATE';
  if (outcome !== outcomeOf(image.phase)) return 'INVALID_TXN_STATE';
  return isPrepared(image) ? 'CONCURRENT_TRANSACTIONS' : null;
}

function decide(
  at: Step,
  { id, image }: Transaction,
  outcome: 'commit' | 'abort',
  answer: Pick<Promised, 'tag' | 'answer'>,
  isFence = false,
): void {
  const { producerEpoch } = image;
  const next: TransactionImage = {
    ...image,
    ...(bumps(at) || isFence
      ? { producerEpoch: producerEpoch + 1, lastProducerEpoch: isFence ? -1 : producerEpoch }
      : {}),
    phase: outcome === 'commit' ? 'PrepareCommit' : 'PrepareAbort',
  };
  write(at, { ...answer, id, image: next });
}

/** Whoever has it open is shut out by a new epoch, and what it wrote is aborted. */
export function fence(at: Step, transaction: Transaction, why: string): void {
  const { id: transactionalId, image } = transaction;
  const producerEpoch = image.producerEpoch + 1;
  tell(at, { type: 'transaction.fenced', transactionalId, producerEpoch, why });
  decide(at, transaction, 'abort', { tag: -1, answer: 'nobody' }, true);
  transaction.pending = 'PrepareEpochFence';
}

/** The decision is committed: the partitions have to know. */
export function onDecided(at: Step, transaction: Transaction): void {
  const { id: transactionalId, image } = transaction;
  const outcome = outcomeOf(image.phase);
  const { length: partitions } = image.partitions;
  tell(at, { type: 'transaction.decided', transactionalId, outcome, partitions });
  mark(at, transaction);
}

/** Also of those that another coordinator has decided before this one. */
export function mark(at: Step, transaction: Transaction): void {
  transaction.awaiting.clear();
  transaction.asking.clear();
  for (const partition of transaction.image.partitions) transaction.awaiting.add(partition);
  askForMarkers(at, transaction);
}

export function askForMarkers(at: Step, transaction: Transaction): void {
  const { awaiting, asking, image, id } = transaction;
  if (awaiting.size === 0) return complete(at, transaction);
  const leaders = new Map<number, number[]>();
  let hasAbsent = false;
  for (const partition of awaiting) {
    if (asking.has(partition)) continue;
    const leader = at.at.leaderOf(partition);
    if (leader < 0) hasAbsent = true;
    else if (leaders.get(leader)?.push(partition) === undefined) leaders.set(leader, [partition]);
  }
  const { producerId, producerEpoch, phase } = image;
  for (const [to, partitions] of leaders) {
    for (const partition of partitions) asking.add(partition);
    const ticket = at.state.nextTicket++;
    at.state.asked.set(ticket, { id, partitions });
    const request: TransactionWriteMarkers = {
      type: 'transaction.write-markers',
      producerId,
      producerEpoch,
      marker: outcomeOf(phase),
      partitions,
    };
    at.out.push({ type: 'ask', ticket, to, request, timeoutMicros: MARKERS_TIMEOUT_MICROS });
  }
  if (hasAbsent) askAgainLater(at, id);
}

export const askAgainLater = ({ out }: Step, id: string): void => {
  out.push({ type: 'set-timer', timer: canonicalJson([MARKERS, id]), afterMicros: RETRY_MICROS });
};

/** A partition that has heard of a newer epoch needs no marker of this one any more. */
export function onMarked(at: Step, ticket: number, answer: Message | null): void {
  const asked = at.state.asked.get(ticket);
  at.state.asked.delete(ticket);
  const transaction = asked === undefined ? undefined : at.state.transactions.get(asked.id);
  if (asked === undefined || transaction === undefined || !isPrepared(transaction.image)) return;
  for (const partition of asked.partitions) transaction.asking.delete(partition);
  const parts = (answer as TransactionMarkersWritten | null)?.parts ?? [];
  for (const { partition, error } of parts) {
    if (error === null || error === 'INVALID_PRODUCER_EPOCH')
      transaction.awaiting.delete(partition);
  }
  if (transaction.awaiting.size === 0) complete(at, transaction);
  else if (transaction.asking.size < transaction.awaiting.size) askAgainLater(at, transaction.id);
}

export function complete(at: Step, { id, image, pending }: Transaction): void {
  if (pending !== null) return;
  const phase = image.phase === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort';
  const next: TransactionImage = { ...image, phase, partitions: [] };
  write(at, { tag: -1, answer: 'nobody', id, image: next });
}

/** transaction.timeout.ms is over: whoever has it open is taken for dead. */
export function abortOld(at: Step): void {
  for (const transaction of at.state.transactions.values()) {
    const { image, pending, startMicros } = transaction;
    if (image.phase !== 'Ongoing' || pending !== null) continue;
    if (startMicros + image.timeoutMs * 1_000 >= at.at.nowMicros) continue;
    fence(at, transaction, 'it has taken longer than transaction.timeout.ms');
  }
}
