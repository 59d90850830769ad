/** What the tests hold of product-service/batch-reads. */
import type { Proof } from '../proof.ts';
import { crashAt, inject } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'nobody-fails': { interventions: [inject(6_000, { type: 'terminate', target: 'db1' })] },
    'pages-are-quick': { variant: 'default' },
    'one-statement-a-page': { variant: 'at-once' },
    'something-is-missing': crashAt(4_000, 'cache1'),
  },
  lessons: {
    // One by one by default.
    '*': ['pages-are-quick', 'one-statement-a-page'],
  },
  notices: trafficNotices('pod', {
    'one-way': 'Pods do not talk to one another.',
    'cut-link': 'Pods do not talk to one another.',
    'clock-drift': 'Their timers only end what takes too long, and nothing does.',
  }),
};
