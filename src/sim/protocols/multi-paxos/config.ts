/**
 * What a Multi-Paxos server is told when it is built. Durations are microseconds of the server's
 * own monotonic clock.
 *
 * Quorums need not be majorities: all that safety asks is that each quorum of phase 1 meets each
 * quorum of phase 2 (Howard, Malkhi & Spiegelman, "Flexible Paxos", 2016).
 */
import { invariant } from '../../kernel/errors.ts';
import type { PeerId } from './effects.ts';
import { resolveRules } from './rules.ts';
import type { PaxosAblation, PaxosRules } from './rules.ts';

/**
 * What makes a server stand. `heartbeat`: it hears no owner of a ballot, whether that one leads or
 * only tries to (the failure detector of "Paxos Made Moderately Complex" and of frankenpaxos).
 * `progress`: it sees no leader that leads: nothing is chosen, and no round of pings is answered
 * by a quorum.
 */
export type PaxosElectionTrigger = 'heartbeat' | 'progress';
/** How a leader answers a read: by a no-op's slot, after a round to a quorum, or at once. */
export type PaxosReadMode = 'log-read' | 'read-index' | 'local';

export interface PaxosOptions {
  readonly id: PeerId;
  /** All members: each is an acceptor, and may lead. */
  readonly peers: readonly PeerId[];
  readonly electionTrigger: PaxosElectionTrigger;
  readonly electionTimeoutMicros: number;
  /** Each timeout is drawn anew from so much less to so much more; 0.1 is 10 %. */
  readonly electionJitter: number;
  readonly pingMicros: number;
  /** How many promises make a leader. */
  readonly phase1Quorum: number;
  /** How many acceptors choose a value. */
  readonly phase2Quorum: number;
  readonly maxEntriesPerAccept: number;
  readonly readMode: PaxosReadMode;
  readonly ablations: ReadonlySet<PaxosAblation>;
}

export interface PaxosConfig extends PaxosOptions {
  readonly rules: PaxosRules;
}

/** Ping at a fifth of the timeout, timeouts 10 % apart: the set-up of Omni-Paxos (2023). */
export const PINGS_PER_TIMEOUT = 5;

export const PAXOS_DEFAULTS = Object.freeze({
  electionTrigger: 'heartbeat' as PaxosElectionTrigger,
  electionTimeoutMicros: 200_000,
  electionJitter: 0.1,
  maxEntriesPerAccept: 64,
  readMode: 'read-index' as PaxosReadMode,
  ablations: new Set<PaxosAblation>() as ReadonlySet<PaxosAblation>,
});

export const majorityOf = (members: number): number => (members >> 1) + 1;

export function createPaxosConfig(
  options: Partial<PaxosOptions> & Pick<PaxosOptions, 'id' | 'peers'>,
): PaxosConfig {
  const members = options.peers.length;
  const timeout = options.electionTimeoutMicros ?? PAXOS_DEFAULTS.electionTimeoutMicros;
  const majority = majorityOf(members);
  const all: PaxosOptions = {
    ...PAXOS_DEFAULTS,
    pingMicros: Math.max(1, Math.round(timeout / PINGS_PER_TIMEOUT)),
    phase1Quorum: majority,
    phase2Quorum: majority,
    ...options,
  };
  const rules = resolveRules(all.ablations);
  const { phase1Quorum: asked, phase2Quorum } = all;
  invariant(
    phase2Quorum >= 1 && phase2Quorum <= members,
    'a phase-2 quorum is some of the members',
  );
  invariant(asked >= 1 && asked <= members, 'a phase-1 quorum is some of the members');
  const meet = asked + phase2Quorum > members;
  invariant(meet || !rules.quorumIntersection, 'quorums of the two phases must meet');
  // The rule off: one promise short of meeting every phase-2 quorum.
  const short = Math.max(1, Math.min(asked, members - phase2Quorum));
  return Object.freeze({
    ...all,
    peers: Object.freeze([...all.peers]),
    phase1Quorum: rules.quorumIntersection ? asked : short,
    rules,
  });
}
