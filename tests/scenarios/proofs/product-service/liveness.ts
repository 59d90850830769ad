/** What the tests hold of product-service/liveness. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'pod-is-missed': nothingHappens,
    'errors-as-counted': crashAt(5_000, 'pod2'),
    'pod-comes-back': { variant: 'no-probe' },
    'nobody-waits-long': { variant: 'default' },
    'wait-as-computed': nothingHappens,
  },
  lessons: {
    // The grace period of a process that does not hear the signal comes on top.
    '*': ['nobody-waits-long'],
    'failureThreshold=0': ['pod-comes-back'],
  },
  notices: trafficNotices('pod', {
    'one-way': 'Pods do not talk to one another.',
    'cut-link': 'Pods do not talk to one another.',
    'clock-drift': 'They set no timers: work takes as long as it takes.',
  }),
};
