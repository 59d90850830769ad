/**
 * Rendezvous hashing, also called highest random weight (Thaler & Ravishankar, 1998): every member
 * scores the key, the highest score owns it. A member that leaves moves only its own keys.
 *
 * With weights the score is weight / -ln(u), u uniform in (0, 1) from the hash (Schindelhauer &
 * Schomaker, "Weighted Distributed Hash Tables", 2005). ln is monotonic, so equal weights may
 * compare the hashes themselves. It costs one hash for each member.
 */
import { ln } from '../../kernel/maths.ts';
import { hashInt } from './hash-int.ts';
import type { Hashing } from './hashing.ts';
import { ownersById } from './owners.ts';

export interface Rendezvous {
  readonly owners: Int32Array;
  /** By position in owners: a seed made from the identity. */
  readonly seeds: Uint32Array;
  readonly weights: Float64Array;
  readonly equalWeights: boolean;
}

const SEED = 0x52564844;
const TWO_32 = 0x100000000;

function heaviest({ owners, seeds, weights }: Rendezvous, keyHash: number): number {
  let best = -1;
  let bestScore = -1;
  for (let at = 0; at < owners.length; at++) {
    const uniform = (hashInt(keyHash, seeds[at]!) + 0.5) / TWO_32;
    const score = weights[at]! / -ln(uniform);
    if (score > bestScore) {
      bestScore = score;
      best = owners[at]!;
    }
  }
  return best;
}

function highest({ owners, seeds }: Rendezvous, keyHash: number): number {
  let best = -1;
  let bestScore = -1;
  for (let at = 0; at < owners.length; at++) {
    const score = hashInt(keyHash, seeds[at]!);
    if (score > bestScore) {
      bestScore = score;
      best = owners[at]!;
    }
  }
  return best;
}

export const rendezvousHashing: Hashing<Rendezvous> = {
  name: 'rendezvous',
  about: 'Every member scores the key, the highest score owns it; one hash for each member.',
  source:
    'Thaler & Ravishankar, Using Name-Based Mappings to Increase Hit Rates (1998); weights: ' +
    'Schindelhauer & Schomaker (2005)',
  usesWeights: true,
  build(members) {
    const owners = ownersById(members);
    const weights = Float64Array.from(owners, (index) => members[index]!.weight);
    return Object.freeze({
      owners,
      seeds: Uint32Array.from(owners, (index) => hashInt(members[index]!.id, SEED)),
      weights,
      equalWeights: weights.every((weight) => weight === weights[0]),
    });
  },
  locate(state, keyHash) {
    return state.equalWeights ? highest(state, keyHash) : heaviest(state, keyHash);
  },
};
