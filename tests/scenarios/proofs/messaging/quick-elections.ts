/** What the tests hold of messaging/quick-elections. */
import { logNotices, STEADY } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'logs-agree': { variant: 'kip-101' },
    'lost-as-reckoned': nothingHappens,
    'nothing-lost': { variant: 'default' },
    'leaders-change': nothingHappens,
  },
  lessons: { '*': ['nothing-lost', 'replicated-log'] },
  notices: logNotices(STEADY),
};
