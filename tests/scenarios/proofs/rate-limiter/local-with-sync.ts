/** What the tests hold of rate-limiter/local-with-sync. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(500, { type: 'crash', target: 'app' })] },
    'the-crowd-bites': { interventions: [inject(3_000, { type: 'crash', target: 'limiter' })] },
    'as-predicted': { interventions: [inject(3_000, { type: 'crash', target: 'limiter' })] },
    'near-the-limit': { variant: 'default' },
    'the-store-has-peace': { variant: 'atomic' },
  },
  lessons: {
    '*': ['near-the-limit'],
    'counting=store-atomic': ['the-store-has-peace'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
