/**
 * The rules that every component follows which calls others by a call policy: those of which
 * `policyUnder` takes something away. Of the other rules of traffic each has its own component.
 * And which of the rules are in use: those without which the settings would be others.
 */
import { canonicalJson } from '../kernel/canonical.ts';
import type { AdmissionConfig } from './admission.ts';
import type { CallPolicy } from './call-policy.ts';
import { admissionUnder, policyUnder } from './rules.ts';
import type { TrafficAblation } from './rules.ts';

export const CALL_RULES: readonly TrafficAblation[] = [
  'traffic.retry-jitter',
  'traffic.retry-backoff',
  'traffic.retry-budget',
  'traffic.retry-after',
  'traffic.circuit-breaker',
  'traffic.bulkhead',
  'traffic.timeout',
  'traffic.hedge',
  'traffic.throttle',
  'traffic.deadline-propagation',
];

/** Those of them that such a policy uses: without one it would be another policy. */
export const callRulesInUse = (policy: CallPolicy): readonly TrafficAblation[] =>
  CALL_RULES.filter((id) => differ(policy, policyUnder(policy, [id])));

const DOOR_RULES: readonly TrafficAblation[] = [
  'traffic.backpressure',
  'traffic.load-shedding',
  'traffic.codel',
  'traffic.drop-expired',
];

/** The rules that such a door uses. */
export const doorRulesInUse = (admission: AdmissionConfig): readonly TrafficAblation[] =>
  DOOR_RULES.filter((id) => differ(admission, admissionUnder(admission, [id])));

const differ = (a: object, b: object): boolean => canonicalJson(a) !== canonicalJson(b);
