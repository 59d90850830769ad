/** Which settings of a balancer change nothing unless another one is so and so. */
import { over, word } from '../../contracts/needs.ts';
import type { Need } from '../../contracts/needs.ts';

const isOn = [word('enabled', true)];

export const CHECK_NEEDS: readonly Need[] = [
  { settings: ['interMs', 'rise', 'fall', 'timeoutMs'], any: isOn },
];

const byRow = ['consecutive5xx'];
const byRate = ['successRateMinimumHosts', 'successRateRequestVolume', 'successRateStdevFactor'];
const byShare = [
  'failurePercentageThreshold',
  'failurePercentageMinimumHosts',
  'failurePercentageRequestVolume',
];
const enforcing = ['enforcingConsecutive5xx', 'enforcingSuccessRate', 'enforcingFailurePercentage'];

export const OUTLIER_NEEDS: readonly Need[] = [
  {
    settings: [
      ...byRow,
      'intervalMs',
      'baseEjectionTimeMs',
      'maxEjectionTimeMs',
      'maxEjectionTimeJitterMs',
      'maxEjectionPercent',
      ...enforcing,
      ...byRate,
      ...byShare,
    ],
    any: isOn,
  },
  { settings: byRow, any: [over('enforcingConsecutive5xx')] },
  { settings: byRate, any: [over('enforcingSuccessRate')] },
  { settings: byShare, any: [over('enforcingFailurePercentage')] },
];

export const SLOW_START_NEEDS: readonly Need[] = [
  { settings: ['aggression', 'minWeightPercent'], any: [over('windowMs')] },
];

export const ZONE_NEEDS: readonly Need[] = [
  { settings: ['minClusterSize', 'forceLocalMinSize'], any: isOn },
];

const judges = [word('healthCheck/enabled', true), word('outlierDetection/enabled', true)];

export const BALANCER_NEEDS: readonly Need[] = [
  {
    settings: ['panicThresholdPercent'],
    any: judges,
    why: 'without health checks and outlier detection every backend is taken for healthy',
  },
  {
    settings: ['slowStart/windowMs'],
    any: judges,
    why: 'without health checks and outlier detection no backend ever comes back up',
  },
  { settings: ['maxTracked'], any: [word('sticky', 'session'), word('layer', 'l4')] },
  {
    settings: ['call/ejection/failureLimit', 'call/ejection/retryMs'],
    any: [],
    why: 'a balancer leaves out failing backends by outlier detection',
    hint: 'Set outlierDetection: { enabled: true, consecutive5xx } instead.',
  },
];
