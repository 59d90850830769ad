/**
 * The office of a leader: taking it, taking proposals, and what the members' replies lead to.
 */
import type {
  PeerId,
  RaftAppendReply,
  RaftCommand,
  RaftHeartbeatReply,
} from '../../contracts/raft.ts';
import { checkCatchUp } from './change.ts';
import { append, countOwnLog, tellCommit } from './commit.ts';
import { quorumHeard } from './configuration.ts';
import { cancelTimer, flush, setRole, setTimer } from './context.ts';
import type { Step } from './context.ts';
import type { ProposalRefusal } from './effects.ts';
import { broadcastHeartbeat } from './heartbeats.ts';
import { freeInflight, resetProgress, toStreaming } from './progress.ts';
import { ackRound, startWaitingRound } from './reads.ts';
import { backtrack, broadcastAppend, isPaused, sendAppend } from './replication.ts';
import { tellIfCaughtUp } from './transfer.ts';
import { giveUpLostSnapshot } from './snapshot.ts';
import { becomeFollower } from './step-down.ts';

export function becomeLeader(s: Step): void {
  const { state, config } = s;
  state.leader = config.id;
  resetProgress(state, state.log.lastIndex + 1);
  state.round = 0;
  state.confirmedRound = 0;
  state.transferTo = null;
  state.leaseRounds = [];
  state.leaseUntil = 0;
  state.leaseBarred = false;
  state.catchUp = null;
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

export function onPropose(s: Step, command: RaftCommand, tag: number): void {
  const { state } = s;
  if (state.role !== 'leader') {
    s.out.push({ type: 'propose-refused', tag, reason: 'not-leader', leader: state.leader });
    return;
  }
  const reason = refusalOf(s);
  if (reason !== null) {
    const leader = state.transferTo ?? state.leader;
    s.out.push({ type: 'propose-refused', tag, reason, leader });
    return;
  }
  const index = append(s, command);
  state.proposals.push({ tag, index });
  s.out.push({ type: 'propose-accepted', tag, index, term: state.term });
  if (!s.config.rules.persistBeforeReply) countOwnLog(s);
  broadcastAppend(s, false);
}

/**
 * A read with an entry of its own, as slow as a write: the entry is committed after the read came,
 * so whatever was acknowledged before stands before it (dissertation 6.4).
 */
export function onLogRead(s: Step, tag: number): void {
  s.state.logReads.push({ tag, index: append(s, null) });
  if (!s.config.rules.persistBeforeReply) countOwnLog(s);
  broadcastAppend(s, false);
}

/** Why a leader takes no proposal now. */
function refusalOf({ state, config }: Step): ProposalRefusal | null {
  if (state.transferTo !== null) return 'transferring';
  const max = config.maxUncommittedEntries;
  if (max === 0 || state.log.lastIndex - state.commitIndex < max) return null;
  return 'too-many-uncommitted';
}

export function onAppendReply(s: Step, from: PeerId, message: RaftAppendReply): void {
  const { state, config } = s;
  if (state.role !== 'leader') return;
  if (message.term !== state.term && config.rules.ignoreStaleReplies) return;
  const slot = state.conf.peers.indexOf(from);
  if (slot < 0) return;
  state.active[slot] = true;
  if (message.success) accepted(s, slot, Math.min(message.index, state.log.lastIndex));
  else if (backtrack(s, slot, message)) sendAppend(s, slot, true, null);
  ackRound(s, from, message.round);
  if (state.catchUp !== null) checkCatchUp(s);
  if (state.transferTo === from && message.success) tellIfCaughtUp(s, from);
}

function accepted(s: Step, from: number, index: number): void {
  const { state } = s;
  const { conf } = state;
  let slot = from;
  const wasPaused = isPaused(s, slot);
  const known = state.match[slot] as number;
  // A late or repeated reply says nothing new, but it may end a probe at the known match.
  if (index < known || (index === known && state.probing[slot] !== true)) return;
  state.match[slot] = index;
  if (state.probing[slot] !== true) {
    if ((state.next[slot] as number) <= index) state.next[slot] = index + 1;
    freeInflight(state.inflight[slot] as number[], index);
  } else if ((state.snapshots[slot] as number) === 0 || index >= state.log.compactedIndex) {
    // A snapshot older than the newest one sent will do, where the log goes on from it.
    toStreaming(state, slot);
  }
  if (index <= state.commitIndex || !tellCommit(s)) {
    if (wasPaused) sendAppend(s, slot, true, null);
  }
  if (state.role !== 'leader') return;
  if (state.conf !== conf) {
    // The commit ended a joint configuration: places moved, and some members are gone.
    slot = state.conf.peers.indexOf(conf.peers[slot] as PeerId);
    if (slot < 0) return;
  }
  while (sendAppend(s, slot, false, null) !== null);
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
  const slot = state.conf.peers.indexOf(from);
  if (slot < 0) return;
  state.active[slot] = true;
  if ((state.snapshots[slot] as number) > 0) giveUpLostSnapshot(s, slot);
  else state.paused[slot] = false;
  const window = state.inflight[slot] as number[];
  if (window.length >= config.maxInflight) window.shift();
  const behind = (state.match[slot] as number) < state.log.lastIndex;
  if (behind || state.probing[slot] === true) sendAppend(s, slot, true, null);
  ackRound(s, from, message.round);
}

/** Dissertation 6.2: a leader that no quorum answered for an election timeout gives up. */
export function onCheckQuorumTimeout(s: Step): void {
  const { state, config } = s;
  if (state.role !== 'leader') return;
  const { conf, active } = state;
  if (conf.self >= 0) active[conf.self] = true;
  const isHeard = quorumHeard(conf, active);
  active.fill(false);
  if (!isHeard) becomeFollower(s, state.term, null);
  else setTimer(s, 'check-quorum', config.electionTimeoutMinMicros);
}
