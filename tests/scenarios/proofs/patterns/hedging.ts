/** What the tests hold of patterns/hedging. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'one-is-slow': nothingHappens,
    'median-is-fast': {
      interventions: [inject(1_000, { type: 'slow-cpu', target: 'app', factor: 10 })],
    },
    'tail-is-cut': { variant: 'no-hedge' },
    'extra-load-is-small': { variant: 'hedge-early' },
    'extra-load-is-the-formula': { variant: 'no-hedge' },
    'everybody-is-answered': {
      interventions: [inject(2_000, { type: 'crash', target: 'app' })],
    },
  },
  lessons: {
    'hedgeAfterMs=15': ['extra-load-is-small'],
  },
  notices: trafficNotices('app', TIMELESS, {
    'one-way': 'The members do not talk to one another.',
    'cut-link': 'The members do not talk to one another.',
  }),
};
