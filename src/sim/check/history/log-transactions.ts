/**
 * Transactions of producers of a partitioned log, held against what consumers read.
 *
 * Operation: `transaction`, from when its producer orders its end (input the outcome it wants and
 * the values that it sent; output where the log had them).
 *
 *  - precommitted-read: read before the producer had ordered the end of its transaction.
 *  - torn-transaction: of one transaction something was read, and something that stands before the
 *    last record that was read there was not.
 *
 * Source: Jepsen, the checker of its kafka workload (jepsen.tests.kafka); its report on Bufstream
 * 0.1.0 (torn transactions)
 */
import type { RecordValue } from '../../contracts/record-batch.ts';
import type { Op } from '../../observe/history.ts';
import type { Ended } from './log-txns.ts';
import { actorOf } from './result.ts';

interface TransactionFinding {
  readonly kind: 'precommitted-read' | 'torn-transaction';
  readonly why: string;
  readonly ops: readonly number[];
}

interface SentPlace {
  readonly value: RecordValue;
  readonly partition: number;
  readonly offset: number;
}

/** What was read: by value the poll that came first, and the last offset of each partition. */
interface ReadValues {
  readonly first: ReadonlyMap<RecordValue, Op>;
  lastOf(partition: number): number;
  /** Compaction may have taken it away: a later record of its key is there. */
  isReplaced(value: RecordValue, partition: number, offset: number): boolean;
}

export function transactionFindings(
  transactions: readonly Op[],
  read: ReadValues,
): TransactionFinding[] {
  return transactions.flatMap((op) => [...early(op, read), ...torn(op, read)]);
}

function early(op: Op, { first }: ReadValues): TransactionFinding[] {
  for (const value of (op.input as Ended).sends) {
    const poll = first.get(value);
    if (poll === undefined || poll.ret >= op.call) continue;
    const why =
      `${actorOf(poll)} read ${String(value)} before ${actorOf(op)} had ended the transaction ` +
      'in which it was sent.';
    return [{ kind: 'precommitted-read', why, ops: [poll.id, op.id] }];
  }
  return [];
}

/** Where it does not know that it is over, each part counts that is known to be in the log. */
function torn(op: Op, read: ReadValues): TransactionFinding[] {
  const { first } = read;
  const { sends } = op.input as Ended;
  const places = (op.output ?? []) as readonly SentPlace[];
  const seen = sends.find((value) => first.has(value));
  const missing = places.find(
    ({ value, partition, offset }) =>
      !first.has(value) &&
      offset < read.lastOf(partition) &&
      !read.isReplaced(value, partition, offset),
  );
  if (seen === undefined || missing === undefined) return [];
  const why =
    `Of one transaction of ${actorOf(op)} ${String(seen)} was read and ${String(missing.value)} ` +
    `was not: consumers passed over offset ${missing.offset} of partition ${missing.partition}.`;
  const poll = first.get(seen) as Op;
  return [{ kind: 'torn-transaction', why, ops: [op.id, poll.id] }];
}
