/**
 * Turns in proportion to the weights, the heaviest first: [5, 1, 1] gives aaaaabc, [4, 3, 2] gives
 * aababcabc. The plain way, which sends bursts to the heavy ones.
 *
 * Each backend has its weight in turns. The one with the most turns left is picked and pays one;
 * when nobody has any left, all get their weight again.
 *
 * Differs: LVS takes whole weights; here what a fraction owes is kept for the next rounds, so that
 * a backend in slow start gets its part.
 *
 * Source: Linux Virtual Server, weighted round-robin scheduling (ip_vs_wrr.c).
 */
import type { BackendsView, Balancer } from './balancer.ts';
import { formerOrdinals, isUsable } from './usable.ts';

interface TurnsLeft {
  identities: number[];
  /** By ordinal. */
  left: number[];
}

/** The usable one with the most turns left, the first of those that tie; -1 without any. */
function richest({ left }: TurnsLeft, view: BackendsView): number {
  let best = -1;
  for (let backend = 0; backend < view.count; backend++) {
    if (!isUsable(view, backend)) continue;
    if (best < 0 || left[backend]! > left[best]!) best = backend;
  }
  return best;
}

/** As many rounds as it takes until somebody has a turn: many, where all weigh next to nothing. */
function refill({ left }: TurnsLeft, view: BackendsView): void {
  let rounds = Infinity;
  for (let backend = 0; backend < view.count; backend++) {
    if (!isUsable(view, backend)) continue;
    rounds = Math.min(rounds, Math.floor(-left[backend]! / view.weight[backend]!) + 1);
  }
  for (let backend = 0; backend < view.count; backend++) {
    if (isUsable(view, backend)) left[backend]! += rounds * view.weight[backend]!;
  }
}

export const weightedRoundRobin: Balancer<TurnsLeft> = {
  name: 'weighted-round-robin',
  about: 'Turns in proportion to the weights, in bursts: the heaviest first.',
  source: 'Linux Virtual Server, ip_vs_wrr.c',
  usesKey: false,
  isRandom: false,
  learns: false,
  start: () => ({ identities: [], left: [] }),
  update(state, view, identities) {
    const { left } = state;
    const former = formerOrdinals(state.identities, identities);
    state.identities = identities.slice();
    state.left = former.map((at, backend) => (at < 0 ? view.weight[backend]! : left[at]!));
  },
  pick(state, view) {
    let backend = richest(state, view);
    if (backend < 0) return -1;
    if (state.left[backend]! <= 0) {
      refill(state, view);
      backend = richest(state, view);
    }
    state.left[backend]! -= 1;
    return backend;
  },
  ended() {},
};
