/**
 * A producer: records come at their own time, gather in batches, and go to the leaders.
 *
 * Invariant: each record ends once: acknowledged, surely not written, or nobody knows. Its value is
 * the number of its operation in the history, which no other record of the run has.
 */
import { broker } from '../../contracts/broker.ts';
import type { BrokerInitProducer, BrokerProducerId } from '../../contracts/broker.ts';
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { logTransaction } from '../../contracts/log-transaction.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type {
  CallResult,
  GroupSettings,
  NodeIndex,
  View,
  ViewField,
} from '../../node/behaviour.ts';
import { checkArrivalWords } from '../../traffic/arrivals-schema.ts';
import {
  askMetadata,
  METADATA_TAG,
  METADATA_TIMER,
  newMetadata,
  onMetadata,
} from '../../traffic/log-metadata.ts';
import { armArrival, startLoad } from '../../traffic/open-load.ts';
import { append, expire, partitionerOf, produce } from './accumulator.ts';
import { logProducerConfig } from './config.ts';
import type { LogProducerConfig } from './config.ts';
import { drain, onAnswer, resolve } from './sender.ts';
import { copyState, INIT_TAG, plainState } from './state.ts';
import type { Ctx, LogProducerState, Transactional } from './state.ts';
import { advance, endSoon, newTransactional, onTransactionAnswer } from './transactions.ts';

export interface LogProducerView extends View {
  readonly component: 'log-producer';
  readonly waiting: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly retries: number;
}

const FIRST_TAG = INIT_TAG + 1;

function start(ctx: Ctx): LogProducerState {
  const { config } = ctx;
  const settings = {
    batchBytes: config.batchSize,
    isAdaptive: config.partitionerAdaptivePartitioningEnable,
    ignoresKeys: config.partitionerIgnoreKeys,
  };
  const state: LogProducerState = {
    load: startLoad(config.arrivals, config.popularity, ctx.stream('arrivals')),
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
    producerEpoch: config.transactionalId === '' ? 0 : -1,
    transaction: config.transactionalId === '' ? null : newTransactional(),
    buffered: 0,
    isExpiryArmed: false,
    counts: { records: 0, ok: 0, fail: 0, unknown: 0, batches: 0, requests: 0, retries: 0 },
    errors: new Map(),
  };
  askMetadata(state.meta, ctx);
  if (state.transaction !== null) {
    state.transaction.readyMicros = Math.max(ctx.mono(), ms(config.startMs));
    ctx.setTimer('transaction-retry', 0, micros(state.transaction.readyMicros - ctx.mono()));
  } else if (config.enableIdempotence) initProducer(ctx);
  state.load.nextArrivalMicros = Math.max(ctx.mono(), ms(config.startMs));
  armArrival(state.load, config.arrivals, ctx);
  return state;
}

/** Any broker will do. */
function initProducer(ctx: Ctx): void {
  const brokers = ctx.members('brokers');
  const to = brokers[ctx.stream('brokers').below(Math.max(1, brokers.length))];
  if (to === undefined) return;
  const timeout = ms(ctx.config.requestTimeoutMs);
  ctx.call<BrokerInitProducer>(to, { type: 'broker.init-producer' }, { timeout, tag: INIT_TAG });
}

function onTimer(state: LogProducerState, ctx: Ctx, kind: string): void {
  const { stopMs, arrivals } = ctx.config;
  switch (kind) {
    case METADATA_TIMER:
      return askMetadata(state.meta, ctx);
    case 'init':
      return initProducer(ctx);
    case 'arrival':
      if (stopMs > 0 && ctx.mono() >= ms(stopMs)) return;
      if (produce(state, ctx)) advance(state, ctx);
      return armArrival(state.load, arrivals, ctx);
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

function onResult(state: LogProducerState, ctx: Ctx, tag: number, result: CallResult): void {
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
function learn(state: LogProducerState, ctx: Ctx): void {
  const { lanes, topic, meta } = state;
  const leaders = new Map<NodeIndex, number[]>();
  meta.places.forEach(({ partition, leader }, index) => {
    lanes[index] ??= {
      partition,
      queue: [],
      inFlight: [],
      producerEpoch: state.producerEpoch,
      nextSequence: 0,
      isUnresolved: false,
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
  for (const { record, op, cameMicros } of state.early.splice(0)) {
    append(state, ctx, record, op, cameMicros);
  }
  advance(state, ctx);
}

const IDEMPOTENT_IN_FLIGHT_MAX = 5;

function check(config: LogProducerConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkArrivalWords(config.arrivals, `${path}/arrivals`);
  if (config.deliveryTimeoutMs < config.lingerMs + config.requestTimeoutMs) {
    throw new ScenarioError('deliveryTimeoutMs is less than lingerMs + requestTimeoutMs.', {
      path: `${path}/deliveryTimeoutMs`,
      hint: 'Kafka refuses that: raise it, or lower requestTimeoutMs.',
    });
  }
  if (config.stopMs > 0 && config.stopMs <= config.startMs) {
    throw new ScenarioError('The load ends before it begins: nothing would be written.', {
      path: `${path}/stopMs`,
      hint: `startMs is ${config.startMs}.`,
    });
  }
  if (config.enableIdempotence) checkIdempotence(config, path);
  checkTransactions(config, group);
}

const OF_TRANSACTIONS = [
  'transactionTimeoutMs',
  'transactionRecords',
  'transactionMs',
  'abortShare',
] as const;

function checkTransactions(config: LogProducerConfig, { path, given }: GroupSettings): void {
  if (config.transactionalId !== '') {
    if (config.enableIdempotence) return;
    throw new ScenarioError('A producer with transactions is idempotent.', {
      path: `${path}/config/enableIdempotence`,
      hint: 'Leave it out, or transactionalId.',
    });
  }
  const idle = OF_TRANSACTIONS.find((name) => given[name] !== undefined);
  if (idle === undefined) return;
  throw new ScenarioError(`${idle} changes nothing: it has no transactions.`, {
    path: `${path}/config/${idle}`,
    hint: 'Give it a transactionalId, or leave it out.',
  });
}

/** Kafka refuses these together where idempotence was asked for, and else switches it off. */
function checkIdempotence(config: LogProducerConfig, path: string): void {
  const refused =
    config.acks !== 'all'
      ? { setting: 'acks', wish: 'acks: all' }
      : config.retries === 0
        ? { setting: 'retries', wish: 'more than 0 retries' }
        : config.maxInFlightRequestsPerConnection > IDEMPOTENT_IN_FLIGHT_MAX
          ? { setting: 'maxInFlightRequestsPerConnection', wish: 'at most 5 requests under way' }
          : null;
  if (refused === null) return;
  throw new ScenarioError(`An idempotent producer needs ${refused.wish}.`, {
    path: `${path}/${refused.setting}`,
    hint: 'Write so, or enableIdempotence: false.',
  });
}

const transactionFields = (of: Transactional | null): readonly ViewField[] =>
  of === null
    ? []
    : [
        { label: 'Transaction', value: of.count === 0 ? 'none' : of.phase },
        { label: 'Committed', value: of.committed },
        { label: 'Aborted', value: of.aborted },
      ];

const waitingIn = ({ counts: { records, ok, fail, unknown } }: LogProducerState): number =>
  records - ok - fail - unknown;

export const logProducer = defineBehaviour<
  LogProducerState,
  LogProducerConfig,
  never,
  LogProducerView,
  ClientFact
>({
  component: 'log-producer',
  about:
    'Writes records to a topic in an open loop, in batches, and keeps count of what comes back.',
  source: 'Apache Kafka 4.0, KafkaProducer',
  leavesOut: [
    'Blocking: a record for which the buffer has no room fails at once (max.block.ms = 0).',
    'Compression and interceptors.',
    'Brokers that are slow to take batches (partitioner.availability.timeout.ms).',
  ],
  badge: 'PR',
  serves: [],
  links: {
    brokers: { about: 'The cluster that it writes to.', contract: [broker, logTransaction] },
  },
  config: logProducerConfig,
  check,
  operations: ['send', 'transaction'],
  usage: {
    uses: ({ transactionalId, enableIdempotence }) => [
      ...(transactionalId === '' ? [] : [{ role: 'brokers', what: 'transaction' }]),
      ...(enableIdempotence ? [{ role: 'brokers', what: 'idempotence' }] : []),
    ],
  },
  facts: CLIENT_FACTS,
  roleNames: { producer: 'Writes.' },
  start,
  on: {},
  onTimer,
  onResult,
  gauges: [
    {
      kind: 'level',
      title: 'Under way',
      about: 'Records that are not answered yet.',
      of: waitingIn,
    },
    {
      kind: 'count',
      title: 'Retries',
      about: 'Batches that were sent again.',
      of: ({ counts }) => counts.retries,
    },
    {
      kind: 'share',
      title: 'Records per batch',
      about: 'Of batches that were acknowledged.',
      of: ({ counts }) => counts.ok,
      outOf: ({ counts }) => counts.batches,
    },
  ],
  roles: () => ['producer'],
  save: copyState,
  restore: (image) => copyState(image as LogProducerState),
  plain: plainState,
  view(state) {
    const { ok, fail, unknown, retries } = state.counts;
    const waiting = waitingIn(state);
    const errors = [...state.errors].map(([label, value]) => ({ label, value }));
    return {
      component: 'log-producer',
      waiting,
      ok,
      fail,
      unknown,
      retries,
      fields: [
        { label: 'Under way', value: waiting },
        { label: 'Acknowledged', value: ok },
        { label: 'Failed', value: fail },
        { label: 'Unknown', value: unknown },
        { label: 'Retries', value: retries },
        ...transactionFields(state.transaction),
        ...errors,
      ],
    };
  },
});
