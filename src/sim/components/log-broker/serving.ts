/**
 * What a broker answers: fetches of followers and consumers, and questions about offsets.
 *
 * A fetch that finds less than it asks for waits (Kafka's purgatory), until enough has come, an
 * error has, or its time is over; then it is read anew.
 *
 * Source: Apache Kafka, KafkaApis, ReplicaManager, DelayedFetch
 */
import type {
  BrokerEpochEnd,
  BrokerEpochEnded,
  BrokerFetch,
  BrokerFetched,
  BrokerListOffsets,
  BrokerMetadataReply,
  BrokerOffset,
  EpochEndPart,
  FetchedPart,
  FetchPart,
  PartitionPlace,
  TopicPlaces,
} from '../../contracts/broker.ts';
import { ms } from '../../kernel/time.ts';
import type { CallRef } from '../../node/behaviour.ts';
import {
  isOfEarlierLife,
  lastStableOffset,
  offsetAt,
  readableEnd,
  readError,
  readFor,
} from '../../protocols/partition-log/index.ts';
import type { PartitionEffect } from '../../protocols/partition-log/index.ts';
import type { Ctx } from './asking.ts';
import { mayJoin } from './cluster.ts';
import { feed } from './feed.ts';
import type { Hosted, LogBrokerState } from './state.ts';
import { errorOfAbsent } from './writes.ts';

/** The tag under which nobody waits. */
const NO_TAG = -1;

export function onFetch(
  state: LogBrokerState,
  ctx: Ctx,
  request: BrokerFetch,
  call: CallRef,
): void {
  if (request.replica >= 0) forgetEarlier(state, ctx, request.replica);
  const parts = readAll(state, ctx, request);
  if (request.maxWaitMs <= 0 || isEnough(request, parts)) {
    return ctx.reply<BrokerFetched>(call, { type: 'broker.fetched', parts });
  }
  const id = state.nextTag++;
  state.fetches.set(id, { call, request });
  for (const { partition } of request.parts) state.hosted.get(partition)?.waiting.add(id);
  ctx.setTimer('wait', id, ms(request.maxWaitMs));
}

/** A follower that asks again does not wait for its earlier question any more. */
function forgetEarlier(state: LogBrokerState, ctx: Ctx, replica: number): void {
  for (const [id, { request }] of state.fetches) {
    if (request.replica === replica) forget(state, ctx, id, request);
  }
}

function forget(state: LogBrokerState, ctx: Ctx, id: number, { parts }: BrokerFetch): void {
  state.fetches.delete(id);
  ctx.cancelTimer('wait', id);
  for (const { partition } of parts) state.hosted.get(partition)?.waiting.delete(id);
}

/** Reads anew and answers: something has come, or the time is over. */
export function endWait(state: LogBrokerState, ctx: Ctx, id: number): void {
  const waiting = state.fetches.get(id);
  if (waiting === undefined) return;
  forget(state, ctx, id, waiting.request);
  const parts = readAll(state, ctx, waiting.request);
  ctx.reply<BrokerFetched>(waiting.call, { type: 'broker.fetched', parts });
}

/** Who waits at partitions that have moved may find enough now. */
export function wake(state: LogBrokerState, ctx: Ctx): void {
  // Answering moves high watermarks: those who wait for them come next.
  while (state.moved.size > 0) {
    const [partition] = state.moved;
    if (partition === undefined) return;
    state.moved.delete(partition);
    const hosted = state.hosted.get(partition);
    if (hosted === undefined) continue;
    for (const id of [...hosted.waiting]) {
      const waiting = state.fetches.get(id);
      if (waiting !== undefined && hasEnough(state, waiting.request)) endWait(state, ctx, id);
    }
  }
}

function isEnough({ minBytes }: BrokerFetch, parts: readonly FetchedPart[]): boolean {
  let bytes = 0;
  for (const { error, diverging, batches } of parts) {
    if (error !== null || diverging !== null) return true;
    for (const batch of batches) bytes += batch.bytes;
    if (bytes >= minBytes) return true;
  }
  return false;
}

/** The same without reading: nothing of the replicas changes. */
function hasEnough(state: LogBrokerState, { replica, isolation, minBytes, parts }: BrokerFetch) {
  let bytes = 0;
  for (const { partition, offset, leaderEpoch } of parts) {
    const hosted = state.hosted.get(partition);
    if (hosted === undefined) continue;
    const { config, state: of } = hosted;
    if (readError(config, of, leaderEpoch) !== null || offset > of.log.end) return true;
    const end = replica >= 0 ? of.log.end : readableEnd(config, of, isolation);
    if (end <= offset) continue;
    if (minBytes <= 1) return true;
    for (const batch of of.log.read(offset, end, minBytes)) bytes += batch.bytes;
    if (bytes >= minBytes) return true;
  }
  return false;
}

/** However little there is room for: one batch comes, so that whoever reads gets on (KIP-74). */
function readAll(state: LogBrokerState, ctx: Ctx, request: BrokerFetch): readonly FetchedPart[] {
  let left = Math.max(1, request.maxBytes);
  return request.parts.map((part) => {
    const hosted = state.hosted.get(part.partition);
    if (hosted === undefined) return absent(state, part.partition);
    const fetched =
      request.replica >= 0
        ? readForFollower(state, ctx, hosted, request, part, left > 0)
        : readForConsumer(hosted, request, part, Math.min(left, request.partitionMaxBytes));
    for (const batch of fetched.batches) left -= batch.bytes;
    return fetched;
  });
}

const NONE: readonly never[] = Object.freeze([]);

const absent = (state: LogBrokerState, partition: number): FetchedPart => ({
  partition,
  error: errorOfAbsent(state, partition),
  highWatermark: -1,
  lastStableOffset: -1,
  logStart: -1,
  logEnd: -1,
  diverging: null,
  batches: NONE,
  aborted: NONE,
});

type ReplyEffect = Extract<PartitionEffect, { readonly type: 'fetch-reply' }>;

function readForFollower(
  state: LogBrokerState,
  ctx: Ctx,
  hosted: Hosted,
  { replica, brokerEpoch }: BrokerFetch,
  { partition, offset, leaderEpoch, lastFetchedEpoch }: FetchPart,
  hasRoom: boolean,
): FetchedPart {
  const isEligible = mayJoin(state, replica, brokerEpoch);
  const follower = hosted.state.followers.find(({ id }) => id === replica);
  const isNew = follower !== undefined && follower.isEligible !== isEligible;
  if (isNew && !isOfEarlierLife(follower, { brokerEpoch })) {
    feed(state, ctx, hosted, { type: 'eligible', replica, isEligible });
  }
  const fetch = { replica, brokerEpoch, offset, leaderEpoch, lastFetchedEpoch };
  const effects = feed(state, ctx, hosted, { type: 'fetch', tag: NO_TAG, fetch });
  const { reply } = effects.find(({ type }) => type === 'fetch-reply') as ReplyEffect;
  const { error, highWatermark, logStart, logEnd, diverging, batches } = reply;
  return {
    partition,
    error,
    highWatermark,
    lastStableOffset: lastStableOffset(hosted.state),
    logStart,
    logEnd,
    diverging,
    batches: hasRoom ? batches : NONE,
    aborted: NONE,
  };
}

function readForConsumer(
  { config, state: replica }: Hosted,
  { isolation }: BrokerFetch,
  { partition, offset, leaderEpoch }: FetchPart,
  bytesMax: number,
): FetchedPart {
  const { log, highWatermark } = replica;
  const read = readFor(config, replica, { offset, leaderEpoch, isolation, bytesMax });
  return {
    partition,
    error: read.error,
    highWatermark,
    lastStableOffset: lastStableOffset(replica),
    logStart: log.start,
    logEnd: log.end,
    diverging: null,
    batches: read.batches,
    aborted: read.aborted,
  };
}

type LookupEffect = Extract<PartitionEffect, { readonly type: 'lookup-reply' }>;
const UNKNOWN_END = Object.freeze({ epoch: -1, endOffset: -1 });

export function onEpochEnd(
  state: LogBrokerState,
  ctx: Ctx,
  request: BrokerEpochEnd,
  call: CallRef,
): void {
  const parts = request.parts.map(({ partition, leaderEpoch, epoch }: EpochEndPart) => {
    const hosted = state.hosted.get(partition);
    if (hosted === undefined) {
      return { partition, error: errorOfAbsent(state, partition), end: UNKNOWN_END } as const;
    }
    const lookup = { leaderEpoch: leaderEpoch < 0 ? hosted.state.leaderEpoch : leaderEpoch, epoch };
    const effects = feed(state, ctx, hosted, { type: 'lookup', tag: NO_TAG, lookup });
    const { reply } = effects.find(({ type }) => type === 'lookup-reply') as LookupEffect;
    return { partition, error: reply.error, end: reply.end };
  });
  ctx.reply<BrokerEpochEnded>(call, { type: 'broker.epoch-ended', parts });
}

export function onListOffsets(
  state: LogBrokerState,
  ctx: Ctx,
  { partition, at, leaderEpoch, isolation }: BrokerListOffsets,
  call: CallRef,
): void {
  const hosted = state.hosted.get(partition);
  const found =
    hosted === undefined
      ? { error: errorOfAbsent(state, partition), offset: -1 }
      : offsetAt(hosted.config, hosted.state, at, { leaderEpoch, isolation });
  ctx.reply<BrokerOffset>(call, { type: 'broker.offset', partition, ...found } as BrokerOffset);
}

/** As the metadata log says it, whether or not this broker has followed it yet. */
export function metadataOf(state: LogBrokerState): BrokerMetadataReply {
  if (state.metadata !== null) return state.metadata;
  const topics = new Map<string, PartitionPlace[]>();
  // In their order, in which the topics of the plan come first.
  const known = [...state.cluster.partitions].sort(([a], [b]) => a - b);
  for (const [partition, { topic, index, registration }] of known) {
    const { leader, leaderEpoch, isr, replicas } = registration;
    let places = topics.get(topic);
    if (places === undefined) topics.set(topic, (places = []));
    places[index] = { partition, leader, leaderEpoch, isr, replicas };
  }
  const listed: TopicPlaces[] = [...topics].map(([topic, partitions]) => ({ topic, partitions }));
  state.metadata = { type: 'broker.metadata-reply', topics: listed };
  return state.metadata;
}
