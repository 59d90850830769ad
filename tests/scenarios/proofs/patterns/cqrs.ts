/** What the tests hold of patterns/cqrs. */
import { ALONE } from '../traffic.ts';
import type { Proof } from '../proof.ts';
import { inject, nothingHappens } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'each-once': { variant: 'checkpoint-after' },
    'none-missing': { variant: 'checkpoint-before' },
    balances: { variant: 'checkpoint-after' },
    'caught-up': { interventions: [inject(4_600, { type: 'cut-link', a: 'p', b: 'e' })] },
    'own-write': { variant: 'no-token' },
    lag: nothingHappens,
  },
  lessons: { 'token=false': ['own-write'] },
  notices: {
    group: 'p',
    clients: true,
    unnoticed: {
      ...ALONE,
      'clock-jump': 'The projection reads no wall clock.',
    },
  },
};
