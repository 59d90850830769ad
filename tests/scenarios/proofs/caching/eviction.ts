/** What the tests hold of caching/eviction. */
import type { RunOptions } from 'faultline';
import eviction from '../../../../scenarios/caching/eviction.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

/** What is said of LRU with room for 100 is asked of another cache. */
const cacheIs = (policy: string, capacity: number): RunOptions => ({
  planOverride: { groups: eviction.plan({ policy, stream: 'zipf', capacity }, []).groups },
});

export const proof: Proof = {
  breaks: {
    'as-theory-says': cacheIs('fifo', 100),
    'better-than-lru': { variant: 'sieve', ...cacheIs('fifo', 100) },
    'no-better-than-possible': cacheIs('lru', 300),
    'finds-something': { variant: 'lru-loop' },
  },
  lessons: {
    'stream=loop': ['finds-something'],
  },
  notices: trafficNotices('cache', ALONE, TIMELESS, {
    'slow-cpu': 'A look-up takes no time of a core here.',
  }),
};
