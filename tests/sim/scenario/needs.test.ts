/** Settings that matter, or that say in so many words that something is not there, are taken. */
import { describe, expect, it } from 'vitest';
import { makeRegistry, planFromDocument } from 'faultline';
import { checkPlan } from '../../../src/sim/scenario/check-plan.ts';
import { config, sound } from '../../support/impossible/sound.ts';
import type { Loose } from '../../support/impossible/sound.ts';

const check = (name: string, settings: Loose) => () => {
  const document = sound();
  Object.assign(config(document, name), settings);
  checkPlan(planFromDocument(document), makeRegistry());
};

const BREAKER = { enabled: false, slidingWindowSize: 9 };
const PANIC = { healthCheck: { enabled: false }, panicThresholdPercent: 20 };
const RETRIES = {
  timeoutMs: 50,
  maxAttempts: 3,
  retryElsewhere: true,
  respectRetryAfter: false,
  backoff: { policy: 'exponential', baseMs: 5, capMs: 50 },
  retryBudget: { kind: 'envoy', budgetPercent: 30 },
  hedge: { afterMs: 20, max: 2 },
  circuitBreaker: { enabled: true, slowCallDurationThresholdMs: 40, slowCallRateThreshold: 20 },
};
const MOVING = { concurrencyLimit: 9, limitPolicy: 'aimd', minLimit: 2, maxLimit: 20 };

describe('a setting is taken', () => {
  it.each<[string, string, Loose]>([
    ['of a breaker that is off', 'users', { call: { circuitBreaker: BREAKER } }],
    ['of a budget of no kind', 'users', { call: { retryBudget: { kind: 'none', ttlMs: 2_000 } } }],
    ['of pauses that are none', 'users', { call: { backoff: { policy: 'none' } } }],
    ['of checks that are off', 'balancer', { healthCheck: { enabled: false, rise: 2 } }],
    ['of a panic, without checks that are off', 'balancer', PANIC],
    ['that says once more that nothing expires', 'cache', { ttlMs: 0, staleMs: 0, ttlJitter: 0 }],
    ['that says once more that none waits', 'users', { call: { maxWaitMs: 0 } }],
    ['where it is read', 'balancer', { call: RETRIES }],
    ['of a hedge by a percentile', 'users', { call: { hedge: { afterMs: 60, percentile: 0.9 } } }],
    ['of leases that only those who refresh get', 'cache', { staleMs: 5, leaseMs: 5 }],
    ['of a limit between its bounds', 'app', { admission: MOVING }],
  ])('%s (%s)', (_, name, settings) => {
    expect(check(name, settings)).not.toThrow();
  });
});

describe('a client that asks nothing', () => {
  it('is taken beside one that does, which it is compared with', () => {
    const document = sound();
    const [users] = document['groups'] as Loose[];
    const arrivals = { kind: 'poisson', ratePerSecond: 0 };
    const none = { ...users, name: 'none', config: { arrivals } };
    (document['groups'] as Loose[]).push(none);
    const checked = () => checkPlan(planFromDocument(document), makeRegistry());
    expect(checked).not.toThrow();
    (users as Loose)['config'] = { arrivals };
    expect(checked).toThrow(/Nobody asks anything/);
  });
});
