/**
 * What each command does to the metadata: brokers come, go and come back, leaders are elected.
 *
 * Source: Apache Kafka 4.0, ClusterControlManager, ReplicationControlManager; KIP-841, KIP-966
 * Leaves out: reassignment, and topics that are changed or deleted later
 */
import type { TopicSpec } from '../../contracts/controller.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { Stream } from '../../kernel/random.ts';
import { placeReplicas } from '../../policies/placement/index.ts';
import { change, refusalOf, withoutBroker } from '../../protocols/partition-log/index.ts';
import type {
  ControlConfig,
  Election,
  PartitionRegistration,
} from '../../protocols/partition-log/index.ts';
import type { MetadataFact } from './facts.ts';
import { isActive, nameOfPartition, putBroker, putPartition } from './machine.ts';
import type {
  ControllerCommand,
  Metadata,
  Outcome,
  PlacedPartition,
  RegisteredBroker,
} from './machine.ts';

/** Where decisions are made: at which offset, under which rules, and who is told. */
export interface Decision {
  readonly metadata: Metadata;
  readonly offset: number;
  readonly hasElr: boolean;
  /** Draws that belong to a seed: the same on each controller. */
  readonly drawsOf: (seed: number) => Stream;
  readonly tell: (fact: MetadataFact) => void;
}

const DONE: Outcome = Object.freeze({ type: 'done' });
const STALE: Outcome = Object.freeze({ type: 'stale' });

type Of<T extends ControllerCommand['type']> = Extract<ControllerCommand, { readonly type: T }>;

export function decide(d: Decision, command: ControllerCommand): Outcome {
  switch (command.type) {
    case 'register':
      return register(d, command);
    case 'create-topics':
      return createTopics(d, command.seed);
    case 'elect-preferred':
      return electPreferred(d);
    case 'unfence':
    case 'fence':
    case 'shut-down':
    case 'alter':
    case 'add-topics': {
      const broker = d.metadata.brokers.get(command.broker);
      if (broker === undefined || broker.brokerEpoch !== command.brokerEpoch) return STALE;
      if (command.type === 'alter') return alter(d, command);
      if (command.type === 'add-topics') return addTopics(d, command);
      if (command.type === 'unfence') return unfence(d, broker);
      return command.type === 'fence' ? fence(d, broker) : shutDown(d, broker);
    }
  }
}

const controlOf = ({ hasElr }: Decision, topic: TopicSpec): ControlConfig => ({
  minInsyncReplicas: topic.minInsyncReplicas,
  hasElr,
  // Kafka keeps the last known leader only beside ELR.
  usesLastKnownLeader: hasElr,
});

const electionOf = ({ uncleanLeaderElection }: TopicSpec): Election =>
  uncleanLeaderElection ? 'unclean' : 'online';

/** A life of a broker begins: what the one before led and was in sync with, it is not. */
function register(d: Decision, command: Of<'register'>): Outcome {
  const { metadata, offset } = d;
  const { broker, incarnation, rack, isUnclean } = command;
  const known = metadata.brokers.get(broker);
  if (known?.incarnation === incarnation) {
    return { type: 'registered', brokerEpoch: known.brokerEpoch };
  }
  metadata.wanted = Math.max(metadata.wanted, command.brokers);
  if (metadata.topics.length === 0) metadata.topics = command.topics;
  const state = { brokerEpoch: offset, isFenced: true, isShuttingDown: false, offset };
  putBroker(metadata, { broker, incarnation, rack, ...state });
  d.tell({ type: 'controller.broker-registered', broker, brokerEpoch: offset, isUnclean });
  if (known !== undefined) leave(d, broker, isUnclean && d.hasElr);
  return { type: 'registered', brokerEpoch: offset };
}

function fence(d: Decision, broker: RegisteredBroker): Outcome {
  if (broker.isFenced) return DONE;
  const fenced = { ...broker, isFenced: true, isShuttingDown: false, offset: d.offset };
  putBroker(d.metadata, fenced);
  d.tell({ type: 'controller.broker-fenced', broker: broker.broker });
  leave(d, broker.broker, false);
  return DONE;
}

function shutDown(d: Decision, broker: RegisteredBroker): Outcome {
  if (broker.isFenced || broker.isShuttingDown) return DONE;
  putBroker(d.metadata, { ...broker, isShuttingDown: true, offset: d.offset });
  d.tell({ type: 'controller.broker-shutting-down', broker: broker.broker });
  leave(d, broker.broker, false);
  return DONE;
}

/** Partitions without a leader may have been waiting for this one. */
function unfence(d: Decision, broker: RegisteredBroker): Outcome {
  if (!broker.isFenced) return DONE;
  putBroker(d.metadata, { ...broker, isFenced: false, offset: d.offset });
  d.tell({ type: 'controller.broker-unfenced', broker: broker.broker });
  for (const placed of [...d.metadata.partitions.values()]) {
    const { registration: now, topic } = placed;
    if (now.leader >= 0 || !now.replicas.includes(broker.broker)) continue;
    const wish = { election: electionOf(topic), isAcceptable: acceptable(d) };
    settle(d, placed, change(now, wish, controlOf(d, topic)));
  }
  return DONE;
}

/** It leaves every ISR; after an unclean end it may not lead as an eligible replica either. */
function leave(d: Decision, broker: PeerId, isUnclean: boolean): void {
  for (const placed of [...d.metadata.partitions.values()]) {
    const { registration: now, topic } = placed;
    const isIn = now.isr.includes(broker) || (isUnclean && now.elr.includes(broker));
    if (!isIn) continue;
    const wish = {
      election: electionOf(topic),
      isAcceptable: acceptable(d),
      ...(isUnclean ? { uncleanShutdown: [broker] } : {}),
    };
    settle(d, placed, withoutBroker(now, broker, wish, controlOf(d, topic)));
  }
}

const acceptable =
  ({ metadata }: Decision) =>
  (id: PeerId): boolean =>
    isActive(metadata, id);

/** Writes down what a partition has become, and tells of it. */
function settle(d: Decision, placed: PlacedPartition, next: PartitionRegistration): void {
  const { registration: was } = placed;
  if (next === was) return;
  putPartition(d.metadata, { ...placed, registration: next, offset: d.offset });
  const partition = nameOfPartition(placed);
  const { leader, leaderEpoch, isr, elr } = next;
  if (isr.join() !== was.isr.join()) {
    d.tell({ type: 'controller.isr-changed', partition, isr, was: was.isr, elr });
  }
  if (leader === was.leader) return;
  if (leader < 0) return d.tell({ type: 'controller.offline', partition, leaderEpoch });
  const type = next.isRecovering ? 'controller.elected-uncleanly' : 'controller.elected';
  d.tell({ type, partition, leader, leaderEpoch });
}

function alter(d: Decision, command: Of<'alter'>): Outcome {
  const { metadata } = d;
  const placed = metadata.partitions.get(command.partition);
  if (placed === undefined) {
    const nothing = { leaderEpoch: -1, partitionEpoch: -1, isr: [] };
    return { type: 'altered', error: 'UNKNOWN_TOPIC_OR_PARTITION', ...nothing };
  }
  const isAcceptable = (id: PeerId): boolean => {
    const seen = command.isrEpochs[command.isr.indexOf(id)] ?? -1;
    const isSame = seen < 0 || metadata.brokers.get(id)?.brokerEpoch === seen;
    return isSame && isActive(metadata, id);
  };
  const error = refusalOf(placed.registration, command, isAcceptable);
  if (error === null) {
    const { topic, registration } = placed;
    const wish = { isr: command.isr, election: electionOf(topic), isAcceptable: acceptable(d) };
    settle(d, placed, change(registration, wish, controlOf(d, topic)));
  }
  const { registration } = metadata.partitions.get(command.partition) ?? placed;
  const { leaderEpoch, partitionEpoch, isr } = registration;
  return { type: 'altered', error, leaderEpoch, partitionEpoch, isr };
}

/** All topics at once, on the brokers that are registered by now. */
function createTopics(d: Decision, seed: number): Outcome {
  const { metadata } = d;
  if (metadata.areCreated || !canCreate(metadata)) return DONE;
  metadata.areCreated = true;
  const draw = d.drawsOf(seed);
  let first = 0;
  let created = 0;
  for (const topic of metadata.topics) {
    if (createTopic(d, topic, first, draw)) created += topic.partitions;
    first += topic.partitions;
  }
  d.tell({ type: 'controller.topics-created', partitions: created });
  return DONE;
}

/** Behind those that are there: a partition keeps its place among all. */
function addTopics(d: Decision, { topics, seed }: Of<'add-topics'>): Outcome {
  const { metadata } = d;
  if (!metadata.areCreated) return { type: 'topics', areThere: false };
  const draw = d.drawsOf(seed);
  let areThere = true;
  let created = 0;
  for (const topic of topics) {
    if (metadata.topics.some((known) => known.topic === topic.topic)) continue;
    const first = metadata.topics.reduce((sum, { partitions }) => sum + partitions, 0);
    if (createTopic(d, topic, first, draw)) {
      metadata.topics = [...metadata.topics, topic];
      created += topic.partitions;
    } else areThere = false;
  }
  if (created > 0) d.tell({ type: 'controller.topics-created', partitions: created });
  return { type: 'topics', areThere };
}

function createTopic(d: Decision, topic: TopicSpec, first: number, draw: Stream): boolean {
  const brokers = [...d.metadata.brokers.values()]
    .map(({ broker: id, rack, isFenced }) => ({ id, rack: rack === '' ? null : rack, isFenced }))
    .sort((a, b) => a.id - b.id);
  const placement = placeReplicas(brokers, topic.partitions, topic.replicationFactor, draw);
  if (!placement.ok) {
    d.tell({ type: 'controller.topic-refused', topic: topic.topic, why: placement.why });
    return false;
  }
  placement.replicas.forEach((replicas, index) =>
    create(d, { partition: first + index, topic, index }, replicas),
  );
  return true;
}

function create(
  d: Decision,
  place: Pick<PlacedPartition, 'partition' | 'topic' | 'index'>,
  replicas: readonly PeerId[],
): void {
  const isr = replicas.filter(acceptable(d));
  const registration: PartitionRegistration = Object.freeze({
    replicas: Object.freeze([...replicas]),
    leader: isr[0] ?? -1,
    isr: Object.freeze(isr),
    elr: Object.freeze([]),
    lastKnownElr: Object.freeze([]),
    leaderEpoch: 0,
    partitionEpoch: 0,
    isRecovering: false,
  });
  putPartition(d.metadata, { ...place, registration, offset: d.offset });
}

/** Whether all brokers of the cluster are up. */
export const areAllUp = (metadata: Metadata): boolean => countUp(metadata) >= metadata.wanted;

/** Whether there is something to create, and enough brokers for it, or no more to wait for. */
export function canCreate(metadata: Metadata): boolean {
  const up = countUp(metadata);
  if (metadata.topics.length === 0 || up === 0) return false;
  const most = Math.max(...metadata.topics.map(({ replicationFactor }) => replicationFactor));
  return up >= most || up >= metadata.wanted;
}

function countUp({ brokers }: Metadata): number {
  let up = 0;
  for (const { isFenced } of brokers.values()) if (!isFenced) up += 1;
  return up;
}

function electPreferred(d: Decision): Outcome {
  for (const placed of imbalanced(d.metadata)) {
    const { registration: now, topic } = placed;
    const wish = { election: 'preferred' as const, isAcceptable: acceptable(d) };
    settle(d, placed, change(now, wish, controlOf(d, topic)));
  }
  return DONE;
}

/** Partitions that another than their preferred replica leads. */
export const imbalanced = ({ partitions }: Metadata): readonly PlacedPartition[] =>
  [...partitions.values()].filter(({ registration: { replicas, leader } }) => {
    const [preferred] = replicas;
    return preferred !== undefined && leader >= 0 && leader !== preferred;
  });
