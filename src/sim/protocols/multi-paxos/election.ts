/**
 * Phase 1, and how a server comes to stand or gives way.
 *
 * Keeps: a candidate leads only after a phase-1 quorum has promised its ballot, and knows the
 * latest value that any of them accepted for each slot (Paxos Made Simple, P2c). A candidate keeps
 * its ballot until somebody else has a later one: ballots grow by preemption alone.
 *
 * Source: Paxos Made Simple 2.2 and 3; van Renesse & Altinbuken, scouts (figure 7).
 */
import type {
  Ballot,
  PaxosEntry,
  PaxosPing,
  PaxosPrepare,
  PaxosPromise,
  PaxosReject,
} from '../../contracts/multi-paxos.ts';
import { compareBallots, isSameBallot, laterOf } from './ballot.ts';
import { flush, promise, resetElectionTimer, send, sendDurable } from './context.ts';
import { setRole, setTimer } from './context.ts';
import type { Step } from './context.ts';
import type { PeerId } from './effects.ts';
import { becomeLeader } from './leader.ts';
import { askForMore, learnEntries, learnUpTo } from './learner.ts';
import { refuseReads } from './reads.ts';
import { ping } from './pings.ts';

export function onElectionTimeout(s: Step): void {
  if (s.state.role === 'follower') startPrepare(s);
}

export function startPrepare(s: Step): void {
  const { state, config } = s;
  const round = Math.max(state.promised.round, state.seen.round) + 1;
  promise(s, Object.freeze({ round, id: config.rules.uniqueBallots ? config.id : 0 }));
  state.leader = null;
  state.promises = [];
  state.recovered = new Map();
  setRole(s, 'candidate');
  s.out.push({ type: 'cancel-timer', timer: 'election' });
  setTimer(s, 'ping', config.pingMicros);
  // The ballot must be known after a crash, or it could be used for something else.
  flush(s);
  state.selfTicket = state.nextTicket - 1;
  askForPromises(s);
  if (!config.rules.persistBeforeReply) promiseToSelf(s);
}

function askForPromises(s: Step): void {
  const { state, config } = s;
  const message: PaxosPrepare = {
    type: 'paxos.prepare',
    ballot: state.promised,
    from: state.chosen + 1,
  };
  for (const peer of config.peers) {
    if (peer !== config.id && !state.promises.includes(peer)) sendDurable(s, peer, message);
  }
}

/** A candidate that waits asks again, and lets others know that it lives. */
export function pingAsCandidate(s: Step): void {
  setTimer(s, 'ping', s.config.pingMicros);
  ping(s);
  askForPromises(s);
}

/** The candidate's own promise counts once it is on disk, like everybody else's. */
export function promiseToSelf(s: Step): void {
  const { state, config } = s;
  state.selfTicket = 0;
  if (state.role !== 'candidate') return;
  const entries = state.accepted.slice(state.chosen + 1, state.accepted.last);
  count(s, config.id, entries);
}

/** Phase 1b. A later ballot ends whatever this server does in its own. */
export function onPrepare(s: Step, from: PeerId, message: PaxosPrepare): void {
  const { state } = s;
  const { ballot } = message;
  if (compareBallots(ballot, state.promised) < 0) {
    return send(s, from, { type: 'paxos.reject', ballot: state.promised });
  }
  const isLater = promise(s, ballot);
  if (isLater) {
    state.leader = from;
    // To promise is to hear the owner of a ballot, though not to see any progress.
    if (state.role === 'follower') heard(s);
  }
  sendDurable(s, from, {
    type: 'paxos.promise',
    ballot,
    chosen: state.chosen,
    entries: state.accepted.slice(message.from, state.accepted.last),
  });
  if (isLater && state.role !== 'follower') giveWay(s, from);
}

/** The failure detector: the owner of a ballot was heard. */
export function heard(s: Step): void {
  if (s.config.electionTrigger === 'heartbeat') resetElectionTimer(s);
}

export function onPromise(s: Step, from: PeerId, message: PaxosPromise): void {
  const { state } = s;
  if (state.role !== 'candidate' || !isSameBallot(message.ballot, state.promised)) return;
  if (state.promises.includes(from)) return;
  learnEntries(s, message.entries, message.chosen);
  count(s, from, message.entries);
}

function count(s: Step, from: PeerId, entries: readonly PaxosEntry[]): void {
  const { state, config } = s;
  for (const entry of entries) {
    if (entry.slot <= state.chosen) continue;
    const known = state.recovered.get(entry.slot);
    if (known === undefined || isBetter(s, entry.ballot, known.ballot)) {
      state.recovered.set(entry.slot, entry);
    }
  }
  state.promises.push(from);
  if (state.promises.length >= config.phase1Quorum) becomeLeader(s);
}

function isBetter(s: Step, ballot: Ballot, than: Ballot): boolean {
  const order = compareBallots(ballot, than);
  return s.config.rules.adoptHighest ? order > 0 : order < 0;
}

/** Somebody has promised a later ballot than this server's own. */
export function onReject(s: Step, message: PaxosReject): void {
  const { state } = s;
  state.seen = laterOf(state.seen, message.ballot);
  if (state.role === 'follower' || compareBallots(message.ballot, state.promised) <= 0) return;
  giveWay(s, null);
}

/** The owner of a ballot lives; a leader also says how far it is. */
export function onPing(s: Step, from: PeerId, message: PaxosPing): void {
  const { state } = s;
  const { ballot, leading } = message;
  if (compareBallots(ballot, state.promised) < 0) {
    return send(s, from, { type: 'paxos.reject', ballot: state.promised });
  }
  state.seen = laterOf(state.seen, ballot);
  if (state.role !== 'follower') {
    // Of two owners of one ballot, which there should not be, neither gives way.
    if (isSameBallot(ballot, state.promised)) return;
    giveWay(s, from);
  }
  state.leader = from;
  heard(s);
  if (!leading) return;
  if (isProgress(s, message) && s.config.electionTrigger === 'progress') resetElectionTimer(s);
  learnUpTo(s, ballot, message.chosen);
  askForMore(s, from, message.chosen);
  send(s, from, { type: 'paxos.pong', ballot, round: message.round });
}

/** A new leader, a slot chosen, a round confirmed: since the last such sign. */
function isProgress({ state }: Step, { ballot, chosen, confirmed }: PaxosPing): boolean {
  const order = compareBallots(ballot, state.progressBallot);
  if (order < 0) return false;
  if (order === 0 && chosen <= state.progressChosen && confirmed <= state.progressRound) {
    return false;
  }
  state.progressBallot = ballot;
  state.progressChosen = chosen;
  state.progressRound = confirmed;
  return true;
}

/**
 * A candidate or leader that was preempted. What it had under way may still be chosen. It waits
 * for a timeout before it stands again, so that the other can finish.
 */
export function giveWay(s: Step, to: PeerId | null): void {
  const { state } = s;
  for (const [slot, { tag }] of state.open) {
    if (tag >= 0) s.out.push({ type: 'proposal-lost', tag, slot });
  }
  state.open = new Map();
  state.promises = [];
  state.recovered = new Map();
  state.leader = to;
  refuseReads(s);
  setRole(s, 'follower');
  s.out.push({ type: 'cancel-timer', timer: 'ping' });
  resetElectionTimer(s);
  if (!s.config.rules.backOff) startPrepare(s);
}
