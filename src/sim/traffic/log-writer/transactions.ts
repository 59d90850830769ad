/**
 * A producer with transactions: it finds its coordinator, is given an epoch, adds partitions before
 * it writes to them, and ends a transaction once all of its batches are answered.
 *
 * Invariant: records of one transaction end together, all acknowledged or all failed, unless nobody
 * knows. What comes while a transaction ends is of the next one.
 *
 * Source: Apache Kafka 4.0, TransactionManager, KafkaProducer (initTransactions, beginTransaction,
 * commitTransaction, abortTransaction); KIP-98, KIP-360, KIP-890
 * Differs: an application that is fenced goes on to be offered records, and writes none of them;
 * after a record has failed (ABORTABLE_ERROR) it aborts when it would have ended the transaction,
 * and what it offers until then fails unsent; a batch that is refused with INVALID_TXN_STATE lets
 * the transaction abort (TRANSACTION_ABORTABLE).
 */
import type { BrokerCoordinator } from '../../contracts/broker.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import type {
  TransactionAddPartitions,
  TransactionEnd,
  TransactionEnded,
  TransactionInit,
  TransactionInitiated,
  TransactionPartitionsAdded,
} from '../../contracts/log-transaction.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallResult, NodeIndex } from '../../node/behaviour.ts';
import { append, complete, failUnsent } from './accumulator.ts';
import { drain } from './sender.ts';
import type { Ctx, LogWriter, Transactional } from './state.ts';
import { ask, comeAgain, find, whoOf } from './transaction-asking.ts';
import { handOver, onOffsetsAnswer } from './transaction-offsets.ts';

export const newTransactional = (id: string): Transactional => ({
  id,
  phase: 'new',
  coordinator: -1,
  asked: null,
  readyMicros: 0,
  count: 0,
  added: new Set(),
  held: [],
  results: [],
  offsets: null,
  refusal: null,
  fatal: null,
  outcome: null,
  hasFailed: false,
  needsEpoch: false,
  isDoubtful: false,
  op: -1,
  askedMicros: 0,
  committed: 0,
  aborted: 0,
});

/** What follows from whatever has happened. */
export function advance(state: LogWriter, ctx: Ctx): void {
  const { transaction } = state;
  if (transaction !== null) progress(state, ctx, transaction);
  drain(state, ctx);
}

function progress(state: LogWriter, ctx: Ctx, of: Transactional): void {
  if (of.phase === 'fatal') return failHeld(state, ctx, of);
  if (of.phase === 'ready') release(state, ctx, of);
  failUnsent(state, ctx);
  if (of.asked !== null || ctx.mono() < of.readyMicros) return;
  if (of.coordinator < 0) return find(ctx, of, false);
  if (of.phase === 'new') return init(state, ctx, of);
  const wanted = state.lanes
    .filter(({ partition, queue }) => queue.length > 0 && !of.added.has(partition))
    .map(({ partition }) => partition);
  if (wanted.length > 0) return add(state, ctx, of, wanted);
  if (of.phase !== 'ending') return;
  const { offsets } = of;
  if (offsets !== null && !offsets.isTaken && !of.hasFailed && of.outcome === 'commit') {
    return handOver(state, ctx, of, offsets);
  }
  if (isFlushed(state)) end(state, ctx, of);
}

const isFlushed = ({ lanes }: LogWriter): boolean =>
  lanes.every(({ queue, inFlight }) => queue.length === 0 && inFlight.length === 0);

/** Records of the next transaction, up to as many as it has. */
function release(state: LogWriter, ctx: Ctx, of: Transactional): void {
  const { transactionMs, transactionRecords } = ctx.config;
  while (of.held.length > 0 && of.phase === 'ready' && state.lanes.length > 0) {
    const { record, op, cameMicros, lane } = of.held.shift() as Transactional['held'][number];
    if (of.count === 0 && transactionMs < Infinity) {
      ctx.setTimer('transaction-end', 0, ms(transactionMs));
    }
    of.count += 1;
    append(state, ctx, record, op, cameMicros, lane);
    if (of.count >= transactionRecords) endSoon(ctx, of);
  }
}

/** As many records, or as long: its application commits, or aborts. */
export function endSoon(ctx: Ctx, of: Transactional): void {
  if (of.phase !== 'ready' || of.count === 0) return;
  ctx.cancelTimer('transaction-end', 0);
  of.outcome = aborts(ctx, of) ? 'abort' : 'commit';
  of.phase = 'ending';
}

function aborts(ctx: Ctx, { committed, aborted }: Transactional): boolean {
  const { abortShare, abortEvery } = ctx.config;
  if (abortEvery > 0) return (committed + aborted + 1) % abortEvery === 0;
  return abortShare > 0 && ctx.stream('aborts').open01() < abortShare;
}

function init(state: LogWriter, ctx: Ctx, of: Transactional): void {
  const timeoutMs = ctx.config.transactionTimeoutMs;
  const request: TransactionInit = { type: 'transaction.init', ...whoOf(state, of), timeoutMs };
  ask(ctx, of, request, { what: 'init' });
}

function add(state: LogWriter, ctx: Ctx, of: Transactional, partitions: readonly number[]): void {
  const request: TransactionAddPartitions = {
    type: 'transaction.add-partitions',
    ...whoOf(state, of),
    partitions,
    verifyOnly: false,
  };
  ask(ctx, of, request, { what: 'add', partitions });
}

/** Nothing was written, and nobody knows of it: there is nothing to end. */
function end(state: LogWriter, ctx: Ctx, of: Transactional): void {
  if (of.hasFailed) of.outcome = 'abort';
  if (of.added.size === 0 && of.offsets?.isAdded !== true) return finish(state, ctx, of);
  const outcome = of.outcome ?? 'abort';
  const request: TransactionEnd = { type: 'transaction.end', ...whoOf(state, of), outcome };
  if (of.op < 0) {
    of.op = ctx.unique();
    of.askedMicros = ctx.mono();
    const input = { outcome, sends: of.results.map(({ op }) => op) };
    const told = { op: of.op, client: ctx.id, f: 'transaction', input } as const;
    ctx.tell<ClientFact>({ type: 'client.invoked', ...told });
  }
  ask(ctx, of, request, { what: 'end' });
}

type Answer =
  BrokerCoordinator | TransactionInitiated | TransactionPartitionsAdded | TransactionEnded;

export function onTransactionAnswer(state: LogWriter, ctx: Ctx, result: CallResult): void {
  const { transaction: of } = state;
  const asked = of?.asked ?? null;
  if (of === null || asked === null) return;
  of.asked = null;
  if (asked.what === 'offsets') {
    const error = onOffsetsAnswer(ctx, of, asked.step, result);
    return error === null ? undefined : onError(state, ctx, of, error);
  }
  const answer = result.outcome === 'ok' ? (result.value as Answer) : null;
  if (answer === null) {
    if (asked.what === 'end' && result.outcome === 'unknown') of.isDoubtful = true;
    of.coordinator = -1;
    return comeAgain(ctx, of);
  }
  if (answer.error !== null) return onError(state, ctx, of, answer.error);
  switch (asked.what) {
    case 'find':
      of.coordinator = (answer as BrokerCoordinator).node as NodeIndex;
      return;
    case 'init':
      of.phase = 'ready';
      return takeEpoch(state, answer as TransactionInitiated);
    case 'add':
      for (const partition of asked.partitions) of.added.add(partition);
      return;
    case 'end':
      takeEpoch(state, answer as TransactionEnded);
      finish(state, ctx, of);
  }
}

function takeEpoch(state: LogWriter, answer: TransactionInitiated | TransactionEnded): void {
  state.producerId = answer.producerId;
  state.producerEpoch = answer.producerEpoch;
}

function onError(
  state: LogWriter,
  ctx: Ctx,
  of: Transactional,
  error: NonNullable<Answer['error']> | 'INVALID_PRODUCER_EPOCH',
): void {
  switch (error) {
    case 'NOT_COORDINATOR':
    case 'COORDINATOR_NOT_AVAILABLE':
      of.coordinator = -1;
      return comeAgain(ctx, of);
    case 'COORDINATOR_LOAD_IN_PROGRESS':
    case 'CONCURRENT_TRANSACTIONS':
      return comeAgain(ctx, of);
    case 'PRODUCER_FENCED':
    case 'INVALID_PRODUCER_EPOCH':
    case 'INVALID_PRODUCER_ID_MAPPING':
    case 'INVALID_TXN_STATE':
    case 'INVALID_TRANSACTION_TIMEOUT':
      return fail(state, ctx, of, error);
  }
}

/** All that it wrote in the transaction has come to its end. */
function finish(state: LogWriter, ctx: Ctx, of: Transactional): void {
  const isCommitted = of.outcome === 'commit';
  if (isCommitted) of.committed += 1;
  else of.aborted += 1;
  tellEnd(state, ctx, of, isCommitted ? null : 'TRANSACTION_ABORTED');
  // After what was given up nobody knows which number comes next, unless a new epoch has begun.
  of.phase = of.needsEpoch ? 'new' : 'ready';
  of.needsEpoch = false;
  ctx.setTimer('transaction-retry', 0, micros(0));
}

function tellEnd(state: LogWriter, ctx: Ctx, of: Transactional, error: string | null): void {
  const isFatal = of.phase === 'fatal';
  const isDoubtful = isFatal && of.isDoubtful;
  const results = of.results.splice(0);
  for (const one of results) {
    const { op, cameMicros, retries, output } = one;
    const why = error === null ? null : (one.error ?? error);
    complete(state, ctx, op, cameMicros, retries, why, isDoubtful, error === null ? output : null);
  }
  if (of.op >= 0) {
    // An abort that succeeds is a success of whoever wanted it.
    const outcome = !isFatal ? 'ok' : isDoubtful ? 'unknown' : 'fail';
    const told = { op: of.op, client: ctx.id, f: 'transaction', outcome } as const;
    const output = results.flatMap((one) =>
      one.output === null ? [] : [{ value: one.op, ...(one.output as object) }],
    );
    const more = { output, retries: 0, latencyMicros: ctx.mono() - of.askedMicros };
    ctx.tell<ClientFact>({ type: 'client.completed', ...told, ...more });
  }
  of.op = -1;
  of.count = 0;
  of.added.clear();
  of.outcome = null;
  of.offsets = null;
  of.hasFailed = false;
  of.isDoubtful = false;
}

/** Another one speaks for its transactional id, or nobody knows any more what is open. */
function fail(state: LogWriter, ctx: Ctx, of: Transactional, error: string): void {
  of.phase = 'fatal';
  of.fatal = error;
  state.errors.set(error, (state.errors.get(error) ?? 0) + 1);
  ctx.cancelTimer('transaction-end', 0);
  for (const lane of state.lanes) {
    for (const batch of [...lane.inFlight.splice(0), ...lane.queue.splice(0)]) {
      batch.isDone = true;
      state.buffered -= batch.ops.length * ctx.config.recordBytes;
      batch.ops.forEach((op, i) => {
        const cameMicros = batch.cameMicros[i] as number;
        of.results.push({ op, cameMicros, retries: 0, error, output: null });
      });
    }
  }
  tellEnd(state, ctx, of, error);
}

function failHeld(state: LogWriter, ctx: Ctx, of: Transactional): void {
  for (const { op, cameMicros } of of.held.splice(0)) {
    state.buffered -= ctx.config.recordBytes;
    complete(state, ctx, op, cameMicros, 0, of.fatal ?? 'PRODUCER_FENCED', false, null);
  }
}
