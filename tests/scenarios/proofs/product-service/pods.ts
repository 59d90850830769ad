/** What the tests hold of product-service/pods. */
import type { Proof } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'warm-before': { params: { databaseCores: 1, ratePerSecond: 120 } },
    'no-errors': { variant: 'default' },
    'few-errors': { variant: 'nobody-asks' },
    'stays-quick': { variant: 'lost-cache-small-database' },
    'pod-is-missed': { planOverride: { faults: [] } },
    'cache-is-cold': { params: { incident: 'lose-cache' }, planOverride: { faults: [] } },
  },
  lessons: {
    // A pod dies by default.
    '*': ['no-errors'],
    'readiness=false': ['few-errors'],
  },
  notices: trafficNotices('pod', {
    'one-way': 'Pods do not talk to one another.',
    'cut-link': 'Pods do not talk to one another.',
    'clock-drift': 'Their timers only end what takes too long, and nothing does.',
  }),
};
