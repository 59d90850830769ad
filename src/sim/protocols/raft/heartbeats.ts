/**
 * Heartbeats: they hold off elections, carry a commit index and confirm ReadIndex rounds.
 */
import type { PeerId } from '../../contracts/raft.ts';
import { send } from './context.ts';
import type { Step } from './context.ts';

/** The commit index in a heartbeat never exceeds what this follower is known to hold. */
export function broadcastHeartbeat(s: Step): void {
  const { state, config } = s;
  const { peers, self } = state.conf;
  for (let slot = 0; slot < peers.length; slot += 1) {
    if (slot === self) continue;
    const match = state.match[slot] as number;
    const bound = config.rules.commitMinLastNew ? match : state.commitIndex;
    send(s, peers[slot] as PeerId, {
      type: 'raft.heartbeat',
      term: state.term,
      commit: Math.min(bound, state.commitIndex),
      round: state.round,
    });
  }
}
