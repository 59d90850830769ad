/** The state of a broker: its replicas, what the metadata say, and who waits for what. */
import type {
  BrokerFetch,
  BrokerMetadataReply,
  CoordinatorKind,
  ProducedPart,
} from '../../contracts/broker.ts';
import type { Message } from '../../contracts/contract.ts';
import type { RegisteredPartition } from '../../contracts/controller.ts';
import type { Marker, ProducedBatch } from '../../contracts/record-batch.ts';
import type { CallRef, NodeIndex } from '../../node/behaviour.ts';
import type { AnyMachine, MachineInput } from '../../protocols/coordinator-machine.ts';
import { clonePartition } from '../../protocols/partition-log/index.ts';
import type {
  CleanupConfig,
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
  /** Of a topic that brokers have for themselves. */
  readonly isInternal: boolean;
  /** What becomes of its old records; null: they stay. */
  readonly cleanup: CleanupConfig | null;
  readonly state: PartitionState;
  /** Fetches that wait for something new here. */
  readonly waiting: Set<number>;
  /** After an error its leader is left alone until then. */
  delayedUntilMicros: number;
  /** The last truncation, for the picture alone; null: there was none in this life. */
  cut: { readonly to: number; readonly dropped: number; readonly atMono: number } | null;
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
  | { readonly about: 'create'; readonly to: NodeIndex; readonly topic: string }
  | ({ readonly about: 'shard'; readonly to: NodeIndex } & ShardTicket)
  | { readonly about: 'verify'; readonly to: NodeIndex; readonly key: string }
  | AskedLeader<'fetch'>
  | AskedLeader<'lookup'>;

/** What a shard waits for, in the epoch in which it is one. */
export interface ShardTicket {
  readonly partition: number;
  readonly epoch: number;
  readonly ticket: number;
}

/** A coordinator of those whose keys belong to one partition of an internal topic. */
export interface Shard {
  readonly partition: number;
  readonly kind: CoordinatorKind;
  /** The leader epoch in which it serves. */
  readonly epoch: number;
  readonly machine: AnyMachine;
  readonly state: unknown;
  isLoaded: boolean;
  /** Requests that are not answered, by tag. */
  readonly calls: Map<number, { readonly call: CallRef; readonly request: Message }>;
  /** Its timers that are armed, by name. */
  readonly timers: Map<string, number>;
  /** What waits until all before an offset is committed; ascending. */
  readonly barriers: { readonly upTo: number; readonly ticket: number }[];
}

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

interface KnownBroker {
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
  /** They are markers of a coordinator. */
  readonly marks?: { readonly producerId: number; readonly marker: Marker };
}

/** A transaction’s first batches in a partition: its coordinator is asked whether it is open. */
export interface Verifying {
  readonly partition: number;
  readonly waiting: {
    readonly write: number;
    readonly place: number;
    readonly batch: ProducedBatch;
    readonly acks: 1 | -1;
  }[];
  /** Its marker has come meanwhile. */
  isLate: boolean;
}

interface WaitingFetch {
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
  /** By partition: of those that this broker leads, of topics with coordinators. */
  readonly shards: Map<number, Shard>;
  /** What shards have written, by the tag of the protocol. */
  readonly appends: Map<number, ShardTicket>;
  /** Timers of shards, by their key. */
  readonly timers: Map<number, { readonly partition: number; readonly timer: string }>;
  /** By partition and producer. */
  readonly verifying: Map<string, Verifying>;
  /** What shards are to hear of when the step under way is done. */
  readonly inbox: {
    readonly partition: number;
    readonly epoch: number;
    readonly input: MachineInput<never>;
  }[];
  /** Partitions of internal topics to which something has happened in this event. */
  readonly stirred: Set<number>;
  /** Topics that the controller was asked for. */
  readonly creating: Set<string>;
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
  /** Writes that waited for other replicas in vain: for charts alone. */
  expired: number;
  truncated: number;
  /** Offsets that retention has deleted, and records that compaction has dropped. */
  deleted: number;
  compacted: number;
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
    shards: copyShards(state.shards),
    appends: new Map(state.appends),
    timers: new Map(state.timers),
    verifying: new Map(
      [...state.verifying].map(([key, one]) => [key, { ...one, waiting: one.waiting.slice() }]),
    ),
    inbox: state.inbox.slice(),
    stirred: new Set(state.stirred),
    creating: new Set(state.creating),
    moved: new Set(state.moved),
  };
}

function copyShards(shards: ReadonlyMap<number, Shard>): Map<number, Shard> {
  const copies = new Map<number, Shard>();
  for (const [partition, shard] of shards) {
    copies.set(partition, {
      ...shard,
      state: shard.machine.copy(shard.state),
      calls: new Map(shard.calls),
      timers: new Map(shard.timers),
      barriers: shard.barriers.slice(),
    });
  }
  return copies;
}

/** Without what follows from the rest: settings, answers, and what a log says of producers. */
export function plainState(state: LogBrokerState): unknown {
  const { hosted, metadata: _made, expired: _shown, ...all } = state;
  const { shards, appends, timers, inbox, stirred, creating, verifying, ...others } = all;
  const { deleted, compacted, ...rest } = others;
  const coordinates = shards.size > 0 || creating.size > 0;
  return {
    ...rest,
    ...(deleted + compacted > 0 ? { deleted, compacted } : {}),
    ...(coordinates ? { appends, timers, inbox, stirred, creating } : {}),
    ...(verifying.size > 0 ? { verifying } : {}),
    ...(shards.size > 0 ? { shards: [...shards.values()].map(plainShard) } : {}),
    hosted: [...hosted.values()].map(
      ({ config: _fixed, isInternal: _named, cleanup: _set, cut: _shown, ...one }) => {
        const { state: replica, ...place } = one;
        const { log, producers: _said, ...kept } = replica;
        return { ...place, replica: kept, log: plainLog(log) };
      },
    ),
  };
}

const plainShard = ({ machine, state, ...shard }: Shard): unknown => ({
  ...shard,
  state: machine.plain(state),
});
