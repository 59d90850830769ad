/** What the tests hold of caching/write-policies. */
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'writes-are-quick': { variant: 'through' },
    'dirty-as-expected': { variant: 'through' },
    'no-write-is-lost': { variant: 'default' },
    // Writes cannot be brought back for three seconds before the crash: more are dirty.
    'no-more-than-the-dirty-ones': {
      planOverride: {
        faults: [
          { atMs: 6_000, forMs: 3_500, fault: { type: 'partition', groups: ['db'] } },
          { atMs: 8_990, forMs: 100, fault: { type: 'crash', target: 'cache' } },
        ],
      },
    },
    'fewer-than-the-dirty-ones': { variant: 'default' },
    'reads-after-writes-hit': { variant: 'around' },
  },
  lessons: {
    '*': ['no-write-is-lost', 'fewer-than-the-dirty-ones'],
    'mode=write-through': ['writes-are-quick', 'dirty-as-expected'],
    'mode=write-around': ['writes-are-quick', 'dirty-as-expected', 'reads-after-writes-hit'],
  },
  notices: trafficNotices('cache', ALONE, TIMELESS, {
    'slow-cpu': 'A look-up takes no time of a core here.',
  }),
};
