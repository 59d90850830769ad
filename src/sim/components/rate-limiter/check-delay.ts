/** What a limiter that holds requests back until they are due must be. */
import { ScenarioError } from '../../kernel/errors.ts';
import type { RateLimiterConfig } from './config.ts';

/** Only a bucket that leaks knows when what it took in is due. */
export function checkDelay(config: RateLimiterConfig, path: string): void {
  const { policy, where, enforce } = config;
  if (policy !== 'leaky-bucket') {
    throw new ScenarioError(`${policy} says who may pass, not when: nothing would be delayed.`, {
      path,
      hint: 'Write policy: leaky-bucket, too.',
    });
  }
  if (where !== 'local') {
    throw new ScenarioError(`With where: "${where}" no bucket here says when a request is due.`, {
      path,
      hint: 'Write where: local, or leave delay out.',
    });
  }
  if (enforce) return;
  throw new ScenarioError('In shadow mode everything passes at once: nothing would be delayed.', {
    path,
    hint: 'Write enforce: true, or leave delay out.',
  });
}
