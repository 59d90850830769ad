/** What the tests hold of messaging/hanging-transaction. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

/** The first record comes at two seconds. */
const IDLE = 'Nothing is written before the strike is over.';

export const proof: Proof = {
  breaks: {
    'all-read': { variant: 'unverified' },
    'unread-as-reckoned': { ...nothingHappens, variant: 'unverified' },
    'given-up': nothingHappens,
    history: { ablations: ['transaction.last-stable-offset'] },
    refused: nothingHappens,
  },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
