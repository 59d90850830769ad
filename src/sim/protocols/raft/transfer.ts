/**
 * Handing over the leadership (dissertation 3.10).
 *
 * The leader takes no more proposals, brings the target's log up to its own, and tells it to stand
 * for election at once. It takes them again when that has not led to a new leader within an
 * election timeout.
 */
import type { PeerId } from '../../contracts/raft.ts';
import { cancelTimer, send, setTimer } from './context.ts';
import type { Step } from './context.ts';
import type { TransferRefusal } from './effects.ts';
import { sendAppend } from './replication.ts';

export function onTransfer(s: Step, to: PeerId): void {
  const { state, config } = s;
  const reason = refusalOf(s, to);
  if (reason !== null) {
    s.out.push({ type: 'transfer-refused', to, reason, leader: state.leader });
    return;
  }
  if (state.transferTo === to) return;
  abandon(s);
  state.transferTo = to;
  setTimer(s, 'transfer', config.electionTimeoutMinMicros);
  if (!tellIfCaughtUp(s, to)) sendAppend(s, state.conf.peers.indexOf(to), true, null);
}

function refusalOf(s: Step, to: PeerId): TransferRefusal | null {
  const { role, conf } = s.state;
  if (role !== 'leader') return 'not-leader';
  if (to === s.config.id) return 'leads-already';
  const { voters, outgoing } = conf.members;
  return voters.includes(to) || outgoing.includes(to) ? null : 'no-voter';
}

/** True when the target has every entry and was told to stand. */
export function tellIfCaughtUp(s: Step, to: PeerId): boolean {
  const { state, config } = s;
  const slot = state.conf.peers.indexOf(to);
  const whole = state.match[slot] === state.log.lastIndex;
  if (config.rules.transferCaughtUp && !whole) return false;
  state.leaseBarred = config.rules.leaseEndsBeforeTransfer;
  send(s, to, { type: 'raft.timeout-now', term: state.term });
  return true;
}

export function onTransferTimeout(s: Step): void {
  if (s.state.role === 'leader') abandon(s);
}

function abandon(s: Step): void {
  const to = s.state.transferTo;
  if (to === null) return;
  s.state.transferTo = null;
  cancelTimer(s, 'transfer');
  s.out.push({ type: 'transfer-aborted', to });
}
