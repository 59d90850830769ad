/**
 * Linearizable reads at the leader, without a slot of their own.
 *
 * A read is answered from the state after all slots that were chosen when it came, once (a) what
 * phase 1 found is chosen and applied, and (b) a quorum has answered a ping that was sent after
 * the read came: then no later ballot had been promised by them, so nobody else led. A phase-2
 * quorum is enough for (b): it meets every quorum that could have elected another.
 * Reads that come while one round is out share the next.
 */
import type { PaxosPong } from '../../contracts/multi-paxos.ts';
import { isSameBallot } from './ballot.ts';
import type { Step } from './context.ts';
import type { PeerId } from './effects.ts';
import { ping } from './pings.ts';

const NO_ROUND = 0;

export function onRead(s: Step, tag: number): void {
  const { state, config } = s;
  const { rules, readMode } = config;
  if (state.role !== 'leader') {
    s.out.push({ type: 'read-refused', tag, leader: state.leader });
    return;
  }
  const isLocal = readMode === 'local';
  const recovered = isLocal || !rules.recoverBeforeRead ? 0 : state.recoveredTo;
  const round = isLocal || !rules.readIndexRound ? NO_ROUND : state.round + 1;
  state.reads.push({ tag, slot: Math.max(state.chosen, recovered), round });
  releaseReads(s);
  startRoundIfAsked(s);
}

/** Ready once its own slot is applied. */
export function awaitSlot({ state }: Step, tag: number, slot: number): void {
  state.reads.push({ tag, slot, round: NO_ROUND });
}

export function releaseReads(s: Step): void {
  const { state } = s;
  const { chosen, confirmedRound } = state;
  state.reads = state.reads.filter(({ tag, slot, round }) => {
    if (slot > chosen || round > confirmedRound) return true;
    s.out.push({ type: 'read-ready', tag, slot: chosen });
    return false;
  });
}

export function refuseReads(s: Step): void {
  const { state } = s;
  for (const { tag } of state.reads) {
    s.out.push({ type: 'read-refused', tag, leader: state.leader });
  }
  state.reads = [];
}

/** Begins the round that reads wait for, unless one is out already. */
export function startRoundIfAsked(s: Step): void {
  const { state } = s;
  if (state.confirmedRound < state.round) return;
  if (state.reads.some(({ round }) => round > state.round)) startRound(s);
}

export function startRound(s: Step): void {
  s.state.round += 1;
  ping(s);
  confirm(s);
}

export function onPong(s: Step, from: PeerId, message: PaxosPong): void {
  const { state, config } = s;
  if (state.role !== 'leader' || !isSameBallot(message.ballot, state.promised)) return;
  const place = config.peers.indexOf(from);
  if (place < 0 || message.round <= (state.answeredRounds[place] ?? 0)) return;
  state.answeredRounds[place] = message.round;
  confirm(s);
}

/** The newest round that a phase-2 quorum has answered, this server among them. */
function confirm(s: Step): void {
  const { state, config } = s;
  state.answeredRounds[config.peers.indexOf(config.id)] = state.round;
  const answered = [...state.answeredRounds].sort((a, b) => b - a);
  const newest = answered[config.phase2Quorum - 1] ?? 0;
  if (newest <= state.confirmedRound) return;
  state.confirmedRound = newest;
  if (state.reads.length === 0) return;
  releaseReads(s);
  startRoundIfAsked(s);
}
