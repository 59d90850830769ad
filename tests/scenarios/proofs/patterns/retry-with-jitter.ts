/** What the tests hold of patterns/retry-with-jitter. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(500, { type: 'crash', target: 'app' })] },
    'the-burst-bites': {
      interventions: [inject(1_500, { type: 'slow-cpu', target: 'app', factor: 0 })],
    },
    'everybody-answered': { variant: 'no-pause' },
    'few-tries': { variant: 'no-jitter' },
    'no-waves': { variant: 'no-jitter' },
    'soon-over': { variant: 'no-jitter' },
  },
  lessons: {
    'backoff=none': ['everybody-answered', 'few-tries', 'no-waves'],
    'backoff=exponential': ['few-tries', 'no-waves', 'soon-over'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
