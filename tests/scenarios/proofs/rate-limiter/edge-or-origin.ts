/** What the tests hold of rate-limiter/edge-or-origin. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(500, { type: 'crash', target: 'app' })] },
    'the-crawler-bites': { interventions: [inject(2_500, { type: 'crash', target: 'limiter' })] },
    'one-share-each': { variant: 'three-edges' },
    'what-reaches-the-gateway': {
      interventions: [inject(4_000, { type: 'crash', target: 'gateway' })],
    },
    'the-gateway-has-room': { variant: 'default' },
    'people-are-answered': { variant: 'default' },
  },
  lessons: {
    '*': ['the-gateway-has-room', 'people-are-answered'],
    'limiters=3': ['one-share-each'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS),
};
