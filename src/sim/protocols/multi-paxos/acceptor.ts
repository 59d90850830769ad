/**
 * Phase 2b: an acceptor accepts what its promise allows.
 *
 * Keeps: nothing of a ballot earlier than one that was promised is accepted (P1a).
 */
import type { PaxosAccept } from '../../contracts/multi-paxos.ts';
import { compareBallots } from './ballot.ts';
import { accept, promise, send, sendDurable } from './context.ts';
import type { Step } from './context.ts';
import type { PeerId } from './effects.ts';
import { giveWay, heard } from './election.ts';
import { learnUpTo } from './learner.ts';

export function onAccept(s: Step, from: PeerId, message: PaxosAccept): void {
  const { state, config } = s;
  const { ballot, entries } = message;
  const order = compareBallots(ballot, state.promised);
  if (order < 0 && config.rules.promiseRespected) {
    return send(s, from, { type: 'paxos.reject', ballot: state.promised });
  }
  promise(s, ballot);
  if (order > 0 && state.role !== 'follower') giveWay(s, from);
  // What is chosen stays as it is: any later proposal for the slot is of the same value.
  for (const entry of entries) if (entry.slot > state.chosen) accept(s, entry);
  sendDurable(s, from, {
    type: 'paxos.accepted',
    ballot,
    slots: entries.map(({ slot }) => slot),
  });
  if (state.role !== 'follower') return;
  state.leader = from;
  heard(s);
  learnUpTo(s, ballot, message.chosen);
}
