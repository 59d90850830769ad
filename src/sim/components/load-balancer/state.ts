/** What a load balancer holds: all of it its own view, all of it gone with a crash. */
import { ms } from '../../kernel/time.ts';
import { startHealth } from '../../policies/balancing/health.ts';
import type { HealthSettings } from '../../policies/balancing/health.ts';
import { startOutliers } from '../../policies/balancing/outlier-detection.ts';
import type { OutlierState } from '../../policies/balancing/outlier-detection.ts';
import type { OutlierSettings } from '../../policies/balancing/outlier-settings.ts';
import type { ZoneRouting } from '../../policies/balancing/zone-aware.ts';
import type { NodeIndex } from '../../node/behaviour.ts';
import type { Backends } from '../../traffic/backends.ts';
import { newProxy } from '../../traffic/proxy.ts';
import type { Proxy } from '../../traffic/proxy.ts';
import type { Upstream } from '../../traffic/upstream.ts';
import type { LoadBalancerConfig } from './config.ts';

/** What it knows of one backend. */
export interface Known {
  /** As HAProxy counts it: see `policies/balancing/health.ts`. */
  health: number;
  /** By the plan. */
  readonly weight: number;
  /** When it came up or became a member; -1 once it is warm. */
  warmSinceMicros: number;
  /** Layer 4: connections that it has now. */
  connections: number;
  /** Of requests that were sent there: how they ended. */
  ok: number;
  failed: number;
}

export interface LoadBalancerState {
  readonly proxy: Proxy;
  readonly upstream: Upstream;
  readonly known: Map<NodeIndex, Known>;
  readonly health: HealthSettings;
  readonly outliers: OutlierState;
  /** Sessions or connections and their backends; the one used last is last. */
  readonly pinned: Map<number, NodeIndex>;
  /**
   * Views of the same backends for other questions, each with a policy of its own: by connections
   * instead of requests, and one for each zone.
   */
  byConnections: Backends | null;
  zones: Backends[];
  routing: ZoneRouting | null;
  isPanicking: boolean;
  requests: number;
  checks: number;
}

export const newState = (config: LoadBalancerConfig, upstream: Upstream): LoadBalancerState => ({
  proxy: newProxy(),
  upstream,
  known: new Map(),
  health: Object.freeze({ rise: config.healthCheck.rise, fall: config.healthCheck.fall }),
  outliers: startOutliers(outlierSettings(config.outlierDetection)),
  pinned: new Map(),
  byConnections: null,
  zones: [],
  routing: null,
  isPanicking: false,
  requests: 0,
  checks: 0,
});

export const newKnown = (weight: number, health: HealthSettings, since: number): Known => ({
  health: startHealth(health),
  weight,
  warmSinceMicros: since,
  connections: 0,
  ok: 0,
  failed: 0,
});

function outlierSettings(c: LoadBalancerConfig['outlierDetection']): OutlierSettings {
  const { enabled: _, intervalMs, baseEjectionTimeMs, maxEjectionTimeMs, ...rest } = c;
  const { maxEjectionTimeJitterMs, ...settings } = rest;
  return Object.freeze({
    ...settings,
    intervalMicros: ms(intervalMs),
    baseEjectionTimeMicros: ms(baseEjectionTimeMs),
    maxEjectionTimeMicros: ms(maxEjectionTimeMs),
    maxEjectionTimeJitterMicros: ms(maxEjectionTimeJitterMs),
  });
}
