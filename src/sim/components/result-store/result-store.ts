/**
 * Where a stream job writes its results: rows that are seen at once, or when their transaction is
 * committed.
 *
 * Invariants: a request is answered once it is on disk; a transaction that is open for longer than
 * its timeout is aborted, whoever still wants to commit it.
 *
 * Source: Apache Kafka, transactions (transaction.timeout.ms); Flink, KafkaSink
 */
import type { FactTable } from '../../contracts/facts.ts';
import { results as contract } from '../../contracts/results.ts';
import type {
  ResultsAbort,
  ResultsCommit,
  ResultsDone,
  ResultsWrite,
} from '../../contracts/results.ts';
import { Type } from '../../contracts/schema.ts';
import { micros, ms } from '../../kernel/time.ts';
import { plural } from '../../kernel/plural.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, Context, View } from '../../node/behaviour.ts';
import {
  applyResults,
  copyOfResults,
  emptyResults,
  refusal,
} from '../../protocols/stream-job/results.ts';
import type { Results, ResultsRecord } from '../../protocols/stream-job/results.ts';

const config = Type.Object({}, { additionalProperties: false });
type Config = object;
type Ctx = Context<Config>;
type Request = ResultsWrite | ResultsCommit | ResultsAbort;

export interface ResultStoreState {
  /** As they are on disk. */
  readonly results: Results;
  /** By ticket. */
  readonly writing: Map<number, { readonly record: ResultsRecord; readonly call: CallRef | null }>;
  nextTicket: number;
  /** Names of transactions with a timer, by its key. */
  readonly timers: Map<number, string>;
  nextTimer: number;
  readonly counts: { writes: number; refused: number; timeouts: number };
}

export interface ResultStoreView extends View {
  readonly component: 'result-store';
  readonly rows: number;
  readonly open: readonly { readonly id: string; readonly rows: number }[];
  readonly newest: readonly {
    readonly key: string;
    readonly start: number;
    readonly end: number;
    readonly sum: number;
  }[];
}

export type ResultStoreFact =
  | { readonly type: 'results.committed'; readonly id: string; readonly rows: number }
  | { readonly type: 'results.timed-out'; readonly id: string; readonly rows: number };

const facts: FactTable<ResultStoreFact> = {
  'results.committed': {
    weight: 'minor',
    sentence: (f) => `commits transaction ${f.id} with ${plural(f.rows, 'row')}`,
  },
  'results.timed-out': {
    weight: 'major',
    sentence: (f) =>
      `aborts transaction ${f.id} with ${plural(f.rows, 'row')}: it was open for too long`,
  },
};

function start(ctx: Ctx): ResultStoreState {
  const state: ResultStoreState = {
    results: copyOfResults(ctx.durable as Results),
    writing: new Map(),
    nextTicket: 1,
    timers: new Map(),
    nextTimer: 1,
    counts: { writes: 0, refused: 0, timeouts: 0 },
  };
  for (const id of state.results.open.keys()) armTimeout(state, ctx, id);
  return state;
}

function armTimeout(state: ResultStoreState, ctx: Ctx, id: string): void {
  const transaction = state.results.open.get(id);
  if (transaction === undefined) return;
  const key = state.nextTimer++;
  state.timers.set(key, id);
  const dueMicros = transaction.sinceMicros + ms(transaction.timeoutMs);
  ctx.setTimer('timeout', key, micros(Math.max(0, dueMicros - ctx.mono())));
}

function onRequest(state: ResultStoreState, ctx: Ctx, request: Request, call: CallRef): void {
  const error = refusal(state.results, request);
  if (error !== null) {
    state.counts.refused += 1;
    return ctx.refuse(call, error);
  }
  write(state, ctx, recordOf(request, ctx.mono()), call);
}

function recordOf(request: Request, atMicros: number): ResultsRecord {
  switch (request.type) {
    case 'results.write':
      return { type: 'write', write: request, atMicros };
    case 'results.commit':
      return { type: 'commit', id: request.id, atMicros };
    case 'results.abort':
      return { type: 'abort', abort: request };
  }
}

function write(
  state: ResultStoreState,
  ctx: Ctx,
  record: ResultsRecord,
  call: CallRef | null,
): void {
  const ticket = state.nextTicket++;
  state.writing.set(ticket, { record, call });
  ctx.write(record);
  ctx.sync(ticket);
}

function onSynced(state: ResultStoreState, ctx: Ctx, ticket: number): void {
  const done = state.writing.get(ticket);
  if (done === undefined) return;
  state.writing.delete(ticket);
  const { record, call } = done;
  const { results } = state;
  const rows = 'id' in record ? (results.open.get(record.id)?.rows.length ?? 0) : 0;
  const isThere = 'id' in record && results.open.has(record.id);
  const begins =
    record.type === 'write' &&
    record.write.transaction !== null &&
    !results.open.has(record.write.transaction.id);
  applyResults(results, record);
  if (record.type === 'write') state.counts.writes += 1;
  if (begins) armTimeout(state, ctx, record.write.transaction.id);
  if (isThere && record.type === 'commit') {
    ctx.tell<ResultStoreFact>({ type: 'results.committed', id: record.id, rows });
  }
  if (isThere && record.type === 'timeout') {
    state.counts.timeouts += 1;
    ctx.tell<ResultStoreFact>({ type: 'results.timed-out', id: record.id, rows });
  }
  if (call !== null) ctx.reply<ResultsDone>(call, { type: 'results.done' });
}

function onTimeout(state: ResultStoreState, ctx: Ctx, key: number): void {
  const id = state.timers.get(key);
  state.timers.delete(key);
  if (id !== undefined && state.results.open.has(id))
    write(state, ctx, { type: 'timeout', id }, null);
}

/** Of rows and transactions that are shown. */
const SHOWN_MAX = 10;

export const resultStore = defineBehaviour<
  ResultStoreState,
  Config,
  Request,
  ResultStoreView,
  ResultStoreFact,
  Results,
  ResultsRecord
>({
  component: 'result-store',
  about: 'Keeps the results of a stream job, and its transactions until they are committed.',
  source: 'Apache Kafka, transactions (transaction.timeout.ms); Flink, KafkaSink',
  leavesOut: [
    'Whoever reads the rows: what is committed is seen.',
    'Brokers and the log of transactions behind it: it is one node with a disk.',
  ],
  badge: 'RS',
  countMax: 1,
  serves: [contract],
  links: {},
  config,
  facts,
  roleNames: { store: 'Keeps rows.' },
  durable: {
    empty: emptyResults,
    apply: applyResults,
    save: copyOfResults,
    restore: (image) => copyOfResults(image as Results),
  },
  start,
  on: {
    'results.write': (state, ctx, message, _from, call) => onRequest(state, ctx, message, call),
    'results.commit': (state, ctx, message, _from, call) => onRequest(state, ctx, message, call),
    'results.abort': (state, ctx, message, _from, call) => onRequest(state, ctx, message, call),
  },
  onTimer: (state, ctx, _kind, key) => onTimeout(state, ctx, key),
  onSynced,
  gauges: [
    {
      kind: 'level',
      title: 'Rows',
      about: 'Rows that readers see.',
      of: ({ results }) => results.rows.length,
    },
    {
      kind: 'level',
      title: 'Longest unseen',
      about: 'How long the row that waited longest for its transaction was not seen.',
      unit: 'ms',
      of: ({ results }) => longestUnseen(results) / 1_000,
    },
    {
      kind: 'level',
      title: 'Open transactions',
      about: 'Transactions that are neither committed nor aborted.',
      of: ({ results }) => results.open.size,
    },
  ],
  roles: () => ['store'],
  view({ results, counts }) {
    const open = [...results.open].slice(0, SHOWN_MAX);
    const newest = results.rows.slice(-SHOWN_MAX).flatMap(({ row }) => {
      if (row.kind !== 'row') return [];
      const { key, start: from, end, sum } = row.row;
      return [{ key, start: from, end, sum }];
    });
    return {
      component: 'result-store',
      rows: results.rows.length,
      open: open.map(([id, { rows }]) => ({ id, rows: rows.length })),
      newest: newest.reverse(),
      fields: [
        { label: 'Rows', value: results.rows.length },
        { label: 'Open transactions', value: results.open.size },
        { label: 'Committed', value: results.committed.size },
        { label: 'Timed out', value: counts.timeouts },
        { label: 'Refused', value: counts.refused },
      ],
    };
  },
});

const longestUnseen = ({ rows }: Results): number =>
  rows.reduce(
    (most, { seenMicros, writtenMicros }) => Math.max(most, seenMicros - writtenMicros),
    0,
  );
