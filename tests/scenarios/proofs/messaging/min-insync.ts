/** What the tests hold of messaging/min-insync. */
import { logNotices, STEADY } from '../log.ts';
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'written-alone': { variant: 'two' },
    'too-few-in-sync': { variant: 'two', ...nothingHappens },
    'committed-stays': { variant: 'default' },
    'written-in-the-end': crashAt(24_500, 'b'),
  },
  lessons: {
    '*': ['nothing-lost', 'committed-stays', 'log-history'],
    'minInsyncReplicas=2': ['written-alone'],
  },
  notices: logNotices(STEADY),
};
