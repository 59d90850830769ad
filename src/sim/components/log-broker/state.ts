/** The state of a broker: its replicas, what the metadata say, and who waits for what. */
import type { BrokerFetch, BrokerMetadataReply, ProducedPart } from '../../contracts/broker.ts';

import type { RegisteredPartition } from '../../contracts/controller.ts';
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import { clonePartition } from '../../protocols/partition-log/index.ts';
import type {
  PartitionConfig,
  PartitionState,
  ProposedIsr,
} from '../../protocols/partition-log/index.ts';
import { plainLog } from './disk.ts';

/** A replica of a partition. */
export interface Hosted {
  readonly partition: number;
  /** `orders-0` */
  readonly name: string;
  readonly config: PartitionConfig;
  readonly state: PartitionState;
  /** Fetches that wait for something new here. */
  readonly waiting: Set<number>;
  /** After an error its leader is left alone until then. */
  delayedUntilMicros: number;
}

/** What a call of its own was about. */
export type Asked =
  | { readonly about: 'register'; readonly to: NodeIndex }
  | { readonly about: 'heartbeat'; readonly to: NodeIndex }
  | { readonly about: 'metadata'; readonly to: NodeIndex }
  | {
      readonly about: 'alter';
      readonly to: NodeIndex;
      readonly partition: number;
      readonly proposed: ProposedIsr;
    }
  | AskedLeader<'fetch'>
  | AskedLeader<'lookup'>;

interface AskedLeader<A> {
  readonly about: A;
  readonly to: NodeIndex;
  /** The partitions that were asked for, and in which epochs of their leaders. */
  readonly parts: readonly { readonly partition: number; readonly leaderEpoch: number }[];
}

export interface KnownPartition {
  readonly topic: string;
  readonly index: number;
  readonly registration: RegisteredPartition;
}

export interface KnownBroker {
  readonly epoch: number;
  /** Neither fenced nor shutting down. */
  readonly mayJoin: boolean;
}

/** What its broker follows of the metadata log. */
export interface Cluster {
  /** The controller that it asks, by its place in the link. */
  controller: NodeIndex;
  /** -1: not registered. */
  brokerEpoch: number;
  isFenced: boolean;
  /** The next record of the metadata log. */
  metadataOffset: number;
  readonly brokers: Map<NodeIndex, KnownBroker>;
  readonly partitions: Map<number, KnownPartition>;
  /** What has changed since it was last followed. */
  readonly changed: Set<number>;
  wantsShutdown: boolean;
  isBeating: boolean;
}

/** A write whose partitions are not all answered. */
export interface PendingWrite {
  readonly call: CallRef;
  readonly partitions: readonly number[];
  /** By place; null: not answered. */
  readonly parts: (ProducedPart | null)[];
  open: number;
}

export interface WaitingFetch {
  readonly call: CallRef;
  readonly request: BrokerFetch;
}

export interface LogBrokerState {
  readonly cluster: Cluster;
  readonly hosted: Map<number, Hosted>;
  nextTag: number;
  readonly asked: Map<number, Asked>;
  /** Leaders that a fetch of this broker is out at. */
  readonly fetching: Set<NodeIndex>;
  readonly writes: Map<number, PendingWrite>;
  /** Of a tag of the protocol: the write and the place in it. */
  readonly writeOf: Map<number, readonly [write: number, place: number]>;
  readonly fetches: Map<number, WaitingFetch>;
  /** Partitions whose log or high watermark moved in this event. */
  readonly moved: Set<number>;
  /** Writes that no fsync was asked for, and whether one runs. */
  isDirty: boolean;
  isSyncing: boolean;
  /** Its last process did not end by a controlled shutdown. */
  readonly isUnclean: boolean;
  /** It ends once its disk is synced. */
  isEnding: boolean;
  /** What it answers to who asks who leads; null: to be made anew. */
  metadata: BrokerMetadataReply | null;
  records: number;
  truncated: number;
}

export function copyState(state: LogBrokerState): LogBrokerState {
  const { cluster } = state;
  const hosted = new Map<number, Hosted>();
  for (const [id, one] of state.hosted) {
    hosted.set(id, { ...one, state: clonePartition(one.state), waiting: new Set(one.waiting) });
  }
  const writes = new Map<number, PendingWrite>();
  for (const [id, write] of state.writes) writes.set(id, { ...write, parts: write.parts.slice() });
  return {
    ...state,
    cluster: {
      ...cluster,
      brokers: new Map(cluster.brokers),
      partitions: new Map(cluster.partitions),
      changed: new Set(cluster.changed),
    },
    hosted,
    asked: new Map(state.asked),
    fetching: new Set(state.fetching),
    writes,
    writeOf: new Map(state.writeOf),
    fetches: new Map(state.fetches),
    moved: new Set(state.moved),
  };
}

/** Without what follows from the rest: settings, answers, and what a log says of producers. */
export function plainState({ hosted, metadata: _made, ...rest }: LogBrokerState): unknown {
  return {
    ...rest,
    hosted: [...hosted.values()].map(({ config: _fixed, state, ...one }) => {
      const { log, producers: _said, ...replica } = state;
      return { ...one, replica, log: plainLog(log) };
    }),
  };
}
