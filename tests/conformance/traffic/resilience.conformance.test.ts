/**
 * The rows of `resilience_cases.json`: breaker defaults and sequences, retry budgets, and what
 * retries do to load - the closed forms, and a small simulation beside each.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../src/sim/kernel/random.ts';
import {
  BREAKER_DEFAULTS,
  newBreaker,
  onResult,
  release,
  tryAcquire,
} from '../../../src/sim/policies/resilience/circuit-breaker.ts';
import type { BreakerSettings } from '../../../src/sim/policies/resilience/circuit-breaker.ts';
import {
  finagleBudget,
  reserve,
  withdrawal,
} from '../../../src/sim/policies/resilience/finagle-budget.ts';
import { HEDGE_WINDOW } from '../../../src/sim/policies/resilience/hedge.ts';
import { failureRate } from '../../../src/sim/policies/resilience/outcome-window.ts';
import { Value } from '../../../src/sim/contracts/schema.ts';
import { callPolicySchema } from '../../../src/sim/traffic/call-policy.ts';
import type { CallPolicy } from '../../../src/sim/traffic/call-policy.ts';
import { RETRY_BUDGET_DEFAULTS } from '../../../src/sim/policies/resilience/retry-budget.ts';
import {
  budgetLoadCap,
  effectiveLoad,
  effectiveSuccess,
  metastableFromUtilisation,
  worstAmplification,
} from './support/retry-maths.ts';

const folder = process.env['CONFORMANCE_DIR'] ?? 'tests/conformance/data';

interface Cases {
  readonly resilience4j: {
    readonly circuitBreaker: Readonly<Record<string, number | string>>;
    readonly bulkhead: { readonly maxConcurrent: number; readonly maxWait_ms: number };
    readonly hedge: { readonly windowSize: number };
  };
  readonly stateMachineCases: {
    readonly config: Readonly<Record<string, number | string>>;
    readonly cases: readonly {
      readonly name: string;
      readonly calls?: string;
      readonly stateAfterEach?: readonly string[];
      readonly failureRateAfterEach?: readonly number[];
    }[];
  };
  readonly retryBudgets: {
    readonly finagle: Readonly<Record<string, number>>;
    readonly envoy: { readonly budget_percent: number; readonly min_retry_concurrency: number };
  };
  readonly retryAmplification: readonly {
    readonly layers: number;
    readonly attempts: number;
    readonly worst: number;
  }[];
  readonly effectiveLoad: readonly {
    readonly pfail: number;
    readonly attempts: number;
    readonly load: number;
    readonly success: number;
  }[];
  readonly metastable_mm1_retry: {
    readonly vulnerable_lower_bound: readonly {
      readonly attempts: number;
      readonly lambda_over_mu: number;
    }[];
  };
}
const file = JSON.parse(readFileSync(join(folder, 'resilience_cases.json'), 'utf8')) as Cases;
const SECOND = 1_000_000;

describe('the defaults of resilience4j', () => {
  it('are those of the table', () => {
    const b = BREAKER_DEFAULTS;
    expect(file.resilience4j.circuitBreaker).toEqual({
      failureRateThreshold: b.failureRateThreshold,
      slowCallRateThreshold: b.slowCallRateThreshold,
      waitDurationInOpenState_s: b.waitDurationInOpenStateMicros / SECOND,
      permittedCallsInHalfOpen: b.permittedNumberOfCallsInHalfOpenState,
      minimumNumberOfCalls: b.minimumNumberOfCalls,
      slidingWindowSize: b.slidingWindowSize,
      slidingWindowType: b.slidingWindowType.toUpperCase().replace('-', '_'),
      slowCallDurationThreshold_s: b.slowCallDurationThresholdMicros / SECOND,
      maxWaitInHalfOpen_s: b.maxWaitDurationInHalfOpenStateMicros,
    });
    const { bulkhead, hedge } = file.resilience4j;
    // A group has no bulkhead unless it is given one; who finds it full does not wait, either.
    const { maxConcurrentCalls } = callPolicySchema.properties;
    expect(maxConcurrentCalls).toMatchObject({
      description: expect.stringContaining(`resilience4j: ${bulkhead.maxConcurrent}.`) as string,
    });
    expect((Value.Default(callPolicySchema, {}) as CallPolicy).maxWaitMs).toBe(bulkhead.maxWait_ms);
    expect(HEDGE_WINDOW.windowSize).toBe(hedge.windowSize);
  });
});

describe('the circuit breaker (CircuitBreakerStateMachineTest)', () => {
  const { config, cases } = file.stateMachineCases;
  const settings: BreakerSettings = {
    failureRateThreshold: config['failureRate'] as number,
    slowCallRateThreshold: config['slowRate'] as number,
    slowCallDurationThresholdMicros: (config['slowDuration_s'] as number) * SECOND,
    slidingWindowType: 'time-based',
    slidingWindowSize: 20,
    minimumNumberOfCalls: 5,
    waitDurationInOpenStateMicros: (config['waitOpen_s'] as number) * SECOND,
    permittedNumberOfCallsInHalfOpenState: config['permittedHalfOpen'] as number,
    maxWaitDurationInHalfOpenStateMicros: (config['maxWaitHalfOpen_s'] as number) * SECOND,
  };

  it('has the configuration of the table, and both its cases', () => {
    expect(config['window']).toBe('TIME_BASED 20 s, min calls 5');
    expect(cases.map(({ name }) => name)).toEqual(['failure rate', 'half-open permits']);
  });

  it('failure rate', () => {
    const { calls = '', stateAfterEach, failureRateAfterEach } = cases[0]!;
    const breaker = newBreaker(settings);
    const states: string[] = [];
    const rates: number[] = [];
    for (const call of calls.split(' ')) {
      expect(tryAcquire(breaker, settings, SECOND)).toBe(true);
      onResult(breaker, settings, call === 'S', 0, SECOND);
      states.push(breaker.state === 'closed' ? 'C' : 'O');
      rates.push(failureRate(breaker.window));
    }
    expect(states).toEqual(stateAfterEach);
    expect(rates).toEqual(failureRateAfterEach);
  });

  it('half-open permits: 4 true then false; a permission given back is one more', () => {
    const breaker = newBreaker(settings);
    for (let i = 0; i < 5; i++) onResult(breaker, settings, false, 0, SECOND);
    expect(breaker.state).toBe('open');
    const now = 7 * SECOND;
    const permits = [0, 1, 2, 3, 4, 5].map(() => tryAcquire(breaker, settings, now));
    expect(permits).toEqual([true, true, true, true, false, false]);
    release(breaker);
    expect(tryAcquire(breaker, settings, now)).toBe(true);
    expect(tryAcquire(breaker, settings, now)).toBe(false);
  });
});

describe('retry budgets', () => {
  const settings = RETRY_BUDGET_DEFAULTS;

  it('have the defaults of the table', () => {
    const { finagle, envoy } = file.retryBudgets;
    expect(finagle).toMatchObject({
      ttl_s: settings.ttlMicros / SECOND,
      minRetriesPerSec: settings.minRetriesPerSec,
      percentCanRetry: settings.percentCanRetry,
    });
    expect(envoy.budget_percent).toBe(settings.budgetPercent);
    expect(envoy.min_retry_concurrency).toBe(settings.minRetryConcurrency);
  });

  it('finagle: withdraw 5000, reserve 500000: 100 retries in an idle 10 s window', () => {
    expect(withdrawal(settings)).toBe(5_000);
    expect(reserve(settings)).toBe(500_000);
    const state = finagleBudget.start(settings);
    const retries = Array.from({ length: 200 }, () => finagleBudget.tryRetry(state, settings, 0));
    expect(retries.filter(Boolean)).toHaveLength(100);
    expect(finagleBudget.balance(state, settings, 10 * SECOND - 1)).toBe(0);
    expect(finagleBudget.balance(state, settings, 10 * SECOND)).toBe(100);
    // Five requests deposit what one retry costs.
    for (let i = 0; i < 4; i++) finagleBudget.onRequest(state, settings, 0);
    expect(finagleBudget.tryRetry(state, settings, 0)).toBe(false);
    finagleBudget.onRequest(state, settings, 0);
    expect(finagleBudget.tryRetry(state, settings, 0)).toBe(true);
  });

  it.each([0.1, 0.5, 0.9, 1])('finagle: load <= 1.2 x offered when %d of all tries fail', (p) => {
    const withoutReserve = { ...settings, minRetriesPerSec: 0 };
    const state = finagleBudget.start(withoutReserve);
    const stream = new StreamBank(9).stream('tries');
    const requests = 100_000;
    let tries = 0;
    for (let n = 0; n < requests; n++) {
      const now = n * 2_000;
      finagleBudget.onRequest(state, withoutReserve, now);
      for (let attempt = 1; ; attempt++) {
        tries++;
        if (!stream.chance(p) || attempt === 5) break;
        if (!finagleBudget.tryRetry(state, withoutReserve, now)) break;
      }
    }
    const load = tries / requests;
    expect(load).toBeLessThanOrEqual(budgetLoadCap(settings.percentCanRetry));
    // The cap is reached where there are failures enough, and the load is the plain one elsewhere.
    const plain = Math.min(1.2, effectiveLoad(p, 5));
    expect(load).toBeGreaterThan(plain - 0.01);
  });
});

/** Tries that the last of `layers` sees when each gives up after `attempts` and all fail. */
function triesAtTheEnd(layers: number, attempts: number): number {
  if (layers === 0) return 1;
  let tries = 0;
  for (let i = 0; i < attempts; i++) tries += triesAtTheEnd(layers - 1, attempts);
  return tries;
}

describe('amplification', () => {
  it.each(file.retryAmplification)('%o', ({ layers, attempts, worst }) => {
    expect(worstAmplification(attempts, layers)).toBe(worst);
    expect(triesAtTheEnd(layers, attempts)).toBe(worst);
  });
});

describe('effective load and success', () => {
  it.each(file.effectiveLoad)('%o', ({ pfail, attempts, load, success }) => {
    expect(effectiveLoad(pfail, attempts)).toBeCloseTo(load, 12);
    expect(effectiveSuccess(pfail, attempts)).toBeCloseTo(success, 12);
    const stream = new StreamBank(4).stream('tries');
    const requests = 40_000;
    let tries = 0;
    let tries2 = 0;
    let ok = 0;
    for (let n = 0; n < requests; n++) {
      let own = 0;
      let isOk = false;
      while (own < attempts && !isOk) {
        own++;
        isOk = !stream.chance(pfail);
      }
      tries += own;
      tries2 += own * own;
      if (isOk) ok++;
    }
    const mean = tries / requests;
    const error = Math.sqrt(Math.max(0, tries2 / requests - mean * mean) / requests);
    expect(Math.abs(mean - load)).toBeLessThanOrEqual(4 * error + 1e-12);
    const successError = Math.sqrt((success * (1 - success)) / requests);
    expect(Math.abs(ok / requests - success)).toBeLessThanOrEqual(4 * successError);
  });
});

describe('the metastable region', () => {
  it.each(file.metastable_mm1_retry.vulnerable_lower_bound)('%o', (row) => {
    expect(metastableFromUtilisation(row.attempts)).toBe(row.lambda_over_mu);
  });

  /**
   * A fluid of requests in ticks: a server of capacity 1 serves the oldest first; what waited over
   * the timeout is served all the same, for nothing, and is tried again, `attempts` times in all.
   * Returns how many of the requests of the last quarter succeed after a burst early on.
   */
  function goodputAfterBurst(offered: number, attempts: number): number {
    const timeout = 20;
    const ticks = 8_000;
    // Work arriving at each tick, by the attempt that it is.
    const due = Array.from({ length: ticks + timeout + 1 }, () => new Float64Array(attempts));
    const queue: { since: number; attempt: number; work: number }[] = [];
    let good = 0;
    for (let now = 0; now < ticks; now++) {
      due[now]![0]! += now >= 200 && now < 240 ? offered + 2 : offered;
      due[now]!.forEach((work, attempt) => {
        if (work > 0) queue.push({ since: now, attempt, work });
      });
      let capacity = 1;
      while (capacity > 1e-12 && queue.length > 0) {
        const first = queue[0]!;
        const served = Math.min(capacity, first.work);
        capacity -= served;
        first.work -= served;
        const isInTime = now - first.since < timeout;
        if (isInTime && now >= (ticks * 3) / 4) good += served;
        if (first.work <= 1e-12) queue.shift();
      }
      // What reaches the timeout unserved is tried again; its work stays in the queue.
      for (const entry of queue) {
        if (now - entry.since !== timeout - 1 || entry.attempt + 1 >= attempts) continue;
        due[now + 1]![entry.attempt + 1]! += entry.work;
      }
    }
    return good / ((ticks / 4) * offered);
  }

  it.each(file.metastable_mm1_retry.vulnerable_lower_bound)(
    'above %o it stays down after the burst, below it recovers',
    ({ attempts, lambda_over_mu }) => {
      expect(goodputAfterBurst(lambda_over_mu * 0.9, attempts)).toBeGreaterThan(0.999);
      expect(goodputAfterBurst(lambda_over_mu * 1.1, attempts)).toBeLessThan(0.1);
    },
  );
});
