/**
 * Anyone, in proportion to the weights: one draw on the running sums of the weights, found by
 * bisection. A draw that falls on a backend that is not eligible is repeated, which favours nobody.
 */
import type { Stream } from '../../kernel/random.ts';
import type { BackendsView, Balancer } from './balancer.ts';
import { isUsable } from './usable.ts';

interface RunningSums {
  /** By ordinal: the weights up to and including it. */
  sums: number[];
}

const DRAWS_MAX = 8;

/** Sums of those usable only, made on the spot: when most of the weight is not. */
function amongUsable(view: BackendsView, draw: Stream): number {
  let total = 0;
  let last = -1;
  for (let backend = 0; backend < view.count; backend++) {
    if (!isUsable(view, backend)) continue;
    total += view.weight[backend]!;
    last = backend;
  }
  if (last < 0) return -1;
  let left = draw.open01() * total;
  for (let backend = 0; backend < last; backend++) {
    if (!isUsable(view, backend)) continue;
    left -= view.weight[backend]!;
    if (left < 0) return backend;
  }
  return last;
}

export const weightedRandom: Balancer<RunningSums> = {
  name: 'weighted-random',
  about: 'Anyone, in proportion to the weights, whatever their load.',
  source: 'nginx random; HAProxy balance random(1)',
  usesKey: false,
  isRandom: true,
  learns: false,
  start: () => ({ sums: [] }),
  update(state, view) {
    let sum = 0;
    state.sums = view.weight.slice(0, view.count).map((weight) => (sum += weight));
  },
  pick({ sums }, view, _keyHash, _nowMicros, draw) {
    const total = sums[sums.length - 1] ?? 0;
    for (let i = 0; i < DRAWS_MAX && total > 0; i++) {
      const point = draw.open01() * total;
      let low = 0;
      let high = sums.length - 1;
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (sums[middle]! <= point) low = middle + 1;
        else high = middle;
      }
      if (isUsable(view, low)) return low;
    }
    return amongUsable(view, draw);
  },
  ended() {},
};
