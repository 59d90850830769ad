/** What the tests hold of messaging/visibility-timeout. */
import { act, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { queueNotices } from '../queue.ts';

const FEW = 'One message comes while it lasts, a handful of packets: none of them is hit.';
const AGAIN = ['done-once', 'none-set-aside'];

export const proof: Proof = {
  breaks: {
    'nothing-lost': {
      variant: 'longer',
      ablations: ['visibility.store-before-answer'],
      // Answered, not on disk yet, and lent to a worker that is gone.
      interventions: [
        inject(2_900, { type: 'crash', target: 'w' }),
        inject(3_001.1, { type: 'crash', target: 'q' }),
        act(3_500, { do: 'undo', id: 'by-hand-3001.1' }),
      ],
    },
    'done-once': { variant: 'default' },
    'again-as-reckoned': {
      variant: 'longer',
      interventions: [inject(1_500, { type: 'slow-cpu', target: 'w', factor: 2 })],
    },
    'none-set-aside': { variant: 'default' },
    'not-for-ever': { variant: 'for-ever' },
    'all-done': { variant: 'far-too-long' },
  },
  lessons: { '*': AGAIN },
  notices: queueNotices({
    loss: FEW,
    duplicate: FEW,
    reorder: FEW,
    'clock-drift': 'What it lends comes back after the drift is over.',
  }),
};
