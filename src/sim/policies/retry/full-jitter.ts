/** Pauses drawn from nothing up to the doubled pause (Brooker, AWS Architecture Blog, 2015). */
import { doubled } from './exponential.ts';
import type { RetryPolicy } from './retry-policy.ts';

export const fullJitterPause: RetryPolicy = {
  name: 'full-jitter',
  about: 'Uniform between nothing and the doubled pause: tries of many clients spread out.',
  source: 'Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015)',
  isRandom: true,
  pauseMicros: (retry, draw) => Math.floor(draw * (doubled(retry) + 1)),
};
