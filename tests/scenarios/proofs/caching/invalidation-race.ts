/** What the tests hold of caching/invalidation-race. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'no-stale-reads': { variant: 'default' },
    'stale-reads-are-counted': { variant: 'default' },
    'stale-for-one-life': { variant: 'never-expires' },
    'the-old-set-is-refused': { variant: 'default' },
    'the-copy-is-used': {
      interventions: [inject(300, { type: 'cut-link', a: 'app', b: 'cache' })],
    },
  },
  lessons: {
    '*': ['no-stale-reads', 'stale-reads-are-counted', 'the-old-set-is-refused'],
  },
  notices: trafficNotices('app', ALONE, TIMELESS, {
    'slow-cpu': 'While it lasts every read is a hit, and a hit needs no core.',
  }),
};
