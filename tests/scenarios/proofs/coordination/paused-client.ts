/** What the tests hold of coordination/paused-client. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { LOCK_NOTICES } from '../locks.ts';

export const proof: Proof = {
  breaks: {
    'both-are-served': { interventions: [inject(500, { type: 'crash', target: 'locks' })] },
    'no-update-lost': { variant: 'default' },
    'refused-by-the-fence': {
      variant: 'fencing',
      interventions: [inject(2_500, { type: 'crash', target: 'storage' })],
    },
    'given-up': {
      variant: 'own-clock',
      interventions: [inject(2_500, { type: 'crash', target: 'a' })],
    },
  },
  lessons: {
    'checkTokens=false': ['no-update-lost'],
    '*': ['no-update-lost'],
  },
  notices: LOCK_NOTICES,
};
