/** Pings: the owner of a ballot is alive; a leader's also spread what is chosen. */
import { broadcast } from './context.ts';
import type { Step } from './context.ts';

export function ping(s: Step): void {
  const { role, promised: ballot, chosen, round, confirmedRound } = s.state;
  const leading = role === 'leader';
  broadcast(s, {
    type: 'paxos.ping',
    ballot,
    leading,
    chosen,
    round: leading ? round : 0,
    confirmed: leading ? confirmedRound : 0,
  });
}
