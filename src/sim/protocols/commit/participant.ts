/**
 * A shard that has a part in a transaction: votes, then does what was decided.
 *
 * Invariants: a yes is sent when it is on disk, and binds. In 2PC only the coordinator ends the
 * doubt. In 3PC a participant that hears nothing asks the others: if none is precommitted it
 * aborts; if any is, it brings the rest there and then commits, so that whoever is left alone comes
 * to the same end. One that was down in between has no say, and waits to be told. That is safe
 * while no two of them are cut off from each other, and is not where they are. In Paxos Commit it
 * becomes a leader itself. Nobody says that it is done before that is on its disk.
 *
 * Sources: Bernstein, Hadzilacos, Goodman, Concurrency Control and Recovery (1987), 7.4 and 7.5;
 * Gray and Lamport (TODS 2006)
 */
import type { CommitState, Fate } from '../../contracts/txn-commit.ts';
import type { PeerId } from '../../contracts/raft.ts';
import { decide } from './decide.ts';
import { lead, offerVote } from './paxos.ts';
import type { Participating, Step } from './state.ts';
import { aborted, arm, disarm, persist, remember, send, sync, tell } from './state.ts';

export function onPrepare(
  at: Step,
  from: PeerId,
  txn: number,
  participants: readonly PeerId[],
): void {
  const { config, state } = at;
  const known = state.participating.get(txn);
  if (known !== undefined) {
    if (known.phase === 'prepared') vote(at, txn, known);
    return;
  }
  if (state.outcomes.has(txn)) return;
  const { vote: own, writes } = at.rm.prepare(txn, false);
  if (!own.yes) return send(at, from, { type: 'commit.vote', txn, vote: own });
  const record = {
    type: 'prepared',
    txn,
    coordinator: from,
    participants,
    vote: own,
    writes,
  } as const;
  state.participating.set(txn, {
    coordinator: from,
    participants,
    vote: own,
    writes,
    phase: 'logging',
    fate: null,
    isRecovered: false,
    heard: new Map(),
  });
  if (config.rules['commit.prepare-logged']) return persist(at, record, { then: 'vote', txn });
  persist(at, record, null);
  voteLogged(at, txn);
}

export function voteLogged(at: Step, txn: number): void {
  const one = at.state.participating.get(txn);
  if (one?.phase !== 'logging') return;
  one.phase = 'prepared';
  tell(at, { type: 'commit.prepared', txn });
  vote(at, txn, one);
  arm(at, 'inquire', txn, at.config.inquireMicros);
}

function vote(at: Step, txn: number, { coordinator, vote: own }: Participating): void {
  if (at.config.protocol === 'paxos-commit') return offerVote(at, txn, coordinator, own);
  send(at, coordinator, { type: 'commit.vote', txn, vote: own });
}

export function onPrecommit(at: Step, txn: number, fate: Fate): void {
  const one = at.state.participating.get(txn);
  if (one === undefined || one.phase === 'logging') return;
  if (one.phase === 'precommitted') {
    return send(at, one.coordinator, { type: 'commit.precommitted', txn });
  }
  one.phase = 'precommitted';
  one.fate = fate;
  one.heard.clear();
  persist(at, { type: 'precommitted', txn, fate }, { then: 'precommitted', txn });
  arm(at, 'inquire', txn, at.config.inquireMicros);
}

export function precommitLogged(at: Step, txn: number): void {
  const one = at.state.participating.get(txn);
  if (one?.phase !== 'precommitted') return;
  send(at, one.coordinator, { type: 'commit.precommitted', txn });
}

export function onDecide(at: Step, from: PeerId, txn: number, fate: Fate): void {
  const { state } = at;
  const own = state.coordinated.get(txn);
  // Somebody else has led it to its end.
  if (own?.phase === 'voting' && from !== at.config.id) decide(at, txn, own, fate);
  const one = state.participating.get(txn);
  if (one !== undefined) return conclude(at, txn, one, fate, from);
  const done = state.outcomes.get(txn);
  // It has never voted, or has done it already; an abort may reach it before the question.
  if (done === undefined) {
    if (!fate.commit) at.out.push({ type: 'apply', txn, fate, alone: false });
  } else if (done.commit !== fate.commit) {
    tell(at, { type: 'commit.split', txn, commit: done.commit });
  }
  if (!fate.commit) return;
  const message = { type: 'commit.done', txn } as const;
  // What it has done may still be on the way to the disk.
  if (done === undefined) send(at, from, message);
  else sync(at, { then: 'send', txn, to: from, message });
}

/** The doubt is over here. */
function conclude(
  at: Step,
  txn: number,
  one: Participating,
  fate: Fate,
  from: PeerId | null,
): void {
  const { state } = at;
  state.participating.delete(txn);
  disarm(at, 'inquire', txn);
  disarm(at, 'ballot', txn);
  state.leading.delete(txn);
  remember(state.outcomes, txn, fate);
  at.out.push({ type: 'apply', txn, fate, alone: false });
  const record = { type: 'outcome', txn, fate, writes: one.writes } as const;
  if (!fate.commit || from === null) return persist(at, record, null);
  const message = { type: 'commit.done', txn } as const;
  persist(at, record, { then: 'send', txn, to: from, message });
}

/** It has heard nothing for long. */
export function onInquireTimer(at: Step, txn: number): void {
  const { config, state } = at;
  const one = state.participating.get(txn);
  if (one === undefined) return;
  if (!config.rules['commit.wait-when-prepared'] && one.phase === 'prepared') {
    return terminate(at, txn, one, aborted('08006'));
  }
  arm(at, 'inquire', txn, config.inquireMicros);
  if (config.protocol === 'paxos-commit') return lead(at, txn, one.participants, 1);
  if (config.protocol === '2pc') {
    tell(at, { type: 'commit.blocked', txn, coordinator: one.coordinator });
    return send(at, one.coordinator, { type: 'commit.inquire', txn });
  }
  if (one.heard.size > 0 || !othersOf(at, one).length) return endDoubt(at, txn, one);
  one.heard.set(config.id, one.phase === 'precommitted' ? 'precommitted' : 'prepared');
  for (const to of othersOf(at, one)) send(at, to, { type: 'commit.inquire', txn });
}

function othersOf({ config }: Step, { participants, coordinator }: Participating): PeerId[] {
  return [...new Set([...participants, coordinator])].filter((peer) => peer !== config.id);
}

/** The termination protocol of 3PC, when those that can be reached have spoken. */
function endDoubt(at: Step, txn: number, one: Participating): void {
  const heard = [...one.heard];
  one.heard.clear();
  // Others may have gone on while it was down: it must be told.
  if (one.isRecovered)
    return tell(at, { type: 'commit.blocked', txn, coordinator: one.coordinator });
  const { fate } = one;
  const isPrecommitted = heard.some(([, phase]) => phase === 'precommitted');
  if (!isPrecommitted || fate === null) return terminate(at, txn, one, aborted('08006'));
  const behind = heard.filter(([, phase]) => phase === 'prepared');
  if (behind.length === 0) return terminate(at, txn, one, fate);
  for (const [to] of behind) send(at, to, { type: 'commit.precommit', txn, fate });
}

export function onState(at: Step, from: PeerId, message: CommitState): void {
  const { txn, phase, fate } = message;
  const one = at.state.participating.get(txn);
  if (one === undefined) return;
  if (phase === 'ended' && fate !== null) return terminate(at, txn, one, fate);
  if (phase === 'precommitted' && one.fate === null) one.fate = fate;
  if (phase !== 'ended') one.heard.set(from, phase);
}

function terminate(at: Step, txn: number, one: Participating, fate: Fate): void {
  tell(at, { type: 'commit.terminated', txn, commit: fate.commit });
  conclude(at, txn, one, fate, null);
}
