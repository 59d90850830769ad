/**
 * The leader: phase 2 for each slot, many slots at a time.
 *
 * Keeps: in a ballot one value is proposed for a slot, and where phase 1 found any, it is that of
 * the latest ballot; a slot is chosen when a phase-2 quorum has accepted it in this ballot.
 *
 * Source: Paxos Made Simple 3 (slots in parallel, no-ops for gaps); van Renesse & Altinbuken,
 * commanders (figure 6).
 */
import type { PaxosAccepted, PaxosCommand, PaxosEntry } from '../../contracts/multi-paxos.ts';
import { isSameBallot } from './ballot.ts';
import { accept, send, setRole, setTimer } from './context.ts';
import type { Step } from './context.ts';
import type { PeerId } from './effects.ts';
import { commitTo } from './learner.ts';
import { ping } from './pings.ts';
import { awaitSlot, startRound, startRoundIfAsked } from './reads.ts';
import type { OpenSlot, PaxosWrite } from './state.ts';

const NO_TAG = -1;

/** A phase-1 quorum has promised: propose what it had accepted, and no-ops for the gaps. */
export function becomeLeader(s: Step): void {
  const { state, config } = s;
  const { recovered } = state;
  const { adoptAccepted, fillGaps } = config.rules;
  let last = state.chosen;
  for (const slot of recovered.keys()) if (slot > last) last = slot;
  state.recoveredTo = last;
  state.nextSlot = last + 1;
  state.open = new Map();
  state.reads = [];
  state.answeredRounds = config.peers.map(() => 0);
  state.confirmedRound = 0;
  state.round = 0;
  state.leader = config.id;
  setRole(s, 'leader');
  const entries: PaxosEntry[] = [];
  for (let slot = state.chosen + 1; slot <= last; slot += 1) {
    const found = recovered.get(slot);
    if (found === undefined && !fillGaps) continue;
    const command = found === undefined || !adoptAccepted ? null : found.command;
    entries.push(open(s, slot, command, NO_TAG));
  }
  state.promises = [];
  state.recovered = new Map();
  ask(s, entries);
  setTimer(s, 'ping', config.pingMicros);
  startRound(s);
}

/** Proposes a value for a slot; the leader is the first to accept it. */
function open(s: Step, slot: number, command: PaxosCommand | null, tag: number): PaxosEntry {
  const { state } = s;
  const entry = Object.freeze({ slot, ballot: state.promised, command });
  state.open.set(slot, { entry, acks: [], isChosen: false, tick: state.ticks, tag });
  accept(s, entry);
  state.dirtyOwn.push(slot);
  return entry;
}

/** Phase 2a. The leader's own disk writes meanwhile. */
function ask(s: Step, entries: readonly PaxosEntry[]): void {
  if (entries.length === 0) return;
  s.out.push({ type: 'proposed', entries });
  for (const peer of s.config.peers) if (peer !== s.config.id) sendAccepts(s, peer, entries);
}

function sendAccepts(s: Step, peer: PeerId, entries: readonly PaxosEntry[]): void {
  const { state, config } = s;
  const size = config.maxEntriesPerAccept;
  for (let at = 0; at < entries.length; at += size) {
    send(s, peer, {
      type: 'paxos.accept',
      ballot: state.promised,
      chosen: state.chosen,
      entries: entries.slice(at, at + size),
    });
  }
}

export function onPropose(s: Step, command: PaxosCommand, tag: number): void {
  const { state } = s;
  if (state.role !== 'leader') {
    s.out.push({ type: 'propose-refused', tag, leader: state.leader });
    return;
  }
  const slot = state.nextSlot;
  s.out.push({ type: 'propose-accepted', tag, slot });
  proposeNext(s, command, tag);
}

/** A read with a slot of its own, as slow as a write: what was acknowledged stands before it. */
export function onLogRead(s: Step, tag: number): void {
  awaitSlot(s, tag, proposeNext(s, null, NO_TAG));
}

/** Into the next free slot, which it returns. */
function proposeNext(s: Step, command: PaxosCommand | null, tag: number): number {
  const slot = s.state.nextSlot;
  s.state.nextSlot += 1;
  ask(s, [open(s, slot, command, tag)]);
  return slot;
}

export function onAccepted(s: Step, from: PeerId, message: PaxosAccepted): void {
  const { state, config } = s;
  if (state.role !== 'leader') return;
  const own = isSameBallot(message.ballot, state.promised);
  if (own || !config.rules.ignoreStaleReplies) countAccepted(s, from, message.slots);
}

/** The own acceptances of a write that is on disk. */
export function countOwn(s: Step, { ballot, slots }: PaxosWrite): void {
  const { state } = s;
  if (slots.length === 0 || state.role !== 'leader') return;
  if (!isSameBallot(ballot, state.promised)) return;
  s.out.push({ type: 'self-accepted', ballot, slots });
  countAccepted(s, s.config.id, slots);
}

function countAccepted(s: Step, from: PeerId, slots: readonly number[]): void {
  const { state, config } = s;
  for (const slot of slots) {
    const found = state.open.get(slot);
    if (found === undefined || found.acks.includes(from)) continue;
    const acks = [...found.acks, from];
    state.open.set(slot, { ...found, acks, isChosen: acks.length >= config.phase2Quorum });
  }
  // Applied in order: what is chosen behind an open slot waits.
  let known = state.chosen;
  while (state.open.get(known + 1)?.isChosen === true) {
    known += 1;
    state.open.delete(known);
  }
  commitTo(s, known);
  startRoundIfAsked(s);
}

/** Others learn what is chosen, and get again what they have not accepted for a whole period. */
export function pingAsLeader(s: Step): void {
  const { state, config } = s;
  setTimer(s, 'ping', config.pingMicros);
  state.ticks += 1;
  state.round += 1;
  ping(s);
  if (state.open.size === 0) return;
  const late = [...state.open.values()].filter(({ tick }) => tick < state.ticks - 1);
  for (const peer of config.peers) if (peer !== config.id) sendAgain(s, peer, late);
}

function sendAgain(s: Step, peer: PeerId, late: readonly OpenSlot[]): void {
  const missing = late.filter(({ acks }) => !acks.includes(peer)).map(({ entry }) => entry);
  sendAccepts(s, peer, missing.slice(0, s.config.maxEntriesPerAccept));
}
