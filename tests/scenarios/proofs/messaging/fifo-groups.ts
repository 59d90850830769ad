/** What the tests hold of messaging/fifo-groups. */
import { act, inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { queueNotices } from '../queue.ts';

const FEW = 'Two messages come while it lasts, a handful of packets: none of them is hit.';

export const proof: Proof = {
  breaks: {
    'nothing-lost': {
      variant: 'fifo',
      ablations: ['visibility.store-before-answer'],
      // Answered, not on disk yet, and lent to nobody that could do it.
      interventions: [
        inject(2_000, { type: 'crash', target: 'w' }),
        inject(2_051.1, { type: 'crash', target: 'q' }),
        act(3_000, { do: 'undo', id: 'by-hand-2051.1' }),
      ],
    },
    'in-order': { variant: 'default' },
    'done-once': { variant: 'default' },
    'queue-short': { variant: 'one-group' },
    'all-done': { variant: 'one-group' },
  },
  lessons: { '*': ['in-order', 'done-once', 'queue-short', 'all-done'] },
  notices: queueNotices({
    loss: FEW,
    duplicate: FEW,
    reorder: FEW,
    'clock-drift': 'What it lends comes back after the drift is over.',
  }),
};
