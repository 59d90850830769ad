/** What the tests hold of product-service/memory-limit. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': {
      interventions: [inject(500, { type: 'terminate', target: 'pod1' })],
    },
    'the-slowness-bites': nothingHappens,
    'never-killed': { variant: 'default' },
    'nothing-cut': { variant: 'default' },
    'as-little-says': {
      variant: 'short-timeout',
      // All that come are at one pod.
      interventions: [inject(1_000, { type: 'crash', target: ['pod1', 'pod2'] })],
    },
    'well-after': { variant: 'short-timeout' },
  },
  lessons: {
    // A timeout of 15 s lets more come inside than have room.
    '*': ['never-killed', 'nothing-cut'],
    // What a pod has given up the database still works through.
    'timeoutMs=1000': ['well-after'],
  },
  notices: trafficNotices('pod', {
    'one-way': 'Pods do not talk to one another.',
    'cut-link': 'Pods do not talk to one another.',
    'clock-drift': 'Their timers only end what takes too long.',
  }),
};
