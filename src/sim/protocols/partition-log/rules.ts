/** The rules of a replicated partition that can be switched off, to see what each is for. */

export type PartitionAblation =
  | 'partition.epoch-truncation'
  | 'partition.epoch-lookup'
  | 'partition.epoch-fencing'
  | 'partition.high-watermark'
  | 'partition.maximal-isr'
  | 'partition.epoch-start'
  | 'partition.min-isr'
  | 'partition.sequence-numbers'
  | 'partition.latest-offset'
  | 'partition.tombstones';

/** Rules of transactions that a leader keeps: the others are their coordinator's. */
type LeadersAblation =
  | 'transaction.epoch-fencing'
  | 'transaction.verification'
  | 'transaction.last-stable-offset'
  | 'transaction.aborted-ranges';

export interface PartitionRule {
  readonly id: PartitionAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const PARTITION_RULES: readonly PartitionRule[] = [
  {
    id: 'partition.epoch-truncation',
    rule: 'A follower drops what its log and the leader’s do not share, found by leader epochs.',
    breaks: 'Durability: it truncates to its own high watermark, which lags: committed records go.',
    source: 'KIP-101, scenario 1',
  },
  {
    id: 'partition.epoch-lookup',
    rule: 'A leader that lacks the epoch asked for answers with the largest below it, and its end.',
    breaks: 'Log matching, after quick changes of leaders: the follower keeps a tail of its own.',
    source: 'KIP-279',
  },
  {
    id: 'partition.epoch-fencing',
    rule: 'Fetches and lookups carry the epoch of the leader that they are meant for.',
    breaks: 'A follower truncates by a leader of another time, and counts for its high watermark.',
    source: 'KIP-320',
  },
  {
    id: 'partition.high-watermark',
    rule: 'Consumers read below the high watermark only.',
    breaks: 'Consistent reads: what was read is gone after a failover.',
    source: 'Apache Kafka, Replication: committed messages',
  },
  {
    id: 'partition.maximal-isr',
    rule: 'Until the controller has said so, those who leave the ISR still count, as do newcomers.',
    breaks: 'Durability: the controller may elect one that the high watermark did not wait for.',
    source: 'KIP-497; Apache Kafka, PendingPartitionChange.maximalIsr',
  },
  {
    id: 'partition.epoch-start',
    rule: 'A follower joins the ISR once it has all that was written before this leader’s epoch.',
    breaks: 'Durability: a leader’s own high watermark lags; it lets one in that lacks records.',
    source: 'KAFKA-7128; KIP-320',
  },
  {
    id: 'partition.min-isr',
    rule: 'With fewer in the ISR than min.insync.replicas, acks=all is refused, nothing committed.',
    breaks: 'Durability: a write that one replica holds is acknowledged, and goes with its disk.',
    source: 'Apache Kafka, min.insync.replicas',
  },
  {
    id: 'partition.sequence-numbers',
    rule: 'A batch of an idempotent producer is appended once, and only in its order.',
    breaks: 'Exactly once: a retry whose answer was lost is in the log twice.',
    source: 'KIP-98; KIP-185',
  },
  {
    id: 'partition.latest-offset',
    rule: 'A new leader does not say where the log ends before all of its past is committed again.',
    breaks:
      'Monotonic reads: a consumer that begins at the end begins before what others have read.',
    source: 'KIP-207; KAFKA-7128',
  },
  {
    id: 'partition.tombstones',
    rule: 'Compaction keeps tombstones for delete.retention.ms.',
    breaks: 'Convergence: a reader that is on its way never hears that a key is gone.',
    source: 'Apache Kafka, delete.retention.ms; KIP-534',
  },
];

export interface PartitionRules {
  readonly epochTruncation: boolean;
  readonly epochLookup: boolean;
  readonly epochFencing: boolean;
  readonly highWatermark: boolean;
  readonly maximalIsr: boolean;
  readonly epochStart: boolean;
  readonly minIsr: boolean;
  readonly sequenceNumbers: boolean;
  /** Those of transactions that a leader keeps. */
  readonly producerFencing: boolean;
  readonly verification: boolean;
  readonly lastStableOffset: boolean;
  readonly abortedRanges: boolean;
  readonly latestOffset: boolean;
  readonly tombstones: boolean;
}

export function partitionRules(ablations: readonly string[]): PartitionRules {
  const holds = (rule: PartitionAblation | LeadersAblation): boolean => !ablations.includes(rule);
  return Object.freeze({
    epochTruncation: holds('partition.epoch-truncation'),
    epochLookup: holds('partition.epoch-lookup'),
    epochFencing: holds('partition.epoch-fencing'),
    highWatermark: holds('partition.high-watermark'),
    maximalIsr: holds('partition.maximal-isr'),
    epochStart: holds('partition.epoch-start'),
    minIsr: holds('partition.min-isr'),
    sequenceNumbers: holds('partition.sequence-numbers'),
    producerFencing: holds('transaction.epoch-fencing'),
    verification: holds('transaction.verification'),
    lastStableOffset: holds('transaction.last-stable-offset'),
    abortedRanges: holds('transaction.aborted-ranges'),
    latestOffset: holds('partition.latest-offset'),
    tombstones: holds('partition.tombstones'),
  });
}
