/**
 * The rules that every component follows which calls others by a call policy: those of which
 * `policyUnder` takes something away. Of the other rules of traffic each has its own component.
 */
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
