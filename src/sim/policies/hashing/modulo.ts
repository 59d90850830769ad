/**
 * The remainder of the hash by the number of members: for contrast. One member more moves
 * n / (n + 1) of all keys.
 */
import type { Hashing } from './hashing.ts';
import { ownersOf } from './owners.ts';
import type { Owners } from './owners.ts';

export const moduloHashing: Hashing<Owners> = {
  name: 'modulo',
  about: 'Hash modulo the number of members; nearly every key moves when that number changes.',
  source: 'folklore; memcached clients before ketama',
  usesWeights: false,
  build: ownersOf,
  locate({ owners }, keyHash) {
    return owners.length === 0 ? -1 : owners[keyHash % owners.length]!;
  },
};
