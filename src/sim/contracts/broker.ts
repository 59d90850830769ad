/**
 * What producers, consumers and followers say to the brokers of a partitioned, replicated log.
 *
 * A partition is named by its global index over the topics of the cluster, in their order. Errors
 * of a partition are values inside an answer, with Kafka's names: one request is about many
 * partitions. Batches are immutable: answers, logs and checkpoints share them.
 *
 * Source: Apache Kafka 4.0, the protocol: Metadata, InitProducerId, FindCoordinator, Produce,
 * Fetch, ListOffsets, OffsetsForLeaderEpoch; KIP-320, KIP-392, KIP-595
 * Differs: fetch sessions (KIP-227) are left out, so each fetch names all partitions.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';
import type { ProducedBatch, RecordBatch } from './record-batch.ts';

export type PartitionError =
  | 'NOT_LEADER_OR_FOLLOWER'
  | 'FENCED_LEADER_EPOCH'
  | 'UNKNOWN_LEADER_EPOCH'
  | 'UNKNOWN_TOPIC_OR_PARTITION'
  | 'OFFSET_OUT_OF_RANGE'
  | 'OFFSET_NOT_AVAILABLE'
  | 'NOT_ENOUGH_REPLICAS'
  | 'REQUEST_TIMED_OUT'
  | 'INVALID_PRODUCER_EPOCH'
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'INVALID_TXN_STATE'
  | 'INVALID_RECORD';

export interface PartitionPlace {
  readonly partition: number;
  /** -1: nobody leads. */
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  readonly replicas: readonly number[];
}
export interface TopicPlaces {
  readonly topic: string;
  /** By index. */
  readonly partitions: readonly PartitionPlace[];
}

export interface BrokerMetadata {
  readonly type: 'broker.metadata';
}
export interface BrokerMetadataReply {
  readonly type: 'broker.metadata-reply';
  readonly topics: readonly TopicPlaces[];
}

/** An idempotent producer asks for an id of its own (InitProducerId). */
export interface BrokerInitProducer {
  readonly type: 'broker.init-producer';
}
export interface BrokerProducerId {
  readonly type: 'broker.producer-id';
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Whose state a coordinator keeps: groups by group.id, transactions by transactional.id. */
export type CoordinatorKind = 'group' | 'transaction';
/** Why a coordinator does not answer (yet): whoever asks looks for it again, or waits. */
export type CoordinatorError =
  'COORDINATOR_NOT_AVAILABLE' | 'COORDINATOR_LOAD_IN_PROGRESS' | 'NOT_COORDINATOR';

/** Which broker coordinates a group or a transactional id (FindCoordinator). */
export interface BrokerFindCoordinator {
  readonly type: 'broker.find-coordinator';
  readonly kind: CoordinatorKind;
  readonly key: string;
}
export interface BrokerCoordinator {
  readonly type: 'broker.coordinator';
  readonly error: 'COORDINATOR_NOT_AVAILABLE' | null;
  /** -1 with an error. */
  readonly node: number;
}

export interface ProducePart {
  readonly partition: number;
  readonly batch: ProducedBatch;
}
export interface BrokerProduce {
  readonly type: 'broker.produce';
  /** 1: the leader has it. -1: all that are in sync have it. */
  readonly acks: 1 | -1;
  /** request.timeout.ms: how long the broker waits for the others. */
  readonly timeoutMs: number;
  readonly parts: readonly ProducePart[];
  /** Of a producer with transactions: the leader asks its coordinator (KIP-890). */
  readonly transactionalId?: string;
}
export interface ProducedPart {
  readonly partition: number;
  readonly error: PartitionError | null;
  /** -1 with an error. */
  readonly baseOffset: number;
}
export interface BrokerProduced {
  readonly type: 'broker.produced';
  readonly parts: readonly ProducedPart[];
}
/** acks=0: nobody answers. */
export interface BrokerProduceUnacknowledged {
  readonly type: 'broker.produce-unacknowledged';
  readonly parts: readonly ProducePart[];
}

/** isolation.level of a consumer. */
export type Isolation = 'read_uncommitted' | 'read_committed';

export interface FetchPart {
  readonly partition: number;
  readonly offset: number;
  /** -1: whoever asks does not know it, and nothing is fenced. */
  readonly leaderEpoch: number;
  /** Of a follower: the newest epoch of its log; -1: none, or it does not say. */
  readonly lastFetchedEpoch: number;
}
export interface BrokerFetch {
  readonly type: 'broker.fetch';
  /** Which follower asks; -1: a consumer. */
  readonly replica: number;
  /** Of a follower; -1: a consumer. */
  readonly brokerEpoch: number;
  readonly maxWaitMs: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  /** Of each partition; a whole batch at least. */
  readonly partitionMaxBytes: number;
  readonly isolation: Isolation;
  readonly parts: readonly FetchPart[];
}
/** A transaction that was aborted: its records between these offsets are dropped by readers. */
export interface AbortedRange {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Of its marker. */
  readonly lastOffset: number;
}
export interface FetchedPart {
  readonly partition: number;
  readonly error: PartitionError | null;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStart: number;
  readonly logEnd: number;
  /** The follower's log has left the leader's: it must drop what comes after this. */
  readonly diverging: { readonly epoch: number; readonly endOffset: number } | null;
  readonly batches: readonly RecordBatch[];
  readonly aborted: readonly AbortedRange[];
}
export interface BrokerFetched {
  readonly type: 'broker.fetched';
  readonly parts: readonly FetchedPart[];
}

/** Where an epoch ends in the leader's log (OffsetsForLeaderEpoch). */
export interface EpochEndPart {
  readonly partition: number;
  /** The epoch of the leader that is asked; -1: unknown. */
  readonly leaderEpoch: number;
  readonly epoch: number;
}
export interface BrokerEpochEnd {
  readonly type: 'broker.epoch-end';
  readonly parts: readonly EpochEndPart[];
}
export interface EpochEndedPart {
  readonly partition: number;
  readonly error: PartitionError | null;
  readonly end: { readonly epoch: number; readonly endOffset: number };
}
export interface BrokerEpochEnded {
  readonly type: 'broker.epoch-ended';
  readonly parts: readonly EpochEndedPart[];
}

export interface BrokerListOffsets {
  readonly type: 'broker.list-offsets';
  readonly partition: number;
  readonly at: 'earliest' | 'latest';
  readonly leaderEpoch: number;
  readonly isolation: Isolation;
}
export interface BrokerOffset {
  readonly type: 'broker.offset';
  readonly partition: number;
  readonly error: PartitionError | null;
  readonly offset: number;
}

export type BrokerMessage =
  | BrokerMetadata
  | BrokerMetadataReply
  | BrokerInitProducer
  | BrokerProducerId
  | BrokerFindCoordinator
  | BrokerCoordinator
  | BrokerProduce
  | BrokerProduced
  | BrokerProduceUnacknowledged
  | BrokerFetch
  | BrokerFetched
  | BrokerEpochEnd
  | BrokerEpochEnded
  | BrokerListOffsets
  | BrokerOffset;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;
const wordOf = (error: PartitionError | null): number => (error === null ? 0 : hashText(error));

/** By its first record: a producer gives each a value of its own. */
function wordOfBatch(batch: ProducedBatch): number {
  const [first] = batch.records;
  const value = first?.value ?? 0;
  const word = typeof value === 'number' ? value : hashText(value);
  return mix(mix(word, batch.records.length), mix(batch.producerId, batch.baseSequence));
}

function digestOfMetadata({ topics }: BrokerMetadataReply): number {
  let h = topics.length;
  for (const { partitions } of topics) {
    for (const { leader, leaderEpoch, isr } of partitions) {
      h = mix(mix(mix(h, leader), leaderEpoch), isr.length);
    }
  }
  return h;
}

function digestOfParts(parts: readonly ProducePart[]): number {
  let h = parts.length;
  for (const { partition, batch } of parts) h = mix(mix(h, partition), wordOfBatch(batch));
  return h;
}

function digestOfFetched({ parts }: BrokerFetched): number {
  let h = parts.length;
  for (const part of parts) {
    h = mix(mix(h, part.partition), mix(part.highWatermark, wordOf(part.error)));
    for (const batch of part.batches) h = mix(mix(h, batch.baseOffset), wordOfBatch(batch));
    if (part.diverging !== null) h = mix(h, part.diverging.endOffset);
  }
  return h;
}

function recordsOf(parts: readonly ProducePart[]): string {
  const records = parts.reduce((sum, { batch }) => sum + batch.records.length, 0);
  const [first] = parts;
  const where = parts.length === 1 && first !== undefined ? ` to partition ${first.partition}` : '';
  return `${plural(records, 'record')}${where}`;
}

function labelOfFetched({ parts }: BrokerFetched): string {
  let records = 0;
  for (const { batches } of parts) for (const batch of batches) records += batch.records.length;
  const errors = parts.flatMap(({ error }) => (error === null ? [] : [error]));
  if (errors[0] !== undefined) return errors[0];
  if (parts.some(({ diverging }) => diverging !== null)) return 'your log has left mine';
  return records === 0 ? 'nothing new' : plural(records, 'record');
}

export const broker = defineContract<BrokerMessage>({
  name: 'broker',
  about: 'Producers, consumers and followers ask the leaders of partitions.',
  source: 'Apache Kafka 4.0, the protocol',
  overConnections: true,
  keepsOrder: true,
  messages: {
    'broker.metadata': {
      role: 'request',
      flight: 'control',
      digest: () => 1,
      label: () => 'who leads?',
    },
    'broker.metadata-reply': {
      role: 'reply',
      flight: 'control',
      digest: digestOfMetadata,
      label: (m) => `leaders of ${plural(m.topics.length, 'topic')}`,
    },
    'broker.init-producer': {
      role: 'request',
      flight: 'control',
      digest: () => 2,
      label: () => 'a producer id, please',
    },
    'broker.producer-id': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(m.producerId, m.producerEpoch),
      label: (m) => `producer id ${m.producerId}`,
    },
    'broker.find-coordinator': {
      role: 'request',
      flight: 'control',
      digest: (m) => mix(hashText(m.kind), hashText(m.key)),
      label: (m) => `who coordinates ${m.key}?`,
    },
    'broker.coordinator': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(m.node, hashText(m.error ?? '')),
      label: (m) => m.error ?? 'the coordinator',
    },
    'broker.produce': {
      role: 'request',
      flight: 'request',
      digest: (m) => mix(digestOfParts(m.parts), m.acks),
      label: (m) => recordsOf(m.parts),
    },
    'broker.produced': {
      role: 'reply',
      flight: 'response',
      digest: (m) =>
        m.parts.reduce((h, p) => mix(mix(h, p.partition), mix(p.baseOffset, wordOf(p.error))), 3),
      label: (m) =>
        m.parts.find(({ error }) => error !== null)?.error ??
        `at ${m.parts.map(({ baseOffset }) => baseOffset).join(', ')}`,
    },
    'broker.produce-unacknowledged': {
      role: 'notice',
      flight: 'request',
      digest: (m) => digestOfParts(m.parts),
      label: (m) => `${recordsOf(m.parts)}, no answer wanted`,
    },
    'broker.fetch': {
      role: 'request',
      flight: (m) => (m.replica < 0 ? 'request' : 'acknowledgement'),
      digest: (m) =>
        m.parts.reduce((h, p) => mix(mix(h, p.partition), mix(p.offset, p.leaderEpoch)), m.replica),
      label: (m) => {
        const [first] = m.parts;
        if (m.parts.length !== 1 || first === undefined) {
          return `what is new in ${plural(m.parts.length, 'partition')}?`;
        }
        return `partition ${first.partition} from ${first.offset}`;
      },
    },
    'broker.fetched': {
      role: 'reply',
      flight: 'replication',
      digest: digestOfFetched,
      label: labelOfFetched,
    },
    'broker.epoch-end': {
      role: 'request',
      flight: 'control',
      digest: (m) => m.parts.reduce((h, p) => mix(mix(h, p.partition), p.epoch), 5),
      label: (m) => `where does epoch ${m.parts[0]?.epoch ?? -1} end?`,
    },
    'broker.epoch-ended': {
      role: 'reply',
      flight: 'control',
      digest: (m) => m.parts.reduce((h, p) => mix(mix(h, p.end.epoch), p.end.endOffset), 7),
      label: (m) => `at ${m.parts.map(({ end }) => end.endOffset).join(', ')}`,
    },
    'broker.list-offsets': {
      role: 'request',
      flight: 'control',
      digest: (m) => mix(m.partition, m.at === 'latest' ? 1 : 0),
      label: (m) => `${m.at} offset of partition ${m.partition}?`,
    },
    'broker.offset': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(m.offset, wordOf(m.error)),
      label: (m) => m.error ?? `offset ${m.offset}`,
    },
  },
  errors: [],
});
