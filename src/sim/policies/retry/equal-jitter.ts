/** Half of the doubled pause, and up to as much again (Brooker, AWS Architecture Blog, 2015). */
import { doubled } from './exponential.ts';
import type { RetryPolicy } from './retry-policy.ts';

export const equalJitterPause: RetryPolicy = {
  name: 'equal-jitter',
  about: 'Half of the doubled pause for certain, the other half drawn.',
  source: 'Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015)',
  isRandom: true,
  pauseMicros(retry, draw) {
    const pause = doubled(retry);
    const half = Math.floor(pause / 2);
    return half + Math.floor(draw * (pause - half + 1));
  },
};
