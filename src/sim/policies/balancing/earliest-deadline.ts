/**
 * Envoy's earliest-deadline-first schedule: whoever is picked comes again 1 / weight later, with
 * the weight that it has at the pick. So a weight may change from pick to pick, which turns
 * in a fixed order cannot follow.
 *
 * Differs: Envoy keeps a heap and rebuilds it at each change of hosts with random turns taken; here
 * survivors keep their deadlines, and the earliest is found by looking at all, which for the
 * hundred backends of a balancer costs no more.
 *
 * Source: Envoy, source/common/upstream/edf_scheduler.h.
 */
import type { BackendsView } from './balancer.ts';
import { formerOrdinals, isUsable } from './usable.ts';

export interface Deadlines {
  /** The deadline that was met last. */
  time: number;
  identities: number[];
  /** By ordinal; -1 for those that were not usable at the last update. */
  deadlines: number[];
}

export function startDeadlines(): Deadlines {
  return { time: 0, identities: [], deadlines: [] };
}

/**
 * Whoever comes new or back waits one turn from now: an old deadline would give it all the turns
 * that it has missed.
 */
export function updateDeadlines(
  state: Deadlines,
  view: BackendsView,
  identities: readonly number[],
  weightOf: (backend: number) => number,
): void {
  const { deadlines } = state;
  const former = formerOrdinals(state.identities, identities);
  state.identities = identities.slice();
  state.deadlines = former.map((at, backend) => {
    if (!isUsable(view, backend)) return -1;
    const known = at < 0 ? -1 : deadlines[at]!;
    return known < 0 ? state.time + 1 / weightOf(backend) : known;
  });
}

/** The usable backend with the earliest deadline, -1 when there is none. */
export function earliest(state: Deadlines, view: BackendsView): number {
  const { deadlines } = state;
  const { count, weight, eligible } = view;
  let best = -1;
  let least = Infinity;
  for (let backend = 0; backend < count; backend++) {
    if (!(deadlines[backend]! < least)) continue;
    if (!eligible[backend]! || !(weight[backend]! > 0)) continue;
    least = deadlines[backend]!;
    best = backend;
  }
  return best;
}

/** The backend had its turn. */
export function again(state: Deadlines, backend: number, weight: number): void {
  state.time = Math.max(state.time, state.deadlines[backend]!);
  state.deadlines[backend] = state.time + 1 / weight;
}
