/** Pauses that double up to a cap (Brooker, AWS Architecture Blog, 2015). */
import type { Retry, RetryPolicy } from './retry-policy.ts';

/** base * 2^(attempt-1), up to the cap, without transcendental functions. */
export function doubled({ attempt, baseMicros, capMicros }: Retry): number {
  let pause = baseMicros;
  for (let i = 1; i < attempt && pause < capMicros; i++) pause *= 2;
  return Math.min(pause, capMicros);
}

export const exponentialPause: RetryPolicy = {
  name: 'exponential',
  about: 'Each pause is twice the one before, up to a cap.',
  source: 'Brooker, Exponential Backoff And Jitter (AWS Architecture Blog, 2015)',
  isRandom: false,
  pauseMicros: doubled,
};
