/**
 * Envoy's panic: when too few hosts are healthy, all get traffic, because the few would drown.
 *
 * Source: Envoy, LoadBalancerBase::isHostSetInPanic; healthy_panic_threshold, 50 %. 0 is never.
 */

export const HEALTHY_PANIC_THRESHOLD_PERCENT = 50;

export function isPanic(healthy: number, total: number, thresholdPercent: number): boolean {
  const healthyPercent = total === 0 ? 0 : (100 * healthy) / total;
  return healthyPercent < thresholdPercent;
}
