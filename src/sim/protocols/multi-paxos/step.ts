/**
 * Multi-Paxos as a pure message machine: one input in, a list of effects out, no clock, no network
 * and no randomness but what is handed in.
 *
 * `step` changes `state` in place and appends to `out`, which the caller owns.
 *
 * Source: Lamport, "Paxos Made Simple" (2001); what is added is named where it lives.
 */
import type { PaxosMessage } from '../../contracts/multi-paxos.ts';
import { onAccept } from './acceptor.ts';
import type { PaxosConfig } from './config.ts';
import { flush, resetElectionTimer, setRole } from './context.ts';
import type { Step } from './context.ts';
import type { PaxosEffect, PaxosInput, PeerId } from './effects.ts';
import { onElectionTimeout, onPing, onPrepare, onPromise, onReject } from './election.ts';
import { pingAsCandidate, promiseToSelf } from './election.ts';
import { countOwn, onAccepted, onLogRead, onPropose, pingAsLeader } from './leader.ts';
import { onChosen, onLearn } from './learner.ts';
import { onPong, onRead } from './reads.ts';
import type { PaxosState, PaxosWrite } from './state.ts';

export function step(
  config: PaxosConfig,
  state: PaxosState,
  input: PaxosInput,
  random: () => number,
  out: PaxosEffect[],
): void {
  const s: Step = { config, state, random, out };
  switch (input.type) {
    case 'message':
      onMessage(s, input.from, input.message);
      break;
    case 'persisted':
      onPersisted(s, input.upTo);
      break;
    case 'propose':
      onPropose(s, input.command, input.tag);
      break;
    case 'read':
      if (config.readMode === 'log-read' && state.role === 'leader') onLogRead(s, input.tag);
      else onRead(s, input.tag);
      break;
    case 'election-timeout':
      onElectionTimeout(s);
      break;
    case 'ping-timeout':
      if (state.role === 'leader') pingAsLeader(s);
      else if (state.role === 'candidate') pingAsCandidate(s);
      break;
    case 'start':
      setRole(s, 'follower');
      resetElectionTimer(s);
      break;
  }
  flush(s);
  if (!config.rules.persistBeforeReply) countUnwritten(s);
}

function onMessage(s: Step, from: PeerId, message: PaxosMessage): void {
  switch (message.type) {
    case 'paxos.prepare':
      return onPrepare(s, from, message);
    case 'paxos.promise':
      return onPromise(s, from, message);
    case 'paxos.accept':
      return onAccept(s, from, message);
    case 'paxos.accepted':
      return onAccepted(s, from, message);
    case 'paxos.reject':
      return onReject(s, message);
    case 'paxos.ping':
      return onPing(s, from, message);
    case 'paxos.pong':
      return onPong(s, from, message);
    case 'paxos.learn':
      return onLearn(s, from, message);
    case 'paxos.chosen':
      return onChosen(s, from, message);
  }
}

/** Writes up to `upTo` are on disk: say what waited for them, and count what is our own. */
function onPersisted(s: Step, upTo: number): void {
  const { state } = s;
  const { pending } = state;
  if (upTo <= state.writtenTicket) return;
  state.writtenTicket = upTo;
  const done: PaxosWrite[] = [];
  while (pending.length > 0 && (pending[0] as PaxosWrite).ticket <= upTo) {
    done.push(pending.shift() as PaxosWrite);
  }
  for (const { sends } of done) for (const held of sends) s.out.push(held);
  if (state.selfTicket > 0 && state.selfTicket <= upTo) promiseToSelf(s);
  for (const write of done) countOwn(s, write);
}

/** The rule off: what was just handed to the disk counts already. */
function countUnwritten(s: Step): void {
  const last = s.state.pending[s.state.pending.length - 1];
  if (last !== undefined && last.ticket === s.state.nextTicket - 1) countOwn(s, last);
}
