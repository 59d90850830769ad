/**
 * The metadata that the log of the controllers drives: brokers and partitions, and the records in
 * which brokers are told of them.
 *
 * Keeps: every controller that has applied the same commands is in the same state: a command is
 * decided from the machine and from itself alone, at no clock, with no draw but from its own seed.
 *
 * Source: Apache Kafka, ClusterControlManager, ReplicationControlManager; KIP-631, KIP-966
 */
import type {
  AlterPartitionError,
  BrokerRecord,
  MetadataRecord,
  PartitionRecord,
  TopicSpec,
} from '../../contracts/controller.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { PartitionRegistration } from '../../protocols/partition-log/index.ts';

export interface RegisteredBroker {
  readonly broker: PeerId;
  readonly incarnation: number;
  readonly rack: string;
  readonly brokerEpoch: number;
  readonly isFenced: boolean;
  readonly isShuttingDown: boolean;
  /** Of its newest record. */
  readonly offset: number;
}

export interface PlacedPartition {
  readonly partition: number;
  readonly topic: TopicSpec;
  readonly index: number;
  readonly registration: PartitionRegistration;
  /** Of its newest record. */
  readonly offset: number;
}

interface OfBroker {
  readonly broker: PeerId;
  readonly brokerEpoch: number;
}
export type ControllerCommand =
  | {
      readonly type: 'register';
      readonly broker: PeerId;
      readonly incarnation: number;
      readonly rack: string;
      readonly topics: readonly TopicSpec[];
      readonly brokers: number;
      readonly isUnclean: boolean;
    }
  | ({ readonly type: 'unfence' } & OfBroker)
  | ({ readonly type: 'fence' } & OfBroker)
  | ({ readonly type: 'shut-down' } & OfBroker)
  | ({
      readonly type: 'alter';
      readonly partition: number;
      readonly leaderEpoch: number;
      readonly partitionEpoch: number;
      readonly isr: readonly PeerId[];
      readonly isrEpochs: readonly number[];
    } & OfBroker)
  | { readonly type: 'create-topics'; readonly seed: number }
  | ({
      readonly type: 'add-topics';
      readonly topics: readonly TopicSpec[];
      readonly seed: number;
    } & OfBroker)
  | { readonly type: 'elect-preferred' };

/** What a command came to: `stale` when the broker's epoch is not that of its registration. */
export type Outcome =
  | { readonly type: 'done' }
  | { readonly type: 'stale' }
  | { readonly type: 'registered'; readonly brokerEpoch: number }
  | { readonly type: 'topics'; readonly areThere: boolean }
  | {
      readonly type: 'altered';
      readonly error: AlterPartitionError | null;
      readonly leaderEpoch: number;
      readonly partitionEpoch: number;
      readonly isr: readonly PeerId[];
    };

export interface Metadata {
  readonly brokers: Map<PeerId, RegisteredBroker>;
  /** By their place among the partitions of all topics. */
  readonly partitions: Map<number, PlacedPartition>;
  /** As the first broker that named any has them, and behind them what was added since. */
  topics: readonly TopicSpec[];
  /** How many brokers belong to the cluster. */
  wanted: number;
  areCreated: boolean;
  /** In the order of their offsets; those before `logStart` are only in what they led to. */
  records: MetadataRecord[];
  logStart: number;
}

export interface MetadataImage {
  readonly brokers: readonly RegisteredBroker[];
  readonly partitions: readonly PlacedPartition[];
  readonly topics: readonly TopicSpec[];
  readonly wanted: number;
  readonly areCreated: boolean;
}

export const emptyMetadata = (): Metadata => ({
  brokers: new Map(),
  partitions: new Map(),
  topics: [],
  wanted: 0,
  areCreated: false,
  records: [],
  logStart: 0,
});

export const copyMetadata = (metadata: Metadata): Metadata => ({
  ...metadata,
  brokers: new Map(metadata.brokers),
  partitions: new Map(metadata.partitions),
  records: metadata.records.slice(),
});

export const imageOf = (metadata: Metadata): MetadataImage => ({
  brokers: [...metadata.brokers.values()],
  partitions: [...metadata.partitions.values()],
  topics: metadata.topics,
  wanted: metadata.wanted,
  areCreated: metadata.areCreated,
});

/** The metadata become what a snapshot says, which stands for all records up to its index. */
export function becomeImage(metadata: Metadata, image: MetadataImage, index: number): void {
  metadata.brokers.clear();
  metadata.partitions.clear();
  for (const broker of image.brokers) metadata.brokers.set(broker.broker, broker);
  for (const placed of image.partitions) metadata.partitions.set(placed.partition, placed);
  metadata.topics = image.topics;
  metadata.wanted = image.wanted;
  metadata.areCreated = image.areCreated;
  metadata.records = [];
  metadata.logStart = index + 1;
}

/** Forgets the records up to `index`: from now on what they led to stands for them. */
export function compact(metadata: Metadata, index: number): void {
  metadata.records = metadata.records.slice(firstFrom(metadata.records, index + 1));
  metadata.logStart = index + 1;
}

/** What whoever has read up to `offset`, exclusive, lacks. */
export function recordsFrom(metadata: Metadata, offset: number): readonly MetadataRecord[] {
  const { records, logStart } = metadata;
  if (offset >= logStart) return records.slice(firstFrom(records, offset));
  const all: MetadataRecord[] = [
    ...[...metadata.brokers.values()].map(recordOfBroker),
    ...[...metadata.partitions.values()].map(recordOfPartition),
  ];
  return all
    .map((record, place) => ({ record, place }))
    .filter(({ record }) => record.offset >= offset)
    .sort((a, b) => a.record.offset - b.record.offset || a.place - b.place)
    .map(({ record }) => record);
}

/** The place of the first record at or after the offset. */
function firstFrom(records: readonly MetadataRecord[], offset: number): number {
  let low = 0;
  let high = records.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle] as MetadataRecord).offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

function recordOfBroker(b: RegisteredBroker): BrokerRecord {
  const { offset, broker, brokerEpoch, isFenced, isShuttingDown } = b;
  return Object.freeze({ offset, kind: 'broker', broker, brokerEpoch, isFenced, isShuttingDown });
}

function recordOfPartition(placed: PlacedPartition): PartitionRecord {
  const { offset, partition, topic, index } = placed;
  const { replicas, leader, isr, elr, leaderEpoch, partitionEpoch } = placed.registration;
  const registration = { replicas, leader, isr, elr, leaderEpoch, partitionEpoch };
  return Object.freeze({
    offset,
    kind: 'partition',
    partition,
    topic: topic.topic,
    index,
    registration: Object.freeze(registration),
  });
}

export function putBroker(metadata: Metadata, broker: RegisteredBroker): void {
  metadata.brokers.set(broker.broker, Object.freeze(broker));
  metadata.records.push(recordOfBroker(broker));
}

export function putPartition(metadata: Metadata, placed: PlacedPartition): void {
  metadata.partitions.set(placed.partition, Object.freeze(placed));
  metadata.records.push(recordOfPartition(placed));
}

/** Up, and not on its way down: it may lead and be in sync. */
export function isActive({ brokers }: Metadata, id: PeerId): boolean {
  const broker = brokers.get(id);
  return broker !== undefined && !broker.isFenced && !broker.isShuttingDown;
}

export function leadsAny({ partitions }: Metadata, id: PeerId): boolean {
  for (const { registration } of partitions.values()) if (registration.leader === id) return true;
  return false;
}

export const nameOfPartition = ({ topic, index }: PlacedPartition): string =>
  `${topic.topic}-${index}`;
