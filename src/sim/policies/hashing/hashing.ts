/**
 * What every hashing policy offers: which member of a group a key belongs to.
 *
 * A member has an identity that survives changes of membership; its index does not. A built state
 * is frozen plain data, so checkpoints share it: members changed means build anew.
 */

export interface MemberSpec {
  /** An integer 0..2^32-1 that stays with the member while others come and go. */
  readonly id: number;
  /** A share relative to the others; 0 owns no key. */
  readonly weight: number;
}

export interface HashingSettings {
  /** Ring: points on the circle for each unit of weight. nginx: 160. */
  readonly pointsPerWeight: number;
  /** Ring: no fewer points than this in all. nginx has no such bound: 0; Envoy: 1024. */
  readonly ringSizeMin?: number;
  /** Maglev: entries of its table, a prime. */
  readonly tableSize: number;
}

export interface Hashing<S = unknown> {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Whether a member's weight counts; where it does not, only 0 differs from the rest. */
  readonly usesWeights: boolean;
  build(members: readonly MemberSpec[], settings: HashingSettings): S;
  /** @param keyHash 0..2^32-1, see hashInt @returns an index into the members; -1: there is none */
  locate(state: S, keyHash: number): number;
}

/** nginx's points for each unit of weight; Envoy's table size. */
export const HASHING_DEFAULTS: HashingSettings = {
  pointsPerWeight: 160,
  tableSize: 65_537,
};
