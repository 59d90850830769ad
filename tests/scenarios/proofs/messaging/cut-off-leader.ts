/** What the tests hold of messaging/cut-off-leader. */
import { logNotices } from '../log.ts';
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

/** The first record comes after 1.2 s. */
const IDLE = 'Nothing is written before the strike is over.';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'dropped-as-reckoned': nothingHappens,
    'expired-as-reckoned': { variant: 'all', ...nothingHappens },
    'writes-go-on': { variant: 'all' },
    'watermark-stands': nothingHappens,
    'committed-stays': { variant: 'by-itself' },
    'another-leads': nothingHappens,
    'list-refused': nothingHappens,
    'all-written': crashAt(20_000, 'b'),
  },
  lessons: {
    '*': ['nothing-lost'],
    'acks=all': ['writes-go-on'],
  },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
