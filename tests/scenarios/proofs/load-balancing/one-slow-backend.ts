/** What the tests hold of load-balancing/one-slow-backend. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

const slowed = (target: string) => ({
  interventions: [inject(500, { type: 'slow-cpu', target, factor: 5 })],
});

export const proof: Proof = {
  breaks: {
    'others-have-room': slowed('app2'),
    'slow-one-gets-no-more-than-it-can': { variant: 'default' },
    'slow-one-gets-less': { variant: 'random' },
    tail: { variant: 'default' },
    'everybody-else-is-fast': slowed('app'),
  },
  lessons: {
    '*': ['slow-one-gets-no-more-than-it-can', 'slow-one-gets-less', 'tail'],
  },
  notices: backendNotices(),
};
