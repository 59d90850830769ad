/**
 * Additive increase, multiplicative decrease: one more while the limit is used, a tenth less when
 * a request is dropped or takes too long.
 *
 * Invariant: minLimit <= limit <= maxLimit, and whole. The limit grows only while at least half of
 * it is used, so that a quiet time teaches nothing.
 *
 * Source: Netflix/concurrency-limits at 78a74b98, `AIMDLimit`; Chiu & Jain, 1989.
 */
import { CONCURRENCY_DEFAULTS, type ConcurrencyLimit } from './concurrency-limit.ts';

export interface AimdState {
  limit: number;
}

export const aimdLimit: ConcurrencyLimit<AimdState> = {
  name: 'aimd',
  about: 'One more while the limit is used, a tenth less after a drop or a request over 5 s.',
  source: 'Netflix/concurrency-limits at 78a74b98, AIMDLimit; Chiu & Jain 1989',
  defaults: CONCURRENCY_DEFAULTS,
  reads: ['initialLimit', 'minLimit', 'maxLimit', 'timeoutMicros', 'backoffRatio'],
  start: ({ initialLimit }) => ({ limit: initialLimit }),
  limit: ({ limit }) => limit,
  onSample(state, settings, rttMicros, inflight, isDropped) {
    const { minLimit, maxLimit, timeoutMicros, backoffRatio } = settings;
    let limit = state.limit;
    if (isDropped || rttMicros > timeoutMicros) limit = Math.floor(limit * backoffRatio);
    else if (inflight * 2 >= limit) limit++;
    state.limit = Math.min(maxLimit, Math.max(minLimit, limit));
  },
};
