/** What the tests hold of coordination/forgetful-lock. */
import { act, inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { HELD_NOTICES } from '../locks.ts';

export const proof: Proof = {
  breaks: {
    'both-are-served': { interventions: [inject(500, { type: 'crash', target: 'locks' })] },
    'the-service-crashes': nothingHappens,
    'no-update-lost': { variant: 'answers-first' },
    'nothing-to-refuse': {
      interventions: [inject(340, { type: 'pause', target: 'b' }), act(4_500, { do: 'heal-all' })],
    },
  },
  notices: HELD_NOTICES,
};
