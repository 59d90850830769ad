/**
 * The sink of a stream job: rows to a store, one request after the other.
 *
 * Invariants: a snapshot is taken when all rows before it are with the store. In transactions, rows
 * of one checkpoint are one transaction, which is committed once that checkpoint is complete, and
 * again after a restore, until the store has said what became of it.
 *
 * Source: Flink, TwoPhaseCommitSinkFunction (preCommit, commit, recoverAndCommit), KafkaSink
 * Differs: a transaction begins with its first row, and there is none where there is no row.
 */
import type { ResultRow, ResultsWrite, Writer } from '../../contracts/results.ts';
import type { OwnState, PendingTransaction } from '../../contracts/stream.ts';
import type { StreamRules } from './rules.ts';

/** plain: AT_LEAST_ONCE; idempotent: by key and window; transactional: EXACTLY_ONCE. */
export type SinkMode = 'plain' | 'idempotent' | 'transactional';

export interface SinkConfig {
  readonly mode: SinkMode;
  readonly transactionTimeoutMs: number;
  readonly rules: StreamRules;
}

/** Asked one at a time. */
export type SinkRequest =
  | Pick<ResultsWrite, 'type' | 'rows' | 'isUpsert' | 'transaction'>
  | { readonly type: 'results.commit'; readonly id: string }
  | { readonly type: 'results.abort'; readonly writer: Writer; readonly except: readonly string[] };

export interface Sink {
  readonly writer: Writer;
  /** Closed, and not known to be committed. */
  pending: readonly PendingTransaction[];
  current: { readonly id: string; sequence: number } | null;
  begun: number;
  /** The first is under way, or about to be. */
  requests: readonly SinkRequest[];
  isAsking: boolean;
  /** The first has been asked before: it may be with the store, so nothing is added to it. */
  isTried: boolean;
  /** It waits for its rows to be written, for this checkpoint. */
  flushing: number | null;
}

export function startSink(
  { mode, rules }: SinkConfig,
  writer: Writer,
  snapshot: OwnState | null,
): Sink {
  const kept = snapshot?.role === 'sink' && rules.commitOnRestore ? snapshot.pending : [];
  const commits = kept.map(({ id }): SinkRequest => ({ type: 'results.commit', id }));
  const except = kept.map(({ id }) => id);
  const abort: SinkRequest = { type: 'results.abort', writer, except };
  return {
    writer,
    pending: kept,
    current: null,
    begun: 0,
    requests: mode === 'transactional' ? [abort, ...commits] : [],
    isAsking: false,
    isTried: false,
    flushing: null,
  };
}

export function writeRow(config: SinkConfig, sink: Sink, row: ResultRow): void {
  const isUpsert = config.mode === 'idempotent';
  const last = sink.requests.at(-1);
  const isSealed = sink.isTried && sink.requests.length === 1;
  if (last?.type === 'results.write' && !isSealed) {
    sink.requests = [...sink.requests.slice(0, -1), { ...last, rows: [...last.rows, row] }];
    return;
  }
  const transaction = config.mode === 'transactional' ? inTransaction(config, sink) : null;
  const request: SinkRequest = { type: 'results.write', rows: [row], isUpsert, transaction };
  sink.requests = [...sink.requests, request];
}

function inTransaction(config: SinkConfig, sink: Sink): ResultsWrite['transaction'] {
  const { writer } = sink;
  if (sink.current === null) {
    sink.begun += 1;
    sink.current = { id: `t${writer.sink}-${writer.attempt}-${sink.begun}`, sequence: 0 };
  }
  const { current } = sink;
  current.sequence += 1;
  const { id, sequence } = current;
  return { id, writer, sequence, timeoutMs: config.transactionTimeoutMs };
}

/** The next request, which is under way from now on. */
export function nextRequest(sink: Sink): SinkRequest | null {
  const [first] = sink.requests;
  if (first === undefined || sink.isAsking) return null;
  sink.isAsking = true;
  sink.isTried = true;
  return first;
}

/** Nobody answered: it is asked again. */
export function notAnswered(sink: Sink): void {
  sink.isAsking = false;
}

/** @returns the transaction that is lost by that answer, or null */
export function answered(sink: Sink, isDone: boolean): string | null {
  const [first, ...rest] = sink.requests;
  sink.requests = rest;
  sink.isAsking = false;
  sink.isTried = false;
  if (first?.type !== 'results.commit') return null;
  sink.pending = sink.pending.filter(({ id }) => id !== first.id);
  return isDone ? null : first.id;
}

/** @returns the state to be kept, once all rows are with the store; before that null */
export function snapshotOfSink(
  { mode, rules }: SinkConfig,
  sink: Sink,
  checkpoint: number,
): OwnState | null {
  sink.flushing = checkpoint;
  if (sink.requests.some(({ type }) => type === 'results.write')) return null;
  sink.flushing = null;
  const { current } = sink;
  sink.current = null;
  if (mode === 'transactional' && current !== null) {
    const { id } = current;
    if (rules.commitOnComplete) sink.pending = [...sink.pending, { id, checkpoint }];
    else sink.requests = [...sink.requests, { type: 'results.commit', id }];
  }
  return { role: 'sink', pending: sink.pending };
}

export function checkpointComplete(sink: Sink, checkpoint: number): void {
  const asked = new Set(sink.requests.map((one) => (one.type === 'results.commit' ? one.id : '')));
  const due = sink.pending.filter((one) => one.checkpoint <= checkpoint && !asked.has(one.id));
  const commits = due.map(({ id }): SinkRequest => ({ type: 'results.commit', id }));
  sink.requests = [...sink.requests, ...commits];
}
