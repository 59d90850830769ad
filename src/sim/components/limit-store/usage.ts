/** Which settings of a store matter only by what limiters ask it for. */
import { offersOf } from '../../node/usage.ts';
import type { Usage } from '../../node/usage.ts';
import { limiterNamed } from '../../traffic/limit-policy.ts';
import type { LimitStoreConfig } from './config.ts';

export const usage: Usage<LimitStoreConfig> = {
  uses: () => [],
  offers({ policy }, given) {
    const byWindow = limiterNamed(policy).reads.includes('windowMicros');
    const decides = {
      what: ['decisions'],
      why: 'no limiter lets the store decide',
      hint: 'Write where: store-atomic in a limiter. Or leave it out.',
    };
    return [
      // Counts of others are of fixed windows, too.
      ...offersOf(policy === 'fixed-window' ? [] : ['policy'], given, decides),
      ...offersOf(['burst'], given, decides),
      ...offersOf(['windowMs'], given, {
        what: byWindow ? ['decisions', 'windows'] : ['windows'],
        why: `policy is ${policy}, and no limiter counts windows here`,
        hint: 'Write policy: fixed-window, sliding-log or sliding-counter. Or leave it out.',
      }),
    ];
  },
};
