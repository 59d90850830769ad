/** What the tests hold of distributed-transactions/write-skew. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';

const ALONE = 'The group has one member: it has no links to itself.';

export const proof: Proof = {
  breaks: {
    'doctors-come-and-go': { interventions: [inject(100, { type: 'crash', target: 'roster' })] },
    'somebody-is-on-call': { variant: 'default' },
    serializable: { variant: 'default' },
  },
  lessons: {
    '*': ['somebody-is-on-call', 'serializable'],
  },
  notices: {
    group: 'roster',
    unnoticed: {
      'one-way': ALONE,
      'cut-link': ALONE,
      'slow-cpu': 'A statement costs no time of the processor.',
    },
    clients: false,
  },
};
