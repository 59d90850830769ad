/** What the tests hold of caching/near-and-far. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'the-far-cache-is-spared': { variant: 'far-only' },
    'far-load-as-computed': crashAt(6_000, 'far'),
    'no-stale-reads': { variant: 'default' },
    'stale-within-bounds': { variant: 'long-near' },
    'all-are-answered': crashAt(3_000, 'app2'),
  },
  lessons: {
    '*': ['no-stale-reads'],
    'nearTtlMs=0': ['the-far-cache-is-spared'],
    'nearTtlMs=3000': ['stale-within-bounds'],
    'invalidate=none': ['stale-within-bounds'],
  },
  notices: trafficNotices('app', {
    'one-way': 'The processes do not speak with each other.',
    'cut-link': 'The processes do not speak with each other.',
    'slow-cpu': 'What they do themselves takes no time of a core here.',
  }),
};
