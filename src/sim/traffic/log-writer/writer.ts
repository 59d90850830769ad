/**
 * A writer of a log: its records gather in batches, and go to the leaders, in transactions or not.
 *
 * Source: Apache Kafka 4.0, KafkaProducer
 */
import type { BrokerInitProducer, BrokerProducerId } from '../../contracts/broker.ts';
import { ms } from '../../kernel/time.ts';
import type { CallResult, NodeIndex } from '../../node/behaviour.ts';
import {
  askMetadata,
  METADATA_TAG,
  METADATA_TIMER,
  newMetadata,
  onMetadata,
} from '../log-metadata.ts';
import { append, expire, partitionerOf } from './accumulator.ts';
import { drain, onAnswer } from './sender.ts';
import { resolve } from './sequences.ts';
import { INIT_TAG } from './state.ts';
import type { Ctx, LogWriter } from './state.ts';
import { advance, endSoon, newTransactional, onTransactionAnswer } from './transactions.ts';

const FIRST_TAG = INIT_TAG + 1;

/** With a transactional.id it writes in transactions. */
export function newWriter(ctx: Ctx, transactionalId: string | null): LogWriter {
  const { config } = ctx;
  const settings = {
    batchBytes: config.batchSize,
    isAdaptive: config.partitionerAdaptivePartitioningEnable,
    ignoresKeys: config.partitionerIgnoreKeys,
  };
  return {
    meta: newMetadata(),
    partitioner: partitionerOf(ctx).start(settings),
    topic: { partitions: 0, hasLeader: [], queued: [], isSlow: [] },
    lanes: [],
    leaders: [],
    early: [],
    requests: new Map(),
    connections: new Map(),
    nextTag: FIRST_TAG,
    producerId: -1,
    producerEpoch: transactionalId === null ? 0 : -1,
    transaction: transactionalId === null ? null : newTransactional(transactionalId),
    buffered: 0,
    isExpiryArmed: false,
    counts: { records: 0, ok: 0, fail: 0, unknown: 0, batches: 0, requests: 0, retries: 0 },
    errors: new Map(),
  };
}

/** Any broker will do. */
export function initProducer(ctx: Ctx): void {
  const brokers = ctx.members('brokers');
  const to = brokers[ctx.stream('brokers').below(Math.max(1, brokers.length))];
  if (to === undefined) return;
  const timeout = ms(ctx.config.requestTimeoutMs);
  ctx.call<BrokerInitProducer>(to, { type: 'broker.init-producer' }, { timeout, tag: INIT_TAG });
}

export function onWriterTimer(state: LogWriter, ctx: Ctx, kind: string): void {
  switch (kind) {
    case METADATA_TIMER:
      return askMetadata(state.meta, ctx);
    case 'init':
      return initProducer(ctx);
    case 'expire':
      expire(state, ctx);
      for (const lane of state.lanes) resolve(state, lane);
      return advance(state, ctx);
    case 'transaction-end':
      if (state.transaction !== null) endSoon(ctx, state.transaction);
      return advance(state, ctx);
    default:
      return advance(state, ctx);
  }
}

export function onWriterResult(state: LogWriter, ctx: Ctx, tag: number, result: CallResult): void {
  if (tag === METADATA_TAG) {
    if (onMetadata(state.meta, ctx, result)) learn(state, ctx);
    return;
  }
  if (tag !== INIT_TAG) {
    onAnswer(state, ctx, tag, result);
    if (state.transaction !== null) advance(state, ctx);
    return;
  }
  if (state.transaction !== null) {
    onTransactionAnswer(state, ctx, result);
    return advance(state, ctx);
  }
  if (result.outcome !== 'ok') return ctx.setTimer('init', 0, ms(ctx.config.retryBackoffMs));
  const { producerId, producerEpoch } = result.value as BrokerProducerId;
  state.producerId = producerId;
  state.producerEpoch = producerEpoch;
  for (const lane of state.lanes) lane.producerEpoch = producerEpoch;
  drain(state, ctx);
}

/** Who leads is known anew: what waited may go. */
function learn(state: LogWriter, ctx: Ctx): void {
  const { lanes, topic, meta } = state;
  const leaders = new Map<NodeIndex, number[]>();
  meta.places.forEach(({ partition, leader }, index) => {
    lanes[index] ??= {
      partition,
      queue: [],
      inFlight: [],
      producerEpoch: state.producerEpoch,
      nextSequence: 0,
      numbered: 0,
      ackedNext: 0,
      unresolvedNext: -1,
      isRenumbered: false,
    };
    topic.hasLeader[index] = leader >= 0;
    topic.queued[index] ??= 0;
    topic.isSlow[index] ??= false;
    if (leader < 0) return;
    const led = leaders.get(leader);
    if (led === undefined) leaders.set(leader, [index]);
    else led.push(index);
  });
  topic.partitions = lanes.length;
  state.leaders = [...leaders];
  if (leaders.size === 0 || topic.hasLeader.includes(false)) {
    ctx.setTimer(METADATA_TIMER, 0, ms(ctx.config.retryBackoffMs));
  }
  for (const { record, op, cameMicros, lane } of state.early.splice(0)) {
    append(state, ctx, record, op, cameMicros, lane);
  }
  advance(state, ctx);
}
