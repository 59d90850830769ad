/**
 * The numbers of an idempotent producer's batches, and when it begins to count anew.
 *
 * Invariant: a batch that may be in the log keeps its number for as long as it is sent, so that the
 * leader knows it again; it gets another one only where the log has a gap just before it.
 *
 * Source: Apache Kafka 4.0, TransactionManager (canRetry, maybeResolveSequences,
 * bumpIdempotentProducerEpoch); KIP-98, KIP-360
 * Differs: numbers are given anew once nothing of the partition is under way, and not at once; in a
 * transaction that has failed, batches behind a gap fail, and do not move up.
 * Answers on one connection do not overtake each other; those on another one after a timeout may,
 * and a new leader may get batches before the old one has answered: no more than five are numbered
 * from the oldest that is unanswered on, and none goes to a second broker before the first is
 * answered: of a broker that is down Kafka's has no connection. Kafka's leader may have forgotten
 * the oldest.
 */
import { NO_PRODUCER } from '../../contracts/record-batch.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { Batch, Ctx, Lane, LogWriter } from './state.ts';

const SEQUENCES = 0x8000_0000;

const after = ({ baseSequence, records }: Batch): number =>
  (baseSequence + records.length) % SEQUENCES;

/** So many batches of a producer a leader knows again. */
const BATCHES_KEPT = 5;

/**
 * Whether a new batch may go. The leader must not forget what is unanswered; and one that has never
 * heard of the producer takes any number for the first.
 */
export const mayNumber = (
  { unresolvedNext, ackedNext, numbered, inFlight }: Lane,
  node: NodeIndex,
): boolean =>
  unresolvedNext < 0 &&
  inFlight.every(({ numberedBefore }) => numbered - numberedBefore < BATCHES_KEPT) &&
  (ackedNext > 0 || inFlight.every(({ to }) => to === node));

/** A batch that goes is closed, and gets the number that it keeps. */
export function number(state: LogWriter, ctx: Ctx, lane: Lane, batch: Batch): void {
  const isIdempotent = ctx.config.enableIdempotence;
  const isOld = lane.producerEpoch !== state.producerEpoch;
  // What may be in the log of a partition where nothing is missing goes on in the old epoch.
  if (isIdempotent && isOld && (batch.baseSequence < 0 || lane.isRenumbered)) {
    lane.producerEpoch = state.producerEpoch;
    lane.nextSequence = 0;
    lane.ackedNext = 0;
    lane.isRenumbered = false;
    for (const one of [batch, ...lane.queue]) {
      if (one.baseSequence < 0) continue;
      one.baseSequence = -1;
      one.sent = null;
    }
  }
  if (batch.sent !== null) return;
  if (isIdempotent) {
    batch.baseSequence = lane.nextSequence;
    lane.nextSequence = after(batch);
    batch.numberedBefore = lane.numbered;
    lane.numbered += 1;
  }
  batch.sent = Object.freeze({
    producerId: isIdempotent ? state.producerId : NO_PRODUCER,
    producerEpoch: isIdempotent ? lane.producerEpoch : -1,
    baseSequence: batch.baseSequence,
    isTransactional: state.transaction !== null,
    marker: null,
    timestampMicros: ctx.wall(),
    bytes: batch.bytes,
    records: Object.freeze(batch.records),
  });
}

/** It is in the log: one that was given up before its answer came counts as well. */
export function acknowledge(lane: Lane, batch: Batch): void {
  if (batch.baseSequence < 0 || batch.sent?.producerEpoch !== lane.producerEpoch) return;
  lane.ackedNext = Math.max(lane.ackedNext, after(batch));
}

/** Whether it was written nobody knows: nothing new is numbered until that is known. */
export function giveUp(lane: Lane, batch: Batch): void {
  if (batch.baseSequence < 0 || lane.isRenumbered) return;
  lane.unresolvedNext = Math.max(lane.unresolvedNext, after(batch));
}

/**
 * The leader says that something is missing before the batch. If all of that is acknowledged, or
 * was given up, it will stay missing: a new epoch begins from 0. Otherwise it is sent again: later
 * ones have come first, or so many that the leader does not know this one any more.
 *
 * False: the batch can only fail, and with it the transaction that it is in, or because of it.
 */
export function onGap(state: LogWriter, lane: Lane, batch: Batch): boolean {
  const expected = lane.unresolvedNext < 0 ? lane.ackedNext : lane.unresolvedNext;
  if (batch.baseSequence !== expected) return state.transaction?.hasFailed !== true;
  beginEpoch(state, lane);
  return state.transaction === null;
}

/** The rest is answered. If the last one is acknowledged, so is what was given up before it. */
export function resolve(state: LogWriter, lane: Lane): void {
  const isPending = lane.inFlight.length > 0 || (lane.queue[0]?.baseSequence ?? -1) >= 0;
  if (lane.unresolvedNext < 0 || isPending) return;
  if (lane.ackedNext === lane.nextSequence) lane.unresolvedNext = -1;
  else beginEpoch(state, lane);
}

/** Within a transaction it is the coordinator who gives epochs. */
function beginEpoch(state: LogWriter, lane: Lane): void {
  lane.unresolvedNext = -1;
  if (state.transaction !== null) {
    state.transaction.hasFailed = true;
    state.transaction.needsEpoch = true;
    return;
  }
  lane.isRenumbered = true;
  if (lane.producerEpoch === state.producerEpoch) state.producerEpoch += 1;
}
