/** What the tests hold of load-balancing/sticky-sessions. */
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { backendNotices } from './backends.ts';

export const proof: Proof = {
  breaks: {
    even: { variant: 'default' },
    tail: { variant: 'default' },
    'the-crash-bites': nothingHappens,
    'back-in-the-pool': nothingHappens,
    'has-work-again': { variant: 'many-light-sessions' },
  },
  lessons: {
    '*': ['even', 'tail', 'has-work-again'],
  },
  notices: backendNotices(),
};
