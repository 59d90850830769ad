/**
 * What every part of a step works on, and the few moves they share: start a write, send now, send
 * once durable, arm a timer, change the role.
 *
 * Invariant: a promise or an acceptance is never said before the write it speaks of has completed.
 */
import type { Ballot, PaxosEntry, PaxosMessage } from '../../contracts/multi-paxos.ts';
import { compareBallots, laterOf } from './ballot.ts';
import type { PaxosConfig } from './config.ts';
import type { PaxosEffect, PaxosRole, PaxosTimer, PeerId } from './effects.ts';
import type { PaxosState } from './state.ts';

export interface Step {
  readonly config: PaxosConfig;
  readonly state: PaxosState;
  readonly random: () => number;
  readonly out: PaxosEffect[];
}

/** Hands this step's changes to the disk as one write, if there are any. */
export function flush(s: Step): void {
  const { state, config } = s;
  if (!state.dirtyPromise && state.dirty.length === 0) return;
  const ticket = state.nextTicket;
  const promised = state.dirtyPromise && config.rules.persistPromise ? state.promised : null;
  s.out.push({ type: 'persist', ticket, promised, entries: state.dirty });
  state.pending.push({ ticket, sends: [], slots: state.dirtyOwn, ballot: state.promised });
  state.nextTicket = ticket + 1;
  state.dirtyPromise = false;
  state.dirty = [];
  state.dirtyOwn = [];
}

export function send(s: Step, to: PeerId, message: PaxosMessage): void {
  s.out.push({ type: 'send', to, message });
}

/** To all but this server. */
export function broadcast(s: Step, message: PaxosMessage): void {
  const { peers, id } = s.config;
  for (const peer of peers) if (peer !== id) send(s, peer, message);
}

/** Sends once everything this server has changed so far is on disk. */
export function sendDurable(s: Step, to: PeerId, message: PaxosMessage): void {
  flush(s);
  const { pending } = s.state;
  const last = pending[pending.length - 1];
  if (last === undefined || !s.config.rules.persistBeforeReply) send(s, to, message);
  else last.sends.push({ type: 'send', to, message });
}

/** Notes a later ballot; true where it is one. */
export function promise(s: Step, ballot: Ballot): boolean {
  const { state } = s;
  state.seen = laterOf(state.seen, ballot);
  if (compareBallots(ballot, state.promised) <= 0) return false;
  state.promised = ballot;
  state.dirtyPromise = true;
  return true;
}

/** Accepts a value, in memory and, with the next write, on disk. */
export function accept(s: Step, entry: PaxosEntry): void {
  s.state.accepted.set(entry.slot, entry);
  s.state.dirty.push(entry);
}

export function setTimer(s: Step, timer: PaxosTimer, afterMicros: number): void {
  s.out.push({ type: 'set-timer', timer, afterMicros });
}

/** Arms the election timer with a fresh draw from around the timeout. */
export function resetElectionTimer(s: Step): void {
  const { electionTimeoutMicros: mean, electionJitter } = s.config;
  const draw = s.random() / 0x1_0000_0000;
  const share = 1 - electionJitter + 2 * electionJitter * draw;
  setTimer(s, 'election', Math.max(1, Math.round(mean * share)));
}

export function setRole(s: Step, role: PaxosRole): void {
  s.state.role = role;
  s.out.push({ type: 'role', role, ballot: s.state.promised });
}
