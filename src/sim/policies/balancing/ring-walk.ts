/**
 * A ring of all backends with a weight, and the walk from a key to the first that will take it.
 *
 * Invariant: to pass over a backend gives what a ring without it would give. So the ring is built
 * anew only when members or weights change, not with every change of health.
 */
import type { Ring } from '../hashing/ring.ts';
import { buildRing, pointOf } from '../hashing/ring.ts';
import type { BackendsView, BalancingSettings } from './balancer.ts';
import { sameNumbers } from './usable.ts';

export interface RingWalk {
  readonly settings: BalancingSettings;
  identities: number[];
  weights: number[];
  ring: Ring;
}

export function startRing(settings: BalancingSettings): RingWalk {
  return { settings, identities: [], weights: [], ring: buildRing([], settings) };
}

export function updateRing(
  state: RingWalk,
  view: BackendsView,
  identities: readonly number[],
): void {
  const weights = view.weight.slice(0, view.count);
  if (sameNumbers(identities, state.identities) && sameNumbers(weights, state.weights)) return;
  state.identities = identities.slice();
  state.weights = weights;
  const members = identities.map((id, backend) => ({ id, weight: weights[backend]! }));
  state.ring = buildRing(members, state.settings);
}

/** The first backend from the key on that takes it; -1 when none does. */
export function walk(
  { ring }: RingWalk,
  keyHash: number,
  takes: (backend: number) => boolean,
): number {
  const { owners } = ring;
  const size = owners.length;
  let at = size === 0 ? 0 : pointOf(ring, keyHash);
  let refused = -1;
  for (let i = 0; i < size; i++) {
    const backend = owners[at]!;
    if (backend !== refused) {
      if (takes(backend)) return backend;
      refused = backend;
    }
    at = at + 1 === size ? 0 : at + 1;
  }
  return -1;
}
