/** The picture of a controller's state, and its numbers over time. */
import type { Gauge, NameOf } from '../../node/behaviour.ts';
import { imbalanced } from './decide.ts';
import { nameOfPartition } from './machine.ts';
import type { Metadata, PlacedPartition, RegisteredBroker } from './machine.ts';
import type { ControllerState } from './state.ts';
import type { ControllerView } from './view.ts';

export function viewOf(state: ControllerState, nameOf: NameOf): ControllerView {
  const { raft, isActive, metadata } = state;
  const { leader } = raft;
  return {
    component: 'controller',
    role: raft.role,
    isActive,
    term: raft.term,
    metadataOffset: raft.lastApplied,
    brokers: [...metadata.brokers.values()].map((broker) => ({
      name: nameOf(broker.broker),
      brokerEpoch: broker.brokerEpoch,
      state: stateOf(broker),
    })),
    partitions: [...metadata.partitions.values()].map((placed) => ofPartition(placed, nameOf)),
    fields: [
      { label: 'Role', value: isActive ? 'active' : raft.role },
      { label: 'Epoch', value: raft.term },
      { label: 'Metadata up to', value: raft.lastApplied },
      { label: 'Leader it knows', value: leader === null ? null : nameOf(leader) },
      { label: 'Brokers', value: countBrokers(metadata, false) },
      { label: 'Fenced brokers', value: countBrokers(metadata, true) },
      { label: 'Partitions', value: metadata.partitions.size },
      { label: 'Offline partitions', value: countOffline(metadata) },
      { label: 'Not led by their preferred', value: imbalanced(metadata).length },
      { label: 'Decisions under way', value: state.deciding.size },
      { label: 'Fetches waiting', value: state.polls.size },
    ],
  };
}

function stateOf(broker: RegisteredBroker): ControllerView['brokers'][number]['state'] {
  if (broker.isFenced) return 'fenced';
  return broker.isShuttingDown ? 'shutting-down' : 'active';
}

function ofPartition(
  placed: PlacedPartition,
  nameOf: NameOf,
): ControllerView['partitions'][number] {
  const { replicas, leader, isr, elr, ...rest } = placed.registration;
  return {
    name: nameOfPartition(placed),
    leader: leader < 0 ? null : nameOf(leader),
    preferred: nameOf(replicas[0] ?? leader),
    isr: isr.map(nameOf),
    elr: elr.map(nameOf),
    replicas: replicas.map(nameOf),
    leaderEpoch: rest.leaderEpoch,
    partitionEpoch: rest.partitionEpoch,
    isRecovering: rest.isRecovering,
  };
}

function countBrokers({ brokers }: Metadata, fenced: boolean): number {
  let count = 0;
  for (const { isFenced } of brokers.values()) if (isFenced === fenced) count += 1;
  return count;
}

function countOffline({ partitions }: Metadata): number {
  let count = 0;
  for (const { registration } of partitions.values()) if (registration.leader < 0) count += 1;
  return count;
}

/** Only the active controller counts, as in Kafka: the others have none. */
const ofActive = (state: ControllerState, value: (metadata: Metadata) => number): number =>
  state.isActive ? value(state.metadata) : 0;

export const CONTROLLER_GAUGES: readonly Gauge<ControllerState>[] = [
  {
    title: 'Active controllers',
    about: 'Whether this one is active (ActiveControllerCount).',
    kind: 'level',
    of: ({ isActive }) => (isActive ? 1 : 0),
  },
  {
    title: 'Fenced brokers',
    about: 'Registered brokers that do not count (FencedBrokerCount).',
    kind: 'level',
    of: (state) => ofActive(state, (metadata) => countBrokers(metadata, true)),
  },
  {
    title: 'Offline partitions',
    about: 'Partitions that nobody leads (OfflinePartitionsCount).',
    kind: 'level',
    of: (state) => ofActive(state, countOffline),
  },
  {
    title: 'Preferred replica imbalance',
    about: 'Partitions that another than their preferred replica leads.',
    kind: 'level',
    of: (state) => ofActive(state, (metadata) => imbalanced(metadata).length),
  },
];
