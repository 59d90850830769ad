/**
 * What members of a consumer group say to its coordinator: they join and sync in each rebalance,
 * say that they live, leave, and commit how far they have come. With the newer protocol one
 * heartbeat does all of that but the commits: it says what a member has, and hears what it shall.
 *
 * A partition is named by its place among the partitions of all topics; a committed offset is that
 * of the next record to read. Errors are values inside an answer, with Kafka's names.
 *
 * Source: Apache Kafka 4.0, the protocol: JoinGroup, SyncGroup, Heartbeat, LeaveGroup,
 * OffsetCommit, TxnOffsetCommit, OffsetFetch; KIP-345 (static members), KIP-394 (member ids),
 * KIP-429, KIP-447, KIP-848 (ConsumerGroupHeartbeat)
 * Differs: one member leaves at a time, and the metadata of a subscription are no bytes.
 */
import { hashText } from '../kernel/trace-hash.ts';
import { plural } from '../kernel/plural.ts';
import type { CoordinatorError } from './broker.ts';
import { defineContract } from './contract.ts';

export type GroupError =
  | CoordinatorError
  | 'MEMBER_ID_REQUIRED'
  | 'UNKNOWN_MEMBER_ID'
  | 'ILLEGAL_GENERATION'
  | 'REBALANCE_IN_PROGRESS'
  | 'FENCED_INSTANCE_ID'
  | 'INCONSISTENT_GROUP_PROTOCOL'
  | 'INVALID_SESSION_TIMEOUT'
  | 'UNSTABLE_OFFSET_COMMIT'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_TXN_STATE'
  | 'FENCED_MEMBER_EPOCH'
  | 'STALE_MEMBER_EPOCH'
  | 'UNRELEASED_INSTANCE_ID'
  | 'UNSUPPORTED_ASSIGNOR'
  | 'GROUP_ID_NOT_FOUND';

/** Who speaks, and of which generation (or in which member epoch) it takes itself for a member. */
export interface Membership {
  readonly group: string;
  /** -1: of none. */
  readonly generation: number;
  /** Empty: none yet. */
  readonly memberId: string;
  /** group.instance.id; null: a dynamic member. */
  readonly groupInstanceId: string | null;
}

/** What a member wants, and what it has. */
export interface Subscription {
  readonly topics: readonly string[];
  /** The partitions that it keeps until the rebalance is over: none of an eager member. */
  readonly owned: readonly number[];
  /** The generation in which it was given them; -1: none. */
  readonly generation: number;
  /** client.rack; null: none. */
  readonly rack: string | null;
}
export interface JoinedMember {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly subscription: Subscription;
}

export interface GroupJoin {
  readonly type: 'group.join';
  readonly group: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
  readonly clientId: string;
  readonly sessionTimeoutMs: number;
  /** How long it may take to come back when the group rebalances: max.poll.interval.ms. */
  readonly rebalanceTimeoutMs: number;
  /** partition.assignment.strategy, in the order of its preference. */
  readonly protocols: readonly string[];
  readonly subscription: Subscription;
}
export interface GroupJoined {
  readonly type: 'group.joined';
  readonly error: GroupError | null;
  readonly generation: number;
  /** What all members support; null with an error. */
  readonly protocol: string | null;
  readonly leader: string;
  readonly memberId: string;
  /** For the leader, who assigns; nobody for the others. */
  readonly members: readonly JoinedMember[];
  /** A static leader that came back: the assignment stands (KIP-814). */
  readonly skipAssignment: boolean;
}

export interface AssignedMember {
  readonly memberId: string;
  readonly partitions: readonly number[];
}
export interface GroupSync extends Membership {
  readonly type: 'group.sync';
  /** Of the leader. */
  readonly assignments: readonly AssignedMember[];
}
export interface GroupSynced {
  readonly type: 'group.synced';
  readonly error: GroupError | null;
  readonly partitions: readonly number[];
}

export interface GroupHeartbeat extends Membership {
  readonly type: 'group.heartbeat';
}
export interface GroupHeartbeatReply {
  readonly type: 'group.heartbeat-reply';
  readonly error: GroupError | null;
}

export interface GroupLeave {
  readonly type: 'group.leave';
  readonly group: string;
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}
export interface GroupLeft {
  readonly type: 'group.left';
  readonly error: GroupError | null;
}

/** Of member epochs: it joins; it leaves; it is a static member, and will be back. */
export const JOIN_EPOCH = 0;
export const LEAVE_EPOCH = -1;
export const LEAVE_STATIC_EPOCH = -2;

/** ConsumerGroupHeartbeat (KIP-848). */
export interface GroupConsumerHeartbeat {
  readonly type: 'group.consumer-heartbeat';
  readonly group: string;
  /** Its own choice (KIP-1082). */
  readonly memberId: string;
  readonly memberEpoch: number;
  readonly groupInstanceId: string | null;
  /** How long it may take to give up what is not its any more: max.poll.interval.ms. */
  readonly rebalanceTimeoutMs: number;
  readonly topics: readonly string[];
  /** group.remote.assignor; null: the coordinator's choice. */
  readonly serverAssignor: string | null;
  /** What it has; null: nothing new since it said so. */
  readonly owned: readonly number[] | null;
}
export interface GroupConsumerHeartbeatReply {
  readonly type: 'group.consumer-heartbeat-reply';
  readonly error: GroupError | null;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** What it may have by now; null: nothing new since it was told. */
  readonly assignment: readonly number[] | null;
}

export interface CommittedOffset {
  readonly partition: number;
  /** Of the next record to read; -1: nothing is committed. */
  readonly offset: number;
  /** Of the last record that was read; -1: not known. */
  readonly leaderEpoch: number;
}
export interface GroupCommit extends Membership {
  readonly type: 'group.commit';
  readonly offsets: readonly CommittedOffset[];
}
export interface GroupCommitted {
  readonly type: 'group.committed';
  readonly error: GroupError | null;
}
/** In a transaction (TxnOffsetCommit): it counts when that is committed. */
export interface GroupTxnCommit extends Membership {
  readonly type: 'group.txn-commit';
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly offsets: readonly CommittedOffset[];
}
export interface GroupFetchOffsets {
  readonly type: 'group.fetch-offsets';
  readonly group: string;
  readonly partitions: readonly number[];
  /** Of who reads committed records: not while a transaction is to decide (KIP-447). */
  readonly requireStable?: boolean;
}
export interface GroupOffsets {
  readonly type: 'group.offsets';
  readonly error: GroupError | null;
  readonly offsets: readonly CommittedOffset[];
}

export type GroupRequest =
  | GroupJoin
  | GroupSync
  | GroupHeartbeat
  | GroupConsumerHeartbeat
  | GroupLeave
  | GroupCommit
  | GroupTxnCommit
  | GroupFetchOffsets;
export type GroupReply =
  | GroupJoined
  | GroupSynced
  | GroupHeartbeatReply
  | GroupConsumerHeartbeatReply
  | GroupLeft
  | GroupCommitted
  | GroupOffsets;
export type GroupMessage = GroupRequest | GroupReply;

const mix = (a: number, b: number): number => (Math.imul(a, 31) + b) | 0;
const word = (text: string | null): number => (text === null ? 0 : hashText(text));
const ofList = (numbers: readonly number[]): number => numbers.reduce(mix, numbers.length);
const ofMember = (m: Membership): number => mix(mix(word(m.group), word(m.memberId)), m.generation);
const ofOffsets = (offsets: readonly CommittedOffset[]): number =>
  offsets.reduce((h, { partition, offset }) => mix(mix(h, partition), offset), offsets.length);
export const group = defineContract<GroupMessage>({
  name: 'group',
  about: 'Members of a consumer group join, share partitions, and commit how far they have come.',
  source: 'Apache Kafka 4.0, the protocol',
  overConnections: true,
  keepsOrder: true,
  messages: {
    'group.join': {
      role: 'request',
      flight: 'control',
      digest: (m) => mix(mix(word(m.group), word(m.memberId)), ofList(m.subscription.owned)),
      label: (m) => `join ${m.group}`,
    },
    'group.joined': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(mix(m.generation, word(m.error)), mix(word(m.memberId), m.members.length)),
      label: (m) => m.error ?? `generation ${m.generation}`,
    },
    'group.sync': {
      role: 'request',
      flight: 'control',
      digest: (m) => m.assignments.reduce((h, a) => mix(h, ofList(a.partitions)), ofMember(m)),
      label: (m) =>
        m.assignments.length === 0
          ? 'what is mine?'
          : `an assignment for ${plural(m.assignments.length, 'member')}`,
    },
    'group.synced': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(ofList(m.partitions), word(m.error)),
      label: (m) => m.error ?? plural(m.partitions.length, 'partition'),
    },
    'group.heartbeat': {
      role: 'request',
      flight: 'heartbeat',
      digest: ofMember,
      label: (m) => `alive, generation ${m.generation}`,
    },
    'group.heartbeat-reply': {
      role: 'reply',
      flight: 'heartbeat',
      digest: (m) => word(m.error),
      label: (m) => m.error ?? 'go on',
    },
    'group.consumer-heartbeat': {
      role: 'request',
      flight: 'heartbeat',
      digest: (m) =>
        mix(mix(mix(word(m.group), word(m.memberId)), m.memberEpoch), ofList(m.owned ?? [])),
      label: (m) =>
        m.owned === null
          ? `alive, epoch ${m.memberEpoch}`
          : `epoch ${m.memberEpoch}, has ${plural(m.owned.length, 'partition')}`,
    },
    'group.consumer-heartbeat-reply': {
      role: 'reply',
      flight: 'heartbeat',
      digest: (m) => mix(mix(m.memberEpoch, word(m.error)), ofList(m.assignment ?? [])),
      label: (m) =>
        m.error ??
        (m.assignment === null
          ? `epoch ${m.memberEpoch}`
          : `epoch ${m.memberEpoch}: ${plural(m.assignment.length, 'partition')}`),
    },
    'group.leave': {
      role: 'request',
      flight: 'control',
      digest: (m) => mix(word(m.group), word(m.memberId)),
      label: (m) => `leave ${m.group}`,
    },
    'group.left': {
      role: 'reply',
      flight: 'control',
      digest: (m) => word(m.error),
      label: (m) => m.error ?? 'gone',
    },
    'group.commit': {
      role: 'request',
      flight: 'request',
      digest: (m) => mix(ofMember(m), ofOffsets(m.offsets)),
      label: (m) => `commit ${m.offsets.map(({ offset }) => offset).join(', ')}`,
    },
    'group.txn-commit': {
      role: 'request',
      flight: 'request',
      digest: (m) =>
        mix(mix(ofMember(m), ofOffsets(m.offsets)), mix(m.producerId, m.producerEpoch)),
      label: (m) => `with the transaction: ${m.offsets.map(({ offset }) => offset).join(', ')}`,
    },
    'group.committed': {
      role: 'reply',
      flight: 'response',
      digest: (m) => word(m.error),
      label: (m) => m.error ?? 'committed',
    },
    'group.fetch-offsets': {
      role: 'request',
      flight: 'control',
      digest: (m) => mix(word(m.group), ofList(m.partitions)),
      label: (m) => `where is ${m.group} in ${plural(m.partitions.length, 'partition')}?`,
    },
    'group.offsets': {
      role: 'reply',
      flight: 'control',
      digest: (m) => mix(ofOffsets(m.offsets), word(m.error)),
      label: (m) => m.error ?? `at ${m.offsets.map(({ offset }) => offset).join(', ')}`,
    },
  },
  errors: [],
});
