/**
 * What a Raft server is told when it is built. Durations are microseconds of the server's own
 * monotonic clock.
 *
 * PreVote is two switches because systems differ: `preVote` is the extra round that compares
 * logs; `preVoteLease` is the refusal to vote while a leader is alive. In etcd the second exists
 * only together with CheckQuorum; without it a leader that nobody hears never lets go.
 */
import type { PeerId, RaftMembers } from '../../contracts/raft.ts';
import { invariant } from '../../kernel/errors.ts';
import { plainMembers } from './configuration.ts';
import { quorumsFault } from './quorum.ts';
import type { RaftQuorums } from './quorum.ts';
import { resolveRules } from './rules.ts';
import type { RaftAblation, RaftRules } from './rules.ts';

/** How a leader answers a read: see reads.ts and lease.ts. `local`: at once, from what it has. */
export type RaftReadMode = 'log-read' | 'read-index' | 'lease' | 'local';
/** What a follower does with a read: names the leader, asks it, or answers from what it has. */
export type RaftFollowerReads = 'refuse' | 'forward' | 'local';

export interface RaftOptions {
  readonly id: PeerId;
  /**
   * The configuration before any is in the log. A server that joins a group that exists already
   * is built without voters, and waits to be told.
   */
  readonly voters: readonly PeerId[];
  readonly learners: readonly PeerId[];
  /**
   * How many votes make a leader, and how many copies commit an entry; 0: a majority. Where either
   * is set, voters stay who they are: majorities of two configurations meet, other quorums need
   * not.
   */
  readonly electionQuorum: number;
  readonly replicationQuorum: number;
  readonly electionTimeoutMinMicros: number;
  readonly electionTimeoutMaxMicros: number;
  readonly heartbeatMicros: number;
  /** Ask for pre-votes, which compare logs, before raising the term. */
  readonly preVote: boolean;
  /** Refuse votes and pre-votes within the minimum election timeout of hearing from a leader. */
  readonly preVoteLease: boolean;
  /** A leader without a responding majority for one election timeout steps down. */
  readonly checkQuorum: boolean;
  /** Tell followers of a commit at once (etcd), or with the next append or heartbeat (paper). */
  readonly eagerCommit: boolean;
  readonly maxEntriesPerAppend: number;
  readonly maxInflight: number;
  readonly readMode: RaftReadMode;
  readonly followerReads: RaftFollowerReads;
  /** How much faster than this server's clock another's may run; a lease is shorter by that. */
  readonly clockDriftBound: number;
  /** Proposals are refused while so many entries are uncommitted; 0: no limit. */
  readonly maxUncommittedEntries: number;
  /** Entries applied since the last snapshot that lead to the next; 0: never take one. */
  readonly snapshotThreshold: number;
  /** Entries before a snapshot that stay in the log, for followers that are a little behind. */
  readonly trailingEntries: number;
  /** A follower that lives but did not move for so long after a snapshot is sent it again. */
  readonly snapshotResendMicros: number;
  /** After so many rounds a new voter that is still not close is given up. */
  readonly catchUpRounds: number;
  readonly ablations: ReadonlySet<RaftAblation>;
}

/** Options plus what follows from them, computed once. */
export interface RaftConfig extends RaftOptions {
  readonly rules: RaftRules;
  readonly quorums: RaftQuorums;
  readonly members: RaftMembers;
}

/** Raft paper 9.3: 150-300 ms. A heartbeat at a third of the minimum survives one loss. */
export const RAFT_DEFAULTS = Object.freeze({
  electionQuorum: 0,
  replicationQuorum: 0,
  electionTimeoutMinMicros: 150_000,
  electionTimeoutMaxMicros: 300_000,
  heartbeatMicros: 50_000,
  preVote: true,
  preVoteLease: true,
  checkQuorum: true,
  eagerCommit: true,
  maxEntriesPerAppend: 64,
  maxInflight: 256,
  readMode: 'read-index' as RaftReadMode,
  followerReads: 'refuse' as RaftFollowerReads,
  clockDriftBound: 1.1,
  maxUncommittedEntries: 0,
  learners: Object.freeze([]) as readonly PeerId[],
  // hashicorp/raft SnapshotThreshold and TrailingLogs.
  snapshotThreshold: 8192,
  trailingEntries: 10_240,
  snapshotResendMicros: 1_000_000,
  catchUpRounds: 10,
  ablations: new Set<RaftAblation>() as ReadonlySet<RaftAblation>,
});

export function createRaftConfig(
  options: Partial<RaftOptions> & Pick<RaftOptions, 'id' | 'voters'>,
): RaftConfig {
  const all: RaftOptions = { ...RAFT_DEFAULTS, ...options };
  invariant(
    all.electionTimeoutMinMicros <= all.electionTimeoutMaxMicros,
    'the minimum election timeout is above the maximum',
  );
  invariant(all.maxEntriesPerAppend >= 1, 'an append must be able to carry an entry');
  invariant(all.maxInflight >= 1, 'the in-flight window must hold one append');
  const promises = all.checkQuorum && all.preVoteLease;
  invariant(all.readMode !== 'lease' || promises, 'a lease needs CheckQuorum and its refusals');
  invariant(all.clockDriftBound >= 1, 'the bound on the drift of clocks is at least 1');
  const rules = resolveRules(all.ablations);
  const quorums = Object.freeze({
    election: all.electionQuorum,
    replication: all.replicationQuorum,
    meet: rules.quorumIntersection,
  });
  const fault = all.voters.length === 0 ? null : quorumsFault(quorums, all.voters.length);
  invariant(fault === null, `quorums: ${fault ?? ''}`);
  return Object.freeze({
    ...all,
    voters: Object.freeze([...all.voters]),
    rules,
    quorums,
    members: plainMembers(all.voters, all.learners),
  });
}
