/**
 * The rules of the request path that can be switched off, one by one, to see what each of them is
 * for. Whoever calls does so by its call policy without those that are off, and a service lets
 * in by its admission without them.
 */
import type { AdmissionConfig } from './admission.ts';
import type { CallPolicy } from './call-policy.ts';

export type TrafficAblation =
  | 'traffic.retry-jitter'
  | 'traffic.retry-backoff'
  | 'traffic.retry-budget'
  | 'traffic.retry-after'
  | 'traffic.circuit-breaker'
  | 'traffic.bulkhead'
  | 'traffic.timeout'
  | 'traffic.hedge'
  | 'traffic.throttle'
  | 'traffic.deadline-propagation'
  | 'traffic.drop-expired'
  | 'traffic.single-flight'
  | 'traffic.fallback'
  | 'traffic.backpressure'
  | 'traffic.load-shedding'
  | 'traffic.codel';

export interface TrafficRule {
  readonly id: TrafficAblation;
  readonly rule: string;
  readonly breaks: string;
  readonly source: string;
}

export const TRAFFIC_RULES: readonly TrafficRule[] = [
  {
    id: 'traffic.retry-jitter',
    rule: 'The pause before another try is drawn, so that clients do not come back together.',
    breaks: 'Those who failed together try again together: the load comes in waves.',
    source: 'Brooker, Exponential Backoff And Jitter (AWS, 2015)',
  },
  {
    id: 'traffic.retry-backoff',
    rule: 'There is a pause before another try.',
    breaks: 'A failure is answered with more load at once.',
    source: 'Site Reliability Engineering, chapter 22',
  },
  {
    id: 'traffic.retry-budget',
    rule: 'Retries of all requests together are bounded by a share of the requests.',
    breaks: 'When all fail, the load is multiplied by the number of tries.',
    source: 'Finagle RetryBudget; Envoy retry_budget',
  },
  {
    id: 'traffic.retry-after',
    rule: 'A client waits as long as a refusal says.',
    breaks: 'It is refused again and again, and keeps the limiter busy.',
    source: 'RFC 9110, 10.2.3',
  },
  {
    id: 'traffic.circuit-breaker',
    rule: 'Calls to what fails are not tried for a while.',
    breaks: 'Callers keep waiting for what does not answer, and hold their own places meanwhile.',
    source: 'Nygard, Release It!; resilience4j',
  },
  {
    id: 'traffic.bulkhead',
    rule: 'Calls to one group take only so many places.',
    breaks: 'One slow dependency takes all places, also those of the others.',
    source: 'Nygard, Release It!; resilience4j',
  },
  {
    id: 'traffic.timeout',
    rule: 'A caller waits only so long.',
    breaks: 'What never answers holds its caller for ever.',
    source: 'Nygard, Release It!',
  },
  {
    id: 'traffic.hedge',
    rule: 'A second request races a slow first one.',
    breaks: 'The slowest few wait as long as the slowest server.',
    source: 'Dean & Barroso, The Tail at Scale (2013)',
  },
  {
    id: 'traffic.throttle',
    rule: 'A client holds back what would be refused anyway.',
    breaks: 'A backend in overload spends its capacity on refusing.',
    source: 'Site Reliability Engineering, chapter 21',
  },
  {
    id: 'traffic.deadline-propagation',
    rule: 'How long the asker still waits goes along with each call; after that no step is begun.',
    breaks: 'Those below believe that somebody waits, and work on for nobody.',
    source: 'Site Reliability Engineering, chapter 22',
  },
  {
    id: 'traffic.drop-expired',
    rule: 'A request in the queue that nobody waits for any more is not begun.',
    breaks: 'Capacity is spent on answers that come too late.',
    source: 'Site Reliability Engineering, chapter 22, queue management',
  },
  {
    id: 'traffic.single-flight',
    rule: 'Misses of one object at the same time make it once.',
    breaks: 'When a popular object expires, everybody makes it: a stampede.',
    source: 'Go singleflight; Nishtala et al. (NSDI 2013)',
  },
  {
    id: 'traffic.fallback',
    rule: 'Where a call fails, other steps answer in its stead.',
    breaks: 'What is only nice to have fails the whole request.',
    source: 'Nygard, Release It!; Hystrix getFallback',
  },
  {
    id: 'traffic.backpressure',
    rule: 'A service takes in only so many requests at once; whoever comes then is refused.',
    breaks: 'What comes faster than it goes piles up inside, until the memory is full.',
    source: 'Reactive Manifesto; Netflix concurrency-limits; Envoy max_pending_requests',
  },
  {
    id: 'traffic.load-shedding',
    rule: 'Where not all can be served, the least important are refused first.',
    breaks: 'Important requests are refused as often as the others, and wait as long.',
    source: 'Site Reliability Engineering, chapter 21, criticality',
  },
  {
    id: 'traffic.codel',
    rule: 'A queue whose shortest wait stays too long drops from its head.',
    breaks: 'Everybody waits for as long as the queue is, and is answered too late.',
    source: 'Nichols and Jacobson, RFC 8289',
  },
];

/** More than any run lasts: a caller that does not give up. */
const NEVER_MS = 3_600_000;

/** Pauses that are drawn: without the draw they grow all the same. */
const DRAWN = ['full-jitter', 'equal-jitter', 'decorrelated-jitter'];

/** A call policy without the rules that this run has switched off. */
export function policyUnder(policy: CallPolicy, ablations: readonly string[]): CallPolicy {
  const isOff = (id: TrafficAblation): boolean => ablations.includes(id);
  let p = policy;
  // Who tries once has no pause, and nothing to bound.
  if (p.maxAttempts > 1) {
    if (isOff('traffic.retry-jitter') && DRAWN.includes(p.backoff.policy)) {
      p = { ...p, backoff: { ...p.backoff, policy: 'exponential' } };
    }
    if (isOff('traffic.retry-backoff')) p = { ...p, backoff: { ...p.backoff, policy: 'none' } };
    if (isOff('traffic.retry-budget')) {
      p = { ...p, retryBudget: { ...p.retryBudget, kind: 'none' } };
    }
    if (isOff('traffic.retry-after')) p = { ...p, respectRetryAfter: false };
  }
  if (isOff('traffic.circuit-breaker')) {
    p = { ...p, circuitBreaker: { ...p.circuitBreaker, enabled: false } };
  }
  if (isOff('traffic.bulkhead')) p = { ...p, maxConcurrentCalls: 0 };
  if (isOff('traffic.timeout')) p = { ...p, timeoutMs: NEVER_MS };
  if (isOff('traffic.hedge')) p = { ...p, hedge: { ...p.hedge, afterMs: 0 } };
  if (isOff('traffic.throttle')) p = { ...p, throttleK: 0 };
  if (isOff('traffic.deadline-propagation')) p = { ...p, propagateDeadline: false };
  return p;
}

/** Who is let in without the rules that this run has switched off. */
export function admissionUnder(
  admission: AdmissionConfig,
  ablations: readonly string[],
): AdmissionConfig {
  const isOff = (id: TrafficAblation): boolean => ablations.includes(id);
  let a = admission;
  // Without a limit there is no queue either: all are inside at once.
  if (isOff('traffic.backpressure')) a = { ...a, concurrencyLimit: 0, limitPolicy: 'fixed' };
  if (isOff('traffic.load-shedding')) {
    a = { ...a, shedAbove: [], discipline: a.discipline === 'priority' ? 'fifo' : a.discipline };
  }
  if (isOff('traffic.codel')) a = { ...a, codel: false };
  if (isOff('traffic.drop-expired')) a = { ...a, dropExpired: false };
  return a;
}
