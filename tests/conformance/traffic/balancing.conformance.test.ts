/** lb_cases.json without its hashing: nginx's turns, Envoy's formulas and defaults, subsets. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BALANCING_DEFAULTS } from '../../../src/sim/policies/balancing/balancer.ts';
import { isUp, HEALTH_DEFAULTS, startHealth } from '../../../src/sim/policies/balancing/health.ts';
import { OUTLIER_DEFAULTS } from '../../../src/sim/policies/balancing/outlier-settings.ts';
import {
  HEALTHY_PANIC_THRESHOLD_PERCENT,
  isPanic,
} from '../../../src/sim/policies/balancing/panic.ts';
import { leastRequestWeight } from '../../../src/sim/policies/balancing/power-of-d.ts';
import {
  ENVOY_SLOW_START,
  slowStartFactor,
} from '../../../src/sim/policies/balancing/slow-start.ts';
import { deterministicSubset } from '../../../src/sim/policies/balancing/subsetting.ts';
import { ZONE_MIN_CLUSTER_SIZE } from '../../../src/sim/policies/balancing/zone-aware.ts';
import { isPrime } from '../../../src/sim/policies/hashing/maglev.ts';
import { Farm } from '../../sim/policies/balancing/support/farm.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

interface TurnCase {
  readonly weights: readonly number[];
  readonly sequence: string;
  readonly stateAfter: readonly (readonly number[])[];
}
interface SlowStartCase {
  readonly t: number;
  readonly window: number;
  readonly aggression: number;
  readonly minPct: number;
  readonly factor: number;
}
interface Envoy {
  readonly least_request: { readonly choice_count: number };
  readonly least_request_weights: readonly {
    readonly weight: number;
    readonly active: number;
    readonly bias: number;
    readonly effective: number;
  }[];
  readonly two_host_note: string;
  readonly slow_start: { readonly cases: readonly SlowStartCase[] };
  readonly panic: readonly {
    readonly total: number;
    readonly healthy: number;
    readonly threshold: number;
    readonly panic: boolean;
  }[];
  readonly outlier: Readonly<Record<string, number>>;
  readonly maglev_table: number;
  readonly maglev_table_max: number;
  readonly zone_aware_min_cluster: number;
  readonly zone_aware_routing_enabled_pct: number;
  readonly healthy_panic_threshold: number;
}
interface Cases {
  readonly nginx_swrr: { readonly cases: readonly TurnCase[] };
  readonly envoy: Envoy;
  readonly sre_deterministic_subsetting: { readonly min_max_load: readonly number[] };
}

const CASES = JSON.parse(readFileSync(join(folder, 'lb_cases.json'), 'utf8')) as Cases;
const { envoy } = CASES;

/** Parts of the file, and where they are run; or why not. */
const PARTS: Readonly<Record<string, string>> = {
  nginx_swrr: 'here',
  jump_hash: 'balancing-hashing',
  maglev: 'balancing-hashing',
  envoy: 'here',
  sre_deterministic_subsetting: 'here',
};
const ENVOY_PARTS: Readonly<Record<string, string>> = {
  source: 'where the values are from',
  least_request: 'here',
  least_request_weights: 'here',
  two_host_note: 'here',
  slow_start: 'here',
  panic: 'here',
  outlier: 'here',
  circuit_breakers: 'not run: limits of a cluster, no part of a balancing policy',
  maglev_table: 'here',
  maglev_table_max: 'here',
  ring_min: 'balancing-hashing',
  ring_max: 'not run: a bound of a configuration, no part of a hashing policy',
  zone_aware_min_cluster: 'here',
  zone_aware_routing_enabled_pct: 'here',
  healthy_panic_threshold: 'here',
};

it('every part of the file is run or has a reason', () => {
  expect(Object.keys(CASES).sort()).toEqual(Object.keys(PARTS).sort());
  expect(Object.keys(envoy).sort()).toEqual(Object.keys(ENVOY_PARTS).sort());
  for (const [part, where] of Object.entries(ENVOY_PARTS)) {
    if (where.startsWith('not run')) console.info(`lb_cases envoy.${part}: ${where}`);
  }
});

describe('smooth weighted round robin', () => {
  it.each(CASES.nginx_swrr.cases)('of $weights is $sequence', (row) => {
    const farm = new Farm('smooth-weighted-round-robin', { weights: row.weights });
    const { current } = farm.state as { current: number[] };
    const steps = row.stateAfter.map((_, step) => {
      const picked = 'abcdefgh'.charAt(farm.pick());
      expect(picked, `step ${step + 1}`).toBe(row.sequence[step]);
      return [...current];
    });
    expect(row.sequence.length).toBe(row.stateAfter.length);
    expect(steps).toEqual(row.stateAfter);
  });
});

describe('Envoy', () => {
  it('compares two hosts by default', () => {
    expect(BALANCING_DEFAULTS.choiceCount).toBe(envoy.least_request.choice_count);
    expect(BALANCING_DEFAULTS.activeRequestBias).toBe(1);
  });

  it.each(envoy.least_request_weights)('counts $weight with $active active, bias $bias', (row) => {
    const counted = leastRequestWeight(row.weight, row.active, row.bias);
    expect(counted).toBeCloseTo(row.effective, 9);
  });

  it('picks the busier of two hosts as often as the note says', () => {
    const percent = Number(/(\d+)% of the time/.exec(envoy.two_host_note)?.[1]);
    const farm = new Farm('power-of-d', { weights: [1, 1], seed: 3 });
    farm.view.active = [7, 2];
    const picks = 40_000;
    let busier = 0;
    for (let i = 0; i < picks; i++) if (farm.pick() === 0) busier++;
    const p = percent / 100;
    expect(Math.abs(busier / picks - p)).toBeLessThan(4 * Math.sqrt((p * (1 - p)) / picks));
  });

  it.each(envoy.slow_start.cases)(
    'slow start after $t of $window, aggression $aggression',
    (row) => {
      const { aggression, minPct: minWeightPercent } = row;
      const slowStart = { windowMicros: row.window * 1e6, aggression, minWeightPercent };
      expect(slowStartFactor(row.t * 1e6, slowStart)).toBeCloseTo(row.factor, 9);
      expect(ENVOY_SLOW_START.minWeightPercent).toBe(minWeightPercent);
    },
  );

  it.each(envoy.panic)('$healthy of $total healthy, threshold $threshold: $panic', (row) => {
    expect(isPanic(row.healthy, row.total, row.threshold)).toBe(row.panic);
  });

  it('has these defaults of outlier detection', () => {
    const { consecutive_gateway_failure, enforcing_consecutive_gateway_failure, ...rest } =
      envoy.outlier;
    console.info(
      `lb_cases envoy.outlier: gateway failures (${consecutive_gateway_failure} in a row) are ` +
        `not counted apart; Envoy enforces ${enforcing_consecutive_gateway_failure} % of them`,
    );
    expect(enforcing_consecutive_gateway_failure).toBe(0);
    const ours = OUTLIER_DEFAULTS;
    expect(rest).toEqual({
      consecutive_5xx: ours.consecutive5xx,
      interval_s: ours.intervalMicros / 1e6,
      base_ejection_s: ours.baseEjectionTimeMicros / 1e6,
      max_ejection_percent: ours.maxEjectionPercent,
      enforcing_consecutive_5xx: ours.enforcingConsecutive5xx,
      enforcing_success_rate: ours.enforcingSuccessRate,
      success_rate_minimum_hosts: ours.successRateMinimumHosts,
      success_rate_request_volume: ours.successRateRequestVolume,
      success_rate_stdev_factor: ours.successRateStdevFactor,
      failure_percentage_threshold: ours.failurePercentageThreshold,
      failure_percentage_minimum_hosts: ours.failurePercentageMinimumHosts,
      failure_percentage_request_volume: ours.failurePercentageRequestVolume,
      max_ejection_s: ours.maxEjectionTimeMicros / 1e6,
      jitter_s: ours.maxEjectionTimeJitterMicros / 1e6,
    });
  });

  it('has these defaults of tables, zones and panic', () => {
    expect(BALANCING_DEFAULTS.tableSize).toBe(envoy.maglev_table);
    expect(isPrime(envoy.maglev_table_max)).toBe(true);
    expect(ZONE_MIN_CLUSTER_SIZE).toBe(envoy.zone_aware_min_cluster);
    // Every request is routed by zone: there is no setting for a part of them.
    expect(envoy.zone_aware_routing_enabled_pct).toBe(100);
    expect(HEALTHY_PANIC_THRESHOLD_PERCENT).toBe(envoy.healthy_panic_threshold);
  });
});

describe('HAProxy', () => {
  it('has rise 2 and fall 3, and a new server is up', () => {
    expect(HEALTH_DEFAULTS).toEqual({ rise: 2, fall: 3 });
    expect(isUp(startHealth(HEALTH_DEFAULTS), HEALTH_DEFAULTS)).toBe(true);
  });
});

describe('deterministic subsetting', () => {
  it('300 clients, 300 backends, subsets of 30: the same load for every backend', () => {
    const load = new Array<number>(300).fill(0);
    for (let client = 0; client < 300; client++) {
      const subset = deterministicSubset(300, client, 30);
      expect(new Set(subset).size).toBe(30);
      for (const backend of subset) load[backend]! += 1;
    }
    const found = [Math.min(...load), Math.max(...load)];
    expect(found).toEqual(CASES.sre_deterministic_subsetting.min_max_load);
  });
});
