/** What the tests hold of rate-limiter/read-then-write-race. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'alone-it-works': { interventions: [inject(500, { type: 'crash', target: 'store' })] },
    'there-is-a-crowd': { interventions: [inject(500, { type: 'crash', target: 'store' })] },
    'keeps-the-limit': { variant: 'default' },
    'exactly-the-race': { interventions: [inject(3_500, { type: 'crash', target: 'store' })] },
  },
  lessons: {
    '*': ['keeps-the-limit'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
