/** What a load balancer may be told, in the words and with the defaults of HAProxy and Envoy. */
import { Type, field } from '../../contracts/schema.ts';
import type { Static } from '../../contracts/schema.ts';
import { HEALTH_DEFAULTS } from '../../policies/balancing/health.ts';
import { OUTLIER_DEFAULTS as O } from '../../policies/balancing/outlier-settings.ts';
import { HEALTHY_PANIC_THRESHOLD_PERCENT } from '../../policies/balancing/panic.ts';
import { ENVOY_SLOW_START } from '../../policies/balancing/slow-start.ts';
import { ZONE_MIN_CLUSTER_SIZE } from '../../policies/balancing/zone-aware.ts';
import { callPolicySchema } from '../../traffic/call-policy.ts';
import {
  BALANCER_NEEDS,
  CHECK_NEEDS,
  OUTLIER_NEEDS,
  SLOW_START_NEEDS,
  ZONE_NEEDS,
} from './needs.ts';

const strict = { additionalProperties: false } as const;
const percent = (about: string, value: number) =>
  field.number({ about, default: value, min: 0, max: 100, unit: '%' });
const count = (about: string, value: number, min = 1) =>
  field.count({ about, default: value, min, max: 1_000_000 });
const millis = (about: string, value: number) =>
  field.millis({ about, default: value, min: 0.001, max: 86_400_000 });

const healthCheckSchema = Type.Object(
  {
    enabled: field.flag({ about: 'Whether it asks its backends.', default: false }),
    interMs: field.millis({
      about: 'How often it asks each of them.',
      default: 2_000,
      min: 1,
      source: 'HAProxy inter',
    }),
    rise: field.count({
      about: 'Good answers in a row that bring one up.',
      default: HEALTH_DEFAULTS.rise,
      min: 1,
      max: 1_000,
      source: 'HAProxy rise',
    }),
    fall: field.count({
      about: 'Failures in a row that take one down.',
      default: HEALTH_DEFAULTS.fall,
      min: 1,
      max: 1_000,
      source: 'HAProxy fall',
    }),
    timeoutMs: field.millis({
      about: 'How long it waits for an answer; 0: until the next check.',
      default: 0,
      source: 'HAProxy timeout check',
    }),
  },
  { ...strict, default: {}, description: 'Active health checks.', needs: CHECK_NEEDS },
);

const outlierSchema = Type.Object(
  {
    enabled: field.flag({ about: 'Whether it ejects outliers.', default: false }),
    consecutive5xx: count('Failures in a row that eject.', O.consecutive5xx),
    intervalMs: millis('How often it looks at rates and ends ejections.', O.intervalMicros / 1e3),
    baseEjectionTimeMs: millis(
      'An ejection lasts this, times how often it happened lately.',
      O.baseEjectionTimeMicros / 1e3,
    ),
    maxEjectionTimeMs: millis('No ejection lasts longer.', O.maxEjectionTimeMicros / 1e3),
    maxEjectionTimeJitterMs: field.millis({
      about: 'Each lasts longer by up to this.',
      default: O.maxEjectionTimeJitterMicros / 1e3,
    }),
    maxEjectionPercent: percent('So many may be ejected; one always.', O.maxEjectionPercent),
    enforcingConsecutive5xx: percent('Of detections by row.', O.enforcingConsecutive5xx),
    enforcingSuccessRate: percent('Of detections by success rate.', O.enforcingSuccessRate),
    enforcingFailurePercentage: percent(
      'Of detections by share of failures.',
      O.enforcingFailurePercentage,
    ),
    successRateMinimumHosts: count('So many backends must be compared.', O.successRateMinimumHosts),
    successRateRequestVolume: count('With so many requests each.', O.successRateRequestVolume),
    successRateStdevFactor: count(
      'An outlier is so many thousandths of a deviation below the mean.',
      O.successRateStdevFactor,
      0,
    ),
    failurePercentageThreshold: percent('An outlier fails so often.', O.failurePercentageThreshold),
    failurePercentageMinimumHosts: count(
      'So many backends must be compared.',
      O.failurePercentageMinimumHosts,
    ),
    failurePercentageRequestVolume: count(
      'With so many requests each.',
      O.failurePercentageRequestVolume,
    ),
  },
  {
    ...strict,
    default: {},
    description: 'Passive outlier detection, as in Envoy.',
    needs: OUTLIER_NEEDS,
  },
);

const slowStartSchema = Type.Object(
  {
    windowMs: field.millis({
      about: 'How long a backend that comes up is warmed; 0: not at all.',
      default: ENVOY_SLOW_START.windowMicros / 1e3,
      max: 86_400_000,
    }),
    aggression: field.number({
      about: 'How its weight grows: 1 evenly, above 1 faster at first.',
      default: ENVOY_SLOW_START.aggression,
      min: 0.01,
      max: 100,
      unit: '',
    }),
    minWeightPercent: percent('What it begins with.', ENVOY_SLOW_START.minWeightPercent),
  },
  { ...strict, default: {}, description: 'Slow start.', needs: SLOW_START_NEEDS },
);

const zoneAwareSchema = Type.Object(
  {
    enabled: field.flag({ about: 'Whether it prefers its own zone.', default: false }),
    minClusterSize: field.count({
      about: 'With fewer healthy backends zones do not count.',
      default: ZONE_MIN_CLUSTER_SIZE,
      max: 100_000,
      source: 'Envoy min_cluster_size',
    }),
    forceLocalMinSize: field.count({
      about: 'With so many healthy backends its own zone gets everything, room or not; 0: never.',
      default: 0,
      max: 100_000,
      source: 'Envoy force_local_zone, min_size',
    }),
  },
  { ...strict, default: {}, description: 'Zone-aware routing, as in Envoy.', needs: ZONE_NEEDS },
);

export const loadBalancerConfig = Type.Object(
  {
    layer: field.choice(['l7', 'l4'], {
      about: 'l7: a backend for each request. l4: one for each connection.',
      default: 'l7',
    }),
    sticky: field.choice(['none', 'session'], {
      about: 'session: the requests of one session stay with one backend (a cookie).',
      default: 'none',
    }),
    maxTracked: field.count({
      about: 'Sessions or connections that it remembers; the longest unused are forgotten.',
      default: 100_000,
      min: 1,
      max: 10_000_000,
    }),
    call: callPolicySchema,
    healthCheck: healthCheckSchema,
    outlierDetection: outlierSchema,
    panicThresholdPercent: field.number({
      about: 'With a smaller share of healthy backends all get requests; 0: never.',
      default: HEALTHY_PANIC_THRESHOLD_PERCENT,
      min: 0,
      max: 100,
      unit: '%',
      source: 'Envoy healthy_panic_threshold',
    }),
    slowStart: slowStartSchema,
    zoneAware: zoneAwareSchema,
    subsetSize: field.count({
      about: 'Each balancer uses so many backends, told by its place among the others; 0: all.',
      default: 0,
      max: 100_000,
      source: 'Site Reliability Engineering, chapter 20',
    }),
    subsetBy: field.choice(['rounds', 'chance'], {
      about: 'rounds: equally many balancers use each backend. chance: each draws its own subset.',
      default: 'rounds',
      source: 'Site Reliability Engineering, chapter 20',
    }),
  },
  { ...strict, needs: BALANCER_NEEDS },
);

export type LoadBalancerConfig = Static<typeof loadBalancerConfig>;
