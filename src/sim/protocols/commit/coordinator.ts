/**
 * The coordinator of a transaction: asks for votes, decides, tells.
 *
 * Invariants: it decides once; a commit is told to nobody before it is on disk (2PC, 3PC) or with a
 * majority of acceptors (Paxos Commit), and not before its stamp is past (commit wait). What it
 * does not know has aborted (2PC: presumed abort), so it logs no abort.
 *
 * Sources: Mohan, Lindsay, Obermarck (TODS 1986); Skeen (SIGMOD 1981); Spanner (OSDI 2012), 4.2.1
 */
import type { CommitState, Fate, Vote } from '../../contracts/txn-commit.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { decide, fateOf, tellAll, waitOut } from './decide.ts';
import { lead } from './paxos.ts';
import type { Coordinated, Step } from './state.ts';
import { aborted, arm, disarm, persist, send } from './state.ts';

export function beginCommit(at: Step, txn: number, participants: readonly PeerId[]): void {
  const { config, state } = at;
  const [only] = participants;
  if (participants.length === 1 && only === config.id) return commitAlone(at, txn);
  state.coordinated.set(txn, {
    participants,
    phase: 'voting',
    votes: new Map(),
    acknowledged: new Set(),
    fate: null,
  });
  for (const to of participants) send(at, to, { type: 'commit.prepare', txn, participants });
  if (config.protocol === 'paxos-commit') lead(at, txn, participants, 0);
  arm(at, 'votes', txn, config.voteTimeoutMicros);
}

/** Nobody else has a part in it: one write to the log is all. */
function commitAlone(at: Step, txn: number): void {
  const { vote, writes } = at.rm.prepare(txn, true);
  const fate = fateOf(at, [vote]);
  if (!fate.commit) {
    at.out.push({ type: 'apply', txn, fate, alone: true });
    at.out.push({ type: 'answer', txn, fate });
    return;
  }
  at.state.coordinated.set(txn, {
    participants: [],
    phase: 'logging',
    votes: new Map(),
    acknowledged: new Set(),
    fate,
  });
  if (writes.length === 0) return aloneLogged(at, txn);
  persist(at, { type: 'outcome', txn, fate, writes }, { then: 'alone', txn });
}

export function aloneLogged(at: Step, txn: number): void {
  const one = at.state.coordinated.get(txn);
  if (one === undefined || one.fate === null) return;
  waitOut(at, txn, one, one.fate);
}

export function onVote(at: Step, from: PeerId, txn: number, vote: Vote): void {
  const one = at.state.coordinated.get(txn);
  if (one?.phase !== 'voting') return;
  if (!vote.yes) return decide(at, txn, one, aborted(vote.code));
  one.votes.set(from, vote);
  if (one.votes.size < one.participants.length) return;
  const fate = fateOf(at, [...one.votes.values()]);
  if (!fate.commit || at.config.protocol !== '3pc') return decide(at, txn, one, fate);
  one.phase = 'precommitting';
  one.fate = fate;
  for (const to of one.participants) send(at, to, { type: 'commit.precommit', txn, fate });
  arm(at, 'votes', txn, at.config.voteTimeoutMicros);
}

export function onPrecommitted(at: Step, from: PeerId, txn: number): void {
  const one = at.state.coordinated.get(txn);
  if (one?.phase !== 'precommitting' || one.fate === null) return;
  one.acknowledged.add(from);
  if (one.acknowledged.size < one.participants.length) return;
  decide(at, txn, one, one.fate);
}

/** Somebody has not voted, or not acknowledged that all have. */
export function onVotesTimer(at: Step, txn: number): void {
  const one = at.state.coordinated.get(txn);
  if (one?.phase === 'precommitting' && one.fate !== null) return decide(at, txn, one, one.fate);
  if (one?.phase !== 'voting') return;
  if (at.config.protocol === 'paxos-commit') return lead(at, txn, one.participants, 1);
  decide(at, txn, one, aborted('08006'));
}

export function decisionLogged(at: Step, txn: number): void {
  const one = at.state.coordinated.get(txn);
  if (one?.phase !== 'logging' || one.fate === null) return;
  waitOut(at, txn, one, one.fate);
}

export function onDone(at: Step, from: PeerId, txn: number): void {
  const one = at.state.coordinated.get(txn);
  if (one?.phase !== 'telling' || one.fate === null) return;
  // Of Paxos Commit others may have heard the fate, too, and have nothing to do.
  if (!one.participants.includes(from)) return;
  one.acknowledged.add(from);
  if (one.acknowledged.size < one.participants.length) return;
  disarm(at, 'resend', txn);
  at.state.coordinated.delete(txn);
  if (at.config.protocol !== 'paxos-commit') return persist(at, { type: 'ended', txn }, null);
  for (const to of at.config.acceptors)
    send(at, to, { type: 'commit.forget', txn, fate: one.fate });
}

export function onResend(at: Step, txn: number): void {
  const one = at.state.coordinated.get(txn);
  if (one?.phase === 'telling' && one.fate !== null) tellAll(at, txn, one, one.fate);
}

/** A participant in doubt: of what this shard does not know, two-phase commit presumes an abort. */
export function onInquire(at: Step, from: PeerId, txn: number): void {
  const { config, state } = at;
  const one = state.coordinated.get(txn);
  if (one?.phase === 'telling' && one.fate !== null) {
    return send(at, from, { type: 'commit.decide', txn, fate: one.fate });
  }
  if (config.protocol === '3pc') return send(at, from, stateFor(at, txn));
  if (one !== undefined) return;
  if (config.protocol === 'paxos-commit') {
    const fate = state.outcomes.get(txn);
    if (fate !== undefined) send(at, from, { type: 'commit.decide', txn, fate });
    return;
  }
  const fate = state.outcomes.get(txn) ?? aborted('08006');
  send(at, from, { type: 'commit.decide', txn, fate });
}

function stateFor({ state }: Step, txn: number): CommitState {
  const own = state.participating.get(txn);
  // What it knows from before it was down is no ground for others to decide upon.
  if (own?.isRecovered === true) return { type: 'commit.state', txn, phase: 'unknown', fate: null };
  if (own !== undefined) {
    const phase = own.phase === 'precommitted' ? 'precommitted' : 'prepared';
    return { type: 'commit.state', txn, phase, fate: own.fate };
  }
  const fate = state.outcomes.get(txn) ?? null;
  return { type: 'commit.state', txn, phase: fate === null ? 'unknown' : 'ended', fate };
}

/** After a restart: what was decided is told again, until all have done it. */
export function resumeDecided(
  at: Step,
  txn: number,
  participants: readonly PeerId[],
  fate: Fate,
): void {
  const one: Coordinated = {
    participants,
    phase: 'telling',
    votes: new Map(),
    acknowledged: new Set(),
    fate,
  };
  at.state.coordinated.set(txn, one);
  tellAll(at, txn, one, fate);
}
