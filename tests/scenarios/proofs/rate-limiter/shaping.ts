/** What the tests hold of rate-limiter/shaping. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

/** The limiter is gone in the midst of the bursts. */
const limiterGone = { interventions: [inject(5_010, { type: 'crash', target: 'limiter' })] };

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(500, { type: 'crash', target: 'api' })] },
    'the-limiter-takes-all': { variant: 'default' },
    'the-partner-takes-all': { variant: 'default' },
    'admitted-as-computed': limiterGone,
    'served-as-computed': limiterGone,
    'at-once': { variant: 'shaped' },
    'waits-as-computed': { variant: 'shaped', ...limiterGone },
  },
  lessons: {
    '*': ['the-limiter-takes-all', 'the-partner-takes-all'],
    'how=shaped': ['at-once'],
  },
  notices: trafficNotices('api', ALONE, TIMELESS),
};
