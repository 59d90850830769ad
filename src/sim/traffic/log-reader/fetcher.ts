/**
 * What a consumer asks brokers for: records ahead of its polls, where to begin, and whether a new
 * leader's log goes as far as it has read.
 *
 * Source: Apache Kafka, Fetcher, OffsetFetcher, SubscriptionState; KIP-320 (truncation detection)
 */
import type {
  BrokerEpochEnd,
  BrokerEpochEnded,
  BrokerFetch,
  BrokerFetched,
  BrokerListOffsets,
  BrokerOffset,
  FetchedPart,
} from '../../contracts/broker.ts';
import type { Message } from '../../contracts/contract.ts';
import { micros, ms } from '../../kernel/time.ts';
import type { CallResult, NodeIndex } from '../../node/behaviour.ts';
import { refresh } from '../log-metadata.ts';
import type { LogReaderFact } from './facts.ts';
import { onGroupAnswer } from './member-answers.ts';
import { trackOf } from './state.ts';
import type { Asked, Ctx, LogReader, Track } from './state.ts';

/** Asks for all that is wanted and not under way. */
export function askAll(state: LogReader, ctx: Ctx): void {
  const wanted = new Map<NodeIndex, number[]>();
  let nextMicros = Infinity;
  for (const track of state.tracks) {
    const at = track.id;
    if (track.isLost || track.isAsking || track.needsCommitted) continue;
    if (track.leader < 0) {
      refresh(state.meta, ctx);
      continue;
    }
    if (track.delayedUntilMicros > ctx.mono()) {
      nextMicros = Math.min(nextMicros, track.delayedUntilMicros);
    } else if (track.mustValidate) validate(state, ctx, track, at);
    else if (track.position < 0) askOffset(state, ctx, track, at);
    else if (track.fetched === null && !state.fetching.has(track.leader)) {
      const tracks = wanted.get(track.leader);
      if (tracks === undefined) wanted.set(track.leader, [at]);
      else tracks.push(at);
    }
  }
  for (const [to, tracks] of wanted) fetch(state, ctx, to, tracks);
  if (nextMicros < Infinity) ctx.setTimer('retry', 0, micros(nextMicros - ctx.mono()));
}

function call(state: LogReader, ctx: Ctx, to: NodeIndex, m: Message, asked: Asked): void {
  const tag = state.nextTag++;
  state.asked.set(tag, asked);
  ctx.call(to, m, { timeout: ms(ctx.config.requestTimeoutMs), tag });
}

function fetch(state: LogReader, ctx: Ctx, to: NodeIndex, tracks: readonly number[]): void {
  const { config } = ctx;
  state.fetching.add(to);
  const request: BrokerFetch = {
    type: 'broker.fetch',
    replica: -1,
    brokerEpoch: -1,
    maxWaitMs: config.fetchMaxWaitMs,
    minBytes: config.fetchMinBytes,
    maxBytes: config.fetchMaxBytes,
    partitionMaxBytes: config.maxPartitionFetchBytes,
    isolation: config.isolationLevel,
    parts: tracks.map((at) => {
      const { partition, position: offset, leaderEpoch } = trackOf(state, at) as Track;
      return { partition, offset, leaderEpoch, lastFetchedEpoch: -1 };
    }),
  };
  call(state, ctx, to, request, { about: 'fetch', to, tracks });
}

function askOffset(state: LogReader, ctx: Ctx, track: Track, at: number): void {
  const { autoOffsetReset, isolationLevel: isolation } = ctx.config;
  // Of a group: it has committed nothing, where one that assigns its partitions itself just begins.
  if (autoOffsetReset === 'none' && state.membership !== null) return reset(state, ctx, track);
  track.isAsking = true;
  const { partition, leaderEpoch } = track;
  const where = autoOffsetReset === 'earliest' ? 'earliest' : 'latest';
  const request = { type: 'broker.list-offsets', partition, at: where, leaderEpoch } as const;
  const whole: BrokerListOffsets = { ...request, isolation };
  call(state, ctx, track.leader, whole, { about: 'offset', track: at });
}

function validate(state: LogReader, ctx: Ctx, track: Track, at: number): void {
  track.isAsking = true;
  const { partition, leaderEpoch, readEpoch: epoch } = track;
  const parts = [{ partition, leaderEpoch, epoch }];
  const request: BrokerEpochEnd = { type: 'broker.epoch-end', parts };
  call(state, ctx, track.leader, request, { about: 'validate', track: at });
}

export function onAnswer(state: LogReader, ctx: Ctx, tag: number, result: CallResult): void {
  const asked = state.asked.get(tag);
  if (asked === undefined) return;
  state.asked.delete(tag);
  if (asked.about === 'group') return onGroupAnswer(state, ctx, asked, result);
  const tracks = asked.about === 'fetch' ? asked.tracks : [asked.track];
  if (asked.about === 'fetch') state.fetching.delete(asked.to);
  else {
    const track = trackOf(state, asked.track);
    if (track !== undefined) track.isAsking = false;
  }
  if (result.outcome !== 'ok') {
    for (const at of tracks) {
      const track = trackOf(state, at);
      if (track !== undefined) retryLater(state, ctx, track);
    }
    return;
  }
  if (asked.about === 'fetch') {
    (result.value as BrokerFetched).parts.forEach((part, i) => {
      const track = trackOf(state, asked.tracks[i] as number);
      if (track !== undefined) onFetched(state, ctx, track, part);
    });
    return;
  }
  const track = trackOf(state, asked.track);
  if (track === undefined) return;
  if (asked.about === 'offset') onOffset(state, ctx, track, result.value as BrokerOffset);
  else onValidated(state, ctx, track, result.value as BrokerEpochEnded);
}

function retryLater(state: LogReader, ctx: Ctx, track: Track): void {
  track.delayedUntilMicros = ctx.mono() + ms(ctx.config.retryBackoffMs);
  refresh(state.meta, ctx);
}

function onFetched(state: LogReader, ctx: Ctx, track: Track, part: FetchedPart): void {
  if (part.error === 'OFFSET_OUT_OF_RANGE') {
    // Behind the position another question has moved it meanwhile.
    if (track.mustValidate || track.position < 0) return;
    return reset(state, ctx, track);
  }
  if (part.error !== null) return retryLater(state, ctx, track);
  track.highWatermark = part.highWatermark;
  if (track.mustValidate || track.position < 0 || part.batches.length === 0) return;
  track.fetched = { batches: part.batches, aborted: part.aborted };
}

/** The position is not there: what was written meanwhile, or lost, decides where it goes on. */
function reset(state: LogReader, ctx: Ctx, track: Track): void {
  const { partition, position } = track;
  const to = ctx.config.autoOffsetReset;
  state.resets += 1;
  ctx.tell<LogReaderFact>({ type: 'consumer.reset', partition, position, to });
  track.fetched = null;
  if (to === 'none') track.isLost = true;
  else track.position = -1;
}

function onOffset(state: LogReader, ctx: Ctx, track: Track, { error, offset }: BrokerOffset): void {
  if (error !== null) return retryLater(state, ctx, track);
  track.position = offset;
}

/**
 * KIP-320: the new leader's log may end, in the epoch that was read last, before the position. Who
 * may not choose for itself where to go on is stopped (LogTruncationException).
 */
function onValidated(state: LogReader, ctx: Ctx, track: Track, { parts }: BrokerEpochEnded): void {
  const [part] = parts;
  if (part === undefined || part.error !== null) return retryLater(state, ctx, track);
  track.mustValidate = false;
  const { endOffset } = part.end;
  if (part.end.epoch < 0) return reset(state, ctx, track);
  if (endOffset >= track.position) return;
  const { partition, position } = track;
  state.truncations += 1;
  ctx.tell<LogReaderFact>({ type: 'consumer.truncated', partition, position, to: endOffset });
  if (ctx.config.autoOffsetReset === 'none') return reset(state, ctx, track);
  track.fetched = null;
  track.position = endOffset;
}
