/**
 * The owner of the key by one of the hashings, among those that are eligible: a member that falls
 * out is left out, and what that moves is what the hashing is known for.
 */
import { HASHING_DEFAULTS } from '../hashing/hashing.ts';
import type { Hashing } from '../hashing/hashing.ts';
import { HASHING_POLICIES } from '../hashing/index.ts';
import type { Balancer, BalancingSettings } from './balancer.ts';
import { isUsable, sameNumbers } from './usable.ts';

interface Hashed {
  readonly settings: BalancingSettings;
  identities: number[];
  /** 0 for those that were not eligible. */
  weights: number[];
  /** Places of the members that the table knows. */
  places: number[];
  built: unknown;
}

function hashed<S>(hashing: Hashing<S>): Balancer<Hashed> {
  return {
    name: hashing.name,
    about: hashing.about,
    source: hashing.source,
    usesKey: true,
    isRandom: false,
    learns: false,
    start: (settings) => ({
      settings,
      identities: [],
      weights: [],
      places: [],
      built: hashing.build([], HASHING_DEFAULTS),
    }),
    update(state, view, identities) {
      const weights = identities.map((_, at) => (isUsable(view, at) ? view.weight[at]! : 0));
      if (sameNumbers(identities, state.identities) && sameNumbers(weights, state.weights)) return;
      state.identities = identities.slice();
      state.weights = weights;
      // A table without the absent ones: that is what makes a modulus move nearly every key.
      state.places = weights.flatMap((weight, at) => (weight > 0 ? [at] : []));
      const members = state.places.map((at) => ({ id: identities[at]!, weight: weights[at]! }));
      state.built = hashing.build(members, state.settings);
    },
    pick({ places, built }, view, keyHash) {
      const backend = places[hashing.locate(built as S, keyHash)];
      if (backend !== undefined && isUsable(view, backend)) return backend;
      // Health has changed since the table was built: the first who may get it.
      for (let place = 0; place < view.count; place++) if (isUsable(view, place)) return place;
      return -1;
    },
    ended() {},
  };
}

/** These have balancers of their own, which keep a table of all members. */
const OF_THEIR_OWN: readonly string[] = ['ring', 'maglev'];

export const hashedBalancers = HASHING_POLICIES.filter(
  ({ name }) => !OF_THEIR_OWN.includes(name),
).map(hashed);
