/** What the tests hold of anti-patterns/metastable-failure. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(1_000, { type: 'crash', target: 'app' })] },
    'the-trigger-bites': { params: { loadPercent: 20 }, ...nothingHappens },
    recovers: { variant: 'default' },
  },
  lessons: {
    '*': ['recovers'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
