/**
 * A group whose members speak the consumer protocol (KIP-848): the coordinator deals the
 * partitions, and each member comes to its share by itself, without a barrier for all.
 *
 * Three epochs: that of the group rises when its members or what they want change; that of the
 * target assignment says for which of these partitions were dealt; that of a member, up to where
 * it has come. Members are immutable, and replaced.
 *
 * Source: Apache Kafka 4.0, ConsumerGroup, ConsumerGroupMember, MemberState; KIP-848
 */

/** unrevoked: it must give something up; unreleased: others still have what it shall have. */
export type ConsumerMemberState = 'stable' | 'unrevoked' | 'unreleased';

export interface ConsumerMember {
  readonly id: string;
  readonly groupInstanceId: string | null;
  readonly rebalanceTimeoutMs: number;
  readonly topics: readonly string[];
  readonly serverAssignor: string | null;
  /** -2: a static member that is away for a while. */
  readonly epoch: number;
  /** That before: an answer of the coordinator may have been lost. */
  readonly previousEpoch: number;
  readonly state: ConsumerMemberState;
  readonly assigned: readonly number[];
  /** What it has been told to give up, and has not said that it did. */
  readonly revoking: readonly number[];
}

export interface ConsumerGroup {
  epoch: number;
  targetEpoch: number;
  /** By member. */
  readonly target: Map<string, readonly number[]>;
  /** In the order in which they came. */
  readonly members: Map<string, ConsumerMember>;
}

/** Of Kafka's states this leaves out Dead: no group is deleted. */
export type ConsumerPhase = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable';

export const newConsumerGroup = (): ConsumerGroup => ({
  epoch: 0,
  targetEpoch: 0,
  target: new Map(),
  members: new Map(),
});

export const copyConsumerGroup = (group: ConsumerGroup): ConsumerGroup => ({
  ...group,
  target: new Map(group.target),
  members: new Map(group.members),
});

export function phaseOf({ members, epoch, targetEpoch }: ConsumerGroup): ConsumerPhase {
  if (members.size === 0) return 'Empty';
  if (epoch > targetEpoch) return 'Assigning';
  for (const member of members.values()) {
    if (member.state !== 'stable' || member.epoch !== targetEpoch) return 'Reconciling';
  }
  return 'Stable';
}
