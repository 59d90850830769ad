/** What goes into a step of a partition's replica and what comes out of it. */
import type { Marker, ProducedBatch, RecordBatch } from '../../contracts/record-batch.ts';
import type { BrokerId } from './config.ts';
import type { EpochEnd } from './epochs.ts';
import type { SequenceError } from './producers.ts';
import type { CleanupConfig } from './segments.ts';
import type { ProposedIsr } from './state.ts';

/** What the metadata say of a partition: the controller's word. */
export interface PartitionMetadata {
  /** -1: nobody leads. */
  readonly leader: BrokerId;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly BrokerId[];
}

export type LeaderError = 'NOT_LEADER_OR_FOLLOWER' | 'FENCED_LEADER_EPOCH' | 'UNKNOWN_LEADER_EPOCH';

export type ProduceError = LeaderError | SequenceError | 'NOT_ENOUGH_REPLICAS';

export type FetchError = LeaderError | 'OFFSET_OUT_OF_RANGE';

/** A follower asks for what comes after its log. */
export interface ReplicaFetch {
  readonly replica: BrokerId;
  readonly brokerEpoch: number;
  readonly offset: number;
  readonly leaderEpoch: number;
  /** The newest epoch of its log; -1: it has none, or it did not ask like that yet. */
  readonly lastFetchedEpoch: number;
}

export interface FetchReply {
  readonly error: FetchError | null;
  readonly highWatermark: number;
  readonly logStart: number;
  readonly logEnd: number;
  /** The follower's log has left the leader's: it must drop what comes after this. */
  readonly diverging: EpochEnd | null;
  readonly batches: readonly RecordBatch[];
}

/** A follower asks where an epoch ends in the leader's log (OffsetsForLeaderEpoch). */
export interface EpochLookup {
  readonly leaderEpoch: number;
  readonly epoch: number;
}

export interface EpochReply {
  readonly error: LeaderError | null;
  readonly end: EpochEnd;
}

/** The controller's answer to a proposed ISR. */
export type AlterReply =
  | { readonly isr: readonly BrokerId[]; readonly partitionEpoch: number }
  | { readonly error: string };

export type PartitionInput =
  | { readonly type: 'metadata'; readonly metadata: PartitionMetadata }
  | {
      readonly type: 'produce';
      readonly tag: number;
      readonly batch: ProducedBatch;
      readonly acks: 0 | 1 | -1;
    }
  | {
      readonly type: 'marker';
      readonly tag: number;
      readonly producerId: number;
      readonly producerEpoch: number;
      readonly marker: Marker;
      readonly timestampMicros: number;
    }
  | { readonly type: 'fetch'; readonly tag: number; readonly fetch: ReplicaFetch }
  /** Whether the metadata let a follower join the ISR: it is not fenced, and of this life. */
  | { readonly type: 'eligible'; readonly replica: BrokerId; readonly isEligible: boolean }
  | { readonly type: 'fetched'; readonly leaderEpoch: number; readonly reply: FetchReply }
  | { readonly type: 'lookup'; readonly tag: number; readonly lookup: EpochLookup }
  | { readonly type: 'looked-up'; readonly leaderEpoch: number; readonly reply: EpochReply }
  | { readonly type: 'altered'; readonly proposed: ProposedIsr; readonly reply: AlterReply }
  /** Every half of replica.lag.time.max.ms. */
  | { readonly type: 'scan' }
  /** Every log.retention.check.interval.ms; the time is the wall's, as that of the records. */
  | { readonly type: 'retain'; readonly cleanup: CleanupConfig; readonly wallMicros: number }
  /** The cleaner of the broker looks at the log. */
  | { readonly type: 'compact'; readonly cleanup: CleanupConfig; readonly wallMicros: number };

export type PartitionFact =
  | { readonly type: 'partition.led'; readonly leaderEpoch: number; readonly end: number }
  | { readonly type: 'partition.followed'; readonly leader: BrokerId; readonly leaderEpoch: number }
  | {
      readonly type: 'partition.truncated';
      readonly to: number;
      readonly dropped: number;
      /** How many of them were below the replica's own high watermark: committed. */
      readonly committed: number;
    }
  | { readonly type: 'partition.isr'; readonly isr: readonly BrokerId[] }
  /** Retention: the log begins at `to` now. */
  | { readonly type: 'partition.deleted'; readonly from: number; readonly to: number }
  | {
      readonly type: 'partition.compacted';
      readonly upTo: number;
      readonly kept: number;
      readonly dropped: number;
    }
  | { readonly type: 'partition.out-of-range'; readonly start: number; readonly end: number }
  /** A batch of a producer whose successor has been here. */
  | {
      readonly type: 'partition.batch-fenced';
      readonly producerId: number;
      readonly producerEpoch: number;
    };

export type PartitionEffect =
  | {
      readonly type: 'produced';
      readonly tag: number;
      readonly error: ProduceError | null;
      readonly baseOffset: number;
    }
  | { readonly type: 'fetch-reply'; readonly tag: number; readonly reply: FetchReply }
  | { readonly type: 'lookup-reply'; readonly tag: number; readonly reply: EpochReply }
  | { readonly type: 'alter'; readonly proposed: ProposedIsr }
  /** The high watermark or the log's end has moved: who waits for records may look again. */
  | { readonly type: 'moved' }
  | { readonly type: 'told'; readonly fact: PartitionFact };
