/**
 * The rules of Raft that can be switched off, one by one, to see what each of them is for.
 *
 * `RAFT_RULES` is what a person reads and what `--off` names; `RaftRules` is the same set as
 * booleans, resolved once when a node is built, so that a step only tests a flag.
 */

export type RaftAblation =
  | 'raft.election-restriction'
  | 'raft.quorum-intersection'
  | 'raft.current-term-commit'
  | 'raft.persist-term'
  | 'raft.persist-vote'
  | 'raft.persist-before-reply'
  | 'raft.log-matching-check'
  | 'raft.truncate-only-on-conflict'
  | 'raft.truncate-conflicting-suffix'
  | 'raft.commit-min-last-new'
  | 'raft.ignore-stale-replies'
  | 'raft.leader-no-op'
  | 'raft.read-index-round'
  | 'raft.configuration-at-append'
  | 'raft.joint-consensus'
  | 'raft.one-change-at-a-time'
  | 'raft.own-term-commit-before-change'
  | 'raft.count-self-after-removal'
  | 'raft.transfer-caught-up'
  | 'raft.lease-ends-before-transfer'
  | 'raft.step-down-on-higher-term'
  | 'raft.randomised-timeout'
  | 'raft.snapshot-keeps-log'
  | 'raft.dedupe'
  | 'raft.snapshot-keeps-answers'
  | 'raft.lost-is-not-done'
  | 'raft.lost-is-not-failed';

export interface RaftRule {
  readonly id: RaftAblation;
  /** What the rule says, in one sentence. */
  readonly rule: string;
  /** What can be observed once it is off. */
  readonly breaks: string;
  readonly source: string;
}

export const RAFT_RULES: readonly RaftRule[] = [
  {
    id: 'raft.election-restriction',
    rule: 'A server refuses its vote to a candidate whose log is less up to date than its own.',
    breaks: 'LeaderCompleteness: a leader is elected without an entry that was committed before.',
    source: 'Raft paper 5.4.1',
  },
  {
    id: 'raft.quorum-intersection',
    rule: 'Every quorum that elects meets every one that commits (N < E + R), and that elects.',
    breaks: 'LeaderCompleteness: a leader is elected by servers that lack a committed entry.',
    source: 'Howard, Malkhi & Spiegelman, Flexible Paxos (2016); Raft paper 5.2, 5.4.3',
  },
  {
    id: 'raft.current-term-commit',
    rule: 'A leader commits by counting replicas only an entry of its own term.',
    breaks: 'LeaderCompleteness: an entry counted as committed is overwritten (figure 8).',
    source: 'Raft paper 5.4.2',
  },
  {
    id: 'raft.persist-term',
    rule: 'The current term is on disk before anything is said in that term.',
    breaks: 'TermMonotonic: a restarted server falls back to an earlier term and votes again.',
    source: 'Raft paper figure 2',
  },
  {
    id: 'raft.persist-vote',
    rule: 'The vote is on disk before it is given.',
    breaks: 'ElectionSafety: a restarted voter votes twice and a term has two leaders.',
    source: 'Raft paper figure 2',
  },
  {
    id: 'raft.persist-before-reply',
    rule: 'A reply, and the own count of a leader, wait until the write they speak of is on disk.',
    breaks: 'CommittedIsDurable: a crash loses an entry that was counted as stored.',
    source: 'Raft paper figure 2; dissertation 10.2.1',
  },
  {
    id: 'raft.log-matching-check',
    rule: 'A follower refuses an append unless it holds the preceding entry with the same term.',
    breaks: 'LogMatching: two logs agree at an index but differ before it.',
    source: 'Raft paper 5.3',
  },
  {
    id: 'raft.truncate-only-on-conflict',
    rule: 'A follower deletes entries only when an existing entry conflicts with a new one.',
    breaks: 'CommittedIsDurable: a late append erases entries that the follower acknowledged.',
    source: 'Raft paper figure 2, AppendEntries 3',
  },
  {
    id: 'raft.truncate-conflicting-suffix',
    rule: 'A follower deletes an entry that conflicts with the leader, and all that follow it.',
    breaks: 'StateMachineSafety: a follower commits an entry that its leader never had.',
    source: 'Raft paper 5.3',
  },
  {
    id: 'raft.commit-min-last-new',
    rule: 'A follower commits at most up to the last entry it knows to match its leader.',
    breaks: 'StateMachineSafety: a stale suffix is committed because of its length alone.',
    source: 'Raft paper figure 2, AppendEntries 5',
  },
  {
    id: 'raft.ignore-stale-replies',
    rule: 'A leader ignores append replies of earlier terms.',
    breaks: 'CommittedIsDurable: entries deleted since are counted as stored.',
    source: 'Raft paper 5.1',
  },
  {
    id: 'raft.leader-no-op',
    rule: 'A new leader commits an empty entry before it trusts its commit index for reads.',
    breaks: 'Linearizability: a new leader reads a state older than writes already acknowledged.',
    source: 'Raft paper 8; dissertation 6.4',
  },
  {
    id: 'raft.read-index-round',
    rule: 'A leader answers a read only after a majority has confirmed that it still leads.',
    breaks: 'Linearizability: a deposed leader answers reads with old values.',
    source: 'Raft paper 8; dissertation 6.4',
  },
  {
    id: 'raft.configuration-at-append',
    rule: 'A server uses the newest configuration in its log, whether it is committed or not.',
    breaks: 'StateMachineSafety: voters that do not know of a commit decide among the old ones.',
    source: 'Raft paper 6; dissertation 4.1',
  },
  {
    id: 'raft.joint-consensus',
    rule: 'A change of several voters passes through a configuration with both majorities.',
    breaks: 'StateMachineSafety: a majority of the old voters and one of the new decide apart.',
    source: 'Raft paper 6; dissertation 4.3',
  },
  {
    id: 'raft.one-change-at-a-time',
    rule: 'A leader starts no membership change while another is uncommitted.',
    breaks: 'StateMachineSafety: after two changes, majorities before and after need not meet.',
    source: 'Dissertation 4.1',
  },
  {
    id: 'raft.own-term-commit-before-change',
    rule: 'A leader changes the members only after it has committed an entry of its own term.',
    breaks: 'StateMachineSafety: changes of two leaders leave majorities that do not meet.',
    source: 'Ongaro, bug in single-server membership changes (raft-dev, 2015)',
  },
  {
    id: 'raft.count-self-after-removal',
    rule: 'A leader that removed itself does not count its own copy in the new configuration.',
    breaks: 'CommittedIsDurable: an entry is committed without a majority of the new voters.',
    source: 'Raft paper 6; dissertation 4.2.2',
  },
  {
    id: 'raft.transfer-caught-up',
    rule: 'A leader hands over only to a server that has its whole log.',
    breaks: 'Liveness: the target loses the election that deposed the leader.',
    source: 'Dissertation 3.10',
  },
  {
    id: 'raft.lease-ends-before-transfer',
    rule: 'A leader gives up its lease before it tells another server to take over.',
    breaks: 'Linearizability: the old leader answers reads while the new one takes writes.',
    source: 'Dissertation 6.4.1',
  },
  {
    id: 'raft.step-down-on-higher-term',
    rule: 'A leader that sees a higher term becomes a follower of that term.',
    breaks: 'Liveness: a deposed leader goes on accepting writes that can never commit.',
    source: 'Raft paper 5.1',
  },
  {
    id: 'raft.randomised-timeout',
    rule: 'Every election timeout is drawn anew from a range.',
    breaks: 'Liveness: servers time out together and split the vote again and again.',
    source: 'Raft paper 5.2',
  },
  {
    id: 'raft.snapshot-keeps-log',
    rule: 'A follower that has what a snapshot covers keeps its log, and what stands behind it.',
    breaks: 'CommittedIsDurable: a late snapshot erases entries that the follower acknowledged.',
    source: 'Raft paper figure 13, InstallSnapshot 6',
  },
  {
    id: 'raft.dedupe',
    rule: 'A command of a session is applied once, however often it comes.',
    breaks: 'Exactly once: a write that a client repeats takes effect twice.',
    source: 'Raft paper 8; dissertation 6.3',
  },
  {
    id: 'raft.snapshot-keeps-answers',
    rule: 'A snapshot holds what the sessions of clients were answered, beside the store.',
    breaks: 'Exactly once: a write that is repeated across a snapshot takes effect twice.',
    source: 'Dissertation 6.3',
  },
  {
    id: 'raft.lost-is-not-done',
    rule: 'A leader that loses its office does not tell writes under way as done.',
    breaks: 'Linearizability: a write that was acknowledged never takes effect.',
    source: 'Raft paper 8: answered once the entry is applied; figure 2, rules for leaders',
  },
  {
    id: 'raft.lost-is-not-failed',
    rule: 'A leader that loses its office does not tell writes under way as failed.',
    breaks: 'Linearizability: a write that was told as failed is read later (G1a).',
    source: 'Maelstrom, definite and indefinite errors',
  },
];

/** Those about what servers tell each other: one alone has no use for them. */
export const AMONG_SERVERS: readonly RaftAblation[] = [
  'raft.election-restriction',
  'raft.quorum-intersection',
  'raft.current-term-commit',
  'raft.log-matching-check',
  'raft.truncate-only-on-conflict',
  'raft.truncate-conflicting-suffix',
  'raft.commit-min-last-new',
  'raft.ignore-stale-replies',
  'raft.read-index-round',
  'raft.step-down-on-higher-term',
  'raft.snapshot-keeps-log',
];

export interface RaftRules {
  readonly electionRestriction: boolean;
  readonly quorumIntersection: boolean;
  readonly currentTermCommit: boolean;
  readonly persistTerm: boolean;
  readonly persistVote: boolean;
  readonly persistBeforeReply: boolean;
  readonly logMatchingCheck: boolean;
  readonly truncateOnlyOnConflict: boolean;
  readonly truncateConflictingSuffix: boolean;
  readonly commitMinLastNew: boolean;
  readonly ignoreStaleReplies: boolean;
  readonly leaderNoOp: boolean;
  readonly readIndexRound: boolean;
  readonly configurationAtAppend: boolean;
  readonly jointConsensus: boolean;
  readonly oneChangeAtATime: boolean;
  readonly ownTermCommitBeforeChange: boolean;
  readonly countSelfAfterRemoval: boolean;
  readonly transferCaughtUp: boolean;
  readonly leaseEndsBeforeTransfer: boolean;
  readonly stepDownOnHigherTerm: boolean;
  readonly randomisedTimeout: boolean;
  readonly snapshotKeepsLog: boolean;
  /** Kept by the state machine, not by the protocol; so is the next. */
  readonly dedupe: boolean;
  readonly snapshotKeepsAnswers: boolean;
  /** Kept by whoever answers clients; so is the next. */
  readonly lostIsNotDone: boolean;
  readonly lostIsNotFailed: boolean;
  /** True when nothing is switched off. */
  readonly unmodified: boolean;
}

export function resolveRules(off: ReadonlySet<RaftAblation>): RaftRules {
  return Object.freeze({
    electionRestriction: !off.has('raft.election-restriction'),
    quorumIntersection: !off.has('raft.quorum-intersection'),
    currentTermCommit: !off.has('raft.current-term-commit'),
    persistTerm: !off.has('raft.persist-term'),
    persistVote: !off.has('raft.persist-vote'),
    persistBeforeReply: !off.has('raft.persist-before-reply'),
    logMatchingCheck: !off.has('raft.log-matching-check'),
    truncateOnlyOnConflict: !off.has('raft.truncate-only-on-conflict'),
    truncateConflictingSuffix: !off.has('raft.truncate-conflicting-suffix'),
    commitMinLastNew: !off.has('raft.commit-min-last-new'),
    ignoreStaleReplies: !off.has('raft.ignore-stale-replies'),
    leaderNoOp: !off.has('raft.leader-no-op'),
    readIndexRound: !off.has('raft.read-index-round'),
    configurationAtAppend: !off.has('raft.configuration-at-append'),
    jointConsensus: !off.has('raft.joint-consensus'),
    oneChangeAtATime: !off.has('raft.one-change-at-a-time'),
    ownTermCommitBeforeChange: !off.has('raft.own-term-commit-before-change'),
    countSelfAfterRemoval: !off.has('raft.count-self-after-removal'),
    transferCaughtUp: !off.has('raft.transfer-caught-up'),
    leaseEndsBeforeTransfer: !off.has('raft.lease-ends-before-transfer'),
    stepDownOnHigherTerm: !off.has('raft.step-down-on-higher-term'),
    randomisedTimeout: !off.has('raft.randomised-timeout'),
    snapshotKeepsLog: !off.has('raft.snapshot-keeps-log'),
    dedupe: !off.has('raft.dedupe'),
    snapshotKeepsAnswers: !off.has('raft.snapshot-keeps-answers'),
    lostIsNotDone: !off.has('raft.lost-is-not-done'),
    lostIsNotFailed: !off.has('raft.lost-is-not-failed'),
    unmodified: off.size === 0,
  });
}
