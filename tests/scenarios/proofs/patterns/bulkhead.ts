/** What the tests hold of patterns/bulkhead. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(1_000, { type: 'crash', target: 'prices' })] },
    'the-slowness-bites': nothingHappens,
    'prices-unhurt': { variant: 'no-bulkhead' },
    'prices-fast': { variant: 'no-bulkhead' },
    'places-stay-free': { variant: 'no-bulkhead' },
    recovers: { interventions: [inject(15_000, { type: 'crash', target: 'reviews' })] },
  },
  lessons: {
    'reviewPlaces=60': ['prices-unhurt', 'prices-fast', 'places-stay-free'],
    'reviewPlaces=2': ['well-before', 'recovers'],
  },
  notices: trafficNotices('reviews', ALONE, TIMELESS),
};
