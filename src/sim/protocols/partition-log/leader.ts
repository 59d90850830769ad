/**
 * A leader: appends what producers send, serves its followers' fetches, answers what is committed.
 *
 * Source: Apache Kafka, Partition.makeLeader, appendRecordsToLeader, fetchRecords
 */
import type { ProducedBatch, RecordBatch } from '../../contracts/record-batch.ts';
import { truncationMode } from './config.ts';
import type { BrokerId } from './config.ts';
import type { Step } from './context.ts';
import { fence, isLeader } from './context.ts';
import type { EpochLookup, FetchReply, PartitionInput, ReplicaFetch } from './effects.ts';
import { UNDEFINED } from './epochs.ts';
import type { EpochEnd } from './epochs.ts';
import { expandIsr } from './isr.ts';
import { isOfEarlierLife, newProgress, noteFetch } from './progress.ts';
import type { FollowerProgress, PartitionState } from './state.ts';
import { advanceWatermark } from './watermark.ts';

type Input<T extends PartitionInput['type']> = Extract<PartitionInput, { readonly type: T }>;

/** Members of the ISR are taken for caught up: the controller would not have kept them. */
export function lead(at: Step): void {
  const { config, state, nowMicros, out } = at;
  const { log, leaderEpoch } = state;
  state.lookup = null;
  state.epochStart = log.end;
  log.beginEpoch(leaderEpoch);
  state.followers.length = 0;
  for (const id of config.replicas) {
    if (id === config.id) continue;
    state.followers.push(newProgress(id, state.isr.includes(id) ? nowMicros : -Infinity));
  }
  out.push({ type: 'told', fact: { type: 'partition.led', leaderEpoch, end: log.end } });
  advanceWatermark(at);
}

export function onProduce(at: Step, { tag, batch, acks }: Input<'produce'>): void {
  const { config, state, out } = at;
  if (!isLeader(at)) return answer(at, tag, 'NOT_LEADER_OR_FOLLOWER', -1);
  const tooFew = state.isr.length < config.minInsyncReplicas;
  if (acks === -1 && config.rules.minIsr && tooFew) {
    return answer(at, tag, 'NOT_ENOUGH_REPLICAS', -1);
  }
  if (config.rules.sequenceNumbers) {
    const verdict = state.producers.check(batch, config.rules.producerFencing);
    if (verdict.type === 'refuse') {
      answer(at, tag, verdict.error, -1);
      return verdict.error === 'INVALID_PRODUCER_EPOCH' ? tellFenced(at, batch) : undefined;
    }
    if (verdict.type === 'duplicate') return acknowledge(at, tag, verdict.baseOffset, batch, acks);
  }
  const { baseOffset } = append(at, batch);
  acknowledge(at, tag, baseOffset, batch, acks);
  out.push({ type: 'moved' });
  advanceWatermark(at);
}

function tellFenced({ out }: Step, { producerId, producerEpoch }: ProducedBatch): void {
  out.push({ type: 'told', fact: { type: 'partition.batch-fenced', producerId, producerEpoch } });
}

/** The end of a transaction: a record of its own, replicated like the others. */
export function onMarker(at: Step, input: Input<'marker'>): void {
  const { tag, producerId, producerEpoch, marker, timestampMicros } = input;
  if (!isLeader(at)) return answer(at, tag, 'NOT_LEADER_OR_FOLLOWER', -1);
  const verdict = at.state.producers.checkMarker(producerId, producerEpoch);
  const isFenced = verdict.type === 'refuse' && at.config.rules.producerFencing;
  if (isFenced) return answer(at, tag, verdict.error, -1);
  const batch: ProducedBatch = {
    producerId,
    producerEpoch,
    baseSequence: -1,
    isTransactional: true,
    marker,
    timestampMicros,
    bytes: MARKER_BYTES,
    records: MARKER_RECORDS,
  };
  const { baseOffset } = append(at, batch);
  acknowledge(at, tag, baseOffset, batch, -1);
  at.out.push({ type: 'moved' });
  advanceWatermark(at);
}

/** Of a control batch with its header (61 + 17). */
const MARKER_BYTES = 78;
const MARKER_RECORDS = Object.freeze([Object.freeze({ key: null, value: null })]);

function append(at: Step, produced: ProducedBatch): RecordBatch {
  const { log, producers, leaderEpoch } = at.state;
  const batch = Object.freeze({ ...produced, baseOffset: log.end, leaderEpoch });
  log.append(batch);
  producers.note(batch);
  return batch;
}

function acknowledge(
  at: Step,
  tag: number,
  baseOffset: number,
  { records }: ProducedBatch,
  acks: 0 | 1 | -1,
): void {
  if (acks === 0) return;
  const { state } = at;
  const upTo = baseOffset + records.length;
  if (acks === 1 || upTo <= state.highWatermark) return answer(at, tag, null, baseOffset);
  state.pending.push({ tag, baseOffset, upTo });
}

function answer(
  { out }: Step,
  tag: number,
  error: Extract<Step['out'][number], { type: 'produced' }>['error'],
  baseOffset: number,
): void {
  out.push({ type: 'produced', tag, error, baseOffset });
}

/** Whoever waited for this leader has to ask the next one. */
export function giveUpPending({ state, out }: Step): void {
  for (const { tag } of state.pending.splice(0)) {
    out.push({ type: 'produced', tag, error: 'NOT_LEADER_OR_FOLLOWER', baseOffset: -1 });
  }
}

export function onReplicaFetch(at: Step, { tag, fetch }: Input<'fetch'>): void {
  at.out.push({ type: 'fetch-reply', tag, reply: serve(at, fetch) });
}

function serve(at: Step, fetch: ReplicaFetch): FetchReply {
  const { state } = at;
  const error = fence(at, fetch.leaderEpoch);
  if (error !== null) return replyOf(at, error, null, NOTHING);
  const diverging = divergence(at, fetch);
  if (diverging !== null) return replyOf(at, null, diverging, NOTHING);
  if (fetch.offset > state.log.end || fetch.offset < state.log.start) {
    return replyOf(at, 'OFFSET_OUT_OF_RANGE', null, NOTHING);
  }
  const follower = followerOf(state, fetch.replica);
  if (follower === undefined || isOfEarlierLife(follower, fetch)) {
    return replyOf(at, 'NOT_LEADER_OR_FOLLOWER', null, NOTHING);
  }
  noteFetch(at, follower, fetch);
  expandIsr(at, follower);
  advanceWatermark(at);
  const { log } = state;
  if (fetch.offset >= log.end) return replyOf(at, null, null, NOTHING);
  const batches = log.read(fetch.offset, log.end, at.config.replicaFetchMaxBytes);
  return replyOf(at, null, null, batches);
}

const NOTHING: readonly never[] = Object.freeze([]);

function followerOf({ followers }: PartitionState, id: BrokerId): FollowerProgress | undefined {
  for (const follower of followers) if (follower.id === id) return follower;
  return undefined;
}

function replyOf(
  { state: { log, highWatermark } }: Step,
  error: FetchReply['error'],
  diverging: EpochEnd | null,
  batches: readonly RecordBatch[],
): FetchReply {
  const { start: logStart, end: logEnd } = log;
  return { error, highWatermark, logStart, logEnd, diverging, batches };
}

/** Whether a follower that asks on has something that this log does not have (KIP-595). */
function divergence(at: Step, fetch: ReplicaFetch): EpochEnd | null {
  if (truncationMode(at.config) !== 'on-fetch' || fetch.lastFetchedEpoch < 0) return null;
  const end = largestNotAbove(at, fetch.lastFetchedEpoch);
  const goesOn = end.epoch === fetch.lastFetchedEpoch && end.endOffset >= fetch.offset;
  return goesOn ? null : end;
}

/** The largest epoch of the log that is not above `epoch`, and where it ends (KIP-279). */
function largestNotAbove({ state }: Step, epoch: number): EpochEnd {
  const { log } = state;
  return log.endOfEpoch(Math.min(epoch, log.latestEpoch));
}

export function onLookup(at: Step, tag: number, lookup: EpochLookup): void {
  const { config, state, out } = at;
  const mode = truncationMode(config);
  // Before KIP-320 nobody asked whether this replica leads, or in which epoch.
  const error = config.rules.epochFencing ? fence(at, lookup.leaderEpoch) : null;
  if (error !== null) {
    out.push({ type: 'lookup-reply', tag, reply: { error, end: UNDEFINED } });
    return;
  }
  const end =
    mode === 'kip-101' ? state.log.endOfEpoch(lookup.epoch) : largestNotAbove(at, lookup.epoch);
  out.push({ type: 'lookup-reply', tag, reply: { error: null, end } });
}
