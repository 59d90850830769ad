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
import type { RuleNeed } from '../node/rule-needs.ts';

/** The rules that are asked about: to compare settings costs too much to do it for all of them. */
export type Among = readonly TrafficAblation[];

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
export const callRulesInUse = (policy: CallPolicy, among: Among): readonly TrafficAblation[] =>
  CALL_RULES.filter((id) => among.includes(id) && differ(policy, policyUnder(policy, [id])));

const DOOR_RULES: readonly TrafficAblation[] = [
  'traffic.backpressure',
  'traffic.load-shedding',
  'traffic.codel',
  'traffic.drop-expired',
];

/** The rules that such a door uses. */
export const doorRulesInUse = (
  admission: AdmissionConfig,
  among: Among,
): readonly TrafficAblation[] =>
  DOOR_RULES.filter(
    (id) => among.includes(id) && differ(admission, admissionUnder(admission, [id])),
  );

const differ = (a: object, b: object): boolean => canonicalJson(a) !== canonicalJson(b);

/** What would make each of them act. */
const WISHES: { readonly [rule in TrafficAblation]: string } = {
  'traffic.retry-jitter':
    'Give maxAttempts more than 1, and backoff a policy with jitter (full-jitter, ...).',
  'traffic.retry-backoff': 'Give maxAttempts more than 1, and backoff a policy with pauses.',
  'traffic.retry-budget': 'Give maxAttempts more than 1, and write retryBudget: { kind: envoy }.',
  'traffic.retry-after': 'Give maxAttempts more than 1, and write respectRetryAfter: true.',
  'traffic.circuit-breaker': 'Write circuitBreaker: { enabled: true }.',
  'traffic.bulkhead': 'Give maxConcurrentCalls more than 0.',
  'traffic.timeout': 'Link it to somebody whom it calls.',
  'traffic.hedge': 'Give afterMs of hedge more than 0.',
  'traffic.throttle': 'Give throttleK more than 0.',
  'traffic.deadline-propagation': 'Write propagateDeadline: true.',
  'traffic.drop-expired': 'Write dropExpired: true in its admission.',
  'traffic.single-flight':
    'Write singleFlight: true in a cached step, or link a cache to its origin.',
  'traffic.fallback': 'Give a step otherwise: the steps in its stead.',
  'traffic.backpressure': 'Give its admission a concurrencyLimit.',
  'traffic.load-shedding': 'Give its admission shedAbove, or discipline: priority.',
  'traffic.codel': 'Write codel: true in its admission.',
};

/** Of a component that says which of its rules its settings use. */
export const trafficNeeds = <C>(
  rules: readonly TrafficAblation[],
  inUse: (config: C, among: Among) => readonly TrafficAblation[],
): readonly RuleNeed<C>[] =>
  rules.map((id) => ({
    rules: [id],
    acts: (config) => inUse(config, [id]).includes(id),
    hint: WISHES[id],
  }));
