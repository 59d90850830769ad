/** What the tests hold of messaging/zombie. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'nothing-twice': { variant: 'default' },
    'as-reckoned': nothingHappens,
    'taken-over': nothingHappens,
  },
  lessons: { '*': ['nothing-twice'] },
  notices: logNotices(),
};
