/**
 * Retries under way at once: no more than a share of the requests under way, and a few always.
 *
 * Invariant: retries under way <= max(minRetryConcurrency, budgetPercent of requests under way) at
 * the time each is allowed.
 *
 * Source: Envoy, `RetryBudget` of cluster circuit breakers and `ResourceManagerImpl`
 * (data-plane-api 84e84367): budget_percent 20 %, min_retry_concurrency 3; the share is rounded
 * down. Differs: requests are those under way at this client, retries included, pending ones too.
 */
import type { RetryBudget, RetryBudgetSettings } from './retry-budget.ts';

export interface EnvoyBudgetState {
  requests: number;
  retries: number;
}

function room(state: EnvoyBudgetState, settings: RetryBudgetSettings): number {
  const share = Math.floor((settings.budgetPercent * state.requests) / 100);
  return Math.max(share, settings.minRetryConcurrency) - state.retries;
}

export const envoyBudget: RetryBudget<EnvoyBudgetState> = {
  name: 'envoy',
  about: 'Retries under way: 20 % of the requests under way at most, but 3 in any case.',
  source: 'Envoy, RetryBudget (data-plane-api 84e84367)',
  reads: ['budgetPercent', 'minRetryConcurrency'],
  start: () => ({ requests: 0, retries: 0 }),
  onRequest(state) {
    state.requests++;
  },
  onRequestEnd(state) {
    state.requests--;
  },
  tryRetry(state, settings) {
    if (room(state, settings) <= 0) return false;
    state.retries++;
    return true;
  },
  onRetryEnd(state) {
    state.retries--;
  },
  balance: (state, settings) => Math.max(0, room(state, settings)),
};
