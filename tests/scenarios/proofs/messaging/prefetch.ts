/** What the tests hold of messaging/prefetch. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { NO_TIMER, queueNotices } from '../queue.ts';

const HOARDS = ['holds-few', 'done-soon', 'quick-one-helps'];

export const proof: Proof = {
  breaks: {
    'nothing-lost': {
      variant: 'one',
      ablations: ['queue.requeue-on-loss'],
      interventions: [inject(5_005, { type: 'crash', target: 'w', machineUp: true })],
    },
    'slowness-bites': nothingHappens,
    'holds-few': { variant: 'default' },
    'done-soon': { variant: 'default' },
    'quick-one-helps': { variant: 'default' },
  },
  lessons: { '*': HOARDS },
  notices: queueNotices(NO_TIMER),
};
