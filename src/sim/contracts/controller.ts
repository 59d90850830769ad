/**
 * What brokers say to the controller of their cluster: that they are there, and who is in sync with
 * them; and what it says to them: which brokers there are, and who leads which partition.
 *
 * The metadata log is the order of the controller's decisions. A record's offset is the place of
 * the decision that made it, so that several records of one decision share an offset and come
 * together; what a later record has replaced may be left out.
 *
 * Source: Apache Kafka 4.0: BrokerRegistration, BrokerHeartbeat, AlterPartition and Fetch of
 * __cluster_metadata; KIP-500, KIP-631, KIP-497, KIP-966
 */
import { hashText } from '../kernel/trace-hash.ts';
import { plural } from '../kernel/plural.ts';
import { defineContract } from './contract.ts';
import type { PeerId } from './raft.ts';

/** A topic as it is to be created, with the settings that the controller needs. */
export interface TopicSpec {
  readonly topic: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  /** min.insync.replicas */
  readonly minInsyncReplicas: number;
  /** unclean.leader.election.enable */
  readonly uncleanLeaderElection: boolean;
}

export interface ControllerRegister {
  readonly type: 'controller.register';
  /** Which life of the broker's process: a registration with the same one is the same. */
  readonly incarnation: number;
  /** broker.rack */
  readonly rack: string;
  /** What the cluster is to hold: created with the first registrations. */
  readonly topics: readonly TopicSpec[];
  /** How many brokers belong to the cluster: topics wait for all of them, but not for ever. */
  readonly brokers: number;
  /** It may lack what it had written before its last life ended (KIP-966). */
  readonly isUnclean: boolean;
}
export interface ControllerRegistered {
  readonly type: 'controller.registered';
  /** The offset of the registration. */
  readonly brokerEpoch: number;
}
export interface ControllerHeartbeat {
  readonly type: 'controller.heartbeat';
  readonly brokerEpoch: number;
  /** Of the newest metadata that the broker knows: the end it was told, less one; -1: nothing. */
  readonly metadataOffset: number;
  readonly wantsShutdown: boolean;
}
export interface ControllerHeartbeatReply {
  readonly type: 'controller.heartbeat-reply';
  readonly isFenced: boolean;
  readonly mayShutDown: boolean;
}

export type AlterPartitionError =
  | 'FENCED_LEADER_EPOCH'
  | 'INVALID_REQUEST'
  | 'INVALID_UPDATE_VERSION'
  | 'INELIGIBLE_REPLICA'
  | 'NOT_CONTROLLER'
  | 'UNKNOWN_TOPIC_OR_PARTITION';

/** A partition's leader proposes who is in sync with it. */
export interface ControllerAlter {
  readonly type: 'controller.alter';
  readonly brokerEpoch: number;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly PeerId[];
  /** The broker epoch of each, as the leader saw it last; -1 or left out: it does not say. */
  readonly isrEpochs?: readonly number[];
}
/** What is in force after it: as asked without an error. */
export interface ControllerAltered {
  readonly type: 'controller.altered';
  readonly partition: number;
  readonly error: AlterPartitionError | null;
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
  readonly isr: readonly PeerId[];
}

/** Asks for metadata from an offset on; answered when there is some, or after a while without. */
export interface ControllerFetch {
  readonly type: 'controller.fetch';
  readonly offset: number;
}
export interface ControllerFetched {
  readonly type: 'controller.fetched';
  readonly records: readonly MetadataRecord[];
  /** From where to ask next. */
  readonly end: number;
}

export interface BrokerRecord {
  readonly offset: number;
  readonly kind: 'broker';
  readonly broker: PeerId;
  readonly brokerEpoch: number;
  readonly isFenced: boolean;
  /** In a controlled shutdown: no leader takes it into an ISR. */
  readonly isShuttingDown: boolean;
}
export interface PartitionRecord {
  readonly offset: number;
  readonly kind: 'partition';
  /** Its place among the partitions of all topics, in their order. */
  readonly partition: number;
  readonly topic: string;
  /** Its number within the topic. */
  readonly index: number;
  readonly registration: RegisteredPartition;
}
export type MetadataRecord = BrokerRecord | PartitionRecord;

/** What the brokers are told of a partition. */
export interface RegisteredPartition {
  readonly replicas: readonly PeerId[];
  /** -1: nobody leads. */
  readonly leader: PeerId;
  readonly isr: readonly PeerId[];
  readonly elr: readonly PeerId[];
  readonly leaderEpoch: number;
  readonly partitionEpoch: number;
}

/** Topics that brokers need for themselves are made when they are first needed (CreateTopics). */
export interface ControllerCreateTopics {
  readonly type: 'controller.create-topics';
  readonly brokerEpoch: number;
  readonly topics: readonly TopicSpec[];
}
export interface ControllerTopicsCreated {
  readonly type: 'controller.topics-created';
  /** Whether all of them are there now. */
  readonly areThere: boolean;
}

export type ControllerRequest =
  | ControllerRegister
  | ControllerCreateTopics
  | ControllerHeartbeat
  | ControllerAlter
  | ControllerFetch;
export type ControllerReply =
  | ControllerRegistered
  | ControllerTopicsCreated
  | ControllerHeartbeatReply
  | ControllerAltered
  | ControllerFetched;
export type ControllerMessage = ControllerRequest | ControllerReply;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;
const ofList = (ids: readonly number[]): number => ids.reduce(mix, ids.length);
function digestOfRecord(record: MetadataRecord): number {
  if (record.kind === 'broker') {
    const bits = (record.isFenced ? 1 : 0) + (record.isShuttingDown ? 2 : 0);
    return mix(mix(mix(record.offset, record.broker), record.brokerEpoch), bits);
  }
  const { leader, isr, elr, leaderEpoch, partitionEpoch } = record.registration;
  const who = mix(mix(leader, ofList(isr)), ofList(elr));
  return mix(mix(mix(record.offset, record.partition), who), mix(leaderEpoch, partitionEpoch));
}

const digestOfRegister = (m: ControllerRegister): number =>
  digestOfTopics(
    mix(mix(m.incarnation * 2 + (m.isUnclean ? 1 : 0), hashText(m.rack)), m.brokers),
    m.topics,
  );

function digestOfTopics(start: number, topics: readonly TopicSpec[]): number {
  let h = start;
  for (const { topic, partitions, replicationFactor, minInsyncReplicas, ...rest } of topics) {
    const sizes = mix(mix(partitions, replicationFactor), minInsyncReplicas);
    h = mix(mix(mix(h, hashText(topic)), sizes), rest.uncleanLeaderElection ? 1 : 0);
  }
  return h;
}

export const controller = defineContract<ControllerMessage>({
  name: 'controller',
  about: 'Brokers register, say that they live and who is in sync, and follow the metadata.',
  source: 'Apache Kafka 4.0, KRaft: BrokerRegistration, BrokerHeartbeat, AlterPartition, Fetch',
  overConnections: true,
  messages: {
    'controller.register': {
      role: 'request',
      flight: 'control',
      digest: digestOfRegister,
      label: (m) => (m.isUnclean ? 'register, after an unclean end' : 'register'),
    },
    'controller.registered': {
      role: 'reply',
      flight: 'response',
      digest: (m) => m.brokerEpoch,
      label: (m) => `broker epoch ${m.brokerEpoch}`,
    },
    'controller.heartbeat': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) => mix(mix(m.brokerEpoch, m.metadataOffset), m.wantsShutdown ? 1 : 0),
      label: (m) => (m.wantsShutdown ? 'may I shut down?' : `alive, knows ${m.metadataOffset}`),
    },
    'controller.heartbeat-reply': {
      role: 'reply',
      flight: 'heartbeat',
      digest: (m) => (m.isFenced ? 1 : 0) + (m.mayShutDown ? 2 : 0),
      label: (m) => {
        if (m.mayShutDown) return 'shut down';
        return m.isFenced ? 'fenced' : 'go on';
      },
    },
    'controller.alter': {
      role: 'request',
      flight: 'control',
      digest: (m) => {
        const epochs = mix(mix(m.brokerEpoch, m.leaderEpoch), m.partitionEpoch);
        return mix(mix(mix(m.partition, epochs), ofList(m.isr)), ofList(m.isrEpochs ?? []));
      },
      label: (m) => `${plural(m.isr.length, 'replica')} in sync in partition ${m.partition}`,
    },
    'controller.altered': {
      role: 'reply',
      flight: 'response',
      digest: (m) => {
        const epochs = mix(m.leaderEpoch, m.partitionEpoch);
        return mix(mix(mix(m.partition, epochs), ofList(m.isr)), hashText(m.error ?? ''));
      },
      label: (m) => m.error ?? `${plural(m.isr.length, 'replica')} in sync`,
    },
    'controller.create-topics': {
      role: 'request',
      flight: 'control',
      digest: (m) => digestOfTopics(m.brokerEpoch, m.topics),
      label: (m) => `create ${m.topics.map(({ topic }) => topic).join(', ')}`,
    },
    'controller.topics-created': {
      role: 'reply',
      flight: 'response',
      digest: (m) => (m.areThere ? 1 : 0),
      label: (m) => (m.areThere ? 'created' : 'not created'),
    },
    'controller.fetch': {
      role: 'request',
      flight: 'request',
      digest: (m) => m.offset,
      label: (m) => `metadata from ${m.offset}`,
    },
    'controller.fetched': {
      role: 'reply',
      flight: 'replication',
      digest: (m) => m.records.reduce((h, record) => mix(h, digestOfRecord(record)), m.end),
      label: (m) => (m.records.length === 0 ? 'nothing new' : plural(m.records.length, 'record')),
    },
  },
  errors: [
    {
      code: 'not-controller',
      definite: true,
      means: 'this one is not the active controller; the detail names it, if it is known',
    },
    {
      code: 'lost-leadership',
      definite: false,
      means: 'the controller stopped being active while the request was under way',
    },
    {
      code: 'stale-broker-epoch',
      definite: true,
      means: 'the broker is not registered with this epoch (any more)',
    },
    {
      code: 'duplicate-broker-registration',
      definite: true,
      means: 'an earlier life of the broker still has a session: ask again when that is over',
    },
  ],
});
