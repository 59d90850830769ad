/**
 * The records of a transactional id: of each the last one counts.
 *
 * Source: Apache Kafka 4.0, TransactionLog, TransactionLogValue
 * Differs: the time at which a transaction began is not written: clocks of brokers differ. Whoever
 * takes over gives it its whole timeout again.
 */
import type { LogRecord } from '../../contracts/record-batch.ts';
import { canonicalJson } from '../../kernel/canonical.ts';
import { transactionOf } from './state.ts';
import type { Promised, Step, TransactionImage, TransactionsState } from './state.ts';

export function replayRecord(state: TransactionsState, { key, value }: LogRecord): void {
  if (key === null || typeof value !== 'string') return;
  const image = JSON.parse(value) as TransactionImage;
  transactionOf(state, key, image).image = image;
}

/** Writes the next image; what it promises follows when it is committed. */
export function write(at: Step, promised: Promised): void {
  const { state, out } = at;
  const { id, image } = promised;
  const transaction = transactionOf(state, id, image);
  transaction.pending = image.phase;
  const ticket = state.nextTicket++;
  state.promised.set(ticket, promised);
  out.push({ type: 'append', ticket, records: [{ key: id, value: canonicalJson(image) }] });
}
