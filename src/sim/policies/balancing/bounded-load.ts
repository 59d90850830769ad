/**
 * Consistent hashing with bounded loads (Mirrokni, Thorup & Zadimoghaddam, 2018): from the key
 * along the ring to the first backend that has room.
 *
 * Invariant: after a pick, its backend has at most ceil(c * m * w / W) requests under way, m the
 * requests of all usable backends with this one, w its weight and W that of all. The capacities
 * sum to at least c * m, so somebody always has room.
 *
 * Differs: the paper moves requests when others end; a balancer does not, so a backend may stay
 * above a bound that has sunk.
 */
import type { BackendsView, Balancer } from './balancer.ts';
import { startRing, updateRing, walk } from './ring-walk.ts';
import type { RingWalk } from './ring-walk.ts';
import { isUsable } from './usable.ts';

/** 4 * 1.1 / 4.4 is a little more than 1: rounding must not make room for one more. */
const ROUNDING = 1e-9;

/** How many requests a backend with that part of the weight may have of `requests` in all. */
export function boundedCapacity(balanceFactor: number, requests: number, share: number): number {
  return Math.ceil(balanceFactor * requests * share - ROUNDING);
}

function pickWithRoom(state: RingWalk, view: BackendsView, keyHash: number): number {
  const { balanceFactor } = state.settings;
  let requests = 1;
  let weights = 0;
  const { count, weight, eligible, active } = view;
  for (let backend = 0; backend < count; backend++) {
    if (!eligible[backend]! || !(weight[backend]! > 0)) continue;
    requests += active[backend]!;
    weights += weight[backend]!;
  }
  if (weights === 0) return -1;
  return walk(
    state,
    keyHash,
    (backend) =>
      isUsable(view, backend) &&
      active[backend]! < boundedCapacity(balanceFactor, requests, weight[backend]! / weights),
  );
}

export const boundedLoad: Balancer<RingWalk> = {
  name: 'bounded-load',
  about: 'The owner of the key on a hash ring, or the next one that is not far above the mean.',
  source: 'Mirrokni, Thorup & Zadimoghaddam, Consistent Hashing with Bounded Loads (SODA 2018)',
  usesKey: true,
  isRandom: false,
  learns: false,
  start: startRing,
  update: updateRing,
  pick: pickWithRoom,
  ended() {},
};
