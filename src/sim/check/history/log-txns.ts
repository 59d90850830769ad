/**
 * Operations of a partitioned log as the transactions that they are of: who sent and who polled
 * what together.
 *
 *  - A transaction has the sends that its end names, and what its client has polled since the end
 *    of the one before: a processor commits how far it has read with what it wrote.
 *  - A send or a poll that is in none is one of its own; of one that was aborted its polls are, and
 *    its sends are nobody's.
 *
 * Invariant: one that nobody knows the fate of does not return.
 */
import { recordAt } from '../../contracts/record-batch.ts';
import type { RecordBatch, RecordValue } from '../../contracts/record-batch.ts';
import type { Op } from '../../observe/history.ts';
import type { LogRead, LogTxn } from '../transactions/index.ts';

/** What a poll returned of one batch: its offsets from `from` up to, not including, `to`. */
export interface PolledRun {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly batch: Pick<RecordBatch, 'baseOffset' | 'records' | 'remains'>;
}

/** What orders the end of a transaction. */
export interface Ended {
  readonly outcome: 'commit' | 'abort';
  readonly sends: readonly RecordValue[];
}

export function logTxnsOf(ops: readonly Op[]): LogTxn[] {
  const sends = new Map<RecordValue, Op>();
  for (const op of ops)
    if (op.f === 'send' && op.input !== null) sends.set(op.input as RecordValue, op);
  const txns: LogTxn[] = [];
  const ended = ops.filter(({ f }) => f === 'transaction');
  const polls = pollsOf(ops, ended);
  for (const op of ended) {
    const { outcome, sends: values } = op.input as Ended;
    const own = values.flatMap((value) => sends.get(value) ?? []);
    for (const value of values) sends.delete(value);
    if (outcome === 'abort' || op.outcome === 'fail') continue;
    const of = polls.get(op) ?? [];
    polls.delete(op);
    const first = [op, ...own, ...of].reduce((a, b) => (b.call < a.call ? b : a));
    const { call, callMicros } = first;
    const told = { ...op, call, ...(callMicros === undefined ? {} : { callMicros }) };
    txns.push({ op: told, endedAt: op.call, sends: values, reads: of.flatMap(readsOf) });
  }
  for (const op of [...polls.values()].flat())
    txns.push({ op, endedAt: op.ret, sends: [], reads: readsOf(op) });
  for (const [value, op] of sends)
    if (op.outcome !== 'fail') txns.push({ op, endedAt: op.call, sends: [value], reads: [] });
  return txns;
}

/** By the end of the transaction that they are of; those after the last one by null. */
function pollsOf(ops: readonly Op[], ended: readonly Op[]): Map<Op | null, Op[]> {
  const polls = new Map<Op | null, Op[]>();
  const since = new Map<string | number, Op[]>();
  const named = ({ client, process }: Op): string | number => client ?? process;
  const owners = new Set(ended.map(named));
  const alone: Op[] = [];
  const inOrder = ops.filter(({ f, outcome }) => f === 'transaction' || isPoll(f, outcome));
  for (const op of inOrder.toSorted((a, b) => a.call - b.call || a.id - b.id)) {
    const who = named(op);
    if (op.f === 'transaction') {
      polls.set(op, since.get(who) ?? []);
      since.delete(who);
    } else if (owners.has(who)) {
      const before = since.get(who);
      if (before === undefined) since.set(who, [op]);
      else before.push(op);
    } else alone.push(op);
  }
  polls.set(null, [...alone, ...[...since.values()].flat()]);
  return polls;
}

const isPoll = (f: string, outcome: Op['outcome']): boolean => f === 'poll' && outcome === 'ok';

function readsOf(op: Op): LogRead[] {
  const reads: LogRead[] = [];
  for (const { partition, from, to, batch } of op.output as readonly PolledRun[]) {
    for (let offset = from; offset < to; offset++) {
      const value = recordAt(batch, offset)?.value ?? null;
      if (value !== null) reads.push({ partition, offset, value });
    }
  }
  return reads;
}
