/**
 * Linearizable reads without a log entry: ReadIndex (paper 8; dissertation 6.4).
 *
 * A read is answered from the state at the commit index of its arrival, once the leader (a) has
 * committed an entry of its own term, so that its commit index is up to date, and (b) has heard
 * from a majority in reply to a message sent after the read arrived, so that nobody else led
 * then. A follower may ask its leader for such an index, and answer once it has applied as much.
 * Rounds are numbered; every read that arrives while one round is out shares the next.
 */
import type { PeerId, RaftReadIndex, RaftReadIndexReply } from '../../contracts/raft.ts';
import { isAlone, quorumIndex } from './configuration.ts';
import { send } from './context.ts';
import type { Step } from './context.ts';
import { broadcastHeartbeat } from './heartbeats.ts';
import { extendLease, holdsLease, noteRound } from './lease.ts';
import type { AskedRead } from './state.ts';

/** A read in this round waits for the first commit of the leader's term. */
const DEFERRED = 0;
const UNANSWERED = -1;

/** A client's read. A follower says where to go, asks its leader, or answers from what it has. */
export function onRead(s: Step, tag: number): void {
  const { state, config } = s;
  if (state.role === 'leader') return serve(s, null, tag);
  if (config.followerReads === 'local') {
    s.out.push({ type: 'read-ready', tag, index: state.commitIndex });
  } else if (config.followerReads === 'forward' && state.leader !== null) {
    // Tags begin anew after a restart; an answer from before it must not pass for a new one.
    const id = s.random() + tag;
    state.asked.push({ tag, id, index: UNANSWERED });
    send(s, state.leader, { type: 'raft.read-index', term: state.term, id });
  } else {
    s.out.push({ type: 'read-refused', tag, leader: state.leader });
  }
}

/** A follower's read. Who does not lead says nothing: the follower will hear who does. */
export function onReadIndex(s: Step, from: PeerId, message: RaftReadIndex): void {
  if (s.state.role === 'leader') serve(s, from, message.id);
}

function serve(s: Step, from: PeerId | null, tag: number): void {
  const { state, config } = s;
  if (config.readMode === 'local') {
    answer(s, from, tag, state.commitIndex);
  } else if (config.rules.leaderNoOp && state.log.term(state.commitIndex) !== state.term) {
    state.reads.push({ from, tag, index: 0, round: DEFERRED });
  } else {
    admit(s, from, tag);
    startRoundIfIdle(s);
  }
}

/** Gives the read its index, and a round that starts no earlier than now. */
function admit(s: Step, from: PeerId | null, tag: number): void {
  const { state, config } = s;
  if (isAlone(state.conf) || !config.rules.readIndexRound || holdsLease(s)) {
    answer(s, from, tag, state.commitIndex);
    return;
  }
  state.reads.push({ from, tag, index: state.commitIndex, round: state.round + 1 });
}

function answer(s: Step, from: PeerId | null, tag: number, index: number): void {
  if (from === null) s.out.push({ type: 'read-ready', tag, index });
  else send(s, from, { type: 'raft.read-index-reply', term: s.state.term, id: tag, index });
}

/** The leader has answered: the read is ready once as much is applied here. */
export function onReadIndexReply(s: Step, message: RaftReadIndexReply): void {
  const { asked } = s.state;
  const at = asked.findIndex(({ id }) => id === message.id);
  const read = asked[at];
  if (read === undefined) return;
  asked[at] = { ...read, index: message.index };
  releaseAskedReads(s);
}

export function releaseAskedReads(s: Step): void {
  const { state } = s;
  const isReady = ({ index }: AskedRead): boolean =>
    index !== UNANSWERED && index <= state.lastApplied;
  for (const read of state.asked) {
    if (isReady(read)) s.out.push({ type: 'read-ready', tag: read.tag, index: read.index });
  }
  state.asked = state.asked.filter((read) => !isReady(read));
}

/** The leader that was asked is none any more. */
export function refuseAskedReads(s: Step): void {
  const { state } = s;
  if (state.asked.length === 0) return;
  for (const { tag } of state.asked) s.out.push({ type: 'read-refused', tag, leader: null });
  state.asked = [];
}

/** Reads whose own entry is committed. */
export function releaseLogReads(s: Step): void {
  const { logReads, commitIndex } = s.state;
  let done = 0;
  for (const { tag, index } of logReads) {
    if (index > commitIndex) break;
    s.out.push({ type: 'read-ready', tag, index });
    done += 1;
  }
  if (done > 0) logReads.splice(0, done);
}

/** Starts the next round if reads wait for it and none is out. */
function startRoundIfIdle(s: Step): void {
  const { state } = s;
  if (state.reads.length > 0 && state.confirmedRound === state.round) nextRound(s);
}

function nextRound(s: Step): void {
  beginRound(s);
  broadcastHeartbeat(s);
}

function beginRound(s: Step): void {
  const { state } = s;
  const { self } = state.conf;
  state.round += 1;
  if (self >= 0) state.ackedRound[self] = state.round;
  noteRound(s);
}

/** The first commit of the term: reads that waited for it get their index now. */
export function releaseDeferredReads(s: Step): void {
  const { state } = s;
  if (state.reads.length === 0 || state.log.term(state.commitIndex) !== state.term) return;
  if (state.reads[0]?.round !== DEFERRED) return;
  const waiting = state.reads;
  state.reads = [];
  for (const read of waiting) admit(s, read.from, read.tag);
  startRoundIfIdle(s);
}

/**
 * A heartbeat is about to go out anyway: reads that wait for the next round can join it, and a
 * lease begins anew.
 */
export function startWaitingRound(s: Step): void {
  const { state } = s;
  if (s.config.readMode === 'lease') return beginRound(s);
  const last = state.reads[state.reads.length - 1];
  if (last === undefined || last.round !== state.round + 1) return;
  beginRound(s);
}

export function ackRound(s: Step, from: PeerId, round: number): void {
  const { state } = s;
  if (state.role !== 'leader') return;
  const slot = state.conf.peers.indexOf(from);
  if (slot < 0) return;
  if (round <= (state.ackedRound[slot] as number)) return;
  state.ackedRound[slot] = round;
  if (state.confirmedRound === state.round) return;
  const confirmed = quorumIndex(state.conf, state.ackedRound);
  if (confirmed <= state.confirmedRound) return;
  state.confirmedRound = confirmed;
  extendLease(s, confirmed);
  const { reads } = state;
  let done = 0;
  for (const { from: asker, tag, index, round: wanted } of reads) {
    if (wanted === DEFERRED || wanted > confirmed) break;
    answer(s, asker, tag, index);
    done += 1;
  }
  if (done > 0) reads.splice(0, done);
  startRoundIfIdle(s);
}

export function refuseAllReads(s: Step): void {
  const { state } = s;
  const { leader } = state;
  for (const { from, tag } of state.reads) {
    if (from === null) s.out.push({ type: 'read-refused', tag, leader });
  }
  for (const { tag } of state.logReads) s.out.push({ type: 'read-refused', tag, leader });
  state.reads = [];
  state.logReads = [];
}
