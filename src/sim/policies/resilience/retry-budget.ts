/**
 * How many retries a client may make beside its requests: what every retry budget offers.
 *
 * A budget holds plain data. Invariant: it bounds the load that retries add, whatever the share of
 * requests that fail.
 */

/** The settings of any budget. Which of them it reads stands with the budget. */
export interface RetryBudgetSettings {
  /** Finagle `ttl`: how long a request's deposit counts. */
  readonly ttlMicros: number;
  /** Finagle `minRetriesPerSec`: retries that are free. */
  readonly minRetriesPerSec: number;
  /** Finagle `percentCanRetry`: retries for each request, 0..1. */
  readonly percentCanRetry: number;
  /** Envoy `budget_percent`: of the requests under way, 0..100. */
  readonly budgetPercent: number;
  /** Envoy `min_retry_concurrency`: so many retries are always allowed at once. */
  readonly minRetryConcurrency: number;
}

export const RETRY_BUDGET_DEFAULTS: RetryBudgetSettings = {
  ttlMicros: 10_000_000,
  minRetriesPerSec: 10,
  percentCanRetry: 0.2,
  budgetPercent: 20,
  minRetryConcurrency: 3,
};

export interface RetryBudget<S> {
  readonly name: string;
  /** One sentence. */
  readonly about: string;
  readonly source: string;
  /** Which of the settings it reads. */
  readonly reads: readonly (keyof RetryBudgetSettings)[];
  start(settings: RetryBudgetSettings): S;
  /** A request begins (its first try). */
  onRequest(state: S, settings: RetryBudgetSettings, nowMicros: number): void;
  /** A request has ended, its retries included. */
  onRequestEnd(state: S): void;
  /** Whether one more retry may be made now; if so, it is counted. */
  tryRetry(state: S, settings: RetryBudgetSettings, nowMicros: number): boolean;
  /** A retry that was allowed has ended, however it ended. */
  onRetryEnd(state: S): void;
  /** Retries that could be made now, one after another without anything else happening. */
  balance(state: S, settings: RetryBudgetSettings, nowMicros: number): number;
}
