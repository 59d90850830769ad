/** What a cache asks its store for, and which of its settings matter only where others ask so. */
import { offersOf } from '../../node/usage.ts';
import type { Usage } from '../../node/usage.ts';
import type { CacheConfig } from './config.ts';

export const usage: Usage<CacheConfig> = {
  idle: { noun: 'cache' },
  uses: ({ mode, origin }) =>
    mode === 'aside'
      ? []
      : [
          { role: 'origin', what: 'statement row' },
          ...(origin.pool.maxOpen > 0 ? [{ role: 'origin', what: 'connections' }] : []),
        ],
  // The others fill it from their store themselves.
  has: ({ mode }) => (mode === 'aside' ? [] : ['fill']),
  offers: ({ mode }, given) =>
    mode === 'aside' && given['negativeTtlMs'] !== 0
      ? offersOf(['negativeTtlMs'], given, {
          what: ['negative'],
          why: 'nobody keeps in it that there is no such object',
          hint: 'Write negative: true in the step that fills it on a miss. Or leave it out.',
        })
      : [],
};
