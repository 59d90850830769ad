/** What the tests hold of caching/missing-objects. */
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'the-missing-go-through': { variant: 'negative' },
    'the-database-rests': { variant: 'default' },
    'users-are-fast': { variant: 'ever-new-names' },
    'nothing-is-pushed-out': { variant: 'ever-new-names' },
  },
  lessons: {
    '*': ['the-database-rests'],
    'negative=true': ['the-missing-go-through'],
  },
  notices: trafficNotices('db', ALONE, TIMELESS),
};
