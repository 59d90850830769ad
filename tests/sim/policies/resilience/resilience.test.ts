/** Retry budgets and hedging, beside their published rows. */
import { describe, expect, it } from 'vitest';
import { StreamBank } from '../../../../src/sim/kernel/random.ts';
import { envoyBudget } from '../../../../src/sim/policies/resilience/envoy-budget.ts';
import { finagleBudget } from '../../../../src/sim/policies/resilience/finagle-budget.ts';
import {
  HEDGE_WINDOW,
  hedgeDelayMicros,
  newHedge,
  onLatency,
} from '../../../../src/sim/policies/resilience/hedge.ts';
import {
  RETRY_BUDGETS,
  RETRY_BUDGET_NAMES,
} from '../../../../src/sim/policies/resilience/index.ts';
import { RETRY_BUDGET_DEFAULTS } from '../../../../src/sim/policies/resilience/retry-budget.ts';
import type { RetryBudgetSettings } from '../../../../src/sim/policies/resilience/retry-budget.ts';

const SECOND = 1_000_000;

describe('retry budgets', () => {
  const defaults = RETRY_BUDGET_DEFAULTS;

  it('have unique names', () => {
    expect(new Set(RETRY_BUDGET_NAMES).size).toBe(RETRY_BUDGETS.length);
  });

  it.each(RETRY_BUDGETS)('$name reads no setting but those that it names', (budget) => {
    const read = new Set<string>();
    const watched = new Proxy(defaults, {
      get(target, key: keyof RetryBudgetSettings) {
        read.add(key);
        return target[key];
      },
    });
    const state = budget.start(watched);
    budget.onRequest(state, watched, 0);
    budget.tryRetry(state, watched, 0);
    budget.balance(state, watched, 0);
    expect([...read].sort()).toEqual([...budget.reads].sort());
  });

  it.each(RETRY_BUDGETS)('$name: the balance is how many retries it then allows', (budget) => {
    const stream = new StreamBank(8).stream('budget');
    const settings = { ...defaults, minRetriesPerSec: 1 };
    const state = budget.start(settings);
    let now = 0;
    for (let i = 0; i < 300; i++) {
      now += stream.below(SECOND);
      for (let n = stream.below(60); n > 0; n--) budget.onRequest(state, settings, now);
      const balance = budget.balance(state, settings, now);
      let allowed = 0;
      while (budget.tryRetry(state, settings, now)) allowed++;
      expect(allowed).toBe(balance);
      if (stream.chance(0.5)) continue;
      for (let n = 0; n < allowed; n++) budget.onRetryEnd(state);
    }
  });

  it('envoy: 3 at once, then a fifth of the requests under way, rounded down', () => {
    const state = envoyBudget.start(defaults);
    const allowed = (requests: number) => {
      state.requests = requests;
      return envoyBudget.balance(state, defaults, 0);
    };
    expect([0, 1, 15, 19, 20, 24, 25, 1_000].map(allowed)).toEqual([3, 3, 3, 3, 4, 4, 5, 200]);
  });

  it('envoy: a retry that ends makes room for another', () => {
    const state = envoyBudget.start(defaults);
    envoyBudget.onRequest(state, defaults, 0);
    const tries = [0, 1, 2, 3].map(() => envoyBudget.tryRetry(state, defaults, 0));
    expect(tries).toEqual([true, true, true, false]);
    envoyBudget.onRetryEnd(state);
    expect(envoyBudget.tryRetry(state, defaults, 0)).toBe(true);
    envoyBudget.onRequestEnd(state);
    expect(state).toEqual({ requests: 0, retries: 3 });
  });

  it('finagle: without a share, each retry costs one of the reserve', () => {
    const settings = { ...defaults, percentCanRetry: 0, minRetriesPerSec: 2 };
    const state = finagleBudget.start(settings);
    for (let i = 0; i < 1_000; i++) finagleBudget.onRequest(state, settings, 0);
    expect(finagleBudget.balance(state, settings, 0)).toBe(20);
  });

  it('finagle: a withdrawal is forgotten with its slice, as a deposit is', () => {
    const settings = { ...defaults, minRetriesPerSec: 0 };
    const state = finagleBudget.start(settings);
    for (let i = 0; i < 50; i++) finagleBudget.onRequest(state, settings, 0);
    for (let i = 0; i < 10; i++) finagleBudget.tryRetry(state, settings, 5 * SECOND);
    expect(finagleBudget.balance(state, settings, 5 * SECOND)).toBe(0);
    // The deposits go first: for a while the balance is a debt.
    for (let i = 0; i < 40; i++) finagleBudget.onRequest(state, settings, 12 * SECOND);
    expect(finagleBudget.balance(state, settings, 12 * SECOND)).toBe(0);
    expect(finagleBudget.balance(state, settings, 15 * SECOND)).toBe(8);
  });
});

describe('a hedge', () => {
  const HEDGE = { ...HEDGE_WINDOW, delayMicros: 100_000, percentile: 0.95 };

  it('waits its fixed delay until it knows enough', () => {
    const state = newHedge(HEDGE);
    for (let i = 1; i <= 19; i++) onLatency(state, i);
    expect(hedgeDelayMicros(state, HEDGE)).toBe(100_000);
    onLatency(state, 20);
    expect(hedgeDelayMicros(state, HEDGE)).toBe(19);
  });

  it('at the 95th percentile hedges one request in twenty', () => {
    const stream = new StreamBank(6).stream('latency');
    const settings = { ...HEDGE, windowSize: 1_000 };
    const state = newHedge(settings);
    let hedged = 0;
    const requests = 40_000;
    for (let i = 0; i < requests; i++) {
      const latency = stream.exponential(10_000);
      if (i >= 1_000 && latency > hedgeDelayMicros(state, settings)) hedged++;
      onLatency(state, latency);
    }
    expect(Math.abs(hedged / (requests - 1_000) - 0.05)).toBeLessThan(0.005);
  });
});
