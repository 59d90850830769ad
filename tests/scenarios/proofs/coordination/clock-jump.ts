/** What the tests hold of coordination/clock-jump. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { HELD_NOTICES } from '../locks.ts';

export const proof: Proof = {
  breaks: {
    'both-are-served': { interventions: [inject(500, { type: 'crash', target: 'locks' })] },
    'no-update-lost': { variant: 'default' },
    'ended-early': nothingHappens,
    'refused-by-the-fence': { ...nothingHappens, variant: 'fencing' },
  },
  lessons: {
    '*': ['no-update-lost'],
  },
  notices: HELD_NOTICES,
};
