/**
 * The sending end of replication: progress of each follower, the commit rule, proposals.
 *
 * Keeps the commit rule (paper 5.4.2): counting replicas commits an entry of the leader's own
 * term only; earlier ones become committed with it. And LeaderAppendOnly: nothing here ever
 * deletes from the leader's log.
 *
 * Progress of a follower (etcd, progress.go): while *probing*, one append at a time feels for the
 * point where the logs meet; once it is found, appends are streamed ahead of their replies, with
 * at most `maxInflight` under way.
 */
import type {
  PeerId,
  RaftAppend,
  RaftAppendReply,
  RaftCommand,
  RaftHeartbeatReply,
} from '../../contracts/raft.ts';
import { cancelTimer, commitTo, flush, send, setRole, setTimer } from './context.ts';
import type { Step } from './context.ts';
import { broadcastHeartbeat } from './heartbeats.ts';
import { majorityIndex } from './quorum.ts';
import { ackRound, releaseDeferredReads, startWaitingRound } from './reads.ts';
import type { RaftState } from './state.ts';
import { becomeFollower } from './step-down.ts';

export function becomeLeader(s: Step): void {
  const { state, config } = s;
  const next = state.log.lastIndex + 1;
  state.leader = config.id;
  state.match.fill(0);
  state.next.fill(next);
  state.probing.fill(true);
  state.paused.fill(false);
  state.active.fill(false);
  state.ackedRound.fill(0);
  for (const window of state.inflight) window.length = 0;
  state.round = 0;
  state.confirmedRound = 0;
  setRole(s, 'leader');
  s.out.push({ type: 'became-leader', term: state.term });
  cancelTimer(s, 'election');
  setTimer(s, 'heartbeat', config.heartbeatMicros);
  if (config.checkQuorum) setTimer(s, 'check-quorum', config.electionTimeoutMinMicros);
  if (config.rules.leaderNoOp) append(s, null);
  else flush(s);
  countOwnLog(s);
  broadcastAppend(s, true);
}

function append(s: Step, command: RaftCommand | null): number {
  const { log, term } = s.state;
  const index = log.lastIndex + 1;
  log.append({ term, index, command });
  s.out.push({ type: 'appended', fromIndex: index, toIndex: index });
  if (s.state.dirtyFrom === 0) s.state.dirtyFrom = index;
  flush(s);
  return index;
}

export function onPropose(s: Step, command: RaftCommand, tag: number): void {
  const { state } = s;
  if (state.role !== 'leader') {
    s.out.push({ type: 'propose-refused', tag, leader: state.leader });
    return;
  }
  const index = append(s, command);
  state.proposals.push({ tag, index });
  s.out.push({ type: 'propose-accepted', tag, index, term: state.term });
  if (!s.config.rules.persistBeforeReply) countOwnLog(s);
  broadcastAppend(s, false);
}

/** The leader counts its own copy only as far as it is on disk (dissertation 10.2.1). */
export function countOwnLog(s: Step): void {
  const { state, config } = s;
  const held = config.rules.persistBeforeReply ? state.durableIndex : state.log.lastIndex;
  if (config.selfSlot < 0 || held <= (state.match[config.selfSlot] as number)) return;
  state.match[config.selfSlot] = held;
  if (advanceCommit(s)) announceCommit(s);
}

function advanceCommit(s: Step): boolean {
  const { state } = s;
  const index = majorityIndex(state.match);
  if (index <= state.commitIndex) return false;
  if (s.config.rules.currentTermCommit && state.log.term(index) !== state.term) return false;
  commitTo(s, Math.min(index, state.log.lastIndex));
  const { proposals } = state;
  let done = 0;
  while (done < proposals.length && (proposals[done]?.index as number) <= index) done += 1;
  if (done > 0) proposals.splice(0, done);
  releaseDeferredReads(s);
  return true;
}

/**
 * Differs: the paper lets followers learn of a commit from whatever append comes next. Like etcd
 * we tell them at once, with an empty append where there is nothing else to send, unless
 * `eagerCommit` is off.
 */
function announceCommit(s: Step): void {
  broadcastAppend(s, s.config.eagerCommit);
}

function broadcastAppend(s: Step, evenEmpty: boolean): void {
  const { voters, selfSlot } = s.config;
  let shared: RaftAppend | null = null;
  for (let slot = 0; slot < voters.length; slot += 1) {
    if (slot !== selfSlot) shared = sendAppend(s, slot, evenEmpty, shared) ?? shared;
  }
}

function isPaused(s: Step, slot: number): boolean {
  const { state } = s;
  if (state.probing[slot] === true) return state.paused[slot] === true;
  return (state.inflight[slot] as number[]).length >= s.config.maxInflight;
}

/**
 * Sends the follower what it lacks. Followers at the same point share one message: messages are
 * immutable. Null when nothing was sent.
 */
function sendAppend(
  s: Step,
  slot: number,
  evenEmpty: boolean,
  shared: RaftAppend | null,
): RaftAppend | null {
  if (isPaused(s, slot)) return null;
  const { state, config } = s;
  const from = state.next[slot] as number;
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
  send(s, config.voters[slot] as PeerId, message);
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

export function onAppendReply(s: Step, from: PeerId, message: RaftAppendReply): void {
  const { state, config } = s;
  if (state.role !== 'leader') return;
  if (message.term !== state.term && config.rules.ignoreStaleReplies) return;
  const slot = config.voters.indexOf(from);
  if (slot < 0) return;
  state.active[slot] = true;
  if (message.success) accepted(s, slot, Math.min(message.index, state.log.lastIndex));
  else if (backtrack(s, slot, message)) sendAppend(s, slot, true, null);
  ackRound(s, slot, message.round);
}

function accepted(s: Step, slot: number, index: number): void {
  const { state } = s;
  const wasPaused = isPaused(s, slot);
  const known = state.match[slot] as number;
  // A late or repeated reply says nothing new, but it may end a probe at the known match.
  if (index < known || (index === known && state.probing[slot] !== true)) return;
  state.match[slot] = index;
  if (state.probing[slot] === true) {
    state.probing[slot] = false;
    state.paused[slot] = false;
    state.next[slot] = index + 1;
    (state.inflight[slot] as number[]).length = 0;
  } else {
    if ((state.next[slot] as number) <= index) state.next[slot] = index + 1;
    freeInflight(state.inflight[slot] as number[], index);
  }
  if (index > state.commitIndex && advanceCommit(s)) announceCommit(s);
  else if (wasPaused) sendAppend(s, slot, true, null);
  while (sendAppend(s, slot, false, null) !== null);
}

function freeInflight(window: number[], index: number): void {
  let done = 0;
  while (done < window.length && (window[done] as number) <= index) done += 1;
  if (done === 1) window.shift();
  else if (done > 1) window.splice(0, done);
}

/**
 * Moves `next` back after a refusal; false when the refusal is out of date.
 *
 * The follower's hint is the last entry that may still match, with its term; the leader in turn
 * skips its own entries of later terms. One round trip per diverging term, not per index (paper
 * 5.3 sketches it; the two-sided form is etcd's).
 */
function backtrack(s: Step, slot: number, reply: RaftAppendReply): boolean {
  const { state } = s;
  const match = state.match[slot] as number;
  let point = reply.hintIndex;
  if (reply.hintTerm > 0) point = state.log.lastNotAbove(reply.hintIndex, reply.hintTerm).index;
  if (state.probing[slot] !== true) {
    if (reply.index <= match) return false;
    state.probing[slot] = true;
    state.paused[slot] = false;
    (state.inflight[slot] as number[]).length = 0;
    state.next[slot] = match + 1;
    return true;
  }
  if ((state.next[slot] as number) - 1 !== reply.index) return false;
  state.next[slot] = Math.max(Math.min(reply.index, point + 1), match + 1);
  state.paused[slot] = false;
  return true;
}

export function onHeartbeatTimeout(s: Step): void {
  if (s.state.role !== 'leader') return;
  setTimer(s, 'heartbeat', s.config.heartbeatMicros);
  startWaitingRound(s);
  broadcastHeartbeat(s);
}

/** A reply proves the follower alive: a lost append is noticed here and sent again. */
export function onHeartbeatReply(s: Step, from: PeerId, message: RaftHeartbeatReply): void {
  const { state, config } = s;
  if (state.role !== 'leader' || message.term !== state.term) return;
  const slot = config.voters.indexOf(from);
  if (slot < 0) return;
  state.active[slot] = true;
  state.paused[slot] = false;
  const window = state.inflight[slot] as number[];
  if (window.length >= config.maxInflight) window.shift();
  const behind = (state.match[slot] as number) < state.log.lastIndex;
  if (behind || state.probing[slot] === true) sendAppend(s, slot, true, null);
  ackRound(s, slot, message.round);
}

/** Dissertation 6.2: a leader that no majority answered for an election timeout gives up. */
export function onCheckQuorumTimeout(s: Step): void {
  const { state, config } = s;
  if (state.role !== 'leader') return;
  let active = config.selfSlot < 0 ? 0 : 1;
  for (let slot = 0; slot < config.voters.length; slot += 1) {
    if (slot !== config.selfSlot && state.active[slot] === true) active += 1;
    state.active[slot] = false;
  }
  if (active < config.quorum) becomeFollower(s, state.term, null);
  else setTimer(s, 'check-quorum', config.electionTimeoutMinMicros);
}
