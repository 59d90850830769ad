/** What cannot work in a balancer's configuration although its schema allows it. */
import { changesNothing } from '../../contracts/needs.ts';
import { ScenarioError } from '../../kernel/errors.ts';
import type { GroupSettings } from '../../node/behaviour.ts';
import { BALANCERS } from '../../policies/balancing/index.ts';
import { WEIGHTLESS, checkCallPolicy } from '../../traffic/check-policy.ts';
import type { LoadBalancerConfig } from './config.ts';

export function checkLoadBalancer(config: LoadBalancerConfig, group: GroupSettings): void {
  const path = `${group.path}/config`;
  const { call, slowStart, healthCheck, outlierDetection: outliers } = config;
  const { policy } = call.balance;
  const backends = group.links.get('backends');
  if (backends !== undefined) {
    checkCallPolicy(call, backends, `${path}/call`, group.given['call']);
  }
  if (config.layer === 'l4') checkLayer4(config, path);
  const { subsetSize } = config;
  if (subsetSize === 0 && group.given['subsetBy'] !== undefined) {
    throw new ScenarioError('subsetBy changes nothing: every balancer uses all backends.', {
      path: `${path}/subsetBy`,
      hint: 'Give a subsetSize, too.',
    });
  }
  if (backends !== undefined && subsetSize > backends.count) {
    throw new ScenarioError(`A subset of ${subsetSize} is more than all ${backends.count}.`, {
      path: `${path}/subsetSize`,
      hint: '0 uses all backends.',
    });
  }
  if (healthCheck.enabled && backends !== undefined && !backends.serves.includes('health')) {
    throw new ScenarioError(`"${backends.group}" does not answer health checks.`, {
      path: `${path}/healthCheck/enabled`,
      hint: 'Outlier detection needs no answers: see outlierDetection.',
    });
  }
  if (healthCheck.enabled && healthCheck.interMs > group.durationMs) {
    throw new ScenarioError('The run is over before a backend is asked a second time.', {
      path: `${path}/healthCheck/interMs`,
      hint: `durationMs is ${group.durationMs}: give less.`,
    });
  }
  if (healthCheck.timeoutMs > healthCheck.interMs) {
    throw new ScenarioError('A health check would still be waiting when the next one is due.', {
      path: `${path}/healthCheck/timeoutMs`,
      hint: `interMs is ${healthCheck.interMs}.`,
    });
  }
  if (outliers.baseEjectionTimeMs > outliers.maxEjectionTimeMs) {
    throw new ScenarioError('The first ejection is longer than the longest.', {
      path: `${path}/outlierDetection/baseEjectionTimeMs`,
      hint: `maxEjectionTimeMs is ${outliers.maxEjectionTimeMs}.`,
    });
  }
  if (slowStart.windowMs > 0 && WEIGHTLESS.includes(policy)) {
    throw new ScenarioError(`Slow start works by weights, and ${policy} does not look at them.`, {
      path: `${path}/slowStart/windowMs`,
      hint: 'Take smooth-weighted-round-robin, weighted-random, least-connections or power-of-d.',
    });
  }
  if (config.zoneAware.enabled && usesKey(policy)) {
    throw new ScenarioError(`${policy} picks by the key, so it cannot prefer a zone.`, {
      path: `${path}/zoneAware/enabled`,
      hint: 'In Envoy, too, only policies that do not hash route by zones.',
    });
  }
  if (config.zoneAware.enabled) checkZones(config, group, path);
  if (outliers.enabled && backends !== undefined) {
    const used = subsetSize === 0 ? backends.count : subsetSize;
    checkOutliers(outliers, used, `${path}/outlierDetection`);
  }
}

/** Whoever ejects nobody detects for nothing. */
function checkOutliers(
  outliers: LoadBalancerConfig['outlierDetection'],
  used: number,
  path: string,
): void {
  const { successRateMinimumHosts, failurePercentageMinimumHosts } = outliers;
  const { enforcingSuccessRate, enforcingFailurePercentage } = outliers;
  const isByRate = enforcingSuccessRate > 0 && used >= successRateMinimumHosts;
  const isByShare = enforcingFailurePercentage > 0 && used >= failurePercentageMinimumHosts;
  if (outliers.enforcingConsecutive5xx > 0 || isByRate || isByShare) return;
  const least =
    enforcingSuccessRate > 0
      ? 'successRateMinimumHosts'
      : enforcingFailurePercentage > 0
        ? 'failurePercentageMinimumHosts'
        : null;
  throw changesNothing(
    'outlierDetection',
    least === null ? 'it enforces nothing that it detects' : `${used} are fewer than its ${least}`,
    `${path}/${least ?? 'enabled'}`,
    least === null
      ? 'Give enforcingConsecutive5xx, enforcingSuccessRate or enforcingFailurePercentage ' +
          'more than 0; or leave it out.'
      : `Give ${used} at most, or enforcingConsecutive5xx more than 0.`,
  );
}

/** Within one zone there is nothing to prefer. */
function checkZones(
  { zoneAware, subsetSize }: LoadBalancerConfig,
  { zones, links }: GroupSettings,
  path: string,
): void {
  const backends = links.get('backends');
  const all = new Set([...zones, ...(backends?.zones ?? [])]);
  if (all.size === 1) {
    throw changesNothing(
      'zoneAware',
      'balancers and backends are all in one zone',
      `${path}/zoneAware/enabled`,
      'Give the network regions with zones, and the groups a placement; or leave it out.',
    );
  }
  const used = subsetSize === 0 ? (backends?.count ?? 0) : subsetSize;
  if (used < zoneAware.minClusterSize) {
    throw changesNothing(
      'zoneAware',
      `${used} backends are fewer than its minClusterSize, ${zoneAware.minClusterSize}`,
      `${path}/zoneAware/enabled`,
      `Give zoneAware/minClusterSize ${used} at most, or more backends; or leave it out.`,
    );
  }
}

const usesKey = (policy: string): boolean =>
  BALANCERS.some(({ name, usesKey: uses }) => name === policy && uses);

/** Of layer 4 nothing of a request can be seen, and nothing of it can be sent again. */
function checkLayer4({ call, sticky }: LoadBalancerConfig, path: string): void {
  const { policy, hashOn } = call.balance;
  if (usesKey(policy) && hashOn !== 'connection') {
    throw new ScenarioError(`A balancer of layer 4 does not see the ${hashOn} of a request.`, {
      path: `${path}/call/balance/hashOn`,
      hint: 'It can hash on the connection; layer l7 sees requests.',
    });
  }
  if (sticky !== 'none') {
    throw new ScenarioError('A balancer of layer 4 sees no cookies.', {
      path: `${path}/sticky`,
      hint: 'Its connections stay with their backends anyway; layer l7 sees sessions.',
    });
  }
  if (call.maxAttempts > 1 || call.hedge.afterMs > 0) {
    const setting = call.maxAttempts > 1 ? 'maxAttempts' : 'hedge/afterMs';
    throw new ScenarioError('A balancer of layer 4 passes bytes on; it cannot send them again.', {
      path: `${path}/call/${setting}`,
      hint: 'Clients can try again, and so can layer l7.',
    });
  }
}
