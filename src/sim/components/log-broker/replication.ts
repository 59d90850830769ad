/**
 * The fetchers of a broker: one for each leader that it follows, which asks for all partitions at
 * once, waits there for what is new, and asks again.
 *
 * Source: Apache Kafka, AbstractFetcherThread, ReplicaFetcherThread (num.replica.fetchers = 1)
 */
import type {
  BrokerEpochEnd,
  BrokerEpochEnded,
  BrokerFetch,
  BrokerFetched,
  EpochEndPart,
  FetchPart,
} from '../../contracts/broker.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallResult, NodeIndex } from '../../node/behaviour.ts';
import { fetchOf, lookupOf } from '../../protocols/partition-log/index.ts';
import type { EpochReply, FetchReply } from '../../protocols/partition-log/index.ts';
import type { Ctx } from './asking.ts';
import { ask } from './asking.ts';
import { feed } from './feed.ts';
import type { Asked, Hosted, LogBrokerState } from './state.ts';

/** Lets each leader that is followed be asked, where no question is out. */
export function fetchAll(state: LogBrokerState, ctx: Ctx): void {
  const leaders = new Set<NodeIndex>();
  for (const { state: replica } of state.hosted.values()) leaders.add(replica.leader);
  for (const leader of leaders) {
    if (leader >= 0 && leader !== ctx.self) fetchFrom(state, ctx, leader);
  }
}

export function fetchFrom(state: LogBrokerState, ctx: Ctx, leader: NodeIndex): void {
  if (state.fetching.has(leader)) return;
  const { brokerEpoch } = state.cluster;
  const parts: FetchPart[] = [];
  const lookups: EpochEndPart[] = [];
  let nextMicros = Infinity;
  for (const hosted of state.hosted.values()) {
    const { state: replica, config, partition, delayedUntilMicros } = hosted;
    if (replica.leader !== leader) continue;
    if (delayedUntilMicros > ctx.mono()) {
      nextMicros = Math.min(nextMicros, delayedUntilMicros);
      continue;
    }
    const lookup = lookupOf(config, replica);
    const fetch = fetchOf(config, replica, brokerEpoch);
    if (lookup !== null) lookups.push({ partition, ...lookup });
    else if (fetch !== null) {
      const { offset, leaderEpoch, lastFetchedEpoch } = fetch;
      parts.push({ partition, offset, leaderEpoch, lastFetchedEpoch });
    }
  }
  if (lookups.length > 0) return sendLookup(state, ctx, leader, lookups);
  if (parts.length > 0) return sendFetch(state, ctx, leader, parts);
  if (nextMicros < Infinity) ctx.setTimer('fetch', leader, micros(nextMicros - ctx.mono()));
}

function sendLookup(
  state: LogBrokerState,
  ctx: Ctx,
  to: NodeIndex,
  parts: readonly EpochEndPart[],
): void {
  state.fetching.add(to);
  const request: BrokerEpochEnd = { type: 'broker.epoch-end', parts };
  const timeout = ms(ctx.config.replicaSocketTimeoutMs);
  ask(state, ctx, request, timeout, { about: 'lookup', to, parts });
}

function sendFetch(
  state: LogBrokerState,
  ctx: Ctx,
  to: NodeIndex,
  parts: readonly FetchPart[],
): void {
  const { config } = ctx;
  state.fetching.add(to);
  const request: BrokerFetch = {
    type: 'broker.fetch',
    replica: ctx.self,
    brokerEpoch: state.cluster.brokerEpoch,
    maxWaitMs: config.replicaFetchWaitMaxMs,
    minBytes: config.replicaFetchMinBytes,
    maxBytes: config.replicaFetchResponseMaxBytes,
    partitionMaxBytes: config.replicaFetchMaxBytes,
    isolation: 'read_uncommitted',
    parts,
  };
  const timeout = ms(config.replicaSocketTimeoutMs);
  ask(state, ctx, request, timeout, { about: 'fetch', to, parts });
}

type AskedLeader = Extract<Asked, { readonly about: 'fetch' | 'lookup' }>;

export function onLeaderAnswer(
  state: LogBrokerState,
  ctx: Ctx,
  asked: AskedLeader,
  result: CallResult,
): void {
  state.fetching.delete(asked.to);
  if (result.outcome !== 'ok') {
    for (const { partition } of asked.parts) delay(ctx, state.hosted.get(partition));
  } else if (asked.about === 'fetch') {
    takeFetched(state, ctx, asked, result.value as BrokerFetched);
  } else {
    takeLookedUp(state, ctx, asked, result.value as BrokerEpochEnded);
  }
  fetchFrom(state, ctx, asked.to);
}

/** Answers come in the order of the question. */
function takeFetched(
  state: LogBrokerState,
  ctx: Ctx,
  asked: AskedLeader,
  { parts }: BrokerFetched,
): void {
  parts.forEach((part, at) => {
    const hosted = state.hosted.get(part.partition);
    const { leaderEpoch = -1 } = asked.parts[at] ?? {};
    if (hosted === undefined || leaderEpoch !== hosted.state.leaderEpoch) return;
    // What a leader does not host it does not lead.
    const reply = part as FetchReply;
    feed(state, ctx, hosted, { type: 'fetched', leaderEpoch, reply });
    if (part.error !== null && part.error !== 'OFFSET_OUT_OF_RANGE') delay(ctx, hosted);
  });
}

function takeLookedUp(
  state: LogBrokerState,
  ctx: Ctx,
  asked: AskedLeader,
  { parts }: BrokerEpochEnded,
): void {
  parts.forEach((part, at) => {
    const hosted = state.hosted.get(part.partition);
    const { leaderEpoch = -1 } = asked.parts[at] ?? {};
    if (hosted === undefined || leaderEpoch !== hosted.state.leaderEpoch) return;
    const reply = part as EpochReply;
    feed(state, ctx, hosted, { type: 'looked-up', leaderEpoch, reply });
    if (part.error !== null) delay(ctx, hosted);
  });
}

function delay(ctx: Ctx, hosted: Hosted | undefined): void {
  if (hosted === undefined) return;
  hosted.delayedUntilMicros = ctx.mono() + ms(ctx.config.replicaFetchBackoffMs);
}
