/** What the tests hold of caching/cold-start. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'well-before': crashAt(4_500, 'db'),
    'the-cache-carries-the-load': crashAt(6_000, 'cache'),
    'the-restart-bites': nothingHappens,
    recovers: { variant: 'default' },
    'the-cache-fills': { variant: 'default' },
  },
  lessons: {
    '*': ['recovers', 'the-cache-fills'],
  },
  notices: trafficNotices('db', ALONE, TIMELESS),
};
