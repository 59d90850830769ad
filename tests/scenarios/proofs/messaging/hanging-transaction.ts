/** What the tests hold of messaging/hanging-transaction. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'all-read': { variant: 'unverified' },
    'unread-as-reckoned': { ...nothingHappens, variant: 'unverified' },
    'given-up': nothingHappens,
    history: { ablations: ['transaction.last-stable-offset'] },
    refused: nothingHappens,
  },
  notices: logNotices(),
};
