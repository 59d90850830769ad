/** Calls of an upstream that wait for a place of its bulkhead or a connection of its pool. */
import { enter, leave } from './flow.ts';
import type { FlowCount } from './flow.ts';
import { addLast, firstOf, leaveRing } from './slot-ring.ts';
import type { Call, Upstream } from './upstream.ts';

/** Only an upstream that lets calls wait has a queue. */
const waitsOf = (up: Upstream): FlowCount => up.waits as FlowCount;

export function joinQueue(up: Upstream, slot: number, nowMicros: number): void {
  (up.calls[slot] as Call).waitsSinceMicros = nowMicros;
  addLast(up.waiting, slot);
  enter(waitsOf(up), nowMicros);
}

/** The call that waits longest, or -1. */
export const firstWaiting = (up: Upstream): number => firstOf(up.waiting);

export function leaveQueue(up: Upstream, slot: number, nowMicros: number): void {
  const call = up.calls[slot] as Call;
  leaveRing(up.waiting, slot);
  leave(waitsOf(up), call.waitsSinceMicros, nowMicros);
  call.waitsSinceMicros = -1;
}
