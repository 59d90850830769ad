/** What the tests hold of load-balancing/slow-start. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    'comes-back': nothingHappens,
    'not-flooded': { variant: 'default' },
    answered: { variant: 'too-short' },
    tail: { variant: 'default' },
    'full-share-in-the-end': crashAt(14_000, 'app1'),
  },
  lessons: {
    '*': ['not-flooded', 'answered', 'tail'],
  },
  notices: backendNotices(),
};
