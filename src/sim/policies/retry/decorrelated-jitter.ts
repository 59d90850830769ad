/** Pauses that grow from the one before, not from the number of tries (Brooker, AWS, 2015). */
import type { RetryPolicy } from './retry-policy.ts';

/** In the source's own simulation: how many times the last pause the next may be. */
const GROWTH = 3;

export const decorrelatedJitterPause: RetryPolicy = {
  name: 'decorrelated-jitter',
  about: 'Uniform between the base and three times the last pause, up to a cap.',
  source: 'Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015)',
  isRandom: true,
  pauseMicros({ previousMicros, baseMicros, capMicros }, draw) {
    const span = Math.max(0, previousMicros * GROWTH - baseMicros);
    return Math.min(capMicros, baseMicros + Math.floor(draw * (span + 1)));
  },
};
