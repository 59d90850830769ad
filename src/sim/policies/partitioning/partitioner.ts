/**
 * What every partitioner of a producer offers: which partition a record goes to.
 *
 * Its state is plain data, one for each topic. A record with a key goes where its key belongs, if
 * the partitioner looks at keys at all.
 *
 * Source: Kafka's built-in partitioner; KIP-480 (sticky), KIP-794 (uniform and adaptive).
 */
import type { Stream } from '../../kernel/random.ts';

/** What a producer knows of the partitions of a topic. */
export interface TopicView {
  readonly partitions: number;
  readonly hasLeader: readonly boolean[];
  /** Batches that wait for each partition. */
  readonly queued: readonly number[];
  /** Partitions that have waited longer than partitioner.availability.timeout.ms. */
  readonly isSlow: readonly boolean[];
}

export interface PartitionerSettings {
  /** batch.size */
  readonly batchBytes: number;
  /** partitioner.adaptive.partitioning.enable */
  readonly isAdaptive: boolean;
  /** partitioner.ignore.keys */
  readonly ignoresKeys: boolean;
}

export const PARTITIONER_DEFAULTS: PartitionerSettings = {
  batchBytes: 16_384,
  isAdaptive: true,
  ignoresKeys: false,
};

export interface Partitioner<S = unknown> {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  start(settings: PartitionerSettings): S;
  /** @param key the bytes of the record's key; null: it has none */
  choose(state: S, key: Uint8Array | null, topic: TopicView, draw: Stream): number;
  /**
   * Told after each record.
   *
   * @param isBatchFull whether no batch of that partition is left open: a good moment to leave it
   */
  appended(state: S, record: Appended, topic: TopicView, draw: Stream): void;
}

export interface Appended {
  readonly partition: number;
  readonly hadKey: boolean;
  readonly bytes: number;
  readonly isBatchFull: boolean;
}

/** Partitions that may be chosen for a record without a key: those with a leader, else all. */
export function openPartitions(topic: TopicView): number[] {
  const all = Array.from({ length: topic.partitions }, (_none, index) => index);
  const led = all.filter((partition) => topic.hasLeader[partition]);
  return led.length > 0 ? led : all;
}
