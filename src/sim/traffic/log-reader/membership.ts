/**
 * What a member of a consumer group knows of itself and of its group.
 *
 * Source: Apache Kafka 4.0, AbstractCoordinator, ConsumerCoordinator; ConsumerMembershipManager
 */
import type { CommittedOffset } from '../../contracts/group.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { ReadRun } from './read-run.ts';

/**
 * unjoined: it has to join; joining, syncing: a question is out; stable: it has its partitions;
 * ended: another one has its instance id, or the group does not take it.
 */
export type MemberPhase = 'unjoined' | 'joining' | 'syncing' | 'stable' | 'ended';

/** What goes on when a commit is answered: the work on records, the next poll, or a join. */
export type AfterCommit = 'work' | 'poll' | 'join' | 'nothing';

export type AskedGroup = { readonly about: 'group' } & (
  | { readonly what: 'coordinator' }
  | { readonly what: 'join' | 'sync' | 'beat' | 'leave'; readonly generation: number }
  | { readonly what: 'offsets'; readonly tracks: readonly number[] }
  | {
      readonly what: 'commit';
      readonly offsets: readonly CommittedOffset[];
      readonly then: AfterCommit;
      readonly generation: number;
    }
);

/** Records of a poll that are worked on, one by one. */
export interface Work {
  readonly runs: readonly ReadRun[];
  run: number;
  /** The next offset of the run. */
  at: number;
}

/** What it knows besides where the coordinator deals the partitions (KIP-848). */
export interface ConsumerSide {
  /** As the coordinator says. */
  heartbeatIntervalMs: number;
  /** The next heartbeat says what it has. */
  mustSay: boolean;
}

export interface Membership {
  /** Absent with the classic protocol. */
  readonly consumer?: ConsumerSide;
  phase: MemberPhase;
  /** -1: to be found. */
  coordinator: NodeIndex;
  isFinding: boolean;
  /** After an error nothing is asked before. */
  readyMicros: number;
  memberId: string;
  /** Or its member epoch; -1: it is in none. */
  generation: number;
  /** The strategy of this generation. */
  protocol: string | null;
  /** The group rebalances: it comes back with its next poll. */
  mustRejoin: boolean;
  /** What it was assigned last: sticky strategies are told. */
  owned: readonly number[];
  /** An assignment that it takes with its next poll; null: none. */
  assigned: readonly number[] | null;
  /** Nothing goes on before a commit is answered. */
  isCommitting: boolean;
  /** What it has committed before it joins. */
  hasCommittedForJoin: boolean;
  /** A commit to try again; null: none. */
  retry: { readonly offsets: readonly CommittedOffset[]; readonly then: AfterCommit } | null;
  isAskingOffsets: boolean;
  isBeating: boolean;
  autoCommitDueMicros: number;
  /** By partition: the offset that it committed last. */
  readonly committed: Map<number, number>;
  /** It was asked to end, and does when its records are done. */
  isClosing: boolean;
  work: Work | null;
  processed: number;
  rebalances: number;
  failedCommits: number;
  commits: number;
  /** Partitions that it has given up, or lost. */
  givenUp: number;
}

export const newMembership = (isConsumer: boolean): Membership => ({
  ...(isConsumer ? { consumer: { heartbeatIntervalMs: 0, mustSay: false } } : {}),
  phase: 'unjoined',
  coordinator: -1,
  isFinding: false,
  readyMicros: 0,
  memberId: '',
  generation: -1,
  protocol: null,
  mustRejoin: false,
  owned: [],
  assigned: null,
  isCommitting: false,
  hasCommittedForJoin: false,
  retry: null,
  isAskingOffsets: false,
  isBeating: false,
  autoCommitDueMicros: 0,
  committed: new Map(),
  isClosing: false,
  work: null,
  processed: 0,
  rebalances: 0,
  failedCommits: 0,
  commits: 0,
  givenUp: 0,
});
