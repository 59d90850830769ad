/** What the tests hold of rate-limiter/retrying-clients. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(500, { type: 'crash', target: 'app' })] },
    'the-spike-bites': { interventions: [inject(3_500, { type: 'crash', target: 'limiter' })] },
    'each-try-is-decided': { interventions: [inject(4_500, { type: 'crash', target: 'store' })] },
    'the-limiter-has-peace': { variant: 'default' },
    'nearly-all-in-the-end': { variant: 'give-up' },
  },
  lessons: {
    '*': ['the-limiter-has-peace', 'nearly-all-in-the-end'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
