/** What the tests hold of messaging/unclean-election. */
import { logNotices, STEADY } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'dropped-as-reckoned': nothingHappens,
    'written-meanwhile': { variant: 'off' },
    'committed-stays': { variant: 'default' },
    'consumers-went-too-far': nothingHappens,
  },
  lessons: {
    '*': ['nothing-lost', 'committed-stays', 'log-history'],
    'uncleanLeaderElection=false': ['written-meanwhile'],
  },
  notices: logNotices(STEADY),
};
