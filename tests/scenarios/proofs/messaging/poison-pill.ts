/** What the tests hold of messaging/poison-pill. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { NO_TIMER, queueNotices } from '../queue.ts';

const CIRCLES = ['set-aside', 'tries-counted', 'queue-short', 'keeps-up'];

export const proof: Proof = {
  breaks: {
    'nothing-lost': {
      variant: 'limit',
      ablations: ['queue.requeue-on-loss'],
      interventions: [inject(5_005, { type: 'crash', target: 'w', machineUp: true })],
    },
    'set-aside': { variant: 'default' },
    'tries-counted': { variant: 'limit-not-kept' },
    'queue-short': { variant: 'default' },
    'keeps-up': { variant: 'default' },
  },
  lessons: { '*': CIRCLES },
  notices: queueNotices(NO_TIMER),
};
