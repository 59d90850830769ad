/**
 * Which key leaves a full cache: the interface of all eviction policies.
 *
 * A policy knows keys (non-negative safe integers), not values; every key counts as one. A request
 * is `touch`, then on a miss, whenever the value has come, `insert`. The two may lie apart, and
 * keys may be inserted that were never asked for. State is plain data, changed in place; nothing
 * is drawn but from it, so that a copy of a state goes on as the original does.
 */

/** What can be set. Shares are of the capacity; a policy reads those that name it. */
export interface EvictionSettings {
  /** random: the seed of its generator, 32 bits. Default 1. */
  readonly seed?: number;
  /** 2q: the share of pages seen once. Default 0.25. */
  readonly kin?: number;
  /** 2q: how many keys are remembered of those paged out. Default 0.5. */
  readonly kout?: number;
  /** slru, and w-tinylfu of its main space: the protected share. Default 0.8. */
  readonly protectedShare?: number;
  /** lirs: the share of resident HIR blocks (HIR_RATE). Default 0.01. */
  readonly hirShare?: number;
  /** lirs: how many keys its stack holds at most, in capacities. Default 2500 (MAX_S_LEN). */
  readonly stackFactor?: number;
  /** s3-fifo: the small queue (fifo-size-ratio). Default 0.1. */
  readonly smallShare?: number;
  /** s3-fifo: the ghost queue (ghost-size-ratio). Default 0.9. */
  readonly ghostShare?: number;
  /** s3-fifo: requests in the small queue that lead to main (move-to-main-threshold). Default 2. */
  readonly moveToMainThreshold?: number;
  /** w-tinylfu: the window. Default 0.01. */
  readonly windowShare?: number;
  /** w-tinylfu: counters are halved after so many requests, in capacities. Default 10. */
  readonly sampleFactor?: number;
}

export interface EvictionPolicy<S = unknown> {
  readonly name: string;
  readonly about: string;
  readonly source: string;
  /** An empty cache for so many keys (1 or more). Plain data. */
  start(capacity: number, settings?: EvictionSettings): S;
  /** Whether the key is in. Changes nothing. */
  has(state: S, key: number): boolean;
  /** A request for the key: true is a hit. What the policy learns from a miss, it learns here. */
  touch(state: S, key: number): boolean;
  /**
   * Puts a key that is not in (one that is in stays as it is). Returns the key that went, which
   * may be the key itself (not admitted), or -1.
   */
  insert(state: S, key: number): number;
  /** Takes a key out; false when it was not in. What is remembered of absent keys stays. */
  remove(state: S, key: number): boolean;
  size(state: S): number;
  /** For a picture: up to n keys that are in, those first that would go first. */
  order(state: S, n: number): readonly number[];
}
