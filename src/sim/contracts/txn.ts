/**
 * The conversation of a client with a transactional store: transactions of several statements, one
 * after the other, as over a session of a SQL database.
 *
 * Invariant: after a definite error the transaction has aborted, everywhere, or surely will; only
 * 08007 leaves open whether it has committed.
 *
 * Source: the SQLSTATE codes of PostgreSQL 17, appendix A; the operations of Jepsen's list-append
 * and rw-register workloads (Kingsbury and Alvaro, Elle, VLDB 2020)
 */
import { hashText } from '../kernel/trace-hash.ts';
import { defineContract } from './contract.ts';

/** A register, a counter, or a list that is appended to. Null: never written. */
export type TxnValue = number | null | readonly number[];

/** A reading of a hybrid logical clock: `l` in microseconds of wall clock, `c` breaks ties. */
export interface Stamp {
  readonly l: number;
  readonly c: number;
}

/** One statement. `add` and `append` read and write at once, where the row is. */
export type Statement =
  | { readonly do: 'read'; readonly key: string }
  /** The newest version, locked as if it were written (SELECT ... FOR UPDATE). */
  | { readonly do: 'read-for-update'; readonly key: string }
  /** All rows whose key begins so: a predicate. */
  | { readonly do: 'scan'; readonly prefix: string }
  | { readonly do: 'write'; readonly key: string; readonly value: TxnValue }
  | { readonly do: 'append'; readonly key: string; readonly value: number }
  | { readonly do: 'add'; readonly key: string; readonly by: number };

export interface TxnRow {
  readonly key: string;
  readonly value: TxnValue;
  /** Who wrote this version; null: it was there from the start, or there is none. */
  readonly xmin: number | null;
}

/** What a transaction leaves in a row. */
export interface WrittenRow {
  readonly key: string;
  readonly value: TxnValue;
}

export interface TxnBegin {
  readonly type: 'txn.begin';
  /** It will only read: it reads a snapshot and takes no locks, whatever the level. */
  readonly readOnly: boolean;
}
export interface TxnBegun {
  readonly type: 'txn.begun';
  readonly txn: number;
}
export interface TxnStatement {
  readonly type: 'txn.statement';
  readonly txn: number;
  /** From 1 on: what comes twice is done once. */
  readonly seq: number;
  readonly statement: Statement;
}
export interface TxnResult {
  readonly type: 'txn.result';
  /** What was read, or what the row holds now. Of a scan: null. */
  readonly value: TxnValue;
  /** Who wrote the version that was read, or built upon (PostgreSQL: xmin). */
  readonly xmin: number | null;
  /** Of a scan, in the order of their keys. */
  readonly rows?: readonly TxnRow[];
}
export interface TxnCommit {
  readonly type: 'txn.commit';
  readonly txn: number;
}
export interface TxnCommitted {
  readonly type: 'txn.committed';
  readonly at: Stamp;
}
export interface TxnAbort {
  readonly type: 'txn.abort';
  readonly txn: number;
}
export interface TxnAborted {
  readonly type: 'txn.aborted';
}

export type TxnRequest = TxnBegin | TxnStatement | TxnCommit | TxnAbort;
export type TxnMessage = TxnRequest | TxnBegun | TxnResult | TxnCommitted | TxnAborted;

const mix = (a: number, b: number): number => Math.imul(a, 31) ^ b;

export function digestTxnValue(value: TxnValue): number {
  if (value === null) return -1;
  return typeof value === 'number' ? value | 0 : value.reduce(mix, value.length);
}
const showValue = (value: TxnValue): string =>
  value === null ? 'nothing' : typeof value === 'number' ? String(value) : `[${value.join(', ')}]`;

export function digestStatement(statement: Statement): number {
  const word = hashText(statement.do);
  switch (statement.do) {
    case 'read':
    case 'read-for-update':
      return mix(word, hashText(statement.key));
    case 'scan':
      return mix(word, hashText(statement.prefix));
    case 'add':
      return mix(mix(word, hashText(statement.key)), statement.by);
    case 'write':
    case 'append':
      return mix(mix(word, hashText(statement.key)), digestTxnValue(statement.value));
  }
}

export function showStatement(statement: Statement): string {
  switch (statement.do) {
    case 'read':
      return `read ${statement.key}`;
    case 'read-for-update':
      return `read ${statement.key} for update`;
    case 'scan':
      return `read all ${statement.prefix}`;
    case 'write':
      return `${statement.key} = ${showValue(statement.value)}`;
    case 'append':
      return `append ${statement.value} to ${statement.key}`;
    case 'add':
      return `add ${statement.by} to ${statement.key}`;
  }
}

const digestRows = (m: TxnResult): number =>
  (m.rows ?? []).reduce(
    (word, row) => mix(mix(word, hashText(row.key)), digestTxnValue(row.value)),
    mix(digestTxnValue(m.value), m.xmin ?? -1),
  );

export const txn = defineContract<TxnMessage>({
  name: 'txn',
  about: 'A client begins a transaction, reads and writes in it, and commits or aborts it.',
  source: 'PostgreSQL 17 (sessions, SQLSTATE); Elle (VLDB 2020), micro-operations',
  messages: {
    'txn.begin': {
      role: 'request',
      flight: 'request',
      digest: (m) => (m.readOnly ? 1 : 0),
      label: (m) => (m.readOnly ? 'begin read only' : 'begin'),
    },
    'txn.begun': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.txn,
      label: (m) => `transaction ${m.txn}`,
    },
    'txn.statement': {
      role: 'request',
      flight: 'request',
      digest: (m) => mix(m.txn, digestStatement(m.statement)),
      label: (m) => `${m.txn}: ${showStatement(m.statement)}`,
    },
    'txn.result': {
      role: 'reply',
      flight: 'response',
      digest: digestRows,
      label: (m) =>
        m.rows === undefined
          ? showValue(m.value)
          : m.rows.map((row) => `${row.key} ${showValue(row.value)}`).join(', ') || 'no rows',
    },
    'txn.commit': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.txn,
      label: (m) => `commit ${m.txn}`,
    },
    'txn.committed': {
      role: 'reply',
      flight: 'response',
      digest: (m) => mix(m.at.l | 0, m.at.c),
      label: (m) => `committed at ${Math.round(m.at.l / 1_000)} ms`,
    },
    'txn.abort': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.txn,
      label: (m) => `abort ${m.txn}`,
    },
    'txn.aborted': {
      role: 'reply',
      flight: 'response',
      digest: () => 0,
      label: () => 'aborted',
    },
  },
  errors: [
    {
      code: '40001',
      definite: true,
      means: 'serialization failure: others came first; it aborted, and may be tried again',
    },
    { code: '40P01', definite: true, means: 'deadlock detected: it aborted to end a circle' },
    {
      code: '55P03',
      definite: true,
      means: 'lock not available: it waited for a lock for lockTimeoutMs, and aborted',
    },
    { code: '25P01', definite: true, means: 'no such transaction is under way here' },
    { code: '25P03', definite: true, means: 'its client said nothing for too long: it aborted' },
    { code: '25006', definite: true, means: 'a read-only transaction cannot write; it aborted' },
    { code: '72000', definite: true, means: 'snapshot too old: versions it needs are gone' },
    {
      code: '08006',
      definite: true,
      means: 'a shard did not answer, or forgot the transaction in a crash; it aborted',
    },
    {
      code: '08007',
      definite: false,
      means: 'transaction resolution unknown: it may have committed',
    },
  ],
});
