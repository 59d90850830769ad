/**
 * A follower: drops what its log and its leader's do not share, then fetches what comes after.
 *
 * `fetchOf` and `lookupOf` say what it would ask now; the host asks for many partitions at once.
 *
 * Source: Apache Kafka, AbstractFetcherThread, ReplicaFetcherThread; KIP-101, KIP-279, KIP-595
 */
import { truncationMode } from './config.ts';
import type { PartitionConfig } from './config.ts';
import type { Step } from './context.ts';
import { isLeader } from './context.ts';
import type { EpochLookup, EpochReply, FetchReply, ReplicaFetch } from './effects.ts';
import type { EpochEnd } from './epochs.ts';
import type { PartitionState } from './state.ts';

export function follow(at: Step): void {
  const { config, state, out } = at;
  const { leader, leaderEpoch, log } = state;
  state.followers.length = 0;
  state.proposed = null;
  state.lookup = null;
  if (leader < 0) return;
  out.push({ type: 'told', fact: { type: 'partition.followed', leader, leaderEpoch } });
  switch (truncationMode(config)) {
    case 'high-watermark':
      return truncate(at, state.highWatermark);
    case 'on-fetch':
      return;
    default:
      // An empty log has nothing to drop.
      if (log.end > log.start) state.lookup = log.latestEpoch;
  }
}

/** What the follower would fetch now; null: it does not follow, or has to look up first. */
export function fetchOf(
  config: PartitionConfig,
  state: PartitionState,
  brokerEpoch: number,
): ReplicaFetch | null {
  const { leader, leaderEpoch, log } = state;
  if (leader < 0 || leader === config.id || state.lookup !== null) return null;
  const lastFetchedEpoch = truncationMode(config) === 'on-fetch' ? log.latestEpoch : -1;
  return { replica: config.id, brokerEpoch, offset: log.end, leaderEpoch, lastFetchedEpoch };
}

export function lookupOf(config: PartitionConfig, state: PartitionState): EpochLookup | null {
  const { leader, leaderEpoch, lookup: epoch } = state;
  return epoch === null || leader < 0 || leader === config.id ? null : { leaderEpoch, epoch };
}

/** The answer may be of an earlier time: then the epoch is not the one that it was asked in. */
const isStale = (at: Step, leaderEpoch: number): boolean =>
  isLeader(at) || at.state.leader < 0 || leaderEpoch !== at.state.leaderEpoch;

export function onFetched(at: Step, leaderEpoch: number, reply: FetchReply): void {
  const { state, out } = at;
  const { log } = state;
  if (isStale(at, leaderEpoch)) return;
  if (reply.error === 'OFFSET_OUT_OF_RANGE') return onOutOfRange(at, reply);
  if (reply.error !== null) return;
  if (reply.diverging !== null) {
    truncate(at, sharedEnd(at, reply.diverging));
    return;
  }
  const [first] = reply.batches;
  if (first !== undefined) {
    // A second answer to what was asked twice.
    if (first.baseOffset !== log.end) return;
    for (const batch of reply.batches) {
      log.append(batch);
      state.producers.note(batch);
    }
  }
  if (reply.logStart > log.start) log.deleteTo(reply.logStart);
  const highWatermark = Math.min(reply.highWatermark, log.end);
  if (first === undefined && highWatermark === state.highWatermark) return;
  state.highWatermark = highWatermark;
  state.producers.onReplicated(highWatermark);
  out.push({ type: 'moved' });
}

/** The leader has deleted what comes next, or lost what this follower has. */
function onOutOfRange(at: Step, reply: FetchReply): void {
  const { state, out } = at;
  const { logStart: start, logEnd: end } = reply;
  out.push({ type: 'told', fact: { type: 'partition.out-of-range', start, end } });
  if (state.log.end > end) return truncate(at, end);
  state.log.restartAt(start);
  state.producers.rebuild([]);
  state.highWatermark = start;
}

export function onLookedUp(at: Step, leaderEpoch: number, { error, end }: EpochReply): void {
  const { config, state } = at;
  const asked = state.lookup;
  if (isStale(at, leaderEpoch) || asked === null || error !== null) return;
  state.lookup = null;
  if (truncationMode(config) === 'kip-101') {
    truncate(at, end.endOffset < 0 ? state.highWatermark : end.endOffset);
    return;
  }
  const own = state.log.endOfEpoch(end.epoch);
  const isShared = end.epoch < 0 || own.epoch === end.epoch;
  truncate(at, sharedEnd(at, end));
  // It lacks that epoch, too: what is left ends in an earlier one, to be asked about again.
  if (!isShared && state.log.end > state.log.start) state.lookup = state.log.latestEpoch;
}

/** How far this log can agree with one in which `end.epoch` ends at `end.endOffset`. */
function sharedEnd({ state }: Step, end: EpochEnd): number {
  const { log } = state;
  if (end.epoch < 0) return log.start;
  const own = log.endOfEpoch(end.epoch);
  // Undefined here: the whole log is older than that epoch.
  return Math.min(own.epoch < 0 ? log.end : own.endOffset, end.endOffset);
}

function truncate({ state, out }: Step, to: number): void {
  const { log } = state;
  const before = log.end;
  log.truncateTo(to);
  const { end } = log;
  if (end === before) return;
  const committed = Math.max(0, Math.min(state.highWatermark, before) - end);
  state.highWatermark = Math.min(state.highWatermark, end);
  state.producers.rebuild(log.toArray());
  const dropped = before - end;
  out.push({ type: 'told', fact: { type: 'partition.truncated', to: end, dropped, committed } });
}
