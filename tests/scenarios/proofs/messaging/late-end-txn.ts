/** What the tests hold of messaging/late-end-txn. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

/** The first record comes at two seconds. */
const IDLE = 'Nothing is written before the strike is over.';

export const proof: Proof = {
  breaks: {
    'all-or-nothing': { variant: 'default' },
    'as-reckoned': nothingHappens,
    decided: nothingHappens,
    refused: { ...nothingHappens, variant: 'new-epochs' },
  },
  lessons: { '*': ['all-or-nothing'] },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
