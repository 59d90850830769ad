/**
 * Maglev hashing (Eisenbud and others, "Maglev: A Fast and Reliable Software Network Load
 * Balancer", NSDI 2016): members take turns to claim the next free entry of a table in an order
 * of their own; a lookup is one read.
 *
 * Invariant: with equal weights the shares differ by at most one entry. Unlike on a ring, a few
 * keys of other members move too when one leaves. Weights as in Envoy: a lighter member misses
 * turns.
 */
import { invariant } from '../../kernel/errors.ts';
import { hashInt } from './hash-int.ts';
import type { Hashing } from './hashing.ts';
import { ownersById } from './owners.ts';

export interface Maglev {
  /** By entry: the index of its member. Empty when there is no member. */
  readonly table: Int32Array;
}

const OFFSET_SEED = 0x4f464653;
const SKIP_SEED = 0x534b4950;

export function isPrime(n: number): boolean {
  if (n < 2 || n % 1 !== 0) return false;
  for (let divisor = 2; divisor * divisor <= n; divisor++) if (n % divisor === 0) return false;
  return true;
}

/** Fills a table; `wish(member)` is the next entry that the member would like. */
function fill(
  tableSize: number,
  weights: ArrayLike<number>,
  wish: (member: number) => number,
): Int32Array {
  const table = new Int32Array(tableSize).fill(-1);
  const count = weights.length;
  let weightMax = 0;
  for (let member = 0; member < count; member++) {
    weightMax = Math.max(weightMax, weights[member]!);
  }
  // A member has its turn whenever the rounds times its weight reach what it has waited for.
  const due = new Float64Array(count).fill(weightMax);
  let filled = 0;
  for (let round = 1; count > 0; round++) {
    for (let member = 0; member < count; member++) {
      if (round * weights[member]! < due[member]!) continue;
      due[member]! += weightMax;
      let entry = wish(member);
      while (table[entry] !== -1) entry = wish(member);
      table[entry] = member;
      if (++filled === tableSize) return table;
    }
  }
  return table;
}

/** The table of given permutations of its entries, all members alike. */
export function buildFromPermutations(permutations: readonly (readonly number[])[]): Maglev {
  const tableSize = permutations[0]?.length ?? 0;
  const weights = permutations.map(() => 1);
  const turns = new Int32Array(permutations.length);
  return Object.freeze({
    table: fill(tableSize, weights, (member) => permutations[member]![turns[member]!++]!),
  });
}

export const maglevHashing: Hashing<Maglev> = {
  name: 'maglev',
  about: 'A table that members fill in turns: even shares and one read, some extra moves.',
  source: 'Eisenbud et al., Maglev (NSDI 2016), section 3.4; weights as in Envoy',
  usesWeights: true,
  build(members, { tableSize }) {
    invariant(isPrime(tableSize), `a Maglev table has a prime size, not ${tableSize}`);
    const owners = ownersById(members);
    if (owners.length === 0) return Object.freeze({ table: new Int32Array(0) });
    const weights = Float64Array.from(owners, (index) => members[index]!.weight);
    const wishes = owners.map((index) => hashInt(members[index]!.id, OFFSET_SEED) % tableSize);
    const skips = owners.map(
      (index) => (hashInt(members[index]!.id, SKIP_SEED) % (tableSize - 1)) + 1,
    );
    const table = fill(tableSize, weights, (member) => {
      const entry = wishes[member]!;
      const next = entry + skips[member]!;
      wishes[member] = next < tableSize ? next : next - tableSize;
      return entry;
    });
    for (let entry = 0; entry < tableSize; entry++) table[entry] = owners[table[entry]!]!;
    return Object.freeze({ table });
  },
  locate({ table }, keyHash) {
    return table.length === 0 ? -1 : table[keyHash % table.length]!;
  },
};
