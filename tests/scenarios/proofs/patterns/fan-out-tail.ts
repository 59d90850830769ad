/** What the tests hold of patterns/fan-out-tail. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'late-share-is-the-formula': {
      interventions: [inject(2_000, { type: 'crash', target: { first: 1, of: 'leaf' } })],
    },
    'most-are-in-time': { variant: 'default' },
    'every-leaf-is-asked': {
      interventions: [inject(9_000, { type: 'crash', target: { first: 1, of: 'leaf' } })],
    },
    'in-time-is-fast': {
      interventions: [inject(1_000, { type: 'slow-cpu', target: 'leaf', factor: 10 })],
    },
  },
  lessons: {
    '*': ['most-are-in-time'],
  },
  notices: trafficNotices('leaf', {
    'one-way': 'The leaves do not talk to one another.',
    'cut-link': 'The leaves do not talk to one another.',
  }),
};
