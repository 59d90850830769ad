/**
 * The owner of the key in a Maglev table. The table holds those that are eligible, as in Envoy and
 * in the paper: a change of health builds it anew.
 */
import type { MemberSpec } from '../hashing/hashing.ts';
import { maglevHashing } from '../hashing/maglev.ts';
import type { Maglev } from '../hashing/maglev.ts';
import type { BackendsView, Balancer, BalancingSettings } from './balancer.ts';
import { isUsable, sameNumbers } from './usable.ts';

interface MaglevBalancer {
  readonly settings: BalancingSettings;
  identities: number[];
  /** 0 for those that were not eligible. */
  weights: number[];
  built: Maglev;
}

/**
 * Eligibility has changed since the table was made: the next entry of somebody usable, and
 * should the table have none, the first usable backend.
 */
function nextUsable(table: Int32Array, view: BackendsView, keyHash: number): number {
  for (let i = 1; i < table.length; i++) {
    const backend = table[(keyHash + i) % table.length]!;
    if (isUsable(view, backend)) return backend;
  }
  for (let backend = 0; backend < view.count; backend++) {
    if (isUsable(view, backend)) return backend;
  }
  return -1;
}

export const maglev: Balancer<MaglevBalancer> = {
  name: 'maglev',
  about: 'The owner of the key in a Maglev table: one read, even shares.',
  source: 'Eisenbud et al., Maglev (NSDI 2016); Envoy maglev',
  usesKey: true,
  isRandom: false,
  learns: false,
  start: (settings) => ({
    settings,
    identities: [],
    weights: [],
    built: maglevHashing.build([], settings),
  }),
  update(state, view, identities) {
    const weights = identities.map((_, at) => (isUsable(view, at) ? view.weight[at]! : 0));
    if (sameNumbers(identities, state.identities) && sameNumbers(weights, state.weights)) return;
    state.identities = identities.slice();
    state.weights = weights;
    const members = identities.map((id, at): MemberSpec => ({ id, weight: weights[at]! }));
    state.built = maglevHashing.build(members, state.settings);
  },
  pick({ built }, view, keyHash) {
    const backend = maglevHashing.locate(built, keyHash);
    if (backend >= 0 && isUsable(view, backend)) return backend;
    return nextUsable(built.table, view, keyHash);
  },
  ended() {},
};
