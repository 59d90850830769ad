/** What keeps a caller from making things worse: the parts of it, and the list of retry budgets. */
import { envoyBudget, type EnvoyBudgetState } from './envoy-budget.ts';
import { finagleBudget, type FinagleBudgetState } from './finagle-budget.ts';
import type { RetryBudget } from './retry-budget.ts';

export { BREAKER_DEFAULTS } from './circuit-breaker.ts';
export type { BreakerPosition, BreakerSettings, BreakerState } from './circuit-breaker.ts';
export { callsIn, failureRate, slowCallRate } from './outcome-window.ts';
export type { RetryBudget, RetryBudgetSettings } from './retry-budget.ts';
export { RETRY_BUDGET_DEFAULTS } from './retry-budget.ts';

/** The state of any budget: plain data, for the budget that started it. */
export type RetryBudgetState = FinagleBudgetState | EnvoyBudgetState;

export const RETRY_BUDGETS: readonly RetryBudget<RetryBudgetState>[] = [finagleBudget, envoyBudget];

export const RETRY_BUDGET_NAMES: readonly string[] = RETRY_BUDGETS.map(({ name }) => name);
