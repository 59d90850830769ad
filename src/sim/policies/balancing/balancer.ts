/**
 * What every balancing policy offers: which backend the next request goes to.
 *
 * Invariant: a policy never picks a backend that is not eligible or whose weight is 0, and answers
 * -1 only when there is no other. State is plain data, changed in place; what a policy knows of
 * load is what its own balancer has sent and seen, however stale.
 */
import type { Stream } from '../../kernel/random.ts';

/** Owned by the caller; arrays by ordinal 0..count-1. */
export interface BackendsView {
  readonly count: number;
  /** Effective: slow start is already applied. 0 gets nothing. */
  readonly weight: readonly number[];
  /** Healthy and not ejected, or anybody when in panic. */
  readonly eligible: readonly boolean[];
  /** Requests under way from this balancer. */
  readonly active: readonly number[];
}

export interface BalancingSettings {
  /** power-of-d, least-response-time: how many backends are compared. Envoy: choice_count 2. */
  readonly choiceCount: number;
  /** power-of-d: whether one backend may be drawn twice, as in Envoy. Finagle draws others. */
  readonly withReplacement: boolean;
  /** power-of-d with unequal weights. Envoy: active_request_bias 1. */
  readonly activeRequestBias: number;
  /** smooth-weighted-round-robin: failures that use up the weight. nginx: 1; 0 never lowers it. */
  readonly maxFails: number;
  /** least-response-time: how fast old latencies are forgotten. Finagle: 10 s. */
  readonly decayMicros: number;
  /** ring-hash, bounded-load: points on the circle for each unit of weight. nginx: 160. */
  readonly pointsPerWeight: number;
  /** ring-hash, bounded-load: no fewer points in all. nginx has no such bound: 0; Envoy: 1024. */
  readonly ringSizeMin?: number;
  /** maglev: entries of its table, a prime. Envoy: 65537. */
  readonly tableSize: number;
  /** bounded-load: how far above the mean a backend may be, 1.25 = 25 %. */
  readonly balanceFactor: number;
}

export interface Balancer<S = unknown> {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Whether it uses the key of a request. */
  readonly usesKey: boolean;
  /** Whether it uses its draws; a policy that does not costs no draw. */
  readonly isRandom: boolean;
  /** Whether it uses latencies and outcomes: where not, `ended` does nothing. */
  readonly learns: boolean;
  start(settings: BalancingSettings): S;
  /**
   * Called before the first pick, and whenever members, weights or eligibility have changed.
   * What is known of a backend follows its identity to its new ordinal.
   * @param identities by ordinal: integers 0..2^32-1 that stay with a backend
   */
  update(state: S, view: BackendsView, identities: readonly number[]): void;
  /** @returns an ordinal, or -1 when no backend is eligible */
  pick(state: S, view: BackendsView, keyHash: number, nowMicros: number, draw: Stream): number;
  /** A request ended. Not called for a backend that is no longer a member. */
  ended(state: S, backend: number, latencyMicros: number, ok: boolean, nowMicros: number): void;
}

export const BALANCING_DEFAULTS: BalancingSettings = {
  choiceCount: 2,
  withReplacement: true,
  activeRequestBias: 1,
  maxFails: 1,
  decayMicros: 10_000_000,
  pointsPerWeight: 160,
  tableSize: 65_537,
  balanceFactor: 1.25,
};
