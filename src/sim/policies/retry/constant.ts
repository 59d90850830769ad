/** The same pause before every try. */
import type { RetryPolicy } from './retry-policy.ts';

export const constantPause: RetryPolicy = {
  name: 'constant',
  about: 'The same pause before every try.',
  source: 'folklore',
  isRandom: false,
  pauseMicros: ({ baseMicros, capMicros }) => Math.min(baseMicros, capMicros),
};
