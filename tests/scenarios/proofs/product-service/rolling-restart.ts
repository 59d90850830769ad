/** What the tests hold of product-service/rolling-restart. */
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'all-replaced': nothingHappens,
    'all-missed': nothingHappens,
    'no-errors': { variant: 'default' },
    'nothing-cut': { variant: 'killed-at-once' },
    'shop-is-served': { variant: 'default' },
    'errors-as-counted': nothingHappens,
  },
  lessons: {
    // Without a delay before the signal the balancer does not know in time.
    '*': ['no-errors', 'shop-is-served'],
    'shutdown=immediate': ['nothing-cut'],
    'graceMs=1000': ['nothing-cut'],
  },
  notices: trafficNotices('pod', {
    'one-way': 'Pods do not talk to one another.',
    'cut-link': 'Pods do not talk to one another.',
  }),
};
