/**
 * What a coordinator knows of its groups: members, generations, and committed offsets.
 *
 * Source: Apache Kafka 4.0, ClassicGroup, ClassicGroupMember
 */
import type {
  CommittedOffset,
  GroupConsumerHeartbeatReply,
  GroupError,
  Subscription,
} from '../../contracts/group.ts';
import type { AppendError, MachineAt, MachineEffect } from '../coordinator-machine.ts';
import { copyConsumerGroup } from './consumer-state.ts';
import type { ConsumerGroup } from './consumer-state.ts';
import type { GroupRules } from './rules.ts';

export type GroupPhase = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

export interface Member {
  readonly id: string;
  readonly groupInstanceId: string | null;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly string[];
  subscription: Subscription;
  assignment: readonly number[];
  /** Of the request to join or to sync that waits; -1: none. */
  joinTag: number;
  syncTag: number;
}

export interface Group {
  readonly id: string;
  phase: GroupPhase;
  generation: number;
  /** Null: none was chosen yet. */
  protocol: string | null;
  leader: string;
  /** In the order in which they came. */
  readonly members: Map<string, Member>;
  /** Member ids that were given out, and with which nobody has joined yet. */
  readonly pending: Set<string>;
  /** How long the first rebalance may still be put off for more members; -1: it is not that. */
  initialWaitMicros: number;
  /** Somebody has come since it waits for that. */
  hasNewMember: boolean;
  /** Of a group whose members speak the consumer protocol (KIP-848): it has no classic ones. */
  consumer?: ConsumerGroup;
  /** By partition: what is committed. */
  readonly offsets: Map<number, CommittedOffset>;
}

/** An answer that waits until what it tells of is written. */
export type Promised =
  | {
      readonly for: 'commit';
      readonly tag: number;
      readonly group: string;
      readonly offsets: readonly CommittedOffset[];
      /** In whose transaction: they count later. */
      readonly producerId?: number;
    }
  | {
      readonly for: 'sync';
      readonly group: string;
      readonly generation: number;
      readonly assigned: ReadonlyMap<string, readonly number[]>;
    }
  | {
      readonly for: 'heartbeat';
      readonly tag: number;
      readonly answer: GroupConsumerHeartbeatReply;
    }
  | { readonly for: 'nobody' };

/** Offsets in transactions that are open: they count, or are forgotten, when those end. */
export interface OpenOffset extends CommittedOffset {
  readonly group: string;
  /** Of the record in the log, against those of other commits. */
  readonly order: number;
  /** A commit that was written later counts already: this one never will. */
  readonly isOutdated?: true;
}

export interface GroupsState {
  readonly groups: Map<string, Group>;
  /** By producer id. */
  readonly open: Map<number, readonly OpenOffset[]>;
  readonly promised: Map<number, Promised>;
  nextTicket: number;
}

export interface GroupConfig {
  /** group.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number;
  /** group.min.session.timeout.ms and group.max.session.timeout.ms */
  readonly minSessionTimeoutMs: number;
  readonly maxSessionTimeoutMs: number;
  /** group.consumer.session.timeout.ms and group.consumer.heartbeat.interval.ms */
  readonly consumerSessionTimeoutMs: number;
  readonly consumerHeartbeatIntervalMs: number;
  /** group.consumer.assignors: the first one is for those who name none. */
  readonly consumerAssignors: readonly string[];
  readonly rules: GroupRules;
}

/** What the parts of one step hand to each other. */
export interface Step {
  readonly config: GroupConfig;
  readonly state: GroupsState;
  readonly at: MachineAt;
  readonly out: MachineEffect[];
}

export function groupOf({ groups }: GroupsState, id: string): Group {
  let group = groups.get(id);
  if (group === undefined) {
    group = {
      id,
      phase: 'Empty',
      generation: 0,
      protocol: null,
      leader: '',
      members: new Map(),
      pending: new Set(),
      initialWaitMicros: -1,
      hasNewMember: false,
      offsets: new Map(),
    };
    groups.set(id, group);
  }
  return group;
}

export const copyGroup = (group: Group): Group => ({
  ...group,
  members: new Map([...group.members].map(([id, member]) => [id, { ...member }])),
  pending: new Set(group.pending),
  offsets: new Map(group.offsets),
  ...(group.consumer === undefined ? {} : { consumer: copyConsumerGroup(group.consumer) }),
});

/** What whoever asked is told when its coordinator could not write. */
export function errorOf(error: AppendError): GroupError {
  if (error === 'INVALID_PRODUCER_EPOCH' || error === 'INVALID_TXN_STATE') return error;
  return error === 'NOT_LEADER_OR_FOLLOWER' ? 'NOT_COORDINATOR' : 'COORDINATOR_NOT_AVAILABLE';
}
