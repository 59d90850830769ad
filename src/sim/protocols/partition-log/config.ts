/** The settings of a replica of a partition, with the names of Kafka's brokers and topics. */
import type { PartitionRules } from './rules.ts';

/** A broker's id: the host's index of its node. */
export type BrokerId = number;

export interface PartitionConfig {
  readonly id: BrokerId;
  /** The replicas of the partition, in the order of their preference. */
  readonly replicas: readonly BrokerId[];
  /** min.insync.replicas */
  readonly minInsyncReplicas: number;
  /** replica.lag.time.max.ms */
  readonly replicaLagTimeMaxMicros: number;
  /** replica.fetch.max.bytes */
  readonly replicaFetchMaxBytes: number;
  /** Since 2.7 (KIP-595) followers truncate when a fetch says so; before, they asked first. */
  readonly truncateOnFetch: boolean;
  readonly rules: PartitionRules;
}

/**
 * How a follower finds what its log and its leader's share. Each was Kafka's way for a time:
 * before KIP-101, since 0.11, since 2.0, since 2.7.
 */
export type TruncationMode = 'high-watermark' | 'kip-101' | 'kip-279' | 'on-fetch';

export function truncationMode(config: PartitionConfig): TruncationMode {
  if (!config.rules.epochTruncation) return 'high-watermark';
  if (!config.rules.epochLookup) return 'kip-101';
  return config.truncateOnFetch ? 'on-fetch' : 'kip-279';
}
