/**
 * From when on a plan does nothing more to its system: at its heal phase, or, without one, when the
 * last of its faults has struck and what is undone is undone. What it breaks for good stays broken.
 *
 * Null only where that cannot be known before the run: a fault waits for something to happen, or
 * comes again and again.
 */
import type { FaultEntry } from '../faults/fault.ts';
import type { Plan } from './plan.ts';

export function healMsOf(plan: Pick<Plan, 'healAtMs' | 'faults'>): number | null {
  if (plan.healAtMs !== undefined) return plan.healAtMs;
  let last = 0;
  for (const entry of plan.faults) {
    const end = endOf(entry);
    if (end === null) return null;
    last = Math.max(last, end);
  }
  return last;
}

function endOf({ atMs, every, forMs = 0 }: FaultEntry): number | null {
  const strikesMs = atMs ?? every?.untilMs;
  return strikesMs === undefined ? null : strikesMs + forMs;
}
