/**
 * What a leader sends to each member to bring its log along, and how it finds the point where the
 * two logs meet.
 */
import type { PeerId, RaftAppend, RaftAppendReply } from '../../contracts/raft.ts';
import { send } from './context.ts';
import type { Step } from './context.ts';
import { toProbing } from './progress.ts';
import { sendSnapshot } from './snapshot.ts';
import type { RaftState } from './state.ts';

export function broadcastAppend(s: Step, evenEmpty: boolean): void {
  const { peers, self } = s.state.conf;
  let shared: RaftAppend | null = null;
  for (let slot = 0; slot < peers.length; slot += 1) {
    if (slot !== self) shared = sendAppend(s, slot, evenEmpty, shared) ?? shared;
  }
}

export function isPaused(s: Step, slot: number): boolean {
  const { state } = s;
  if (state.probing[slot] === true) return state.paused[slot] === true;
  return (state.inflight[slot] as number[]).length >= s.config.maxInflight;
}

/**
 * Sends the follower what it lacks. Followers at the same point share one message: messages are
 * immutable. Null when no append was sent.
 */
export function sendAppend(
  s: Step,
  slot: number,
  evenEmpty: boolean,
  shared: RaftAppend | null,
): RaftAppend | null {
  if (isPaused(s, slot)) return null;
  const { state, config } = s;
  const from = state.next[slot] as number;
  if (from <= state.log.compactedIndex) {
    sendSnapshot(s, slot);
    return null;
  }
  const to = Math.min(state.log.lastIndex, from + config.maxEntriesPerAppend - 1);
  if (to < from && !evenEmpty) return null;
  const message =
    shared !== null && shared.prevLogIndex === from - 1 ? shared : appendMessage(state, from, to);
  if (state.probing[slot] === true) {
    state.paused[slot] = true;
  } else if (to >= from) {
    state.next[slot] = to + 1;
    (state.inflight[slot] as number[]).push(to);
  }
  send(s, state.conf.peers[slot] as PeerId, message);
  return message;
}

function appendMessage(state: RaftState, from: number, to: number): RaftAppend {
  return {
    type: 'raft.append',
    term: state.term,
    prevLogIndex: from - 1,
    prevLogTerm: state.log.term(from - 1),
    entries: state.log.slice(from, to),
    commit: state.commitIndex,
    round: state.round,
  };
}

/**
 * Moves `next` back after a refusal; false when the refusal is out of date.
 *
 * The follower's hint is the last entry that may still match, with its term; the leader in turn
 * skips its own entries of later terms. One round trip per diverging term, not per index (paper
 * 5.3 sketches it; the two-sided form is etcd's).
 */
export function backtrack(s: Step, slot: number, reply: RaftAppendReply): boolean {
  const { state } = s;
  const match = state.match[slot] as number;
  // It has acknowledged that entry: the refusal was overtaken, or a rule is off and the entry lost.
  // Then the probe waits for the next heartbeat. Sent again at once it would be refused again, and
  // each duplicate of a refusal on the way would begin one more round of the same.
  if (reply.index <= match) return false;
  let point = reply.hintIndex;
  if (reply.hintTerm > 0) point = state.log.lastNotAbove(reply.hintIndex, reply.hintTerm).index;
  if (state.probing[slot] !== true) {
    toProbing(state, slot);
    return true;
  }
  // A snapshot is on its way: what was sent before it no longer matters.
  if ((state.snapshots[slot] as number) > 0) return false;
  if ((state.next[slot] as number) - 1 !== reply.index) return false;
  state.next[slot] = Math.max(Math.min(reply.index, point + 1), match + 1);
  state.paused[slot] = false;
  return true;
}
