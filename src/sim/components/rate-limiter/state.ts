/** What a rate limiter holds: gone with a crash. */
import type { RateLimitSettings, RateLimitState } from '../../policies/limiting/index.ts';
import { newBusiest, limitSettings } from '../../traffic/limit-policy.ts';
import type { Busiest } from '../../traffic/limit-policy.ts';
import { newProxy } from '../../traffic/proxy.ts';
import type { Proxy } from '../../traffic/proxy.ts';
import type { Upstream } from '../../traffic/upstream.ts';
import type { RateLimiterConfig } from './config.ts';

/** Of local-sync: one key in the present window. */
export interface Synced {
  window: number;
  /** Of all nodes, when the store last said. */
  known: number;
  /** Let through since. */
  own: number;
  /** Told to the store, which has not answered yet; -1: nothing is on its way. */
  told: number;
  toldWindow: number;
}

export interface Mark {
  readonly atMicros: number;
  readonly admitted: boolean;
}

/** As many decisions a picture shows. */
export const MARKS_MAX = 24;

export interface RateLimiterState {
  readonly settings: RateLimitSettings;
  readonly proxy: Proxy;
  readonly target: Upstream;
  /** Null where it counts by itself. */
  readonly store: Upstream | null;
  /** Of local, by key. */
  readonly limiters: Map<number, RateLimitState>;
  /** Of local-sync, by key. */
  readonly synced: Map<number, Synced>;
  readonly busiest: Busiest;
  readonly marks: Mark[];
  admitted: number;
  /** Or would have refused, in shadow mode. */
  refused: number;
  /** Let through, or turned away, because the store did not answer. */
  undecided: number;
  storeCalls: number;
  isStoreLost: boolean;
  isRefusing: boolean;
  lastRefusedMicros: number;
  /** In all, when it began to refuse. */
  refusedBefore: number;
}

export const newState = (
  config: RateLimiterConfig,
  target: Upstream,
  store: Upstream | null,
): RateLimiterState => ({
  settings: limitSettings(config),
  proxy: newProxy(),
  target,
  store,
  limiters: new Map(),
  synced: new Map(),
  busiest: newBusiest(),
  marks: [],
  admitted: 0,
  refused: 0,
  undecided: 0,
  storeCalls: 0,
  isStoreLost: false,
  isRefusing: false,
  lastRefusedMicros: 0,
  refusedBefore: 0,
});

/** Whom it calls: each at the place that it has in tags. */
export const upstreamsOf = ({ target, store }: RateLimiterState): readonly Upstream[] =>
  store === null ? [target] : [target, store];
