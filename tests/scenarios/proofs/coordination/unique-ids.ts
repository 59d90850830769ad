/** What the tests hold of coordination/unique-ids. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    unique: { variant: 'no-guard' },
    'as-counted': { ...nothingHappens, variant: 'no-guard' },
    'in-order': { variant: 'default' },
    'roughly-in-order': {
      variant: 'no-guard',
      interventions: [inject(500, { type: 'clock-jump', target: 'w2', byMs: -400 })],
    },
    served: { variant: 'set-back' },
    quick: { variant: 'set-back-and-wait' },
  },
  lessons: {
    '*': ['in-order'],
    'jumpBackMs=300': ['served'],
    'numbers=shared': ['unique'],
  },
  notices: {
    group: 'w',
    unnoticed: {
      'one-way': 'Workers never talk to each other.',
      'cut-link': 'Workers never talk to each other.',
      'slow-disk': 'A worker keeps nothing on disk.',
      'fsync-off': 'A worker keeps nothing on disk.',
      'slow-cpu': 'To make an id costs no time of the processor.',
    },
  },
};
