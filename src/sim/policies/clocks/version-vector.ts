/**
 * Version vectors, which are vector clocks when they count events: how many of each node's updates
 * somebody knows of.
 *
 * Invariants: a vector is immutable, its entries are sorted by node and none of them is zero, so
 * that two vectors that say the same are the same data. e happened before f if and only if e's
 * vector is before f's. `merge` is the least upper bound.
 *
 * Sources: Parker et al., Detection of Mutual Inconsistency in Distributed Systems (1983); Fidge
 * (1988) and Mattern (1989); DeCandia et al., Dynamo (SOSP 2007), 4.4.
 */
import type { ActorCounts } from '../../contracts/crdt.ts';
import { NO_COUNTS, countOf, joinCounts, withCount } from '../crdt/actor-counts.ts';

/** Pairs of a node and how many of its updates are known, by rising node. */
export type VersionVector = ActorCounts;

export type VersionOrder = 'equal' | 'before' | 'after' | 'concurrent';

/** Knows of nothing: before all others. */
export const NO_VERSIONS: VersionVector = NO_COUNTS;

/** How many updates of `node` it knows of. */
export const countIn = countOf;

/** What both know together: the larger count of each node. */
export const merge = joinCounts;

/** One more update of `node`: what it knows after its own event. */
export const increment = (vector: VersionVector, node: number): VersionVector =>
  withCount(vector, node, countOf(vector, node) + 1);

/** Whether `a` knows of all that `b` knows of: `a` may replace `b`. */
export const descends = (a: VersionVector, b: VersionVector): boolean =>
  b.every(([node, count]) => countOf(a, node) >= count);

export function compareVersions(a: VersionVector, b: VersionVector): VersionOrder {
  const hasAll = descends(a, b);
  const isKnown = descends(b, a);
  if (hasAll) return isKnown ? 'equal' : 'after';
  return isKnown ? 'before' : 'concurrent';
}

/** The vector of receiving a message: all that sender and receiver know, and this event. */
export const receiveVersions = (
  own: VersionVector,
  sent: VersionVector,
  node: number,
): VersionVector => increment(merge(own, sent), node);
