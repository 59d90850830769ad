/** No pause: what most code does that was written without a thought of others. */
import type { RetryPolicy } from './retry-policy.ts';

export const noPause: RetryPolicy = {
  name: 'none',
  about: 'Tries again at once.',
  source: 'folklore',
  isRandom: false,
  pauseMicros: () => 0,
};
