/**
 * One step of a replica of a partition: an input in, effects out; no clock but what is handed in.
 *
 * Source: Apache Kafka 4.0, Partition, ReplicaManager and the fetcher threads; what other KIPs have
 * added is named where it lives.
 * Leaves out: tiered storage, reassignment, fetch from followers.
 */
import type { BrokerId, PartitionConfig } from './config.ts';
import { compact } from './compaction.ts';
import type { Step } from './context.ts';
import { isLeader } from './context.ts';
import type { PartitionEffect, PartitionInput, PartitionMetadata } from './effects.ts';
import { follow, onFetched, onLookedUp } from './follower.ts';
import { onAltered, shrinkIsr } from './isr.ts';
import { giveUpPending, lead, onLookup, onMarker, onProduce, onReplicaFetch } from './leader.ts';
import { retain } from './retention.ts';
import type { PartitionState } from './state.ts';
import { advanceWatermark } from './watermark.ts';

export function step(
  config: PartitionConfig,
  state: PartitionState,
  input: PartitionInput,
  nowMicros: number,
  out: PartitionEffect[],
): void {
  take({ config, state, nowMicros, out }, input);
}

function take(at: Step, input: PartitionInput): void {
  switch (input.type) {
    case 'metadata':
      return onMetadata(at, input.metadata);
    case 'produce':
      return onProduce(at, input);
    case 'marker':
      return onMarker(at, input);
    case 'fetch':
      return onReplicaFetch(at, input);
    case 'fetched':
      return onFetched(at, input.leaderEpoch, input.reply);
    case 'lookup':
      return onLookup(at, input.tag, input.lookup);
    case 'looked-up':
      return onLookedUp(at, input.leaderEpoch, input.reply);
    case 'eligible':
      return onEligible(at, input.replica, input.isEligible);
    case 'altered':
      return isLeader(at) ? onAltered(at, input.proposed, input.reply) : undefined;
    case 'retain':
      return retain(at, input.cleanup, input.wallMicros);
    case 'compact':
      return compact(at, input.cleanup, input.wallMicros);
    case 'scan':
      return isLeader(at) ? scan(at) : undefined;
  }
}

function onEligible(at: Step, replica: BrokerId, isEligible: boolean): void {
  const follower = at.state.followers.find(({ id }) => id === replica);
  if (follower === undefined || follower.isEligible === isEligible) return;
  follower.isEligible = isEligible;
  advanceWatermark(at);
}

function scan(at: Step): void {
  shrinkIsr(at);
  advanceWatermark(at);
}

/** Older words are ignored; a new epoch makes a leader or a follower of the replica. */
function onMetadata(at: Step, metadata: PartitionMetadata): void {
  const { config, state } = at;
  const { leader, leaderEpoch, partitionEpoch, isr } = metadata;
  if (leaderEpoch < state.leaderEpoch) return;
  const isNews = leaderEpoch > state.leaderEpoch;
  if (!isNews && partitionEpoch <= state.partitionEpoch) return;
  if (isNews && isLeader(at)) giveUpPending(at);
  state.leader = leader;
  state.leaderEpoch = leaderEpoch;
  state.partitionEpoch = partitionEpoch;
  state.isr = isr;
  state.proposed = null;
  if (!isNews) {
    if (isLeader(at)) advanceWatermark(at);
    return;
  }
  if (leader === config.id) lead(at);
  else follow(at);
}
