/**
 * Each request deposits tokens that last a while, each retry withdraws more of them: a retry for
 * every fifth request, and a reserve for clients that hardly ever ask.
 *
 * Invariant: in any time-to-live no more retries than its requests * percentCanRetry
 * + minRetriesPerSec * ttl, to a slice of the window.
 *
 * Source: finagle at 4feb34cb, `RetryBudget.scala` (a request deposits 1000, a retry withdraws
 * 1000 / percentCanRetry, the reserve is minRetriesPerSec * whole seconds of ttl * withdrawal) and
 * `WindowedAdder` (10 slices). Differs: slices lie at whole multiples of their length, where
 * finagle's begin whenever it is next asked.
 */
import type { RetryBudget, RetryBudgetSettings } from './retry-budget.ts';
import { count, roll, startCounts, sumAt, type RollingCounts } from './rolling-counts.ts';

export interface FinagleBudgetState {
  /** Deposits minus withdrawals, which are forgotten with their time. */
  readonly tokens: RollingCounts;
}

const SCALE = 1_000;
const SLICES = 10;
const SECOND = 1_000_000;

const deposit = ({ percentCanRetry }: RetryBudgetSettings): number =>
  percentCanRetry === 0 ? 0 : SCALE;

/** Without deposits every retry costs 1. */
export const withdrawal = ({ percentCanRetry }: RetryBudgetSettings): number =>
  percentCanRetry === 0 ? 1 : Math.trunc(SCALE / percentCanRetry);

/** Tokens that are there without any request. */
export const reserve = (settings: RetryBudgetSettings): number =>
  settings.minRetriesPerSec * Math.trunc(settings.ttlMicros / SECOND) * withdrawal(settings);

export const finagleBudget: RetryBudget<FinagleBudgetState> = {
  name: 'finagle',
  about: 'A retry for every fifth request of the last 10 s, and 10 a second in any case.',
  source: 'finagle at 4feb34cb, RetryBudget.scala',
  reads: ['ttlMicros', 'minRetriesPerSec', 'percentCanRetry'],
  start: ({ ttlMicros }) => ({ tokens: startCounts(1, SLICES, ttlMicros / SLICES) }),
  onRequest(state, settings, nowMicros) {
    roll(state.tokens, nowMicros);
    count(state.tokens, 0, deposit(settings));
  },
  onRequestEnd() {
    // Deposits are forgotten with time, not with the request.
  },
  tryRetry(state, settings, nowMicros) {
    const cost = withdrawal(settings);
    roll(state.tokens, nowMicros);
    if (state.tokens.totals[0]! + reserve(settings) < cost) return false;
    count(state.tokens, 0, -cost);
    return true;
  },
  onRetryEnd() {
    // So are withdrawals.
  },
  balance(state, settings, nowMicros) {
    const tokens = sumAt(state.tokens, 0, nowMicros) + reserve(settings);
    return Math.max(0, Math.floor(tokens / withdrawal(settings)));
  },
};
