/**
 * Updates that ride on other messages: each is sent so often that with high probability it has
 * reached everybody, and what was sent least often goes first.
 *
 * Invariant: of each member the newest update alone waits, and it is sent at most retransmitMult *
 * ceil(log10(n + 1)) times by one member.
 *
 * Source: SWIM (DSN 2002), 4.1; memberlist `queue.go`, `util.go`
 */
import type { SwimUpdate } from '../../contracts/swim.ts';
import { ln } from '../../kernel/maths.ts';
import type { Broadcast, SwimConfig, SwimState } from './state.ts';

const LN10 = 2.302585092994046;
export const log10 = (x: number): number => ln(x) / LN10;

/** How many members there are, itself included, those that are dead not. */
export function sizeOf({ peers }: SwimState): number {
  let size = 1;
  for (const { status } of peers.values()) if (status !== 'dead') size += 1;
  return size;
}

/** The tiny part taken off keeps log10(1000) from being a little more than 3. */
export const sendsMax = ({ retransmitMult }: SwimConfig, size: number): number =>
  retransmitMult * Math.max(0, Math.ceil(log10(size + 1) - 1e-12));

export function broadcast(state: SwimState, update: SwimUpdate): void {
  state.queue = state.queue.filter(({ update: { node } }) => node !== update.node);
  state.queue.push({ update, id: state.nextBroadcast++, sends: 0 });
}

const byNeed = (a: Broadcast, b: Broadcast): number => a.sends - b.sends || b.id - a.id;

/** The updates for one packet; each of them counts as sent. */
export function takeGossip(config: SwimConfig, state: SwimState): readonly SwimUpdate[] {
  if (state.queue.length === 0) return [];
  const chosen = state.queue.toSorted(byNeed).slice(0, config.updatesPerPacket);
  for (const item of chosen) item.sends += 1;
  const most = sendsMax(config, sizeOf(state));
  if (chosen.some(({ sends }) => sends >= most)) {
    state.queue = state.queue.filter(({ sends }) => sends < most);
  }
  return chosen.map(({ update }) => update);
}
