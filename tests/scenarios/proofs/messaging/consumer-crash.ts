/** What the tests hold of messaging/consumer-crash. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-skipped': { variant: 'default' },
    'nothing-again': { variant: 'after-work' },
    'as-reckoned': nothingHappens,
  },
  lessons: {
    '*': ['nothing-skipped'],
    'commit=after-work': ['nothing-again'],
    'commit=auto': ['nothing-again'],
  },
  notices: logNotices(),
};
