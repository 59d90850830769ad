/** What the tests hold of messaging/acks. */
import { logNotices, STEADY } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'dropped-as-reckoned': nothingHappens,
    'writes-go-on': { variant: 'all' },
    'committed-stays': { ablations: ['partition.high-watermark'] },
    'another-leads': nothingHappens,
  },
  lessons: {
    '*': ['nothing-lost'],
    'acks=all': ['writes-go-on'],
  },
  notices: logNotices(STEADY),
};
