/**
 * Paxos Commit: each participant's vote is an instance of Paxos, and a transaction commits when
 * every instance has chosen yes. Any shard may lead, so the coordinator is no single point.
 *
 * Invariants: at ballot 0 only the participant itself proposes; a leader at a higher ballot
 * proposes what a majority of acceptors may have chosen, and no where they have seen nothing. So
 * all leaders find the same fate.
 *
 * Differs: the fast path (Faster Paxos Commit) is left out; the leader of ballot 0 is the
 * coordinator, who tells the participants.
 *
 * Source: Gray and Lamport, Consensus on Transaction Commit (TODS 2006), sections 4 and 5
 */
import type { CommitAccept, CommitNotice, Fate, RmVote, Vote } from '../../contracts/txn-commit.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { decide, fateOf } from './decide.ts';
import { acceptorOn, applyAccepted } from './disk.ts';
import type { Coordinated, Leading, Step } from './state.ts';
import { arm, persist, remember, send, tell } from './state.ts';

const majority = ({ config }: Step): number =>
  config.rules['commit.majority-of-acceptors'] ? Math.floor(config.acceptors.length / 2) + 1 : 1;

/** Phase 2a of the participant itself. */
export function offerVote(at: Step, txn: number, leader: PeerId, vote: Vote): void {
  const votes: RmVote[] = [[at.config.id, vote]];
  for (const to of at.config.acceptors) {
    send(at, to, { type: 'commit.accept', txn, ballot: 0, leader, votes });
  }
}

/** Leads from now on: at ballot 0 it only listens, above that it asks for promises first. */
export function lead(at: Step, txn: number, participants: readonly PeerId[], round: number): void {
  const { config, state } = at;
  const before = state.leading.get(txn);
  const ballot = round === 0 ? 0 : nextBallot(at, txn, before?.ballot ?? 0);
  state.leading.set(txn, { participants, ballot, promises: new Map(), tally: new Map() });
  if (ballot === 0) return;
  tell(at, { type: 'commit.took-over', txn, ballot });
  for (const to of config.acceptors) send(at, to, { type: 'commit.ask-promise', txn, ballot });
  // Two that lead at once must not do so for ever.
  arm(at, 'ballot', txn, config.voteTimeoutMicros * (1 + (config.id % BALLOTS_OF_A_ROUND)));
}

/** Ballots of different shards differ. */
const BALLOTS_OF_A_ROUND = 64;

function nextBallot({ config, state }: Step, txn: number, before: number): number {
  const promised = state.accepting.get(txn)?.promised ?? 0;
  const round = Math.floor(Math.max(before, promised) / BALLOTS_OF_A_ROUND) + 1;
  return round * BALLOTS_OF_A_ROUND + (config.id % BALLOTS_OF_A_ROUND);
}

/** Its ballot led to nothing. */
export function onBallotTimer(at: Step, txn: number): void {
  const one = at.state.leading.get(txn);
  if (one !== undefined) lead(at, txn, one.participants, 1);
}

/** An acceptor: it takes part in no ballot below the one that it promised. */
export function onAccept(at: Step, from: PeerId, message: CommitAccept): void {
  const { txn, ballot, votes } = message;
  if (tellFate(at, from, txn)) return;
  const acceptor = acceptorOn(at.state.accepting, txn);
  if (ballot < acceptor.promised) return;
  applyAccepted(at.state.accepting, { type: 'accepted', txn, ballot, votes });
  const reply: CommitNotice = { type: 'commit.accepted', txn, ballot, votes };
  const to = ballot === 0 ? message.leader : from;
  persist(at, { type: 'accepted', txn, ballot, votes }, { then: 'send', txn, to, message: reply });
}

export function onAskPromise(at: Step, from: PeerId, txn: number, ballot: number): void {
  if (tellFate(at, from, txn)) return;
  const acceptor = acceptorOn(at.state.accepting, txn);
  if (ballot < acceptor.promised) return;
  acceptor.promised = ballot;
  const accepted = [...acceptor.votes].map(
    ([participant, known]) => [participant, known.ballot, known.vote] as const,
  );
  const reply: CommitNotice = { type: 'commit.promise', txn, ballot, accepted };
  const record = { type: 'promised', txn, ballot } as const;
  persist(at, record, { then: 'send', txn, to: from, message: reply });
}

/** Phase 1b at a leader: with a majority it proposes for every participant. */
export function onPromise(
  at: Step,
  from: PeerId,
  txn: number,
  ballot: number,
  accepted: readonly (readonly [PeerId, number, Vote])[],
): void {
  const one = at.state.leading.get(txn);
  if (one?.ballot !== ballot || ballot === 0) return;
  if (one.promises.size >= majority(at)) return;
  one.promises.set(from, accepted);
  if (one.promises.size < majority(at)) return;
  const votes = one.participants.map((participant): RmVote => [
    participant,
    chosenOr(one, participant),
  ]);
  for (const to of at.config.acceptors) {
    send(at, to, { type: 'commit.accept', txn, ballot, leader: at.config.id, votes });
  }
}

const NO: Vote = Object.freeze({ yes: false, code: '08006' });

/** What may have been chosen for a participant: the vote of the highest ballot; else no. */
function chosenOr({ promises }: Leading, participant: PeerId): Vote {
  let best: Vote = NO;
  let highest = -1;
  for (const accepted of promises.values()) {
    for (const [of, ballot, vote] of accepted) {
      if (of !== participant || ballot <= highest) continue;
      highest = ballot;
      best = vote;
    }
  }
  return best;
}

/** Phase 2b at a leader. */
export function onAccepted(
  at: Step,
  from: PeerId,
  txn: number,
  ballot: number,
  votes: readonly RmVote[],
): void {
  const one = at.state.leading.get(txn);
  if (one?.ballot !== ballot) return;
  for (const [participant, vote] of votes) {
    const known = one.tally.get(participant) ?? { vote, by: new Set<PeerId>() };
    known.by.add(from);
    one.tally.set(participant, known);
  }
  const chosen = one.participants.map((participant) => one.tally.get(participant));
  const isChosen = chosen.every((known) => known !== undefined && known.by.size >= majority(at));
  if (!isChosen) return;
  at.state.leading.delete(txn);
  const fate = fateOf(
    at,
    chosen.map((known) => known?.vote ?? NO),
  );
  decide(at, txn, coordinatedBy(at, txn, one.participants), fate);
}

/** Whoever finds the fate tells it, also where another was the coordinator. */
function coordinatedBy({ state }: Step, txn: number, participants: readonly PeerId[]): Coordinated {
  const known = state.coordinated.get(txn);
  if (known !== undefined) return known;
  const fresh: Coordinated = {
    participants,
    phase: 'voting',
    votes: new Map(),
    acknowledged: new Set(),
    fate: null,
  };
  state.coordinated.set(txn, fresh);
  return fresh;
}

export function onForget(at: Step, txn: number, fate: Fate): void {
  if (!at.state.accepting.delete(txn)) return;
  remember(at.state.outcomes, txn, fate);
  persist(at, { type: 'forgotten', txn, fate }, null);
}

/** Who asks an acceptor about what is over hears how it ended. */
function tellFate(at: Step, to: PeerId, txn: number): boolean {
  const fate = at.state.outcomes.get(txn);
  if (fate === undefined || at.state.accepting.has(txn)) return false;
  send(at, to, { type: 'commit.decide', txn, fate });
  return true;
}
