/** What the tests hold of messaging/rebalance-storm. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

export const proof: Proof = {
  breaks: {
    'as-reckoned': nothingHappens,
    'group-at-rest': { variant: 'default' },
    'few-stop': { variant: 'default' },
    'given-up-as-reckoned': nothingHappens,
    'one-owner': { ablations: ['group.join-barrier'] },
  },
  lessons: {
    '*': ['group-at-rest', 'few-stop'],
  },
  notices: logNotices(),
};
