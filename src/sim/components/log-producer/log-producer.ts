/**
 * A producer: records come at their own time, gather in batches, and go to the leaders.
 *
 * Invariant: each record ends once: acknowledged, surely not written, or nobody knows. Its value is
 * the number of its operation in the history, which no other record of the run has.
 * Differs: with acks other than all, without retries or with more than five requests under way
 * Kafka switches idempotence off silently where nobody asked for it; here that has to be written
 * down, since a run is built from settings whose defaults are filled in.
 */
import { broker } from '../../contracts/broker.ts';
import { CLIENT_FACTS } from '../../contracts/facts.ts';
import type { ClientFact } from '../../contracts/facts.ts';
import { logTransaction } from '../../contracts/log-transaction.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import { micros, ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { GroupSettings, View, ViewField } from '../../node/behaviour.ts';
import { checkArrivalWords } from '../../traffic/arrivals-schema.ts';
import { checkCoordinator, checkTopic } from '../../traffic/check-brokers.ts';
import { askMetadata } from '../../traffic/log-metadata.ts';
import { checkWriter } from '../../traffic/log-writer/check.ts';
import { copyWriter } from '../../traffic/log-writer/state.ts';
import type { Transactional } from '../../traffic/log-writer/state.ts';
import { advance } from '../../traffic/log-writer/transactions.ts';
import {
  initProducer,
  newWriter,
  onWriterResult,
  onWriterTimer,
} from '../../traffic/log-writer/writer.ts';
import { armArrival, startLoad } from '../../traffic/open-load.ts';
import { logProducerConfig } from './config.ts';
import type { LogProducerConfig } from './config.ts';
import { produce } from './offering.ts';
import { plainState } from './state.ts';
import type { Ctx, LogProducerState } from './state.ts';

export interface LogProducerView extends View {
  readonly component: 'log-producer';
  readonly waiting: number;
  readonly ok: number;
  readonly fail: number;
  readonly unknown: number;
  readonly retries: number;
}

function start(ctx: Ctx): LogProducerState {
  const { config } = ctx;
  const { transactionalId: id, startMs } = config;
  // The number of the node in its group is added: each has one of its own.
  const own = `${id}-${ctx.members('peers').indexOf(ctx.self)}`;
  const load = startLoad(config.arrivals, config.popularity, ctx.stream('arrivals'));
  const state = { load, ...newWriter(ctx, id === '' ? null : own) };
  askMetadata(state.meta, ctx);
  if (state.transaction !== null) {
    state.transaction.readyMicros = Math.max(ctx.mono(), ms(startMs));
    ctx.setTimer('transaction-retry', 0, micros(state.transaction.readyMicros - ctx.mono()));
  } else if (config.enableIdempotence) initProducer(ctx);
  state.load.nextArrivalMicros = Math.max(ctx.mono(), ms(startMs));
  armArrival(state.load, config.arrivals, ctx);
  return state;
}

function onTimer(state: LogProducerState, ctx: Ctx, kind: string): void {
  const { stopMs, arrivals } = ctx.config;
  if (kind !== 'arrival') return onWriterTimer(state, ctx, kind);
  if (stopMs > 0 && ctx.mono() >= ms(stopMs)) return;
  if (produce(state, ctx)) advance(state, ctx);
  armArrival(state.load, arrivals, ctx);
}

const IDEMPOTENT_IN_FLIGHT_MAX = 5;

function check(config: LogProducerConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  checkArrivalWords(config.arrivals, `${path}/arrivals`);
  checkTopic(config.topic, 'topic', group);
  checkWriter(config, group, config.transactionalId !== '');
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
  'abortEvery',
] as const;

const TRANSACTION_REPLICAS = 'transactionStateLogReplicationFactor';

function checkTransactions(config: LogProducerConfig, group: GroupSettings): void {
  const { path, given } = group;
  if (config.transactionalId !== '') {
    if (config.abortEvery > 0 && given['abortShare'] !== undefined) {
      throw new ScenarioError('abortShare changes nothing: abortEvery says which are aborted.', {
        path: `${path}/config/abortShare`,
        hint: 'Leave one of them out.',
      });
    }
    if (config.enableIdempotence) {
      return checkCoordinator(TRANSACTION_REPLICAS, 'transactionalId', group);
    }
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

/** Kafka refuses these together where idempotence was asked for. */
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
  onResult: onWriterResult,
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
  save: copyWriter,
  restore: (image) => copyWriter(image as LogProducerState),
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
