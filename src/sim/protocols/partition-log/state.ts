/**
 * The state of one replica of a partition, and what its disk keeps of it.
 *
 * Every replica holds the log and its own high watermark (HW: below it, records are committed). The
 * leader knows of each follower how far it has fetched; followers know nothing of each other.
 *
 * Source: Apache Kafka, Partition, Replica and UnifiedLog
 */
import type { BrokerId } from './config.ts';
import { PartitionLog } from './log.ts';
import type { ProducerStates } from './producers.ts';
import { createProducers } from './producers.ts';

/** What a leader knows of a follower, by its fetches. */
export interface FollowerProgress {
  readonly id: BrokerId;
  /** Its log end offset: the offset that it asked for last; -1: it has not asked this leader. */
  end: number;
  fetchedMicros: number;
  /** Where the leader's log ended at that fetch. */
  leaderEndAtFetch: number;
  /** When it last had all that the leader had; -Infinity: never under this leader. */
  caughtUpMicros: number;
  brokerEpoch: number;
  /** Whether the controller would let it join the ISR; otherwise nobody waits for it. */
  isEligible: boolean;
}

/** A write with acks=all that waits for the high watermark. */
export interface PendingProduce {
  readonly tag: number;
  readonly baseOffset: number;
  /** It is answered when the high watermark has reached this offset. */
  readonly upTo: number;
}

/** What the leader has asked the controller for (AlterPartition) and not heard of yet. */
export interface ProposedIsr {
  readonly isr: readonly BrokerId[];
  readonly partitionEpoch: number;
}

export interface PartitionState {
  readonly log: PartitionLog;
  readonly producers: ProducerStates;
  highWatermark: number;

  /** As the metadata last said: -1: nobody leads, or nothing is known yet. */
  leader: BrokerId;
  leaderEpoch: number;
  partitionEpoch: number;
  isr: readonly BrokerId[];

  /** Of a leader: its log's end when its epoch began (LESO). */
  epochStart: number;
  readonly followers: FollowerProgress[];
  proposed: ProposedIsr | null;
  readonly pending: PendingProduce[];

  /** Of a follower: the epoch that it has to ask the leader about before it fetches; else null. */
  lookup: number | null;
}

export function createPartition(log: PartitionLog, highWatermark: number): PartitionState {
  const producers = createProducers();
  for (const batch of log.toArray()) producers.note(batch);
  return {
    log,
    producers,
    highWatermark: Math.min(highWatermark, log.end),
    leader: -1,
    leaderEpoch: -1,
    partitionEpoch: -1,
    isr: [],
    epochStart: 0,
    followers: [],
    proposed: null,
    pending: [],
    lookup: null,
  };
}

export const emptyPartition = (): PartitionState => createPartition(PartitionLog.of(), 0);

/** Bytes that a copy takes for itself. */
export const clonePartition = (state: PartitionState): PartitionState => ({
  ...state,
  log: state.log.clone(),
  producers: state.producers.clone(),
  followers: state.followers.map((follower) => ({ ...follower })),
  pending: state.pending.slice(),
});
