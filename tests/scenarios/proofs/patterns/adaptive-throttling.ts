/** What the tests hold of patterns/adaptive-throttling. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': { interventions: [inject(500, { type: 'crash', target: 'door' })] },
    'the-rush-bites': {
      interventions: [inject(2_000, { type: 'slow-cpu', target: ['door', 'room'], factor: 0 })],
    },
    'capacity-is-used': { variant: 'no-throttle' },
    'clients-hold-back': { variant: 'no-throttle' },
    'few-refusals': { variant: 'no-throttle' },
    'door-has-time': { variant: 'generous' },
  },
  lessons: {
    'throttleK=4': ['door-has-time'],
  },
  notices: trafficNotices('door', ALONE, TIMELESS),
};
