/** What the tests hold of load-balancing/bounded-load. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'nobody-above-the-cap': { variant: 'default' },
    'all-at-work': { variant: 'default' },
    quick: { variant: 'default' },
    'at-hand': { variant: 'least-connections' },
    'slow-as-the-home': {
      interventions: [inject(3_000, { type: 'slow-cpu', target: 'app', factor: 5 })],
    },
  },
  lessons: {
    '*': ['nobody-above-the-cap', 'all-at-work', 'quick'],
    'policy=least-connections': ['at-hand'],
  },
  notices: backendNotices(),
};
