/** What the tests hold of anti-patterns/retry-storm. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(1_000, { type: 'crash', target: 'ledger' })] },
    'the-outage-bites': nothingHappens,
    'the-product-of-all-layers': nothingHappens,
    'load-stays-small': { variant: 'default' },
    'bystanders-unhurt': { variant: 'default' },
    recovers: { interventions: [inject(16_000, { type: 'crash', target: 'ledger' })] },
  },
  lessons: {
    '*': ['load-stays-small', 'bystanders-unhurt'],
  },
  notices: trafficNotices('ledger', ALONE, TIMELESS),
};
