/** What a shard knows of transactions that commit: in memory, on disk, and one step's view. */
import type { CommitNotice, Fate, Vote } from '../../contracts/txn-commit.ts';
import type { PeerId } from '../../contracts/raft.ts';
import type { Stamp, WrittenRow } from '../../contracts/txn.ts';
import type { CommitRules } from './rules.ts';

export const COMMIT_PROTOCOLS = ['2pc', '3pc', 'paxos-commit'] as const;
export type CommitProtocol = (typeof COMMIT_PROTOCOLS)[number];

export interface CommitConfig {
  readonly id: PeerId;
  readonly protocol: CommitProtocol;
  /** Of Paxos Commit: 2F + 1 of the shards. */
  readonly acceptors: readonly PeerId[];
  /** How long a coordinator waits for votes. */
  readonly voteTimeoutMicros: number;
  /** After how long a participant in doubt asks, and how often it asks again. */
  readonly inquireMicros: number;
  readonly resendMicros: number;
  /** How long a commit waits until its stamp is past by every clock; 0: it does not. */
  readonly commitWaitMicros: (at: Stamp) => number;
  /** A transaction with antidependencies in and out does not commit. */
  readonly refusesPivots: boolean;
  readonly rules: CommitRules;
}

export type CommitPhase = 'voting' | 'precommitting' | 'logging' | 'waiting' | 'telling';

/** A transaction that this shard coordinates. */
export interface Coordinated {
  readonly participants: readonly PeerId[];
  phase: CommitPhase;
  readonly votes: Map<PeerId, Vote>;
  readonly acknowledged: Set<PeerId>;
  fate: Fate | null;
}

/** A transaction in which this shard has a part, from its vote on. */
export interface Participating {
  readonly coordinator: PeerId;
  readonly participants: readonly PeerId[];
  readonly vote: Vote;
  readonly writes: readonly WrittenRow[];
  /** `logging`: its vote is on the way to the disk. */
  phase: 'logging' | 'prepared' | 'precommitted';
  fate: Fate | null;
  /** It was prepared before a crash of this shard: it cannot know what the others did meanwhile. */
  readonly isRecovered: boolean;
  /** What others have said since it asks. */
  readonly heard: Map<PeerId, 'unknown' | 'prepared' | 'precommitted'>;
}

/** Paxos Commit: who tries to find out, and what the acceptors said at this ballot. */
export interface Leading {
  readonly participants: readonly PeerId[];
  ballot: number;
  readonly promises: Map<PeerId, readonly (readonly [PeerId, number, Vote])[]>;
  /** Participant, the vote at this ballot, the acceptors that have it. */
  readonly tally: Map<PeerId, { readonly vote: Vote; readonly by: Set<PeerId> }>;
}

export interface Accepted {
  readonly ballot: number;
  readonly vote: Vote;
}
export interface Accepting {
  promised: number;
  readonly votes: Map<PeerId, Accepted>;
}

export interface CommitMachine {
  readonly coordinated: Map<number, Coordinated>;
  readonly participating: Map<number, Participating>;
  readonly leading: Map<number, Leading>;
  readonly accepting: Map<number, Accepting>;
  /** Fates that others may ask for, of the last transactions. */
  readonly outcomes: Map<number, Fate>;
  /** What goes on when a write is on disk, by ticket. */
  readonly syncs: Map<number, Durable>;
  nextTicket: number;
}

/** What waited for the disk. */
export type Durable =
  | { readonly then: 'vote' | 'decided' | 'precommitted' | 'alone'; readonly txn: number }
  | {
      readonly then: 'send';
      readonly txn: number;
      readonly to: PeerId;
      readonly message: CommitNotice;
    };

export type CommitRecord =
  | {
      readonly type: 'prepared';
      readonly txn: number;
      readonly coordinator: PeerId;
      readonly participants: readonly PeerId[];
      readonly vote: Vote;
      readonly writes: readonly WrittenRow[];
    }
  | { readonly type: 'precommitted'; readonly txn: number; readonly fate: Fate }
  | {
      readonly type: 'decided';
      readonly txn: number;
      readonly participants: readonly PeerId[];
      readonly fate: Fate;
    }
  | { readonly type: 'ended'; readonly txn: number }
  | {
      readonly type: 'outcome';
      readonly txn: number;
      readonly fate: Fate;
      readonly writes: readonly WrittenRow[];
    }
  | { readonly type: 'promised'; readonly txn: number; readonly ballot: number }
  | {
      readonly type: 'accepted';
      readonly txn: number;
      readonly ballot: number;
      readonly votes: readonly (readonly [PeerId, Vote])[];
    }
  | { readonly type: 'forgotten'; readonly txn: number; readonly fate: Fate };

export type CommitTimer = 'votes' | 'resend' | 'inquire' | 'commit-wait' | 'ballot';

export type CommitInput =
  /** The client of a transaction that this shard coordinates wants it committed. */
  | { readonly type: 'commit'; readonly txn: number; readonly participants: readonly PeerId[] }
  | { readonly type: 'message'; readonly from: PeerId; readonly message: CommitNotice }
  | { readonly type: 'persisted'; readonly ticket: number }
  | { readonly type: 'timer'; readonly timer: CommitTimer; readonly txn: number }
  | { readonly type: 'restart' };

export type CommitFact =
  | { readonly type: 'commit.prepared'; readonly txn: number }
  | {
      readonly type: 'commit.decided';
      readonly txn: number;
      readonly commit: boolean;
      readonly shards: number;
    }
  /** A participant has waited for so long, and may not decide alone. */
  | { readonly type: 'commit.blocked'; readonly txn: number; readonly coordinator: PeerId }
  /** A participant has found the fate out without the coordinator. */
  | { readonly type: 'commit.terminated'; readonly txn: number; readonly commit: boolean }
  | { readonly type: 'commit.took-over'; readonly txn: number; readonly ballot: number }
  /** What this shard has done is not what another one was told. */
  | { readonly type: 'commit.split'; readonly txn: number; readonly commit: boolean };

export type CommitEffect =
  | { readonly type: 'send'; readonly to: PeerId; readonly message: CommitNotice }
  | { readonly type: 'persist'; readonly record: CommitRecord }
  | { readonly type: 'sync'; readonly ticket: number }
  | {
      readonly type: 'set-timer';
      readonly timer: CommitTimer;
      readonly txn: number;
      readonly afterMicros: number;
    }
  | { readonly type: 'cancel-timer'; readonly timer: CommitTimer; readonly txn: number }
  /** The fate of a transaction at this shard. */
  | { readonly type: 'apply'; readonly txn: number; readonly fate: Fate; readonly alone: boolean }
  /** Its client may be told. */
  | { readonly type: 'answer'; readonly txn: number; readonly fate: Fate }
  | { readonly type: 'told'; readonly fact: CommitFact };

/** What the shard's versions and locks say when asked whether a transaction can commit. */
export interface ResourceManager {
  prepare(
    txn: number,
    alone: boolean,
  ): { readonly vote: Vote; readonly writes: readonly WrittenRow[] };
}

export interface Step {
  readonly config: CommitConfig;
  readonly state: CommitMachine;
  readonly rm: ResourceManager;
  readonly out: CommitEffect[];
  /** Messages to itself, handled within the step. */
  readonly inbox: CommitNotice[];
}

export const createCommitMachine = (): CommitMachine => ({
  coordinated: new Map(),
  participating: new Map(),
  leading: new Map(),
  accepting: new Map(),
  outcomes: new Map(),
  syncs: new Map(),
  nextTicket: 1,
});

export function send(at: Step, to: PeerId, message: CommitNotice): void {
  if (to === at.config.id) at.inbox.push(message);
  else at.out.push({ type: 'send', to, message });
}

/** Writes records, and goes on with `then` when they are on disk. */
export function persist(at: Step, record: CommitRecord, then: Durable | null): void {
  at.out.push({ type: 'persist', record });
  if (then !== null) sync(at, then);
}

/** Goes on with `then` when all that was written so far is on disk. */
export function sync(at: Step, then: Durable): void {
  const ticket = at.state.nextTicket++;
  at.state.syncs.set(ticket, then);
  at.out.push({ type: 'sync', ticket });
}

export function arm(at: Step, timer: CommitTimer, txn: number, afterMicros: number): void {
  at.out.push({ type: 'set-timer', timer, txn, afterMicros });
}
export function disarm(at: Step, timer: CommitTimer, txn: number): void {
  at.out.push({ type: 'cancel-timer', timer, txn });
}
export const tell = (at: Step, fact: CommitFact): void => void at.out.push({ type: 'told', fact });

const OUTCOMES_MAX = 2_000;

export function remember(outcomes: Map<number, Fate>, txn: number, fate: Fate): void {
  outcomes.set(txn, fate);
  if (outcomes.size <= OUTCOMES_MAX) return;
  for (const oldest of outcomes.keys()) {
    outcomes.delete(oldest);
    return;
  }
}

const NEVER: Stamp = Object.freeze({ l: 0, c: 0 });
export const aborted = (code: string): Fate =>
  Object.freeze({ commit: false, at: NEVER, hasIn: false, hasOut: false, code });
