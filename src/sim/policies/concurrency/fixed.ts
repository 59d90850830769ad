/**
 * A limit that somebody chose once.
 *
 * Source: Netflix/concurrency-limits at 78a74b98, `FixedLimit`.
 */
import { CONCURRENCY_DEFAULTS, type ConcurrencyLimit } from './concurrency-limit.ts';

export interface FixedState {
  readonly limit: number;
}

export const fixedLimit: ConcurrencyLimit<FixedState> = {
  name: 'fixed',
  about: 'A limit that somebody chose once, whatever the requests take.',
  source: 'Netflix/concurrency-limits at 78a74b98, FixedLimit',
  defaults: CONCURRENCY_DEFAULTS,
  reads: ['initialLimit'],
  start: ({ initialLimit }) => ({ limit: initialLimit }),
  limit: ({ limit }) => limit,
  onSample() {
    // Nothing teaches it.
  },
};
