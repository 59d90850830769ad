/** What the tests hold of caching/eviction. */
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

const OTHER_POLICY = ['lru-as-che-says'];

export const proof: Proof = {
  breaks: {
    'lru-as-che-says': { variant: 'fifo' },
    'fifo-as-theory-says': { variant: 'default' },
    'better-than-lru': { variant: 'default' },
    'finds-something': { variant: 'lru-loop' },
  },
  lessons: {
    '*': ['fifo-as-theory-says', 'better-than-lru'],
    'policy=fifo': OTHER_POLICY,
    'policy=clock': OTHER_POLICY,
    'policy=lfu': OTHER_POLICY,
    'policy=2q': OTHER_POLICY,
    'policy=arc': OTHER_POLICY,
    'policy=lirs': OTHER_POLICY,
    'policy=sieve': OTHER_POLICY,
    'policy=s3-fifo': OTHER_POLICY,
    'policy=w-tinylfu': OTHER_POLICY,
    'stream=loop': ['lru-as-che-says', 'finds-something'],
  },
  notices: trafficNotices('cache', ALONE, TIMELESS, {
    'slow-cpu': 'A look-up takes no time of a core here.',
  }),
};
