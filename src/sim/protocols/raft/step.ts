/**
 * Raft as a pure message machine: one input in, a list of effects out, no clock, no network and
 * no randomness but what is handed in.
 *
 * `step` changes `state` in place and appends to `out`, which the caller owns and may reuse.
 *
 * Source: Raft paper, figure 2; the extensions are named where they live.
 */
import type { PeerId, RaftMessage } from '../../contracts/raft.ts';
import type { RaftConfig } from './config.ts';
import { flush, resetElectionTimer, setRole } from './context.ts';
import type { Step } from './context.ts';
import type { RaftEffect, RaftInput } from './effects.ts';
import { countOwnVote, onElectionTimeout, onPreVote, onPreVoteReply } from './election.ts';
import { onTimeoutNow, onVote, onVoteReply, refusesWhileLed } from './election.ts';
import { onChangeMembers } from './change.ts';
import { countOwnLog } from './commit.ts';
import { onAppend, onHeartbeat, onInstallSnapshot } from './follower.ts';
import { onAppendReply, onCheckQuorumTimeout, onHeartbeatReply } from './leader.ts';
import { onHeartbeatTimeout, onLogRead, onPropose } from './leader.ts';
import { onRead, onReadIndex, onReadIndexReply } from './reads.ts';
import { onSnapshotTaken } from './snapshot.ts';
import type { PendingWrite, RaftState } from './state.ts';
import { becomeFollower } from './step-down.ts';
import { onTransfer, onTransferTimeout } from './transfer.ts';

export function step(
  config: RaftConfig,
  state: RaftState,
  input: RaftInput,
  now: number,
  random: () => number,
  out: RaftEffect[],
): void {
  const s: Step = { config, state, now, random, out };
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
    case 'change-members':
      onChangeMembers(s, input.change, input.tag);
      break;
    case 'read':
      if (config.readMode === 'log-read' && state.role === 'leader') onLogRead(s, input.tag);
      else onRead(s, input.tag);
      break;
    case 'election-timeout':
      onElectionTimeout(s);
      break;
    case 'heartbeat-timeout':
      onHeartbeatTimeout(s);
      break;
    case 'check-quorum-timeout':
      onCheckQuorumTimeout(s);
      break;
    case 'transfer-leadership':
      onTransfer(s, input.to);
      break;
    case 'transfer-timeout':
      onTransferTimeout(s);
      break;
    case 'snapshot-taken':
      onSnapshotTaken(s, input.index, input.state);
      break;
    case 'start':
      // As if a leader had just been heard: one may hold a lease that this server promised.
      state.heardAtMicros = config.readMode === 'lease' ? now : 0;
      setRole(s, 'follower');
      resetElectionTimer(s);
      break;
  }
  flush(s);
}

function onMessage(s: Step, from: PeerId, message: RaftMessage): void {
  const { state } = s;
  if (message.term > state.term && !adoptsTerm(s, from, message)) return;
  switch (message.type) {
    case 'raft.append':
      return onAppend(s, from, message);
    case 'raft.append-reply':
      return onAppendReply(s, from, message);
    case 'raft.heartbeat':
      return onHeartbeat(s, from, message);
    case 'raft.heartbeat-reply':
      return onHeartbeatReply(s, from, message);
    case 'raft.install-snapshot':
      return onInstallSnapshot(s, from, message);
    case 'raft.timeout-now':
      return onTimeoutNow(s, message);
    case 'raft.read-index':
      return onReadIndex(s, from, message);
    case 'raft.read-index-reply':
      return onReadIndexReply(s, message);
    case 'raft.vote':
      return onVote(s, from, message);
    case 'raft.vote-reply':
      return onVoteReply(s, from, message);
    case 'raft.pre-vote':
      return onPreVote(s, from, message);
    case 'raft.pre-vote-reply':
      return onPreVoteReply(s, from, message);
  }
}

/**
 * A message of a later term: adopt it (paper 5.1), unless it is about a term that nobody has
 * entered yet. False when the message ends here.
 */
function adoptsTerm(s: Step, from: PeerId, message: RaftMessage): boolean {
  const { type, term } = message;
  if (type === 'raft.vote' || type === 'raft.pre-vote') {
    if (refusesWhileLed(s, from, message)) return false;
    if (type === 'raft.pre-vote') return true;
  }
  if (message.type === 'raft.pre-vote-reply' && message.granted) return true;
  if (s.state.role === 'leader' && !s.config.rules.stepDownOnHigherTerm) return false;
  becomeFollower(s, term, fromLeader(type) ? from : null);
  return true;
}

function fromLeader(type: RaftMessage['type']): boolean {
  return type === 'raft.append' || type === 'raft.heartbeat' || type === 'raft.install-snapshot';
}

/** Writes up to `upTo` are on disk: say what waited for them. */
function onPersisted(s: Step, upTo: number): void {
  const { state } = s;
  const { pending } = state;
  if (upTo <= state.writtenTicket) return;
  state.writtenTicket = upTo;
  while (pending.length > 0 && (pending[0] as PendingWrite).ticket <= upTo) {
    const write = pending.shift() as PendingWrite;
    state.durableIndex = write.lastIndex;
    for (const held of write.sends) s.out.push(held);
  }
  if (state.voteTicket > 0 && state.voteTicket <= upTo) countOwnVote(s);
  if (state.role === 'leader') countOwnLog(s);
}
