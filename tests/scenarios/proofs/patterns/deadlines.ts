/** What the tests hold of patterns/deadlines. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

const WASTED = ['useful-work', 'queue-stays-short', 'no-work-for-nobody'];

export const proof: Proof = {
  breaks: {
    'always-busy': { interventions: [inject(8_000, { type: 'crash', target: 'prices' })] },
    'useful-work': { variant: 'not-handed-on' },
    'queue-stays-short': { variant: 'not-handed-on' },
    'no-work-for-nobody': { variant: 'handed-on-unread' },
  },
  lessons: {
    'propagate=false': WASTED,
    'dropExpired=false': WASTED,
  },
  notices: trafficNotices('prices', ALONE, TIMELESS),
};
