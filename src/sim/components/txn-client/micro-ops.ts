/**
 * What a transaction did, as the checkers of transactions take it.
 *
 * Lists are read and appended to as they are. Of every other row the *versions* are told: a read is
 * who wrote what it saw, a write is the transaction itself. So writes are unique where their values
 * are not (two counters that both become 3), which is what inference needs.
 *
 * Source: the micro-operations of Elle (VLDB 2020); the system column xmin of PostgreSQL
 */
import type { Statement, TxnResult, TxnValue } from '../../contracts/txn.ts';

export type TxnMicroOp = readonly [
  f: 'append' | 'w' | 'r',
  key: string,
  value?: number | null | readonly number[],
];

/** A row that was never written is an empty list where lists are appended to. */
const isList = (value: TxnValue): value is readonly number[] => Array.isArray(value);

export function asMicroOps(
  txn: number,
  statements: readonly Statement[],
  results: readonly TxnResult[],
): readonly TxnMicroOp[] {
  const written = new Set<string>();
  const all = statements.flatMap((statement, i) => one(txn, statement, results[i]));
  // Of the writes of one row the last makes the version; others shall not look like others.
  const kept = all.filter(([f, key]) => {
    if (f !== 'w') return true;
    if (written.has(key)) return false;
    written.add(key);
    return true;
  });
  return Object.freeze(kept);
}

function one(txn: number, statement: Statement, result: TxnResult | undefined): TxnMicroOp[] {
  switch (statement.do) {
    case 'append':
      return [['append', statement.key, statement.value]];
    case 'write':
      return [['w', statement.key, txn]];
    case 'add':
      // It builds upon the version that it found.
      return result === undefined
        ? [['w', statement.key, txn]]
        : [
            ['r', statement.key, result.xmin],
            ['w', statement.key, txn],
          ];
    case 'read':
    case 'read-for-update':
      return result === undefined ? [['r', statement.key]] : [read(statement.key, result)];
    case 'scan':
      return (result?.rows ?? []).map((row) => read(row.key, row));
  }
}

const read = (
  key: string,
  { value, xmin }: { readonly value: TxnValue; readonly xmin: number | null },
): TxnMicroOp => ['r', key, isList(value) ? value : xmin];
