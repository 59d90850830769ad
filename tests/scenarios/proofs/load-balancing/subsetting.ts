/** What the tests hold of load-balancing/subsetting. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'few-checks': { variant: 'default' },
    'checks-as-computed': crashAt(2_000, 'balancer'),
    even: { variant: 'chance' },
    'the-crash-bites': nothingHappens,
  },
  lessons: {
    '*': ['few-checks'],
    'subsets=chance': ['even'],
  },
  notices: backendNotices(),
};
