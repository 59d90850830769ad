/** What the tests hold of messaging/late-end-txn. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'all-or-nothing': { variant: 'default' },
    'as-reckoned': nothingHappens,
    decided: nothingHappens,
    refused: { ...nothingHappens, variant: 'new-epochs' },
  },
  lessons: { '*': ['all-or-nothing'] },
  notices: logNotices(),
};
