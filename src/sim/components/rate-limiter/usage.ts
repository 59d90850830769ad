/** What a limiter asks its store for: to decide, or for counts of windows. */
import type { Usage } from '../../node/usage.ts';
import type { RateLimiterConfig } from './config.ts';

export const usage: Usage<RateLimiterConfig> = {
  idle: { noun: 'limiter' },
  uses: ({ where }) =>
    where === 'local'
      ? []
      : [{ role: 'store', what: where === 'store-atomic' ? 'decisions' : 'windows' }],
};
