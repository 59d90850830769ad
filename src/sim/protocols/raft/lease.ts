/**
 * Reads without a round of messages while a lease holds (dissertation 6.4.1).
 *
 * A majority that answered a heartbeat elects nobody else within an election timeout of hearing
 * it. So the leader is the only one from the sending of that heartbeat on, for an election timeout
 * divided by how much faster another clock may run. It holds only where the followers keep that
 * promise: they refuse votes for so long, whatever the term, and after a restart they wait as if
 * they had just heard somebody. It ends before a transfer, which breaks the promise on purpose.
 *
 * Differs: once a server was told to stand at once the lease is over for the rest of the term: the
 * message may arrive at any time. Without a lease a read takes the round of ReadIndex.
 */
import type { Step } from './context.ts';
import type { LeaseRound } from './state.ts';

export function noteRound(s: Step): void {
  const { state } = s;
  if (s.config.readMode !== 'lease') return;
  state.leaseRounds.push({ round: state.round, at: s.now });
}

/** A majority has answered every round up to this one. */
export function extendLease(s: Step, confirmed: number): void {
  const { state, config } = s;
  const { leaseRounds } = state;
  let newest: LeaseRound | undefined;
  while (leaseRounds.length > 0 && (leaseRounds[0] as LeaseRound).round <= confirmed) {
    newest = leaseRounds.shift();
  }
  if (newest === undefined) return;
  const lasts = Math.floor(config.electionTimeoutMinMicros / config.clockDriftBound);
  state.leaseUntil = newest.at + lasts;
}

export function holdsLease({ state, config, now }: Step): boolean {
  return config.readMode === 'lease' && !state.leaseBarred && now < state.leaseUntil;
}

/** This server has promised a leader not to help another one yet. */
export function hasPromised({ state, config, now }: Step): boolean {
  if (config.readMode !== 'lease') return false;
  return now - state.heardAtMicros < config.electionTimeoutMinMicros;
}
