/** What the tests hold of patterns/timeouts. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'calm-is-calm': { variant: 'too-short' },
    'in-time-is-the-formula': {
      interventions: [inject(2_000, { type: 'crash', target: 'stock' })],
    },
    'the-hang-bites': nothingHappens,
    'pages-unhurt': { variant: 'no-timeout' },
    'places-stay-free': { variant: 'no-timeout' },
    recovers: { interventions: [inject(14_000, { type: 'crash', target: 'shop' })] },
  },
  lessons: {
    'timeoutMs=15': ['calm-is-calm'],
    'timeoutMs=10000': ['pages-unhurt', 'places-stay-free'],
  },
  notices: trafficNotices('stock', ALONE, TIMELESS),
};
