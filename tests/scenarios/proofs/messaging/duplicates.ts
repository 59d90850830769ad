/** What the tests hold of messaging/duplicates. */
import { logNotices, STEADY } from '../log.ts';
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'each-once-in-order': { variant: 'default' },
    'as-reckoned': nothingHappens,
    'sent-again': nothingHappens,
    'all-acknowledged': crashAt(10_000, 'b'),
  },
  lessons: {
    '*': ['each-once-in-order', 'log-history'],
  },
  notices: logNotices(STEADY),
};
