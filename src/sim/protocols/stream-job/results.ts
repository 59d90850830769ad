/**
 * Where results are kept: rows that readers see, and transactions that they do not see yet.
 *
 * Invariants: rows of a transaction are seen all at once, when it is committed, or never; one that
 * is committed stays so; what an earlier attempt of a sink sends after a later one has begun is
 * refused.
 *
 * Source: Apache Kafka, transactions: idempotent producer, fencing, transaction.timeout.ms
 */
import type { ResultRow, ResultsAbort, ResultsWrite } from '../../contracts/results.ts';

export interface OpenTransaction {
  readonly sink: number;
  readonly attempt: number;
  readonly rows: readonly ResultRow[];
  readonly sequence: number;
  readonly sinceMicros: number;
  readonly timeoutMs: number;
}
export interface KeptRow {
  readonly row: ResultRow;
  /** When readers could see it first, and when it was written. */
  readonly seenMicros: number;
  readonly writtenMicros: number;
}
export interface Results {
  rows: readonly KeptRow[];
  readonly open: Map<string, OpenTransaction>;
  readonly committed: Set<string>;
  /** By sink: earlier attempts are fenced. */
  readonly attempts: Map<number, number>;
}

export type ResultsRecord =
  | { readonly type: 'write'; readonly write: ResultsWrite; readonly atMicros: number }
  | { readonly type: 'commit'; readonly id: string; readonly atMicros: number }
  | { readonly type: 'abort'; readonly abort: ResultsAbort }
  | { readonly type: 'timeout'; readonly id: string };

export const emptyResults = (): Results => ({
  rows: [],
  open: new Map(),
  committed: new Set(),
  attempts: new Map(),
});

export const copyOfResults = ({ rows, open, committed, attempts }: Results): Results => ({
  rows,
  open: new Map(open),
  committed: new Set(committed),
  attempts: new Map(attempts),
});

export type ResultsError = 'producer-fenced' | 'transaction-aborted';

/** Why it is refused, or null. */
export function refusal(
  results: Results,
  request: ResultsWrite | { readonly type: 'results.commit'; readonly id: string } | ResultsAbort,
): ResultsError | null {
  const { open, committed, attempts } = results;
  if (request.type === 'results.commit') {
    return open.has(request.id) || committed.has(request.id) ? null : 'transaction-aborted';
  }
  const writer = request.type === 'results.abort' ? request.writer : request.transaction?.writer;
  if (writer !== undefined && (attempts.get(writer.sink) ?? 0) > writer.attempt) {
    return 'producer-fenced';
  }
  if (request.type === 'results.abort' || request.transaction === null) return null;
  const { id, sequence } = request.transaction;
  return sequence === 1 || open.has(id) ? null : 'transaction-aborted';
}

const nameOf = (row: ResultRow): string =>
  row.kind === 'row' ? `${row.row.start} ${row.row.end} ${row.row.key}` : `late ${row.event.id}`;

export function applyResults(results: Results, record: ResultsRecord): void {
  switch (record.type) {
    case 'write':
      return applyWrite(results, record.write, record.atMicros);
    case 'commit': {
      const transaction = results.open.get(record.id);
      if (transaction === undefined) return;
      results.open.delete(record.id);
      results.committed.add(record.id);
      const { rows, sinceMicros } = transaction;
      const seen = { seenMicros: record.atMicros, writtenMicros: sinceMicros };
      results.rows = [...results.rows, ...rows.map((row) => ({ row, ...seen }))];
      return;
    }
    case 'abort': {
      const { writer, except } = record.abort;
      results.attempts.set(writer.sink, writer.attempt);
      for (const [id, { sink }] of [...results.open]) {
        if (sink === writer.sink && !except.includes(id)) results.open.delete(id);
      }
      return;
    }
    case 'timeout':
      results.open.delete(record.id);
  }
}

function applyWrite(results: Results, write: ResultsWrite, atMicros: number): void {
  const { transaction, rows, isUpsert } = write;
  if (transaction !== null) {
    const { id, writer, sequence, timeoutMs } = transaction;
    const before = results.open.get(id);
    if (sequence <= (before?.sequence ?? 0)) return;
    results.open.set(id, {
      ...writer,
      rows: [...(before?.rows ?? []), ...rows],
      sequence,
      sinceMicros: before?.sinceMicros ?? atMicros,
      timeoutMs,
    });
    return;
  }
  const names = isUpsert ? new Set(rows.map(nameOf)) : new Set<string>();
  const others = isUpsert
    ? results.rows.filter(({ row }) => !names.has(nameOf(row)))
    : results.rows;
  const seen = { seenMicros: atMicros, writtenMicros: atMicros };
  results.rows = [...others, ...rows.map((row) => ({ row, ...seen }))];
}
