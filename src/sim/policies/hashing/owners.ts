/** The members that may own keys: those with a weight, as indices in the order they were given. */
import type { MemberSpec } from './hashing.ts';

export interface Owners {
  readonly owners: Int32Array;
}

export function ownersOf(members: readonly MemberSpec[]): Owners {
  const owners: number[] = [];
  for (let index = 0; index < members.length; index++) {
    if (members[index]!.weight > 0) owners.push(index);
  }
  return Object.freeze({ owners: Int32Array.from(owners) });
}

/** The owners by identity: what is built from it does not depend on the order of the list. */
export function ownersById(members: readonly MemberSpec[]): Int32Array {
  const { owners } = ownersOf(members);
  return owners.sort((a, b) => members[a]!.id - members[b]!.id || a - b);
}
