/** What the tests hold of messaging/pending-offsets. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-twice': { variant: 'no-wait' },
    'as-reckoned': { ...nothingHappens, variant: 'no-wait' },
    'taken-over': nothingHappens,
    waited: nothingHappens,
    'timed-out': { ...nothingHappens, variant: 'timed-out' },
  },
  notices: logNotices(),
};
