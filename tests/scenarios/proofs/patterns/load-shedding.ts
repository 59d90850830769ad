/** What the tests hold of patterns/load-shedding. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(1_000, { type: 'crash', target: 'shop' })] },
    'the-overload-bites': {
      variant: 'important-first',
      interventions: [inject(5_000, { type: 'slow-cpu', target: 'shop', factor: 0.1 })],
    },
    goodput: { variant: 'no-codel' },
    'important-answered': { variant: 'no-priorities' },
    'important-fast': { variant: 'no-priorities' },
    'calm-at-once': { variant: 'no-codel' },
  },
  lessons: {
    '*': ['goodput', 'important-answered', 'important-fast', 'calm-at-once'],
  },
  notices: trafficNotices('shop', ALONE, TIMELESS),
};
