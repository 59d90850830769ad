/**
 * What every part of a step works on, and the few moves they share: start a write, send now, send
 * once durable, arm a timer, change the role.
 *
 * Invariant: a message that speaks of durable state is never emitted before the write it speaks
 * of has completed (dissertation 10.2.1; figure 2, "updated on stable storage before responding").
 */
import type { PeerId, RaftMessage } from '../../contracts/raft.ts';
import { InvariantError } from '../../kernel/errors.ts';
import type { RaftConfig } from './config.ts';
import type { PersistEffect, RaftEffect, RaftRole, RaftTimer } from './effects.ts';
import { NO_ENTRIES } from './log.ts';
import { adoptCommitted } from './membership.ts';
import type { PendingWrite, RaftState } from './state.ts';

export interface Step {
  readonly config: RaftConfig;
  readonly state: RaftState;
  readonly now: number;
  readonly random: () => number;
  readonly out: RaftEffect[];
}

/** Hands this step's changes to the disk as one write, if there are any. */
export function flush(s: Step): void {
  const { state, config } = s;
  if (!state.dirtyHard && state.dirtyFrom === 0 && state.dirtyTruncate === 0) {
    if (!state.dirtySnapshot) return;
  }
  const { rules } = config;
  const { log } = state;
  const ticket = state.nextTicket;
  const from = state.dirtyFrom;
  const entries = from === 0 ? NO_ENTRIES : log.slice(from, log.lastIndex);
  const term = rules.persistTerm ? state.term : log.lastTerm;
  const write: PersistEffect = {
    type: 'persist',
    ticket,
    term,
    votedFor: rules.persistVote && term === state.term ? state.votedFor : null,
    truncateFrom: state.dirtyTruncate === 0 ? null : state.dirtyTruncate,
    entries,
  };
  s.out.push(state.dirtySnapshot ? withSnapshot(state, write) : write);
  state.nextTicket = ticket + 1;
  if (state.dirtyHard) state.hardTicket = ticket;
  state.pending.push({ ticket, lastIndex: log.lastIndex, sends: [] });
  state.dirtyHard = false;
  state.dirtyFrom = 0;
  state.dirtyTruncate = 0;
  state.dirtySnapshot = false;
}

function withSnapshot(state: RaftState, write: PersistEffect): PersistEffect {
  const { snapshot, log } = state;
  if (snapshot === null) throw new InvariantError('there is no snapshot to write');
  const { compactedIndex, compactedTerm } = log;
  return { ...write, install: { snapshot, compactedIndex, compactedTerm } };
}

export function send(s: Step, to: PeerId, message: RaftMessage): void {
  s.out.push({ type: 'send', to, message });
}

/** Sends once everything this server has changed so far is on disk. */
export function sendDurable(s: Step, to: PeerId, message: RaftMessage): void {
  flush(s);
  const { pending } = s.state;
  const last = pending[pending.length - 1];
  hold(s, last, to, message);
}

/** Sends once the term and the vote are on disk; log writes may still be under way. */
export function sendAfterTerm(s: Step, to: PeerId, message: RaftMessage): void {
  flush(s);
  const { pending, hardTicket, writtenTicket } = s.state;
  let write: PendingWrite | undefined;
  if (hardTicket > writtenTicket) {
    for (const candidate of pending) if (candidate.ticket === hardTicket) write = candidate;
  }
  hold(s, write, to, message);
}

function hold(s: Step, write: PendingWrite | undefined, to: PeerId, message: RaftMessage): void {
  if (write === undefined || !s.config.rules.persistBeforeReply) send(s, to, message);
  else write.sends.push({ type: 'send', to, message });
}

export function setTimer(s: Step, timer: RaftTimer, afterMicros: number): void {
  s.out.push({ type: 'set-timer', timer, afterMicros });
}

export function cancelTimer(s: Step, timer: RaftTimer): void {
  s.out.push({ type: 'cancel-timer', timer });
}

/** Arms the election timer with a fresh draw, uniform over the whole range (paper 5.2). */
export function resetElectionTimer(s: Step): void {
  const { electionTimeoutMinMicros: min, electionTimeoutMaxMicros: max, rules } = s.config;
  const width = max - min + 1;
  const extra = rules.randomisedTimeout ? Math.floor((s.random() / 0x1_0000_0000) * width) : 0;
  setTimer(s, 'election', min + extra);
}

export function setRole(s: Step, role: RaftRole): void {
  s.state.role = role;
  s.out.push({ type: 'role', role, term: s.state.term });
}

/** Advances the commit index and has the host apply what became committed. */
export function commitTo(s: Step, index: number): void {
  const { state } = s;
  s.out.push({ type: 'committed', from: state.commitIndex + 1, to: index });
  state.commitIndex = index;
  state.lastApplied = index;
  if (!s.config.rules.configurationAtAppend) adoptCommitted(s);
  const every = s.config.snapshotThreshold;
  if (every === 0 || index - state.snapshotAskedAt < every) return;
  state.snapshotAskedAt = index;
  s.out.push({ type: 'take-snapshot', index });
}
