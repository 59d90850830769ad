/**
 * Clients of a transactional store: each worker runs one transaction after the other, statement by
 * statement, and tells what it read and wrote, so that the history can be judged.
 *
 * Invariants
 *  - An attempt is one operation of the history. Its output is the list of what it did: appends and
 *    reads of lists as they are; of other rows the versions (who wrote what was read, and itself
 *    for what it wrote), which are unique where values are not.
 *  - It has failed for sure unless it has asked for a commit and was not told.
 *
 * Source: Kingsbury and Alvaro, Elle (VLDB 2020); PostgreSQL 13.5 (serialization failures)
 */
import type { ClientFact, FactTable } from '../../contracts/facts.ts';
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import { txn } from '../../contracts/txn.ts';
import type { Statement, TxnAbort, TxnBegin, TxnBegun, TxnCommit } from '../../contracts/txn.ts';
import type { TxnResult, TxnStatement } from '../../contracts/txn.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { MonoMicros } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallResult, Context, NodeIndex, View } from '../../node/behaviour.ts';
import { checkTxnClient, txnClientConfig } from './config.ts';
import type { TxnClientConfig } from './config.ts';
import { asMicroOps } from './micro-ops.ts';
import type { TxnMicroOp } from './micro-ops.ts';
import { nextOf, purposeOf, withNewValues, wrongIn } from './workloads.ts';
import type { Next, Purpose } from './workloads.ts';

type Ctx = Context<TxnClientConfig>;

interface Worker {
  readonly id: string;
  purpose: Purpose | null;
  /** Of listed: which of the transactions. */
  listed: number;
  attempt: number;
  phase: 'idle' | 'beginning' | 'open' | 'committing' | 'aborting';
  shard: NodeIndex;
  txn: number;
  readonly statements: Statement[];
  readonly results: TxnResult[];
  op: number;
  invokedMicros: MonoMicros;
  /** Which request is under way: answers to earlier ones are late. */
  tag: number;
}

export interface TxnClientState {
  readonly workers: Worker[];
  readonly counts: { committed: number; aborted: number; unknown: number; wrong: number };
}

export type TxnClientFact =
  /** From now on it may commit, whatever the client hears. */
  | {
      readonly type: 'txn.asks-commit';
      readonly client: string;
      readonly micro: readonly TxnMicroOp[];
    }
  /** A committed transaction has seen what its workload rules out. */
  | { readonly type: 'txn.wrong'; readonly client: string; readonly what: string };

const TXN_CLIENT_FACTS: FactTable<TxnClientFact> = {
  'txn.asks-commit': { weight: 'minor', sentence: (f) => `asks for the commit of ${f.client}` },
  'txn.wrong': { weight: 'major', sentence: (f) => `reads what cannot be: ${f.what}` },
};

export interface TxnClientView extends View {
  readonly component: 'txn-client';
  /** What each worker is about. */
  readonly workers: readonly {
    readonly name: string;
    readonly phase: Worker['phase'];
    /** Under way; null: none, or it has no number yet. */
    readonly txn: number | null;
    /** Whom it talks to; null: nobody now. */
    readonly shard: string | null;
    /** How often it has begun it; 0: nothing to do now. */
    readonly attempt: number;
    readonly statements: number;
  }[];
  /** Workers that have a transaction under way. */
  readonly open: number;
  readonly committed: number;
  readonly aborted: number;
  readonly unknown: number;
  readonly wrong: number;
}

const LISTED_MAX = 40;
const WORKERS_MAX = 1_024;

function start(ctx: Ctx): TxnClientState {
  const { config } = ctx;
  const { transactions } = config;
  const count = config.workload === 'listed' ? transactions.length : config.workers;
  const workers = Array.from({ length: count }, (_, i): Worker => ({
    id: `${ctx.id}.${i}`,
    purpose: null,
    listed: i,
    attempt: 0,
    phase: 'idle',
    shard: ctx.self,
    txn: 0,
    statements: [],
    results: [],
    op: 0,
    invokedMicros: ctx.mono(),
    tag: -1,
  }));
  const state = { workers, counts: { committed: 0, aborted: 0, unknown: 0, wrong: 0 } };
  workers.forEach((_, i) => {
    const listedAt = transactions[i]?.atMs;
    if (listedAt !== undefined) ctx.setTimer('begin', i, ms(listedAt));
    else think(ctx, i);
  });
  return state;
}

const pause = (ctx: Ctx, purpose: string, meanMs: number) =>
  micros(meanMs === 0 ? 0 : ctx.stream(purpose).exponential(ms(meanMs)));

function think(ctx: Ctx, i: number): void {
  ctx.setTimer('begin', i, pause(ctx, 'think', ctx.config.thinkMs));
}

function begin(ctx: Ctx, worker: Worker, i: number): void {
  const { config } = ctx;
  const stream = ctx.stream('workload');
  const unique = () => ctx.unique();
  if (worker.purpose === null) worker.purpose = purposeOf(config, { stream, unique, worker: i });
  else worker.purpose = withNewValues(worker.purpose, unique);
  worker.attempt += 1;
  worker.statements.length = 0;
  worker.results.length = 0;
  worker.shard = shardFor(ctx);
  worker.phase = 'beginning';
  worker.op = ctx.unique();
  worker.invokedMicros = ctx.mono();
  const { op, id: client } = worker;
  ctx.tell<ClientFact>({ type: 'client.invoked', op, client, f: 'txn', input: [] });
  const readOnly =
    config.workload === 'listed'
      ? (config.transactions[i]?.readOnly ?? false)
      : worker.purpose.readOnly;
  request<TxnBegin>(ctx, worker, i, { type: 'txn.begin', readOnly });
}

function shardFor(ctx: Ctx): NodeIndex {
  const { routing, firstShard } = ctx.config;
  const shards = ctx.members('store');
  const own = firstShard - 1 + Math.max(0, ctx.members('peers').indexOf(ctx.self));
  const place =
    routing === 'own' ? own % shards.length : ctx.stream('routing').below(shards.length);
  return shards[place] ?? ctx.self;
}

/** Tags name the worker and the request. */
function request<M extends TxnBegin | TxnStatement | TxnCommit | TxnAbort>(
  ctx: Ctx,
  worker: Worker,
  i: number,
  message: M,
): void {
  worker.tag = ctx.unique() * WORKERS_MAX + i;
  const { shard, tag, attempt: tryNumber } = worker;
  ctx.call<M>(shard, message, { timeout: ms(ctx.config.timeoutMs), tag, tryNumber });
}

function goOn(ctx: Ctx, worker: Worker, i: number): void {
  const next = nextFor(ctx, worker);
  const wait = worker.results.length === 0 ? 0 : ctx.config.statementGapMs;
  const listed = ctx.config.transactions[worker.listed];
  const listedMs =
    next === 'commit' || next === 'abort'
      ? listed?.commitAfterMs
      : listed?.steps[worker.results.length]?.afterMs;
  if (listedMs !== undefined) return ctx.setTimer('next', i, ms(listedMs));
  ctx.setTimer('next', i, pause(ctx, 'gaps', wait));
}

const nextFor = (ctx: Ctx, { purpose, results, listed }: Worker): Next =>
  purpose === null ? 'abort' : nextOf(ctx.config, purpose, results, listed);

function act(ctx: Ctx, worker: Worker, i: number): void {
  if (worker.phase !== 'open') return;
  const next = nextFor(ctx, worker);
  const { txn: id } = worker;
  if (next === 'abort') {
    worker.phase = 'aborting';
    return request<TxnAbort>(ctx, worker, i, { type: 'txn.abort', txn: id });
  }
  if (next === 'commit') {
    worker.phase = 'committing';
    const micro = microOf(worker);
    ctx.tell<TxnClientFact>({ type: 'txn.asks-commit', client: worker.id, micro });
    return request<TxnCommit>(ctx, worker, i, { type: 'txn.commit', txn: id });
  }
  worker.statements.push(next);
  const seq = worker.statements.length;
  request<TxnStatement>(ctx, worker, i, { type: 'txn.statement', txn: id, seq, statement: next });
}

const microOf = ({ txn: id, statements, results }: Worker): readonly TxnMicroOp[] =>
  asMicroOps(id, statements, results);

function onResult(state: TxnClientState, ctx: Ctx, tag: number, result: CallResult): void {
  const i = tag % WORKERS_MAX;
  const worker = state.workers[i];
  if (worker?.tag !== tag) return;
  if (result.outcome !== 'ok') return ended(state, ctx, worker, i, result);
  switch (worker.phase) {
    case 'beginning':
      worker.txn = (result.value as TxnBegun).txn;
      worker.phase = 'open';
      return goOn(ctx, worker, i);
    case 'open':
      worker.results.push(result.value as TxnResult);
      return goOn(ctx, worker, i);
    case 'committing':
    case 'aborting':
    case 'idle':
      return ended(state, ctx, worker, i, result);
  }
}

const MAY_BE_TRIED_AGAIN: readonly string[] = Object.freeze(['40001', '40P01']);

function ended(
  state: TxnClientState,
  ctx: Ctx,
  worker: Worker,
  i: number,
  result: CallResult,
): void {
  const { counts } = state;
  const isCommit = worker.phase === 'committing';
  // Whoever has not asked for a commit has none.
  const outcome = isCommit ? result.outcome : 'fail';
  const error = result.outcome === 'ok' ? 'aborted' : result.error.code;
  if (outcome === 'ok') counts.committed += 1;
  else if (outcome === 'fail') counts.aborted += 1;
  else counts.unknown += 1;
  ctx.tell<ClientFact>({
    type: 'client.completed',
    op: worker.op,
    client: worker.id,
    f: 'txn',
    outcome,
    output: microOf(worker),
    ...(outcome === 'ok' ? {} : { error }),
    // Each attempt is a transaction, and so an operation, of its own.
    retries: 0,
    latencyMicros: ctx.mono() - worker.invokedMicros,
  });
  if (outcome === 'ok') lookAt(state, ctx, worker);
  // A transaction that the client gives up would keep its locks until it is missed.
  if (worker.phase === 'open' && result.outcome === 'unknown') {
    const abort: TxnAbort = { type: 'txn.abort', txn: worker.txn };
    ctx.call<TxnAbort>(worker.shard, abort, { timeout: ms(ctx.config.timeoutMs), tag: i });
  }
  worker.phase = 'idle';
  worker.tag = -1;
  const again = outcome === 'fail' && MAY_BE_TRIED_AGAIN.includes(error);
  if (again && worker.attempt < ctx.config.maxAttempts) return think(ctx, i);
  worker.attempt = 0;
  worker.purpose = null;
  if (ctx.config.workload !== 'listed') think(ctx, i);
}

function lookAt({ counts }: TxnClientState, ctx: Ctx, { id, purpose, results }: Worker): void {
  const what = purpose === null ? null : wrongIn(ctx.config, purpose, results);
  if (what === null) return;
  counts.wrong += 1;
  ctx.tell<TxnClientFact>({ type: 'txn.wrong', client: id, what });
}

export const txnClient = defineBehaviour<
  TxnClientState,
  TxnClientConfig,
  never,
  TxnClientView,
  ClientFact | TxnClientFact
>({
  component: 'txn-client',
  about: 'Runs transactions of one of a few workloads, and tells what they read and wrote.',
  source: 'Kingsbury and Alvaro, Elle (VLDB 2020); Jepsen bank; Cahill (2008), doctors on call',
  leavesOut: [
    'Pools of connections: each worker has its own session.',
    'Savepoints and statements that run together.',
  ],
  badge: 'TC',
  serves: [],
  links: { store: { about: 'Whose shards it talks to.', contract: txn } },
  config: txnClientConfig,
  operations: ['txn'],
  facts: { ...CLIENT_FACTS, ...TXN_CLIENT_FACTS },
  roleNames: { client: 'Runs transactions.' },
  check: checkTxnClient,
  start,
  on: {},
  onTimer(state, ctx, kind, i) {
    const worker = state.workers[i];
    if (worker === undefined) return;
    if (kind === 'begin') begin(ctx, worker, i);
    else act(ctx, worker, i);
  },
  onResult,
  gauges: [
    {
      title: 'Committed transactions',
      about: 'Transactions that it knows to have committed.',
      kind: 'count',
      of: ({ counts }) => counts.committed,
    },
    {
      title: 'Aborted transactions',
      about: 'Attempts that have surely failed.',
      kind: 'count',
      of: ({ counts }) => counts.aborted,
    },
    {
      title: 'Wrong reads',
      about: 'Committed transactions that saw what their workload rules out.',
      kind: 'count',
      of: ({ counts }) => counts.wrong,
    },
  ],
  roles: () => ['client'],
  view: ({ workers, counts }, nameOf) => ({
    component: 'txn-client',
    ...counts,
    workers: workers.slice(0, LISTED_MAX).map((worker) => {
      const { id, phase, attempt, statements } = worker;
      const isIdle = phase === 'idle';
      return {
        name: id,
        phase,
        txn: isIdle || phase === 'beginning' ? null : worker.txn,
        shard: isIdle ? null : nameOf(worker.shard),
        attempt,
        statements: isIdle ? 0 : statements.length,
      };
    }),
    open: workers.filter(({ phase }) => phase !== 'idle').length,
    fields: [
      { label: 'Open', value: workers.filter(({ phase }) => phase !== 'idle').length },
      { label: 'Committed', value: counts.committed },
      { label: 'Aborted', value: counts.aborted },
      { label: 'Unknown', value: counts.unknown },
      { label: 'Wrong', value: counts.wrong },
    ],
  }),
});
