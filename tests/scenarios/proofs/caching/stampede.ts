/** What the tests hold of caching/stampede. */
import { inject } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { ALONE, TIMELESS, trafficNotices } from '../traffic.ts';

export const proof: Proof = {
  breaks: {
    'a-crowd-of-readers': { variant: 'single-flight' },
    'made-once': { variant: 'default' },
    'made-once-when-cold': { variant: 'stale' },
    'it-expires': { interventions: [inject(8_000, { type: 'crash', target: 'app' })] },
    'nobody-waits': { variant: 'leases' },
  },
  lessons: {
    '*': ['made-once', 'made-once-when-cold', 'nobody-waits'],
    'protection=single-flight': ['a-crowd-of-readers'],
    'protection=leases': ['a-crowd-of-readers'],
    'protection=stale': ['a-crowd-of-readers'],
    'protection=early': ['a-crowd-of-readers'],
  },
  // Nobody is answered in the first seconds: the object is still being made.
  notices: { ...trafficNotices('app', ALONE, TIMELESS), clients: false },
};
