/**
 * A broker of a partitioned, replicated log: the host of many partitions on one node.
 *
 * Keeps: effects are performed in the protocol's order; each request is answered once, as a whole;
 * batches are shared by logs, answers, disks and checkpoints.
 */
import { broker } from '../../contracts/broker.ts';
import type {
  BrokerEpochEnd,
  BrokerFetch,
  BrokerFindCoordinator,
  BrokerInitProducer,
  BrokerListOffsets,
  BrokerMetadata,
  BrokerProduce,
  BrokerProducerId,
  BrokerProduceUnacknowledged,
} from '../../contracts/broker.ts';
import { controller } from '../../contracts/controller.ts';
import { group } from '../../contracts/group.ts';
import type { GroupRequest } from '../../contracts/group.ts';
import { logTransaction } from '../../contracts/log-transaction.ts';
import type {
  TransactionRequest,
  TransactionWriteMarkers,
} from '../../contracts/log-transaction.ts';
import { ms } from '../../kernel/time.ts';
import { defineBehaviour } from '../../node/behaviour.ts';
import type { CallRef, CallResult, NodeIndex } from '../../node/behaviour.ts';
import { GROUP_RULES } from '../../protocols/consumer-group/index.ts';
import { PARTITION_RULES } from '../../protocols/partition-log/index.ts';
import { TRANSACTION_RULES } from '../../protocols/txn-coordinator/index.ts';
import type { Ctx } from './asking.ts';
import { armRetention, onCleanupTimer, startCleanup } from './cleanup.ts';
import {
  askAgain,
  END_TICKET,
  followMetadata,
  heartbeat,
  onControllerAnswer,
  register,
} from './cluster.ts';
import { check } from './check.ts';
import { logBrokerConfig } from './config.ts';
import type { LogBrokerConfig } from './config.ts';
import { logBrokerDurable } from './disk.ts';
import type { LogBrokerDisk, LogBrokerRecord } from './disk.ts';
import { logBrokerFacts } from './facts.ts';
import type { LogBrokerFact } from './facts.ts';
import { feed, PARTITION_START } from './feed.ts';
import { onProduce, onUnacknowledged } from './producing.ts';
import { fetchFrom, onLeaderAnswer } from './replication.ts';
import { endWait, metadataOf, onEpochEnd, onFetch, onListOffsets, wake } from './serving.ts';
import {
  coordinate,
  onAppendTimeout,
  onCoordinated,
  onFindCoordinator,
  onShardAnswer,
  onShardTimer,
} from './shards.ts';
import { GAUGES, viewOf } from './show.ts';
import { copyState, plainState } from './state.ts';
import type { LogBrokerState } from './state.ts';
import { ruleNeeds } from './rule-needs.ts';
import { usage } from './usage.ts';
import { onVerified, onWriteMarkers } from './verification.ts';
import { timeOutWrite } from './writes.ts';
import type { LogBrokerView } from './view.ts';

type Handled =
  | BrokerMetadata
  | BrokerInitProducer
  | BrokerFindCoordinator
  | GroupRequest
  | BrokerProduce
  | BrokerProduceUnacknowledged
  | BrokerFetch
  | BrokerEpochEnd
  | BrokerListOffsets
  | TransactionRequest
  | TransactionWriteMarkers;

function start(ctx: Ctx): LogBrokerState {
  const disk = ctx.durable as LogBrokerDisk;
  const state: LogBrokerState = {
    cluster: {
      controller: ctx.members('controller')[0] ?? -1,
      brokerEpoch: -1,
      isFenced: true,
      metadataOffset: 0,
      brokers: new Map(),
      partitions: new Map(),
      changed: new Set(),
      wantsShutdown: false,
      isBeating: false,
    },
    hosted: new Map(),
    nextTag: 0,
    asked: new Map(),
    fetching: new Set(),
    writes: new Map(),
    writeOf: new Map(),
    fetches: new Map(),
    shards: new Map(),
    appends: new Map(),
    timers: new Map(),
    verifying: new Map(),
    inbox: [],
    stirred: new Set(),
    creating: new Set(),
    moved: new Set(),
    isDirty: true,
    isSyncing: false,
    isUnclean: !disk.isClean,
    isEnding: false,
    metadata: null,
    records: 0,
    expired: 0,
    truncated: 0,
    deleted: 0,
    compacted: 0,
  };
  ctx.probe(PARTITION_START, null);
  ctx.write({ type: 'clean', isClean: false } satisfies LogBrokerRecord);
  ctx.setTimer('scan', 0, scanEvery(ctx));
  ctx.setTimer('checkpoint', 0, ms(ctx.config.replicaHighWatermarkCheckpointIntervalMs));
  startCleanup(ctx);
  register(state, ctx);
  followMetadata(state, ctx);
  settle(state, ctx);
  return state;
}

const scanEvery = (ctx: Ctx) => ms(ctx.config.replicaLagTimeMaxMs / 2);

const SYNC_TICKET = 0;

/** After each event: who waits for what has moved is answered, and the disk is told to sync. */
function settle(state: LogBrokerState, ctx: Ctx): void {
  coordinate(state, ctx);
  if (state.moved.size > 0) wake(state, ctx);
  if (!state.isDirty || state.isSyncing) return;
  state.isDirty = false;
  state.isSyncing = true;
  ctx.sync(SYNC_TICKET);
}

function onTimer(state: LogBrokerState, ctx: Ctx, kind: string, key: number): void {
  switch (kind) {
    case 'register':
      register(state, ctx);
      break;
    case 'heartbeat':
      heartbeat(state, ctx);
      break;
    case 'metadata':
      followMetadata(state, ctx);
      break;
    case 'alter':
      askAgain(state, ctx, key);
      break;
    case 'fetch':
      fetchFrom(state, ctx, key);
      break;
    case 'write':
      timeOutWrite(state, ctx, key);
      break;
    case 'wait':
      endWait(state, ctx, key);
      break;
    case 'shard':
      onShardTimer(state, ctx, key);
      break;
    case 'append':
      onAppendTimeout(state, key);
      break;
    case 'scan':
      ctx.setTimer('scan', 0, scanEvery(ctx));
      scan(state, ctx);
      break;
    case 'checkpoint':
      ctx.setTimer('checkpoint', 0, ms(ctx.config.replicaHighWatermarkCheckpointIntervalMs));
      checkpoint(state, ctx);
      break;
    default:
      onCleanupTimer(state, ctx, kind);
  }
  settle(state, ctx);
}

function scan(state: LogBrokerState, ctx: Ctx): void {
  for (const hosted of state.hosted.values()) {
    if (hosted.state.leader === ctx.self) feed(state, ctx, hosted, { type: 'scan' });
  }
}

function checkpoint(state: LogBrokerState, ctx: Ctx): void {
  armRetention(ctx);
  const marks = [...state.hosted].map(
    ([partition, { state: replica }]) => [partition, replica.highWatermark] as const,
  );
  ctx.write({ type: 'watermarks', marks } satisfies LogBrokerRecord);
  state.isDirty = true;
}

function onResult(state: LogBrokerState, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = state.asked.get(tag);
  if (asked === undefined) return;
  state.asked.delete(tag);
  if (asked.about === 'fetch' || asked.about === 'lookup') {
    onLeaderAnswer(state, ctx, asked, result);
  } else if (asked.about === 'shard') onShardAnswer(state, asked, result);
  else if (asked.about === 'verify') onVerified(state, ctx, asked.key, result);
  else onControllerAnswer(state, ctx, asked, result);
  settle(state, ctx);
}

/** Requests for the coordinator of a group, and of a transactional id. */
function onGroup(
  state: LogBrokerState,
  ctx: Ctx,
  request: GroupRequest,
  _from: NodeIndex,
  call: CallRef,
): void {
  onCoordinated(state, ctx, { kind: 'group', key: request.group }, request, call);
  settle(state, ctx);
}

function onTransaction(
  state: LogBrokerState,
  ctx: Ctx,
  request: TransactionRequest,
  _from: NodeIndex,
  call: CallRef,
): void {
  onCoordinated(state, ctx, { kind: 'transaction', key: request.transactionalId }, request, call);
  settle(state, ctx);
}

export const logBroker = defineBehaviour<
  LogBrokerState,
  LogBrokerConfig,
  Handled,
  LogBrokerView,
  LogBrokerFact,
  LogBrokerDisk,
  LogBrokerRecord
>({
  component: 'log-broker',
  about: 'Hosts partitions of a replicated log: leads some, follows the leaders of others.',
  source: 'Apache Kafka 4.0 (KRaft)',
  leavesOut: [
    'Differs: segmentBytes may be less than 1 MiB (KIP-1030), so that a short run rolls some.',
    'Files: segments are gone at once (file.delete.delay.ms), and cleaning takes no time.',
    'Retention and compaction of internal topics.',
    'Connections: a machine that is back resets none (TCP RST), so that whoever has asked it ' +
      'before waits for request.timeout.ms, or to join a group for max.poll.interval.ms and 5 s.',
    'Fetch sessions (KIP-227), fetching from followers (KIP-392) and tiered storage.',
    'That the coordinator of a group verifies the transaction that offsets come in (KIP-890).',
    'Reassignment of replicas, and topics that are deleted in a run.',
    'message.max.bytes, num.replica.fetchers and max.compaction.lag.ms.',
    'Quotas, and the time that requests and disks take beyond what the network does.',
    'A broker gives producer ids itself, where Kafka’s get them from the controller in blocks.',
  ],
  badge: 'LB',
  serves: [broker, group, logTransaction],
  links: { controller: { about: 'Who says who leads, and who is in sync.', contract: controller } },
  config: logBrokerConfig,
  facts: logBrokerFacts,
  rules: [...PARTITION_RULES, ...GROUP_RULES, ...TRANSACTION_RULES].map(({ id }) => id),
  ruleNeeds,
  usage,
  roleNames: {
    leader: 'Leads a partition.',
    follower: 'Follows the leader of a partition.',
    fenced: 'May lead nothing.',
  },
  durable: logBrokerDurable,
  check,
  gauges: GAUGES,
  start,
  on: {
    'broker.metadata': (state, ctx, _message, _from, call) => ctx.reply(call, metadataOf(state)),
    'broker.init-producer': (_state, ctx, _message, _from, call) =>
      ctx.reply<BrokerProducerId>(call, {
        type: 'broker.producer-id',
        producerId: ctx.unique(),
        producerEpoch: 0,
      }),
    'broker.find-coordinator'(state, ctx, message, _from, call) {
      onFindCoordinator(state, ctx, message, call);
    },
    'group.join': onGroup,
    'group.sync': onGroup,
    'group.heartbeat': onGroup,
    'group.consumer-heartbeat': onGroup,
    'group.leave': onGroup,
    'group.commit': onGroup,
    'group.txn-commit': onGroup,
    'group.fetch-offsets': onGroup,
    'transaction.init': onTransaction,
    'transaction.add-partitions': onTransaction,
    'transaction.add-offsets': onTransaction,
    'transaction.end': onTransaction,
    'transaction.write-markers'(state, ctx, message, _from, call) {
      onWriteMarkers(state, ctx, message, call);
      settle(state, ctx);
    },
    'broker.produce'(state, ctx, message, _from, call) {
      onProduce(state, ctx, message, call);
      settle(state, ctx);
    },
    'broker.produce-unacknowledged'(state, ctx, { parts }) {
      onUnacknowledged(state, ctx, parts);
      settle(state, ctx);
    },
    'broker.fetch'(state, ctx, message, _from, call) {
      onFetch(state, ctx, message, call);
      settle(state, ctx);
    },
    'broker.epoch-end'(state, ctx, message, _from, call) {
      onEpochEnd(state, ctx, message, call);
      settle(state, ctx);
    },
    'broker.list-offsets': (state, ctx, message, _from, call) =>
      onListOffsets(state, ctx, message, call),
  },
  onTimer,
  onResult,
  onSynced(state, ctx, ticket) {
    if (ticket === END_TICKET) return ctx.exit(null);
    state.isSyncing = false;
    settle(state, ctx);
  },
  onTerminate(state, ctx, stage) {
    if (stage !== 'sigterm') return;
    if (state.cluster.brokerEpoch < 0) return ctx.exit(null);
    // A controlled shutdown: the controller moves its leaderships first.
    state.cluster.wantsShutdown = true;
    heartbeat(state, ctx);
  },
  roles({ cluster, hosted }) {
    const roles: string[] = [];
    if (cluster.isFenced) roles.push('fenced');
    const all = [...hosted.values()];
    if (all.some(({ config, state }) => state.leader === config.id)) roles.push('leader');
    if (all.some(({ config, state }) => state.leader >= 0 && state.leader !== config.id)) {
      roles.push('follower');
    }
    return roles;
  },
  view: viewOf,
  save: copyState,
  restore: (image) => copyState(image as LogBrokerState),
  plain: plainState,
});
