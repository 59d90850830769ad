/** What the tests hold of load-balancing/power-of-two. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'as-theory-says': {
      variant: 'two-choices',
      interventions: [inject(10, { type: 'slow-cpu', target: 'app', factor: 3 })],
    },
    'short-queues': { variant: 'default' },
    tail: { variant: 'default' },
  },
  lessons: {
    '*': ['short-queues', 'tail'],
  },
  notices: backendNotices(),
};
