/** Which settings of a call policy change nothing unless another one is so and so. */
import { over, word } from '../contracts/needs.ts';
import type { Need } from '../contracts/needs.ts';
import { BALANCERS } from '../policies/balancing/index.ts';

const HASHING = BALANCERS.filter(({ usesKey }) => usesKey).map(({ name }) => name);

export const BALANCE_NEEDS: readonly Need[] = [
  { settings: ['hashOn'], any: [word('policy', ...HASHING)] },
  { settings: ['choiceCount'], any: [word('policy', 'power-of-d', 'least-response-time')] },
  { settings: ['withReplacement', 'activeRequestBias'], any: [word('policy', 'power-of-d')] },
  { settings: ['withReplacement'], any: [over('choiceCount', 1)] },
  { settings: ['decayMs'], any: [word('policy', 'least-response-time')] },
  { settings: ['pointsPerWeight'], any: [word('policy', 'ring-hash', 'bounded-load')] },
  { settings: ['tableSize'], any: [word('policy', 'maglev')] },
  { settings: ['balanceFactor'], any: [word('policy', 'bounded-load')] },
];

export const BACKOFF_NEEDS: readonly Need[] = [
  {
    settings: ['capMs'],
    any: [word('policy', 'full-jitter', 'equal-jitter', 'decorrelated-jitter', 'exponential')],
  },
];

export const BUDGET_NEEDS: readonly Need[] = [
  {
    settings: ['ttlMs', 'minRetriesPerSec', 'percentCanRetry'],
    any: [word('kind', 'finagle')],
  },
  { settings: ['budgetPercent', 'minRetryConcurrency'], any: [word('kind', 'envoy')] },
];

export const HEDGE_NEEDS: readonly Need[] = [
  { settings: ['max', 'percentile'], any: [over('afterMs')] },
];

export const BREAKER_NEEDS: readonly Need[] = [
  {
    settings: [
      'slidingWindowType',
      'slidingWindowSize',
      'minimumNumberOfCalls',
      'failureRateThreshold',
      'slowCallDurationThresholdMs',
      'slowCallRateThreshold',
      'waitDurationInOpenStateMs',
      'permittedNumberOfCallsInHalfOpenState',
      'maxWaitDurationInHalfOpenStateMs',
    ],
    any: [word('enabled', true)],
  },
];

export const POOL_NEEDS: readonly Need[] = [
  { settings: ['maxIdle', 'maxLifetimeMs', 'waitTimeoutMs'], any: [over('maxOpen')] },
];

export const EJECTION_NEEDS: readonly Need[] = [
  { settings: ['retryMs'], any: [over('failureLimit')] },
];

const ONE_TRY = 'maxAttempts is 1, the first try';

export const CALL_NEEDS: readonly Need[] = [
  {
    settings: ['retryBudget', 'backoff', 'retryElsewhere', 'respectRetryAfter'],
    any: [over('maxAttempts', 1)],
    why: 'there are no retries',
    hint: `${ONE_TRY}: give at least 2, or leave it out.`,
  },
  {
    settings: ['retryUnknown'],
    any: [over('maxAttempts', 1), over('hedge/afterMs')],
    why: 'there is neither a retry nor a hedge',
    hint: `${ONE_TRY}: give at least 2, or hedge/afterMs; or leave it out.`,
  },
  { settings: ['maxWaitMs'], any: [over('maxConcurrentCalls'), over('pool/maxOpen')] },
];
