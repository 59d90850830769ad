/**
 * Linearizable reads without a log entry: ReadIndex (paper 8; dissertation 6.4).
 *
 * A read is answered from the state at the commit index of its arrival, once the leader (a) has
 * committed an entry of its own term, so that its commit index is up to date, and (b) has heard
 * from a majority in reply to a message sent after the read arrived, so that nobody else led
 * then. Rounds are numbered; every read that arrives while one round is out shares the next.
 */
import { isAlone, quorumIndex } from './configuration.ts';
import type { Step } from './context.ts';
import { broadcastHeartbeat } from './heartbeats.ts';
import type { RaftState } from './state.ts';

/** A read in this round waits for the first commit of the leader's term. */
const DEFERRED = 0;

export function onRead(s: Step, tag: number): void {
  const { state, config } = s;
  if (state.role !== 'leader') {
    s.out.push({ type: 'read-refused', tag, leader: state.leader });
    return;
  }
  if (config.readMode === 'local') {
    s.out.push({ type: 'read-ready', tag, index: state.commitIndex });
  } else if (config.rules.leaderNoOp && state.log.term(state.commitIndex) !== state.term) {
    state.reads.push({ tag, index: 0, round: DEFERRED });
  } else {
    admit(s, tag);
    startRoundIfIdle(s);
  }
}

/** Gives the read its index, and a round that starts no earlier than now. */
function admit(s: Step, tag: number): void {
  const { state, config } = s;
  if (isAlone(state.conf) || !config.rules.readIndexRound) {
    s.out.push({ type: 'read-ready', tag, index: state.commitIndex });
    return;
  }
  state.reads.push({ tag, index: state.commitIndex, round: state.round + 1 });
}

/** Starts the next round if reads wait for it and none is out. */
function startRoundIfIdle(s: Step): void {
  const { state } = s;
  if (state.reads.length > 0 && state.confirmedRound === state.round) nextRound(s);
}

function nextRound(s: Step): void {
  beginRound(s.state);
  broadcastHeartbeat(s);
}

function beginRound(state: RaftState): void {
  const { self } = state.conf;
  state.round += 1;
  if (self >= 0) state.ackedRound[self] = state.round;
}

/** The first commit of the term: reads that waited for it get their index now. */
export function releaseDeferredReads(s: Step): void {
  const { state } = s;
  if (state.reads.length === 0 || state.log.term(state.commitIndex) !== state.term) return;
  if (state.reads[0]?.round !== DEFERRED) return;
  const waiting = state.reads;
  state.reads = [];
  for (const read of waiting) admit(s, read.tag);
  startRoundIfIdle(s);
}

/** A heartbeat is about to go out anyway: reads that wait for the next round can join it. */
export function startWaitingRound(s: Step): void {
  const { state } = s;
  const last = state.reads[state.reads.length - 1];
  if (last === undefined || last.round !== state.round + 1) return;
  beginRound(state);
}

export function ackRound(s: Step, slot: number, round: number): void {
  const { state } = s;
  if (round <= (state.ackedRound[slot] as number)) return;
  state.ackedRound[slot] = round;
  if (state.confirmedRound === state.round) return;
  const confirmed = quorumIndex(state.conf, state.ackedRound);
  if (confirmed <= state.confirmedRound) return;
  state.confirmedRound = confirmed;
  const { reads } = state;
  let done = 0;
  for (const { tag, index, round: wanted } of reads) {
    if (wanted === DEFERRED || wanted > confirmed) break;
    s.out.push({ type: 'read-ready', tag, index });
    done += 1;
  }
  if (done > 0) reads.splice(0, done);
  startRoundIfIdle(s);
}

export function refuseAllReads(s: Step): void {
  const { state } = s;
  for (const { tag } of state.reads) {
    s.out.push({ type: 'read-refused', tag, leader: state.leader });
  }
  state.reads = [];
}
