/**
 * Numbers by actor, as sorted lists: version vectors and the halves of counters.
 *
 * Invariant: sorted by actor, nobody twice, no count of 0; a list that is returned is new or one
 * of those given, never a changed one.
 */
import type { ActorCounts, ActorId } from '../../contracts/crdt.ts';

export const NO_COUNTS: ActorCounts = Object.freeze([]);

export function countOf(counts: ActorCounts, actor: ActorId): number {
  for (const [who, count] of counts) if (who === actor) return count;
  return 0;
}

/** Both lists in one pass; `join` is given both counts of an actor, 0 where it has none. */
export function combine(
  a: ActorCounts,
  b: ActorCounts,
  join: (x: number, y: number, actor: ActorId) => number,
): ActorCounts {
  const result: (readonly [ActorId, number])[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const left = a[i];
    const right = b[j];
    const actor = Math.min(left?.[0] ?? Infinity, right?.[0] ?? Infinity);
    const x = left?.[0] === actor ? left[1] : 0;
    const y = right?.[0] === actor ? right[1] : 0;
    if (left?.[0] === actor) i++;
    if (right?.[0] === actor) j++;
    const count = join(x, y, actor);
    if (count > 0) result.push(Object.freeze([actor, count] as const));
  }
  return Object.freeze(result);
}

/** The least upper bound. */
export const joinCounts = (a: ActorCounts, b: ActorCounts): ActorCounts =>
  a === b || b.length === 0 ? a : combine(a, b, (x, y) => Math.max(x, y));

/** The same with one count set. */
export const withCount = (counts: ActorCounts, actor: ActorId, count: number): ActorCounts =>
  combine(counts, [[actor, count]], (x, y) => (y === 0 ? x : y));

export function sumOf(counts: ActorCounts): number {
  let sum = 0;
  for (const [, count] of counts) sum += count;
  return sum;
}
