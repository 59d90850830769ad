/**
 * Records on their way into batches, and batches that end.
 *
 * Source: Apache Kafka, KafkaProducer.doSend, RecordAccumulator (append, abortUndrainedBatches),
 * ProducerBatch
 */
import type { ClientFact } from '../../contracts/facts.ts';
import type { LogRecord } from '../../contracts/record-batch.ts';
import { micros, ms } from '../../kernel/time.ts';
import { utf8Bytes } from '../../policies/hashing/murmur2.ts';
import { PARTITIONERS } from '../../policies/partitioning/index.ts';
import type { Partitioner } from '../../policies/partitioning/index.ts';
import { giveUp } from './sequences.ts';
import type { Batch, Ctx, EarlyRecord, Lane, LogWriter } from './state.ts';

/** The header of a batch in message format v2 (RECORD_BATCH_OVERHEAD). */
const BATCH_OVERHEAD = 61;

const BY_NAME: ReadonlyMap<string, Partitioner> = new Map(PARTITIONERS.map((p) => [p.name, p]));

export const partitionerOf = ({ config }: Ctx): Partitioner =>
  BY_NAME.get(config.partitioner) as Partitioner;

/**
 * A record comes, by an operation of the history. Whether something may be sent now.
 *
 * @param lane the number of its partition in the topic; left out: the partitioner chooses
 */
export function accept(
  state: LogWriter,
  ctx: Ctx,
  record: LogRecord,
  op: number,
  lane?: number,
): boolean {
  const { config } = ctx;
  const { key, value } = record;
  state.counts.records += 1;
  const client = ctx.id;
  // Written out twice: one object a record, where spreading one into another makes two.
  ctx.tell<ClientFact>(
    key === null
      ? { type: 'client.invoked', op, client, f: 'send', input: value }
      : { type: 'client.invoked', op, client, f: 'send', input: value, key },
  );
  const cameMicros = ctx.mono();
  if (state.buffered + config.recordBytes > config.bufferMemory) {
    complete(state, ctx, op, cameMicros, 0, 'BUFFER_EXHAUSTED', false, null);
    return false;
  }
  state.buffered += config.recordBytes;
  if (state.transaction !== null) {
    state.transaction.held.push(cameOf(record, op, cameMicros, lane));
    return true;
  }
  if (state.lanes.length === 0) {
    state.early.push(cameOf(record, op, cameMicros, lane));
    return false;
  }
  return append(state, ctx, record, op, cameMicros, lane);
}

const cameOf = (record: LogRecord, op: number, cameMicros: number, lane?: number): EarlyRecord =>
  lane === undefined ? { record, op, cameMicros } : { record, op, cameMicros, lane };

/** Whether a batch is full now, or is the first of its partition. */
export function append(
  state: LogWriter,
  ctx: Ctx,
  record: LogRecord,
  op: number,
  cameMicros: number,
  given?: number,
): boolean {
  const { config } = ctx;
  const partitioner = partitionerOf(ctx);
  const keyBytes = record.key === null ? null : utf8Bytes(record.key);
  const draw = ctx.stream('partitions');
  const index = given ?? partitioner.choose(state.partitioner, keyBytes, state.topic, draw);
  const lane = state.lanes[index] as Lane;
  const bytes = config.recordBytes;
  let batch = lane.queue[lane.queue.length - 1];
  // One that was sent is closed, also where it waits for numbers of another epoch.
  const isClosed = batch !== undefined && (batch.sent !== null || batch.tries > 0);
  const isNew = batch === undefined || isClosed || batch.bytes + bytes > config.batchSize;
  if (isNew) batch = openBatch(state, ctx, index);
  const open = batch as Batch;
  open.records.push(record);
  open.ops.push(op);
  open.cameMicros.push(cameMicros);
  open.bytes += bytes;
  const isBatchFull = isFull(ctx, open);
  if (given === undefined) {
    const appended = { partition: index, hadKey: record.key !== null, bytes, isBatchFull };
    partitioner.appended(state.partitioner, appended, state.topic, draw);
  }
  return isNew || isBatchFull;
}

export const isFull = ({ config }: Ctx, { bytes }: Batch): boolean =>
  bytes + config.recordBytes > config.batchSize;

function openBatch(state: LogWriter, ctx: Ctx, lane: number): Batch {
  const batch: Batch = {
    lane,
    records: [],
    ops: [],
    cameMicros: [],
    bytes: BATCH_OVERHEAD,
    createdMicros: ctx.mono(),
    tries: 0,
    to: -1,
    readyMicros: 0,
    baseSequence: -1,
    numberedBefore: 0,
    sent: null,
    isDoubtful: false,
    isDone: false,
  };
  (state.lanes[lane] as Lane).queue.push(batch);
  state.topic.queued[lane] = (state.topic.queued[lane] as number) + 1;
  if (!state.isExpiryArmed) {
    state.isExpiryArmed = true;
    ctx.setTimer('expire', 0, ms(ctx.config.deliveryTimeoutMs));
  }
  return batch;
}

/** The batch has ended: each of its records is told. Null: no error. */
export function endBatch(
  state: LogWriter,
  ctx: Ctx,
  batch: Batch,
  error: string | null,
  baseOffset: number,
): void {
  batch.isDone = true;
  const lane = state.lanes[batch.lane] as Lane;
  const { partition } = lane;
  state.buffered -= batch.ops.length * ctx.config.recordBytes;
  const retries = Math.max(0, batch.tries - 1);
  const { ops, cameMicros, isDoubtful } = batch;
  for (let i = 0; i < ops.length; i++) {
    const offset = baseOffset < 0 ? -1 : baseOffset + i;
    const output = error === null ? { partition, offset } : null;
    const op = ops[i] as number;
    const came = cameMicros[i] as number;
    if (state.transaction !== null) {
      if (error !== null) state.transaction.hasFailed = true;
      state.transaction.results.push({ op, cameMicros: came, retries, error, output });
      continue;
    }
    complete(state, ctx, op, came, retries, error, isDoubtful, output);
  }
}

export function complete(
  state: LogWriter,
  ctx: Ctx,
  op: number,
  cameMicros: number,
  retries: number,
  error: string | null,
  isDoubtful: boolean,
  output: unknown,
): void {
  const outcome = error === null ? 'ok' : isDoubtful ? 'unknown' : 'fail';
  state.counts[outcome] += 1;
  if (error !== null) state.errors.set(error, (state.errors.get(error) ?? 0) + 1);
  const latencyMicros = ctx.mono() - cameMicros;
  const fact = {
    type: 'client.completed',
    op,
    client: ctx.id,
    f: 'send',
    outcome,
    output,
    retries,
    latencyMicros,
  } as const;
  ctx.tell<ClientFact>(error === null ? fact : { ...fact, error });
}

/** delivery.timeout.ms: batches that are too old are given up, wherever they are. */
export function expire(state: LogWriter, ctx: Ctx): void {
  const limit = ms(ctx.config.deliveryTimeoutMs);
  let oldest = Infinity;
  for (const lane of state.lanes) {
    for (const list of [lane.inFlight, lane.queue]) {
      for (const batch of [...list]) {
        if (ctx.mono() - batch.createdMicros < limit) {
          oldest = Math.min(oldest, batch.createdMicros);
          continue;
        }
        list.splice(list.indexOf(batch), 1);
        if (list === lane.queue) countQueue(state, batch.lane);
        else batch.isDoubtful = true;
        giveUp(lane, batch);
        endBatch(state, ctx, batch, 'DELIVERY_TIMEOUT', -1);
      }
    }
  }
  state.isExpiryArmed = oldest < Infinity;
  if (state.isExpiryArmed) ctx.setTimer('expire', 0, micros(oldest + limit - ctx.mono()));
}

/** Of a transaction that has failed, which can only be aborted: what was never sent fails, too. */
export function failUnsent(state: LogWriter, ctx: Ctx): void {
  if (state.transaction?.hasFailed !== true) return;
  for (const [index, { queue }] of state.lanes.entries()) {
    for (const batch of queue.filter(({ baseSequence }) => baseSequence < 0)) {
      queue.splice(queue.indexOf(batch), 1);
      endBatch(state, ctx, batch, 'TRANSACTION_ABORTED', -1);
    }
    countQueue(state, index);
  }
}

export function countQueue(state: LogWriter, lane: number): void {
  state.topic.queued[lane] = (state.lanes[lane] as Lane).queue.length;
}
