/** What the tests hold of patterns/retry-budget. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'load-is-the-formula': { variant: 'budget' },
    'success-is-the-formula': {
      interventions: [inject(5_000, { type: 'crash', target: 'app' })],
    },
    'outage-costs-all-tries': { variant: 'budget' },
    'outage-bites': nothingHappens,
    'load-is-bounded': { variant: 'default' },
    'load-is-bounded-in-the-dark': { variant: 'default' },
  },
  lessons: {
    '*': ['load-is-bounded', 'load-is-bounded-in-the-dark'],
    'retryBudget=true': ['load-is-the-formula', 'success-is-the-formula', 'outage-costs-all-tries'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
