/**
 * What a client depends on: for each origin up to which of its writes it has seen.
 *
 * Writes of one origin are applied everywhere in their order, so the last one seen stands for all
 * before it, and a write of one's own stands for all that it depended on: these are the nearest
 * dependencies (COPS 4.1 and 4.4), at most one for each origin.
 */
import type { ActorCounts } from '../../contracts/crdt.ts';

export type Dependencies = ActorCounts;

/** Whoever has seen both depends on both. */
export function merged(a: Dependencies, b: Dependencies): Dependencies {
  const counts = new Map(a);
  for (const [origin, count] of b) counts.set(origin, Math.max(count, counts.get(origin) ?? 0));
  const sorted = [...counts].sort(([one], [other]) => one - other);
  return Object.freeze(sorted.map(([origin, count]) => Object.freeze([origin, count] as const)));
}

/** The first that is not applied, or undefined. */
export const missing = (
  applied: ReadonlyMap<number, number>,
  dependencies: Dependencies,
): Dependencies[number] | undefined =>
  dependencies.find(([origin, count]) => (applied.get(origin) ?? 0) < count);
