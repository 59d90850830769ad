/**
 * The rules of Multi-Paxos that can be switched off, one by one, to see what each of them is for.
 */

export type PaxosAblation =
  | 'paxos.promise-respected'
  | 'paxos.adopt-accepted'
  | 'paxos.adopt-highest'
  | 'paxos.quorum-intersection'
  | 'paxos.unique-ballots'
  | 'paxos.persist-promise'
  | 'paxos.persist-before-reply'
  | 'paxos.ignore-stale-replies'
  | 'paxos.learn-same-ballot'
  | 'paxos.fill-gaps'
  | 'paxos.read-index-round'
  | 'paxos.recover-before-read'
  | 'paxos.back-off';

export interface PaxosRule {
  readonly id: PaxosAblation;
  /** What the rule says, in one sentence. */
  readonly rule: string;
  /** What can be observed once it is off. */
  readonly breaks: string;
  readonly source: string;
}

export const PAXOS_RULES: readonly PaxosRule[] = [
  {
    id: 'paxos.promise-respected',
    rule: 'An acceptor that promised a ballot accepts nothing of an earlier one.',
    breaks: 'Agreement: an old leader has a second value chosen for a slot.',
    source: 'Paxos Made Simple, P1a',
  },
  {
    id: 'paxos.adopt-accepted',
    rule: 'A new leader proposes for a slot what an acceptor of its quorum had accepted there.',
    breaks: 'Agreement: a no-op is chosen where a command was.',
    source: 'Paxos Made Simple, P2c',
  },
  {
    id: 'paxos.adopt-highest',
    rule: 'Of several values accepted for a slot, a new leader proposes that of the latest ballot.',
    breaks: 'Agreement: a value that was never chosen takes the place of one that was.',
    source: 'Paxos Made Simple, P2c',
  },
  {
    id: 'paxos.quorum-intersection',
    rule: 'Every quorum of phase 1 meets every quorum of phase 2: Q1 + Q2 > N.',
    breaks: 'Agreement: a leader is elected by servers that know nothing of a chosen value.',
    source: 'Howard, Malkhi & Spiegelman, Flexible Paxos (2016)',
  },
  {
    id: 'paxos.unique-ballots',
    rule: 'No two servers use the same ballot: equal rounds are told apart by their owners.',
    breaks: 'OneValuePerBallot: two leaders of one ballot propose two values for a slot.',
    source: 'Paxos Made Simple, 2.4; van Renesse & Altinbuken 2.1',
  },
  {
    id: 'paxos.persist-promise',
    rule: 'A promise is on disk before it is given.',
    breaks: 'PromiseIsDurable: a restarted acceptor accepts what it had promised to refuse.',
    source: 'Paxos Made Simple, 2.4',
  },
  {
    id: 'paxos.persist-before-reply',
    rule: 'A reply, and the own count of a leader, wait until the write they speak of is on disk.',
    breaks: 'AcceptedIsDurable: a crash loses a value that was counted as accepted.',
    source: 'Paxos Made Simple, 2.4; Paxos Made Live 5.1',
  },
  {
    id: 'paxos.ignore-stale-replies',
    rule: 'A leader counts only acceptances of its own ballot.',
    breaks: 'AppliedIsChosen: a value is taken for chosen that no quorum accepted.',
    source: 'Van Renesse & Altinbuken, figure 6 (a commander waits for its own ballot)',
  },
  {
    id: 'paxos.learn-same-ballot',
    rule: 'Who hears that a slot is chosen trusts its own copy only if it is of that ballot.',
    breaks: 'StateMachineSafety: a server applies a value that was never chosen.',
    source: 'Follows from P2c; Paxos Made Live 5.2 asks others for what one lacks',
  },
  {
    id: 'paxos.fill-gaps',
    rule: 'A new leader proposes no-ops for the slots of which it knows nothing.',
    breaks: 'Liveness: whatever is chosen after the gap is never applied.',
    source: 'Paxos Made Simple, section 3',
  },
  {
    id: 'paxos.read-index-round',
    rule: 'A leader answers a read only after a quorum has confirmed that it still leads.',
    breaks: 'Linearizability: a deposed leader answers reads with old values.',
    source: 'Paxos Made Live 5.2 (reads at the master); dissertation of Ongaro 6.4',
  },
  {
    id: 'paxos.recover-before-read',
    rule: 'A new leader answers no read before all it found in phase 1 is chosen.',
    breaks: 'Linearizability: a new leader reads a state older than acknowledged writes.',
    source: 'Paxos Made Live 5.2',
  },
  {
    id: 'paxos.back-off',
    rule: 'Who is preempted stays quiet for a timeout before it tries again.',
    breaks: 'Liveness: two servers preempt each other for ever.',
    source: 'Paxos Made Simple, 2.4; van Renesse & Altinbuken, section 3',
  },
];

export interface PaxosRules {
  readonly promiseRespected: boolean;
  readonly adoptAccepted: boolean;
  readonly adoptHighest: boolean;
  readonly quorumIntersection: boolean;
  readonly uniqueBallots: boolean;
  readonly persistPromise: boolean;
  readonly persistBeforeReply: boolean;
  readonly ignoreStaleReplies: boolean;
  readonly learnSameBallot: boolean;
  readonly fillGaps: boolean;
  readonly readIndexRound: boolean;
  readonly recoverBeforeRead: boolean;
  readonly backOff: boolean;
  /** True when nothing is switched off. */
  readonly unmodified: boolean;
}

export function resolveRules(off: ReadonlySet<PaxosAblation>): PaxosRules {
  return Object.freeze({
    promiseRespected: !off.has('paxos.promise-respected'),
    adoptAccepted: !off.has('paxos.adopt-accepted'),
    adoptHighest: !off.has('paxos.adopt-highest'),
    quorumIntersection: !off.has('paxos.quorum-intersection'),
    uniqueBallots: !off.has('paxos.unique-ballots'),
    persistPromise: !off.has('paxos.persist-promise'),
    persistBeforeReply: !off.has('paxos.persist-before-reply'),
    ignoreStaleReplies: !off.has('paxos.ignore-stale-replies'),
    learnSameBallot: !off.has('paxos.learn-same-ballot'),
    fillGaps: !off.has('paxos.fill-gaps'),
    readIndexRound: !off.has('paxos.read-index-round'),
    recoverBeforeRead: !off.has('paxos.recover-before-read'),
    backOff: !off.has('paxos.back-off'),
    unmodified: off.size === 0,
  });
}
