/** What the tests hold of patterns/circuit-breaker. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': {
      interventions: [inject(1_000, { type: 'slow-cpu', target: 'tips', factor: 10 })],
    },
    'the-hang-bites': nothingHappens,
    'breaker-opens': { variant: 'no-breaker' },
    'fast-fallback': { variant: 'no-breaker' },
    'keeps-answering': { variant: 'no-breaker' },
    'places-stay-free': { variant: 'no-breaker' },
    'breaker-closes': { variant: 'no-breaker' },
    'tips-are-back': { interventions: [inject(18_000, { type: 'crash', target: 'tips' })] },
  },
  notices: trafficNotices('tips', ALONE, TIMELESS),
};
