/**
 * Batches on their way to the leaders: which may go, in which order, and what an answer means.
 *
 * A request carries the first batch of each partition that its broker leads, once one of them is
 * full or has waited long enough. An idempotent producer numbers batches when they first go, and
 * sends one again in the order of its number; others put it in front of the queue, so that with
 * more than one request under way the order may change.
 *
 * Source: Apache Kafka, Sender, RecordAccumulator.drain, TransactionManager; KIP-98, KIP-360,
 * KIP-580
 */
import type {
  BrokerProduce,
  BrokerProduced,
  PartitionError,
  ProducePart,
  BrokerProduceUnacknowledged,
} from '../../contracts/broker.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallResult, NodeIndex } from '../../node/behaviour.ts';
import { exponentialPause } from '../../policies/retry/exponential.ts';
import { refresh } from '../log-metadata.ts';
import { countQueue, endBatch, failUnsent, isFull } from './accumulator.ts';
import { acknowledge, giveUp, mayNumber, number, onGap, resolve } from './sequences.ts';
import type { Batch, Ctx, Lane, LogWriter } from './state.ts';

/** Sends all that may go, and sets the timer for what may go next. */
export function drain(state: LogWriter, ctx: Ctx): void {
  if (ctx.config.enableIdempotence && state.producerId < 0) return;
  let nextMicros = Infinity;
  for (const [node, lanes] of state.leaders) {
    for (;;) {
      const underWay = state.connections.get(node) ?? 0;
      // The answer that comes first drains again.
      if (underWay >= ctx.config.maxInFlightRequestsPerConnection) break;
      const readyMicros = readyAt(state, ctx, node, lanes);
      if (readyMicros > ctx.mono()) {
        nextMicros = Math.min(nextMicros, readyMicros);
        break;
      }
      const batches = takeBatches(state, ctx, node, lanes);
      if (batches.length === 0) break;
      send(state, ctx, node, batches);
    }
  }
  if (nextMicros < Infinity) ctx.setTimer('send', 0, micros(nextMicros - ctx.mono()));
}

/** When the first of the batches may go. */
function readyAt(state: LogWriter, ctx: Ctx, node: NodeIndex, lanes: readonly number[]): number {
  const lingerMicros = ms(ctx.config.lingerMs);
  let earliest = Infinity;
  for (const index of lanes) {
    const lane = state.lanes[index] as Lane;
    const [head] = lane.queue;
    if (head === undefined || !mayGo(state, ctx, node, lane, head)) continue;
    const isEnding = state.transaction?.phase === 'ending';
    const isDue = isEnding || head.tries > 0 || lane.queue.length > 1 || isFull(ctx, head);
    const dueMicros = isDue ? head.readyMicros : head.createdMicros + lingerMicros;
    earliest = Math.min(earliest, dueMicros);
  }
  return earliest;
}

/** Whether its order lets a batch go: backoff and linger apart. */
function mayGo(state: LogWriter, ctx: Ctx, node: NodeIndex, lane: Lane, head: Batch): boolean {
  const { enableIdempotence, maxInFlightRequestsPerConnection: most } = ctx.config;
  if (most === 1 && lane.inFlight.length > 0) return false;
  if (!enableIdempotence) return true;
  if (state.transaction?.added.has(lane.partition) === false) return false;
  // The rest of an old epoch is awaited before the new one begins.
  const isNew = head.baseSequence < 0;
  const begins = lane.producerEpoch !== state.producerEpoch && (isNew || lane.isRenumbered);
  if (begins) return lane.inFlight.length === 0;
  if (isNew) return mayNumber(lane, node);
  return lane.inFlight.every(({ baseSequence }) => baseSequence > head.baseSequence);
}

/** The first batch of each partition, those that linger included: the request goes anyway. */
function takeBatches(
  state: LogWriter,
  ctx: Ctx,
  node: NodeIndex,
  lanes: readonly number[],
): Batch[] {
  const taken: Batch[] = [];
  let bytes = 0;
  for (const index of lanes) {
    const lane = state.lanes[index] as Lane;
    const [head] = lane.queue;
    if (head === undefined || !mayGo(state, ctx, node, lane, head)) continue;
    if (head.readyMicros > ctx.mono()) continue;
    bytes += head.bytes;
    if (taken.length > 0 && bytes > ctx.config.maxRequestSize) break;
    lane.queue.shift();
    countQueue(state, index);
    number(state, ctx, lane, head);
    lane.inFlight.push(head);
    taken.push(head);
  }
  return taken;
}

function send(state: LogWriter, ctx: Ctx, to: NodeIndex, batches: readonly Batch[]): void {
  const { acks, requestTimeoutMs: timeoutMs } = ctx.config;
  const parts: ProducePart[] = batches.map((batch) => {
    batch.tries += 1;
    batch.to = to;
    if (batch.tries > 1) state.counts.retries += 1;
    const { partition } = state.lanes[batch.lane] as Lane;
    return { partition, batch: batch.sent as NonNullable<Batch['sent']> };
  });
  state.counts.requests += 1;
  if (acks === '0') {
    ctx.send<BrokerProduceUnacknowledged>(to, { type: 'broker.produce-unacknowledged', parts });
    for (const batch of batches) {
      leave(state, batch);
      endBatch(state, ctx, batch, null, -1);
    }
    return;
  }
  const tag = state.nextTag++;
  state.requests.set(tag, { to, batches });
  state.connections.set(to, (state.connections.get(to) ?? 0) + 1);
  const tryNumber = Math.max(...batches.map(({ tries }) => tries));
  const request: BrokerProduce = {
    type: 'broker.produce',
    acks: acks === 'all' ? -1 : 1,
    timeoutMs,
    parts,
    ...(state.transaction === null ? {} : { transactionalId: state.transaction.id }),
  };
  ctx.call<BrokerProduce>(to, request, { timeout: ms(timeoutMs), tag, tryNumber });
}

function leave(state: LogWriter, batch: Batch): void {
  const { inFlight } = state.lanes[batch.lane] as Lane;
  const at = inFlight.indexOf(batch);
  if (at >= 0) inFlight.splice(at, 1);
}

export function onAnswer(state: LogWriter, ctx: Ctx, tag: number, result: CallResult): void {
  const request = state.requests.get(tag);
  if (request === undefined) return;
  state.requests.delete(tag);
  state.connections.set(request.to, (state.connections.get(request.to) ?? 1) - 1);
  const parts = result.outcome === 'ok' ? (result.value as BrokerProduced).parts : null;
  request.batches.forEach((batch, at) => {
    leave(state, batch);
    const part = parts?.[at];
    if (part?.error === null) acknowledge(state.lanes[batch.lane] as Lane, batch);
    // It was given up while it was under way.
    if (batch.isDone) return;
    if (part?.error === null) {
      state.counts.batches += 1;
      return endBatch(state, ctx, batch, null, part.baseOffset);
    }
    if (result.outcome === 'unknown') batch.isDoubtful = true;
    const error = part?.error ?? null;
    const code = error ?? (result.outcome === 'ok' ? 'none' : result.error.code);
    onError(state, ctx, batch, error, code);
  });
  for (const { lane } of request.batches) resolve(state, state.lanes[lane] as Lane);
  failUnsent(state, ctx);
  drain(state, ctx);
}

/** The batch may be in a log although it was refused: it was there, and the leader has changed. */
const DOUBTFUL: readonly PartitionError[] = Object.freeze([
  'NOT_LEADER_OR_FOLLOWER',
  'REQUEST_TIMED_OUT',
]);
/** Nothing but another producer helps. */
const FATAL: readonly PartitionError[] = Object.freeze([
  'INVALID_PRODUCER_EPOCH',
  'INVALID_TXN_STATE',
  'INVALID_RECORD',
]);

function onError(
  state: LogWriter,
  ctx: Ctx,
  batch: Batch,
  error: PartitionError | null,
  code: string,
): void {
  const { config } = ctx;
  const lane = state.lanes[batch.lane] as Lane;
  if (error !== null && DOUBTFUL.includes(error)) batch.isDoubtful = true;
  if (error === null || error === 'NOT_LEADER_OR_FOLLOWER' || error.startsWith('UNKNOWN')) {
    refresh(state.meta, ctx);
  }
  const isFatal = error !== null && FATAL.includes(error);
  const isOld = ctx.mono() - batch.createdMicros >= ms(config.deliveryTimeoutMs);
  if (isFatal || isOld || batch.tries > config.retries) {
    giveUp(lane, batch);
    return endBatch(state, ctx, batch, code, -1);
  }
  if (error === 'OUT_OF_ORDER_SEQUENCE_NUMBER' && !onGap(state, lane, batch)) {
    return endBatch(state, ctx, batch, code, -1);
  }
  const baseMicros = ms(config.retryBackoffMs);
  const capMicros = ms(config.retryBackoffMaxMs);
  const retry = { attempt: batch.tries, previousMicros: baseMicros, baseMicros, capMicros };
  const jitter = 1 - JITTER + 2 * JITTER * ctx.stream('backoff').open01();
  const pause = Math.round(exponentialPause.pauseMicros(retry, 0) * jitter);
  batch.readyMicros = ctx.mono() + pause;
  requeue(lane, batch);
  countQueue(state, batch.lane);
}

/** CommonClientConfigs.RETRY_BACKOFF_JITTER */
const JITTER = 0.2;

function requeue({ queue }: Lane, batch: Batch): void {
  const { baseSequence } = batch;
  if (baseSequence < 0) {
    queue.unshift(batch);
    return;
  }
  const at = queue.findIndex((one) => one.baseSequence < 0 || one.baseSequence > baseSequence);
  queue.splice(at < 0 ? queue.length : at, 0, batch);
}
