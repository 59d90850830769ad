/** Where the rules of services and their callers are seen to matter. */
import { inRun } from './sight.ts';
import type { Sights } from './sight.ts';

const BREAKER = 'patterns/circuit-breaker';
const DEADLINES = 'patterns/deadlines';
const SHEDDING = 'patterns/load-shedding';

export const TRAFFIC: Sights = {
  'traffic.retry-jitter': inRun('patterns/retry-with-jitter', 'soon-over'),
  'traffic.retry-backoff': inRun('patterns/retry-with-jitter', 'everybody-answered'),
  'traffic.retry-budget': inRun('patterns/retry-budget', 'load-is-bounded', {
    variant: 'budget',
  }),
  'traffic.retry-after': inRun('rate-limiter/retrying-clients', 'the-limiter-has-peace', {
    variant: 'retry-after',
  }),
  'traffic.circuit-breaker': inRun(BREAKER, 'keeps-answering'),
  'traffic.bulkhead': inRun('patterns/bulkhead', 'prices-unhurt'),
  'traffic.timeout': inRun(BREAKER, 'keeps-answering'),
  'traffic.hedge': inRun('patterns/hedging', 'tail-is-cut'),
  'traffic.throttle': inRun('patterns/adaptive-throttling', 'capacity-is-used'),
  'traffic.deadline-propagation': inRun(DEADLINES, 'no-work-for-nobody'),
  'traffic.drop-expired': inRun('anti-patterns/metastable-failure', 'recovers', {
    variant: 'no-stale-work',
  }),
  'traffic.single-flight': inRun('caching/stampede', 'made-once', { variant: 'single-flight' }),
  'traffic.fallback': inRun(BREAKER, 'keeps-answering'),
  'traffic.backpressure': inRun(DEADLINES, 'useful-work'),
  'traffic.load-shedding': inRun(SHEDDING, 'important-answered', { variant: 'important-first' }),
  'traffic.codel': inRun(SHEDDING, 'goodput', { variant: 'codel' }),
};
