/**
 * What is chosen, learnt in the order of the slots and applied at once.
 *
 * Keeps: a server applies a slot only when it knows the value that was chosen there: because the
 * leader says that the slot is chosen and the own copy is of the leader's ballot, or because
 * somebody who knows told it the value ("Paxos Made Live" 5.2: catch-up).
 */
import type { Ballot, PaxosChosen, PaxosEntry, PaxosLearn } from '../../contracts/multi-paxos.ts';
import { compareBallots, isSameBallot } from './ballot.ts';
import { accept, send } from './context.ts';
import type { Step } from './context.ts';
import type { PeerId } from './effects.ts';
import { releaseReads } from './reads.ts';

/** Has the host apply what became known to be chosen. */
export function commitTo(s: Step, slot: number): void {
  const { state } = s;
  if (slot <= state.chosen) return;
  s.out.push({ type: 'committed', from: state.chosen + 1, to: slot });
  state.chosen = slot;
  if (state.reads.length > 0) releaseReads(s);
}

/** The leader of `ballot` says that all up to `upTo` is chosen. */
export function learnUpTo(s: Step, ballot: Ballot, upTo: number): void {
  const { state, config } = s;
  let known = state.chosen;
  while (known < upTo) {
    const held = state.accepted.get(known + 1);
    if (held === undefined) break;
    if (config.rules.learnSameBallot && !isSameBallot(held.ballot, ballot)) break;
    known += 1;
  }
  commitTo(s, known);
}

/** Asks for what is chosen and not known here. */
export function askForMore(s: Step, whom: PeerId, chosen: number): void {
  const { state } = s;
  if (chosen > state.chosen) send(s, whom, { type: 'paxos.learn', from: state.chosen + 1 });
}

export function onLearn(s: Step, from: PeerId, message: PaxosLearn): void {
  const { state, config } = s;
  const to = Math.min(state.chosen, message.from + config.maxEntriesPerAccept - 1);
  const entries = state.accepted.slice(message.from, to);
  if (entries.length === 0) return;
  send(s, from, { type: 'paxos.chosen', entries, chosen: state.chosen });
}

export function onChosen(s: Step, from: PeerId, message: PaxosChosen): void {
  const before = s.state.chosen;
  learnEntries(s, message.entries, message.chosen);
  if (s.state.chosen > before) askForMore(s, from, message.chosen);
}

/** Entries of somebody who knows that all up to `chosen` is. */
export function learnEntries(s: Step, entries: readonly PaxosEntry[], chosen: number): void {
  const { state } = s;
  let known = state.chosen;
  for (const entry of entries) {
    if (entry.slot !== known + 1 || entry.slot > chosen) continue;
    const held = state.accepted.get(entry.slot);
    // One of a later ballot is of the same value.
    if (held === undefined || compareBallots(held.ballot, entry.ballot) < 0) accept(s, entry);
    known = entry.slot;
  }
  commitTo(s, known);
}
