/**
 * Becoming a follower: the one way out of every office.
 *
 * Whatever a leader still owes its clients ends here, with an outcome that is honestly unknown
 * for proposals and a refusal for reads (paper 5.1).
 */
import type { PeerId } from '../../contracts/raft.ts';
import { cancelTimer, resetElectionTimer, setRole } from './context.ts';
import type { Step } from './context.ts';
import { refuseAllReads, refuseAskedReads } from './reads.ts';

/** Paper 5.1: adopts a later term, gives up any office. Also the way out of a lost candidacy. */
export function becomeFollower(s: Step, term: number, leader: PeerId | null): void {
  const { state } = s;
  const wasLeader = state.role === 'leader';
  const changed = state.role !== 'follower' || term !== state.term;
  if (term > state.term) {
    state.term = term;
    state.votedFor = null;
    state.dirtyHard = true;
    state.leader = null;
    refuseAskedReads(s);
  }
  state.leader = leader;
  state.voteTicket = 0;
  if (changed) setRole(s, 'follower');
  if (!wasLeader) return;
  cancelTimer(s, 'heartbeat');
  if (s.config.checkQuorum) cancelTimer(s, 'check-quorum');
  // Only a leader has no election timer running. Others keep theirs: the paper resets it for a
  // granted vote or a current leader, not for a higher term alone.
  resetElectionTimer(s);
  for (const { tag, index } of state.proposals) s.out.push({ type: 'proposal-lost', tag, index });
  state.proposals = [];
  if (state.transferTo !== null) {
    state.transferTo = null;
    cancelTimer(s, 'transfer');
  }
  if (state.catchUp !== null) {
    const { tag } = state.catchUp;
    state.catchUp = null;
    s.out.push({ type: 'change-refused', tag, reason: 'not-leader', why: '', leader });
  }
  refuseAllReads(s);
}
