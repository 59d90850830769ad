/**
 * What every assignor offers: which member of a consumer group reads which partition.
 *
 * Invariant: each partition of a topic that some member subscribes to has exactly one owner, who
 * subscribes to it; a cooperative assignor may withhold one for the length of a rebalance. The
 * answer is a function of the set of members and topics, not of the order in which they are given.
 *
 * Source: Kafka's ConsumerPartitionAssignor; KIP-429 (cooperative), KIP-345 (static members),
 * KIP-881 (racks).
 */

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface GroupTopic {
  readonly name: string;
  /** Partitions 0..partitions-1; a topic of none is as one that nobody has created yet. */
  readonly partitions: number;
  /** For each partition the racks of its replicas; empty: not known. */
  readonly replicaRacks: readonly (readonly string[])[];
}

export interface GroupMember {
  readonly id: string;
  /** Its subscription. A topic that does not exist is passed over. */
  readonly topics: readonly string[];
  /** The partitions that it says it owns: what it was given in its generation. */
  readonly owned: readonly TopicPartition[];
  /** The generation of that ownership; NO_GENERATION: it knows of none. */
  readonly generation: number;
  /** client.rack; null: none. */
  readonly rack: string | null;
  /** group.instance.id of a static member; null: a dynamic one. */
  readonly groupInstanceId: string | null;
}

export const NO_GENERATION = -1;

/** By member, in the order of their ids; partitions in the order of topics and numbers. */
export type GroupAssignment = ReadonlyMap<string, readonly TopicPartition[]>;

export interface Assignor {
  /** As Kafka names it in partition.assignment.strategy or group.remote.assignor. */
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Eager: members give up all before they join; cooperative: only what moves pauses. */
  readonly protocol: 'eager' | 'cooperative';
  assign(members: readonly GroupMember[], topics: readonly GroupTopic[]): GroupAssignment;
}
