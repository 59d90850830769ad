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

/** Pairs of a node and how many of its updates are known, by rising node. */
export type VersionVector = readonly (readonly [node: number, count: number])[];

export type VersionOrder = 'equal' | 'before' | 'after' | 'concurrent';

/** Knows of nothing: before all others. */
export const NO_VERSIONS: VersionVector = Object.freeze([]);

/** How many updates of `node` it knows of. */
export function countIn(vector: VersionVector, node: number): number {
  for (const [of, count] of vector) if (of === node) return count;
  return 0;
}

/** One more update of `node`: what it knows after its own event. */
export function increment(vector: VersionVector, node: number): VersionVector {
  const next: (readonly [number, number])[] = [];
  let isDone = false;
  for (const entry of vector) {
    if (!isDone && entry[0] >= node) {
      next.push([node, entry[0] === node ? entry[1] + 1 : 1]);
      isDone = true;
      if (entry[0] === node) continue;
    }
    next.push(entry);
  }
  if (!isDone) next.push([node, 1]);
  return next;
}

/** What both know together: the larger count of each node. */
export function merge(a: VersionVector, b: VersionVector): VersionVector {
  const merged: (readonly [number, number])[] = [];
  let i = 0;
  let j = 0;
  for (;;) {
    const left = a[i];
    const right = b[j];
    if (left === undefined && right === undefined) return merged;
    if (right === undefined || (left !== undefined && left[0] < right[0])) {
      merged.push(left!);
      i += 1;
    } else if (left === undefined || right[0] < left[0]) {
      merged.push(right);
      j += 1;
    } else {
      merged.push(left[1] >= right[1] ? left : right);
      i += 1;
      j += 1;
    }
  }
}

/** Whether `a` knows of all that `b` knows of: `a` may replace `b`. */
export function descends(a: VersionVector, b: VersionVector): boolean {
  let i = 0;
  for (const [node, count] of b) {
    while (i < a.length && a[i]![0] < node) i += 1;
    const entry = a[i];
    if (entry === undefined || entry[0] !== node || entry[1] < count) return false;
  }
  return true;
}

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
