/**
 * Kafka's built-in partitioner: a key goes to the partition of its hash; records without one stick
 * to a partition until it has got a batch, and then go on to another.
 *
 * Invariant: a partition gets batch.size or more before it is left, and less than twice that and
 * one record. It is left at a batch's end if there is one in between, so that no half-filled batch
 * stays behind to wait for its linger.
 *
 * Source: KIP-480, KIP-794; Kafka's BuiltInPartitioner.
 * Left out: the preference for leaders in the producer's own rack.
 */
import type { Stream } from '../../kernel/random.ts';
import { partitionOfKey } from '../hashing/murmur2.ts';
import { drawByQueues } from './adaptive.ts';
import { openPartitions } from './partitioner.ts';
import type { Partitioner, PartitionerSettings, TopicView } from './partitioner.ts';

interface Sticky {
  readonly settings: PartitionerSettings;
  /** -1: none yet. */
  partition: number;
  /** What it has got since it was chosen. */
  bytes: number;
}

function nextPartition(settings: PartitionerSettings, topic: TopicView, draw: Stream): number {
  const chosen = settings.isAdaptive ? drawByQueues(topic, draw) : -1;
  if (chosen >= 0) return chosen;
  const open = openPartitions(topic);
  return open[draw.below(open.length)]!;
}

export const builtInPartitioner: Partitioner<Sticky> = {
  name: 'built-in',
  about: 'By the hash of the key; without a key a batch to one partition, then to another.',
  source: 'Kafka, BuiltInPartitioner; KIP-480, KIP-794',
  start: (settings) => ({ settings, partition: -1, bytes: 0 }),
  choose(state, key, topic, draw) {
    if (key !== null && !state.settings.ignoresKeys) return partitionOfKey(key, topic.partitions);
    if (state.partition < 0) state.partition = nextPartition(state.settings, topic, draw);
    return state.partition;
  },
  appended(state, { hadKey, bytes, isBatchFull }, topic, draw) {
    if (hadKey && !state.settings.ignoresKeys) return;
    const { batchBytes } = state.settings;
    state.bytes += bytes;
    if (state.bytes < batchBytes) return;
    if (!isBatchFull && state.bytes < 2 * batchBytes) return;
    state.partition = nextPartition(state.settings, topic, draw);
    state.bytes = 0;
  },
};
