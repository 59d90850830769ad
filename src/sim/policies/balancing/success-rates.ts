/**
 * Who is an outlier among backends by the requests of one interval. Those ejected already, and
 * those with too few requests, neither count nor are counted.
 *
 * Source: Envoy, DetectorImpl::processSuccessRateEjections and successRateEjectionThreshold.
 */
import { sqrt } from '../../kernel/maths.ts';
import type { OutlierSettings } from './outlier-settings.ts';

/** What one interval tells of a backend. */
export interface IntervalCounts {
  readonly successes: number;
  readonly requests: number;
  readonly ejectedBy: unknown;
}

/** In percent. */
function successRate({ successes, requests }: IntervalCounts): number {
  return (successes * 100) / requests;
}

/** Mean minus a multiple of the standard deviation (of the population), in percent. */
export function successRateThreshold(rates: readonly number[], stdevFactor: number): number {
  let sum = 0;
  for (const rate of rates) sum += rate;
  const mean = sum / rates.length;
  let squares = 0;
  for (const rate of rates) squares += (rate - mean) * (rate - mean);
  return mean - (stdevFactor / 1_000) * sqrt(squares / rates.length);
}

function withVolume<T extends IntervalCounts>(
  backends: readonly T[],
  volume: number,
  hostsMin: number,
): T[] {
  const seen = backends.filter(
    ({ ejectedBy, requests }) => ejectedBy === null && requests > 0 && requests >= volume,
  );
  return seen.length >= hostsMin ? seen : [];
}

export function outliersBySuccessRate<T extends IntervalCounts>(
  backends: readonly T[],
  settings: OutlierSettings,
): T[] {
  const { successRateRequestVolume, successRateMinimumHosts } = settings;
  const seen = withVolume(backends, successRateRequestVolume, successRateMinimumHosts);
  const rates = seen.map(successRate);
  const threshold = successRateThreshold(rates, settings.successRateStdevFactor);
  return seen.filter((_, i) => rates[i]! < threshold);
}

export function outliersByFailures<T extends IntervalCounts>(
  backends: readonly T[],
  settings: OutlierSettings,
): T[] {
  const { failurePercentageRequestVolume, failurePercentageMinimumHosts } = settings;
  const seen = withVolume(backends, failurePercentageRequestVolume, failurePercentageMinimumHosts);
  return seen.filter((it) => 100 - successRate(it) >= settings.failurePercentageThreshold);
}
