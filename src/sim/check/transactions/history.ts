/**
 * Transactions as a history holds them: one operation each, whose input is what was asked and whose
 * output is the same list with what was read.
 *
 * Invariants
 *  - Only what is known is read: the reads of a transaction of unknown fate, or of one that failed,
 *    are left out, whatever the log wrote there.
 *  - A `fail` aborted; an `unknown` may have committed.
 *
 * Source: the micro-operations of Elle (Kingsbury and Alvaro, VLDB 2020).
 */
import type { Op } from '../../observe/history.ts';
import { actorOf, showValue } from '../history/result.ts';
import type { Value } from '../history/result.ts';

/** What a read of a list returned, or what one write stored. */
export type MicroValue = Value | readonly Value[];

/** `append` and `w` write, `r` reads; a read without a value has not returned. */
export type MicroOp = readonly [f: 'append' | 'w' | 'r', key: string, value?: MicroValue];

export type TxnOp = Op<readonly MicroOp[], readonly MicroOp[]>;

export interface Txn {
  /** Its place among the transactions that may have committed; -1: it aborted. */
  readonly node: number;
  readonly op: TxnOp;
  readonly micro: readonly MicroOp[];
  readonly isCommitted: boolean;
}

export interface Txns {
  /** Committed ones and those of unknown fate, in the order given: the nodes of the graph. */
  readonly possible: readonly Txn[];
  readonly aborted: readonly Txn[];
}

export function txnsOf(ops: readonly TxnOp[]): Txns {
  const possible: Txn[] = [];
  const aborted: Txn[] = [];
  for (const op of ops) {
    if (op.outcome === 'fail') {
      aborted.push({ node: -1, op, micro: op.input.map(withoutRead), isCommitted: false });
    } else if (op.outcome === 'ok') {
      const micro = op.output ?? op.input;
      possible.push({ node: possible.length, op, micro, isCommitted: true });
    } else {
      const micro = op.input.map(withoutRead);
      possible.push({ node: possible.length, op, micro, isCommitted: false });
    }
  }
  return { possible, aborted };
}

function withoutRead(micro: MicroOp): MicroOp {
  return micro[0] === 'r' ? ['r', micro[1]] : micro;
}

/** "c1: append x 3; read y = [… 2]". */
export function describeTxn({ op, micro }: Txn): string {
  const fate = op.outcome === 'ok' ? '' : op.outcome === 'fail' ? ' (aborted)' : ' (fate unknown)';
  const told = micro.map((one) =>
    isList(one[2]) ? `read ${one[1]} = ${showEnd(one[2])}` : describeMicro(one),
  );
  return `${actorOf(op)}${fate}: ${told.join('; ')}`;
}

/** A list by its last element, which names the version: what was before follows from that. */
export function showEnd(list: readonly Value[]): string {
  const last = list.at(-1);
  if (last === undefined) return '[]';
  return `[${list.length > 1 ? '… ' : ''}${showValue(last)}]`;
}

const LIST_SHOWN_MAX = 12;

export function describeMicro([f, key, value]: MicroOp): string {
  if (f === 'append') return `append ${key} ${showMicroValue(value)}`;
  return f === 'w'
    ? `write ${key} = ${showMicroValue(value)}`
    : `read ${key} = ${showMicroValue(value)}`;
}

/** A long list is shown by its end, which is what tells two reads apart. */
export function showMicroValue(value: MicroValue | undefined): string {
  if (value === undefined) return '?';
  if (!isList(value)) return showValue(value);
  const shown = value.slice(-LIST_SHOWN_MAX).map(showValue);
  return `[${value.length > shown.length ? '..., ' : ''}${shown.join(', ')}]`;
}

export function isList(value: MicroValue | undefined): value is readonly Value[] {
  return Array.isArray(value);
}
