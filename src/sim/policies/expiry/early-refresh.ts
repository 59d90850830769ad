/**
 * When a cached value is computed anew: the interface. A value knows when it expires and how long
 * it took to compute; who reads it decides.
 */
export interface Freshness {
  readonly expiryMicros: number;
  /** How long the value took to compute (delta). */
  readonly deltaMicros: number;
}

export interface EarlyRefresh {
  readonly name: string;
  readonly about: string;
  readonly source: string;
  readonly isRandom: boolean;
  /** Whether this reader computes anew. `draw` is in (0, 1); beta above 1 favours earlier. */
  isDue(nowMicros: number, value: Freshness, beta: number, draw: number): boolean;
}
