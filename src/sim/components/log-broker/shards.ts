/**
 * The shards of coordinators: one for each partition of an internal topic that this broker leads.
 *
 * Keeps: a shard serves only while its broker leads the partition, in the epoch in which it was
 * loaded, and after all that is committed there has been replayed; it answers for what it wrote
 * when that is committed. When another epoch begins it is forgotten, and whoever waits is sent on.
 *
 * Source: Apache Kafka 4.0, CoordinatorRuntime, KafkaApis.handleFindCoordinatorRequest
 * Differs: Kafka reads the log to its end, which takes its time; here loading takes until what was
 * written before the epoch is committed.
 */
import type { BrokerCoordinator, BrokerFindCoordinator } from '../../contracts/broker.ts';
import type { CoordinatorKind } from '../../contracts/broker.ts';
import type { Message } from '../../contracts/contract.ts';
import { NO_PRODUCER } from '../../contracts/record-batch.ts';
import type { ProducedBatch } from '../../contracts/record-batch.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallRef, CallResult, NodeIndex } from '../../node/behaviour.ts';
import { coordinatorPartition } from '../../policies/hashing/java-string.ts';
import type { MachineEffect, MachineInput } from '../../protocols/coordinator-machine.ts';
import type { Ctx } from './asking.ts';
import { ask } from './asking.ts';
import { coordinationOf, coordinationOfTopic, isInternal } from './coordinator-kinds.ts';
import type { Coordination } from './coordinator-kinds.ts';
import type { LogBrokerFact } from './facts.ts';
import { feed } from './feed.ts';
import { metadataOf } from './serving.ts';
import type { Hosted, LogBrokerState, Shard } from './state.ts';

export function onFindCoordinator(
  state: LogBrokerState,
  ctx: Ctx,
  { kind, key }: BrokerFindCoordinator,
  call: CallRef,
): void {
  const reply = (node: NodeIndex): void => {
    const error = node < 0 ? 'COORDINATOR_NOT_AVAILABLE' : null;
    ctx.reply<BrokerCoordinator>(call, { type: 'broker.coordinator', error, node });
  };
  const coordination = coordinationOf(kind);
  if (coordination === undefined) return reply(-1);
  const place = placeOf(state, ctx, coordination, key);
  if (place === undefined) createTopic(state, ctx, coordination);
  reply(place?.leader ?? -1);
}

/** The partition of a key: undefined as long as the topic is not there. */
function placeOf(state: LogBrokerState, ctx: Ctx, { topicOf }: Coordination, key: string) {
  const name = topicOf(ctx.config).topic;
  const places = metadataOf(state).topics.find(({ topic }) => topic === name)?.partitions ?? [];
  return places.length === 0 ? undefined : places[coordinatorPartition(key, places.length)];
}

/** -1: there is none yet. */
function partitionOf(state: LogBrokerState, ctx: Ctx, kind: CoordinatorKind, key: string): number {
  const coordination = coordinationOf(kind);
  return coordination === undefined
    ? -1
    : (placeOf(state, ctx, coordination, key)?.partition ?? -1);
}

/** Of a topic of the users. */
function partitionsOf(state: LogBrokerState, topic: string): readonly number[] {
  const topics = metadataOf(state).topics.filter(({ topic: name }) => !isInternal(name));
  const meant = topic === '' ? topics[0] : topics.find(({ topic: name }) => name === topic);
  return (meant?.partitions ?? []).map(({ partition }) => partition);
}

/** The broker that coordinates whoever has that key; -1: nobody does. */
export function coordinatorOf(
  state: LogBrokerState,
  ctx: Ctx,
  kind: CoordinatorKind,
  key: string,
): NodeIndex {
  const coordination = coordinationOf(kind);
  return coordination === undefined ? -1 : (placeOf(state, ctx, coordination, key)?.leader ?? -1);
}

/** The first who looks for a coordinator lets the topic be made. */
function createTopic(state: LogBrokerState, ctx: Ctx, { topicOf }: Coordination): void {
  const spec = topicOf(ctx.config);
  const { brokerEpoch, controller: to } = state.cluster;
  if (brokerEpoch < 0 || state.creating.has(spec.topic)) return;
  state.creating.add(spec.topic);
  const request = { type: 'controller.create-topics', brokerEpoch, topics: [spec] };
  ask(state, ctx, request, ms(ctx.config.controllerSocketTimeoutMs), {
    about: 'create',
    to,
    topic: spec.topic,
  });
}

/** A request for the coordinator of a key. */
export function onCoordinated(
  state: LogBrokerState,
  ctx: Ctx,
  of: { readonly kind: CoordinatorKind; readonly key: string },
  request: Message,
  call: CallRef,
): void {
  const coordination = coordinationOf(of.kind);
  if (coordination === undefined) return;
  const place = placeOf(state, ctx, coordination, of.key);
  const shard = place === undefined ? undefined : state.shards.get(place.partition);
  if (shard === undefined) {
    return ctx.reply(call, coordination.refuse(request, 'NOT_COORDINATOR'));
  }
  if (!shard.isLoaded) {
    return ctx.reply(call, coordination.refuse(request, 'COORDINATOR_LOAD_IN_PROGRESS'));
  }
  const tag = state.nextTag++;
  shard.calls.set(tag, { call, request });
  take(state, ctx, shard, { type: 'request', tag, request });
}

/** After an event: who leads what now, what is committed, and what shards have heard of that. */
export function coordinate(state: LogBrokerState, ctx: Ctx): void {
  while (state.stirred.size > 0 || state.inbox.length > 0) {
    const partitions = [...state.stirred];
    state.stirred.clear();
    for (const partition of partitions) stir(state, ctx, state.hosted.get(partition) as Hosted);
    for (const { partition, epoch, input } of state.inbox.splice(0)) {
      const shard = state.shards.get(partition);
      if (shard?.epoch === epoch) take(state, ctx, shard, input);
    }
  }
}

function stir(state: LogBrokerState, ctx: Ctx, { partition, name, state: replica }: Hosted): void {
  const leads = replica.leader === ctx.self;
  let shard = state.shards.get(partition);
  if (shard !== undefined && (!leads || shard.epoch !== replica.leaderEpoch)) {
    resign(state, ctx, shard);
    ctx.tell<LogBrokerFact>({ type: 'coordinator.resigned', of: name });
    shard = undefined;
  }
  if (!leads) return;
  shard ??= open(state, ctx, partition, replica.leaderEpoch);
  if (shard === undefined) return;
  if (!shard.isLoaded) {
    if (replica.highWatermark < replica.epochStart) return;
    shard.isLoaded = true;
    for (const batch of replica.log.toArray()) shard.machine.replay(shard.state, batch);
    const records = replica.log.end;
    ctx.tell<LogBrokerFact>({ type: 'coordinator.loaded', of: name, records });
    take(state, ctx, shard, { type: 'loaded' });
  }
  while ((shard.barriers[0]?.upTo ?? Infinity) <= replica.highWatermark) {
    const { ticket } = shard.barriers.shift() as Shard['barriers'][number];
    state.inbox.push({ partition, epoch: shard.epoch, input: appended(ticket, null) });
  }
}

const appended = (ticket: number, error: null): MachineInput<never> => ({
  type: 'appended',
  ticket,
  error,
});

function open(
  state: LogBrokerState,
  ctx: Ctx,
  partition: number,
  epoch: number,
): Shard | undefined {
  const topic = state.cluster.partitions.get(partition)?.topic;
  const coordination = coordinationOfTopic(ctx.config, topic);
  if (coordination === undefined) return undefined;
  const machine = coordination.machineOf(ctx.config, ctx.ablations);
  const shard: Shard = {
    partition,
    kind: coordination.kind,
    epoch,
    machine,
    state: machine.create(),
    isLoaded: false,
    calls: new Map(),
    timers: new Map(),
    barriers: [],
  };
  state.shards.set(partition, shard);
  return shard;
}

/** Another one coordinates now: whoever waits here has to look for it. */
function resign(state: LogBrokerState, ctx: Ctx, shard: Shard): void {
  state.shards.delete(shard.partition);
  for (const id of shard.timers.values()) {
    ctx.cancelTimer('shard', id);
    state.timers.delete(id);
  }
  const coordination = coordinationOf(shard.kind);
  for (const { call, request } of shard.calls.values()) {
    if (coordination !== undefined)
      ctx.reply(call, coordination.refuse(request, 'NOT_COORDINATOR'));
  }
}

export function onShardTimer(state: LogBrokerState, ctx: Ctx, id: number): void {
  const of = state.timers.get(id);
  state.timers.delete(id);
  const shard = of === undefined ? undefined : state.shards.get(of.partition);
  if (of === undefined || shard === undefined) return;
  shard.timers.delete(of.timer);
  take(state, ctx, shard, { type: 'timer', timer: of.timer });
}

/** offsets.commit.timeout.ms is over: it may be committed later, but nobody waits any more. */
export function onAppendTimeout(state: LogBrokerState, tag: number): void {
  const of = state.appends.get(tag);
  if (of === undefined) return;
  state.appends.delete(tag);
  const { partition, epoch, ticket } = of;
  const input = { type: 'appended', ticket, error: 'REQUEST_TIMED_OUT' } as const;
  state.inbox.push({ partition, epoch, input });
}

export function onShardAnswer(
  state: LogBrokerState,
  asked: { readonly partition: number; readonly epoch: number; readonly ticket: number },
  result: CallResult,
): void {
  const { partition, epoch, ticket } = asked;
  const answer = result.outcome === 'ok' ? result.value : null;
  state.inbox.push({ partition, epoch, input: { type: 'answered', ticket, answer } });
}

/** One input to a shard, and everything that follows from it. */
function take(state: LogBrokerState, ctx: Ctx, shard: Shard, input: MachineInput<Message>): void {
  const effects: MachineEffect[] = [];
  const at = {
    nowMicros: ctx.mono(),
    unique: () => ctx.unique(),
    leaderOf: (partition: number) =>
      state.cluster.partitions.get(partition)?.registration.leader ?? -1,
    partitionOfGroup: (key: string) => partitionOf(state, ctx, 'group', key),
    partitionsOf: (topic: string) => partitionsOf(state, topic),
  };
  shard.machine.step(shard.state, input as MachineInput<never>, at, effects);
  for (const effect of effects) perform(state, ctx, shard, effect);
}

function perform(state: LogBrokerState, ctx: Ctx, shard: Shard, effect: MachineEffect): void {
  switch (effect.type) {
    case 'reply': {
      const waiting = shard.calls.get(effect.tag);
      shard.calls.delete(effect.tag);
      if (waiting !== undefined) ctx.reply(waiting.call, effect.answer);
      return;
    }
    case 'append':
      return append(state, ctx, shard, effect);
    case 'set-timer': {
      stopTimer(state, ctx, shard, effect.timer);
      const id = state.nextTag++;
      shard.timers.set(effect.timer, id);
      state.timers.set(id, { partition: shard.partition, timer: effect.timer });
      return ctx.setTimer('shard', id, micros(effect.afterMicros));
    }
    case 'cancel-timer':
      return stopTimer(state, ctx, shard, effect.timer);
    case 'ask': {
      const { to, ticket, request, timeoutMicros } = effect;
      const { partition, epoch } = shard;
      return ask(state, ctx, request, timeoutMicros, {
        about: 'shard',
        to,
        partition,
        epoch,
        ticket,
      });
    }
    case 'told':
      return ctx.tell(effect.fact);
  }
}

function stopTimer(state: LogBrokerState, ctx: Ctx, shard: Shard, timer: string): void {
  const id = shard.timers.get(timer);
  if (id === undefined) return;
  shard.timers.delete(timer);
  state.timers.delete(id);
  ctx.cancelTimer('shard', id);
}

/** Of a batch with its header, and of a record (about what Kafka's take). */
const BATCH_BYTES = 61;
const RECORD_BYTES = 64;

function append(
  state: LogBrokerState,
  ctx: Ctx,
  shard: Shard,
  { ticket, records, producer }: Extract<MachineEffect, { readonly type: 'append' }>,
): void {
  const { partition, epoch } = shard;
  const hosted = state.hosted.get(partition) as Hosted;
  if (records.length === 0) {
    shard.barriers.push({ upTo: hosted.state.log.end, ticket });
    state.stirred.add(partition);
    return;
  }
  const tag = state.nextTag++;
  state.appends.set(tag, { partition, epoch, ticket });
  ctx.setTimer('append', tag, ms(ctx.config.offsetsCommitTimeoutMs));
  const batch: ProducedBatch = Object.freeze({
    producerId: producer?.producerId ?? NO_PRODUCER,
    producerEpoch: producer?.producerEpoch ?? -1,
    baseSequence: -1,
    isTransactional: producer !== undefined,
    marker: null,
    timestampMicros: ctx.wall(),
    bytes: BATCH_BYTES + RECORD_BYTES * records.length,
    records: Object.freeze(records.slice()),
  });
  feed(state, ctx, hosted, { type: 'produce', tag, batch, acks: -1 });
}
