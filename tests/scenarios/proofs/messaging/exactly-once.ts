/** What the tests hold of messaging/exactly-once. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'commit-first' },
    'nothing-twice': { variant: 'default' },
    'as-reckoned': nothingHappens,
    'read-as-reckoned': { variant: 'transaction', ablations: ['transaction.aborted-ranges'] },
  },
  lessons: {
    '*': ['nothing-twice'],
    'guarantee=at_most_once': ['nothing-lost'],
  },
  notices: logNotices(),
};
