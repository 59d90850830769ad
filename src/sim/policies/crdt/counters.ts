/**
 * Counters that any replica may change: grow-only (specification 6 of Shapiro et al., 2011) and
 * positive-negative (specification 7). Invariant: only an actor itself changes its own count.
 */
import type { ActorId, GCounter, PnCounter } from '../../contracts/crdt.ts';
import { NO_COUNTS, countOf, joinCounts, sumOf, withCount } from './actor-counts.ts';

export const EMPTY_G_COUNTER: GCounter = Object.freeze({ kind: 'g-counter', counts: NO_COUNTS });
export const EMPTY_PN_COUNTER: PnCounter = Object.freeze({
  kind: 'pn-counter',
  up: NO_COUNTS,
  down: NO_COUNTS,
});

/** A negative number changes nothing: this counter only grows. */
export function growBy(counter: GCounter, actor: ActorId, by: number): GCounter {
  if (by <= 0) return counter;
  const counts = withCount(counter.counts, actor, countOf(counter.counts, actor) + by);
  return Object.freeze({ kind: 'g-counter', counts });
}

export const mergeGCounters = (a: GCounter, b: GCounter): GCounter =>
  Object.freeze({ kind: 'g-counter', counts: joinCounts(a.counts, b.counts) });

export const valueOfGCounter = (counter: GCounter): number => sumOf(counter.counts);

export function changeBy(counter: PnCounter, actor: ActorId, by: number): PnCounter {
  const { up, down } = counter;
  if (by === 0) return counter;
  return Object.freeze({
    kind: 'pn-counter',
    up: by > 0 ? withCount(up, actor, countOf(up, actor) + by) : up,
    down: by < 0 ? withCount(down, actor, countOf(down, actor) - by) : down,
  });
}

export const mergePnCounters = (a: PnCounter, b: PnCounter): PnCounter =>
  Object.freeze({
    kind: 'pn-counter',
    up: joinCounts(a.up, b.up),
    down: joinCounts(a.down, b.down),
  });

export const valueOfPnCounter = (counter: PnCounter): number =>
  sumOf(counter.up) - sumOf(counter.down);
