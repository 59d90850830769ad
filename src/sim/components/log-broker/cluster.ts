/**
 * A broker in its cluster: it registers, tells the controller that it lives, and follows the
 * metadata log, which says of each partition who leads it and who is in sync.
 *
 * Nothing of the log is followed before the broker has seen its own registration in it: before
 * that it may still say that this broker leads what it led in its last life.
 *
 * Source: Apache Kafka 4.0, BrokerLifecycleManager, BrokerMetadataPublisher; KIP-500, KIP-631
 */
import type {
  ControllerAltered,
  ControllerFetched,
  ControllerHeartbeatReply,
  ControllerRegistered,
  MetadataRecord,
} from '../../contracts/controller.ts';
import { ms } from '../../kernel/time.ts';
import type { CallResult } from '../../node/behaviour.ts';
import { createPartition, emptyPartition } from '../../protocols/partition-log/index.ts';
import { partitionRules } from '../../protocols/partition-log/index.ts';
import type { CleanupConfig, PartitionConfig } from '../../protocols/partition-log/index.ts';
import type { Ctx } from './asking.ts';
import { ask, askAlter, CONTROLLER_RETRY, leaveController } from './asking.ts';
import type { LogBrokerConfig } from './config.ts';
import { isInternal, topicSpecOf } from './coordinator-kinds.ts';
import type { LogBrokerDisk } from './disk.ts';
import type { LogBrokerFact } from './facts.ts';
import { feed } from './feed.ts';
import { fetchAll } from './replication.ts';
import type { Asked, Hosted, KnownPartition, LogBrokerState } from './state.ts';
import { cleanupOf, specOf } from './topic.ts';

/** controller.quorum.request.timeout.ms */
const METADATA_TIMEOUT = ms(2_000);

/** A heartbeat that is not answered for half the session is sent again. */
const beatTimeout = (ctx: Ctx): number => ms(ctx.config.brokerSessionTimeoutMs) / 2;

export function register(state: LogBrokerState, ctx: Ctx): void {
  const { controller: to } = state.cluster;
  const request = {
    type: 'controller.register',
    incarnation: ctx.life,
    rack: ctx.zoneOf(ctx.self),
    topics: ctx.config.topics.map(specOf),
    brokers: ctx.members('peers').length,
    isUnclean: state.isUnclean,
  };
  ask(state, ctx, request, beatTimeout(ctx), { about: 'register', to });
}

export function heartbeat(state: LogBrokerState, ctx: Ctx): void {
  const { cluster } = state;
  const { controller: to, brokerEpoch, metadataOffset, wantsShutdown } = cluster;
  if (brokerEpoch < 0 || cluster.isBeating) return;
  cluster.isBeating = true;
  const request = {
    type: 'controller.heartbeat',
    brokerEpoch,
    metadataOffset: metadataOffset - 1,
    wantsShutdown,
  };
  ask(state, ctx, request, beatTimeout(ctx), { about: 'heartbeat', to });
}

export function followMetadata(state: LogBrokerState, ctx: Ctx): void {
  const { controller: to, metadataOffset: offset } = state.cluster;
  const request = { type: 'controller.fetch', offset };
  ask(state, ctx, request, METADATA_TIMEOUT, { about: 'metadata', to });
}

type AskedController = Exclude<Asked, { readonly about: 'fetch' | 'lookup' | 'shard' | 'verify' }>;

export function onControllerAnswer(
  state: LogBrokerState,
  ctx: Ctx,
  asked: AskedController,
  result: CallResult,
): void {
  if (result.outcome !== 'ok') {
    leaveController(state, ctx, asked.to, result);
    return onControllerError(state, ctx, asked, result.error.code);
  }
  switch (asked.about) {
    case 'register':
      return onRegistered(state, ctx, result.value as ControllerRegistered);
    case 'heartbeat':
      return onHeartbeat(state, ctx, result.value as ControllerHeartbeatReply);
    case 'metadata':
      return onMetadata(state, ctx, result.value as ControllerFetched);
    case 'alter':
      return onAltered(state, ctx, asked, result.value as ControllerAltered);
    case 'create':
      // Whether they are there the metadata say; who needs them asks again.
      state.creating.delete(asked.topic);
  }
}

type AskedAlter = Extract<Asked, { readonly about: 'alter' }>;

function onControllerError(
  state: LogBrokerState,
  ctx: Ctx,
  asked: AskedController,
  code: string,
): void {
  if (asked.about === 'create') {
    state.creating.delete(asked.topic);
    return;
  }
  if (asked.about === 'alter') {
    const key = asked.partition;
    // Still wanted: once more. Otherwise the metadata have said something else meanwhile.
    if (isWanted(state, asked)) ctx.setTimer('alter', key, CONTROLLER_RETRY);
    return;
  }
  if (asked.about === 'heartbeat') {
    state.cluster.isBeating = false;
    if (code === 'stale-broker-epoch') {
      state.cluster.brokerEpoch = -1;
      return ctx.setTimer('register', 0, CONTROLLER_RETRY);
    }
  }
  ctx.setTimer(asked.about, 0, CONTROLLER_RETRY);
}

const isWanted = ({ hosted }: LogBrokerState, { partition, proposed }: AskedAlter): boolean =>
  hosted.get(partition)?.state.proposed === proposed;

/** The timer of a question that has to be asked again. */
export function askAgain(state: LogBrokerState, ctx: Ctx, partition: number): void {
  const hosted = state.hosted.get(partition);
  const proposed = hosted?.state.proposed ?? null;
  if (hosted !== undefined && proposed !== null) askAlter(state, ctx, hosted, proposed);
}

function onRegistered(
  state: LogBrokerState,
  ctx: Ctx,
  { brokerEpoch }: ControllerRegistered,
): void {
  state.cluster.brokerEpoch = brokerEpoch;
  ctx.tell<LogBrokerFact>({ type: 'broker.registered', brokerEpoch });
  heartbeat(state, ctx);
  publish(state, ctx);
}

function onHeartbeat(state: LogBrokerState, ctx: Ctx, reply: ControllerHeartbeatReply): void {
  const { cluster } = state;
  cluster.isBeating = false;
  if (cluster.isFenced !== reply.isFenced) {
    cluster.isFenced = reply.isFenced;
    ctx.tell<LogBrokerFact>({ type: reply.isFenced ? 'broker.fenced' : 'broker.unfenced' });
  }
  if (cluster.wantsShutdown && reply.mayShutDown) {
    ctx.write({ type: 'clean', isClean: true });
    state.isEnding = true;
    return ctx.sync(END_TICKET);
  }
  ctx.setTimer('heartbeat', 0, ms(ctx.config.brokerHeartbeatIntervalMs));
}

export const END_TICKET = 1;

function onAltered(
  state: LogBrokerState,
  ctx: Ctx,
  { partition, proposed }: AskedAlter,
  { error, isr, partitionEpoch }: ControllerAltered,
): void {
  const hosted = state.hosted.get(partition);
  if (hosted === undefined) return;
  // It knows less than this broker: another one decides by now.
  if (error === 'NOT_CONTROLLER' && hosted.state.proposed === proposed) {
    ctx.setTimer('alter', partition, CONTROLLER_RETRY);
    return;
  }
  const reply = error === null ? { isr, partitionEpoch } : { error };
  feed(state, ctx, hosted, { type: 'altered', proposed, reply });
  state.metadata = null;
}

function onMetadata(state: LogBrokerState, ctx: Ctx, { records, end }: ControllerFetched): void {
  const { cluster } = state;
  for (const record of records) {
    if (record.offset >= cluster.metadataOffset) note(state, record);
  }
  cluster.metadataOffset = Math.max(cluster.metadataOffset, end);
  followMetadata(state, ctx);
  if (records.length === 0) return;
  publish(state, ctx);
  // The controller unfences those who have caught up: it is told at once.
  if (cluster.isFenced) heartbeat(state, ctx);
}

function note({ cluster }: LogBrokerState, record: MetadataRecord): void {
  if (record.kind === 'broker') {
    const { broker, brokerEpoch: epoch, isFenced, isShuttingDown } = record;
    cluster.brokers.set(broker, { epoch, mayJoin: !isFenced && !isShuttingDown });
    return;
  }
  const { partition, topic, index, registration } = record;
  cluster.partitions.set(partition, { topic, index, registration });
  cluster.changed.add(partition);
}

/** What is new in the metadata is followed, if they know this life of the broker. */
function publish(state: LogBrokerState, ctx: Ctx): void {
  const { cluster } = state;
  if (cluster.brokerEpoch < 0) return;
  if (cluster.brokers.get(ctx.self)?.epoch !== cluster.brokerEpoch) return;
  const changed = [...cluster.changed];
  cluster.changed.clear();
  for (const partition of changed) {
    const known = cluster.partitions.get(partition) as KnownPartition;
    if (!known.registration.replicas.includes(ctx.self)) continue;
    const hosted = state.hosted.get(partition) ?? host(state, ctx, partition, known);
    feed(state, ctx, hosted, { type: 'metadata', metadata: known.registration });
    // Whoever waits here has to learn that somebody else leads.
    state.moved.add(partition);
  }
  for (const hosted of state.hosted.values()) noteEligible(state, ctx, hosted);
  state.metadata = null;
  fetchAll(state, ctx);
}

/** Whom the controller would refuse, the leader does not wait for. */
function noteEligible(state: LogBrokerState, ctx: Ctx, hosted: Hosted): void {
  if (hosted.state.leader !== ctx.self) return;
  for (const follower of hosted.state.followers) {
    const isEligible = mayJoin(state, follower.id, follower.brokerEpoch);
    if (isEligible === follower.isEligible) continue;
    feed(state, ctx, hosted, { type: 'eligible', replica: follower.id, isEligible });
  }
}

/** Not fenced or shutting down, and of the life that the metadata know; -1: it did not ask yet. */
export function mayJoin(state: LogBrokerState, id: number, brokerEpoch: number): boolean {
  const known = state.cluster.brokers.get(id);
  if (known === undefined || !known.mayJoin) return false;
  return brokerEpoch < 0 || brokerEpoch === known.epoch;
}

function cleanupFor({ topics }: LogBrokerConfig, topic: string): CleanupConfig | null {
  const found = topics.find((one) => one.topic === topic);
  return found === undefined ? null : cleanupOf(found);
}

function host(
  state: LogBrokerState,
  ctx: Ctx,
  partition: number,
  { topic, index, registration }: KnownPartition,
): Hosted {
  const { config } = ctx;
  const settings = topicSpecOf(config, topic);
  const replicaConfig: PartitionConfig = {
    id: ctx.self,
    replicas: registration.replicas,
    minInsyncReplicas: settings?.minInsyncReplicas ?? 1,
    replicaLagTimeMaxMicros: ms(config.replicaLagTimeMaxMs),
    replicaFetchMaxBytes: config.replicaFetchMaxBytes,
    truncateOnFetch: config.truncateOnFetch,
    rules: partitionRules(ctx.ablations),
  };
  const kept = (ctx.durable as LogBrokerDisk).partitions.get(partition);
  const hosted: Hosted = {
    partition,
    name: `${topic}-${index}`,
    config: replicaConfig,
    isInternal: isInternal(topic),
    cleanup: cleanupFor(config, topic),
    state:
      kept === undefined ? emptyPartition() : createPartition(kept.log.clone(), kept.highWatermark),
    waiting: new Set(),
    delayedUntilMicros: 0,
    cut: null,
  };
  state.hosted.set(partition, hosted);
  return hosted;
}
