/** What the tests hold of messaging/last-replica. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

const WRITES_BACK = 'These disks write back by themselves: a sync of theirs answers at once.';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'lost-as-reckoned': nothingHappens,
    'dropped-as-reckoned': nothingHappens,
    'committed-stays': { variant: 'default' },
    'the-last-one': nothingHappens,
    'never-offline': { variant: 'default' },
  },
  lessons: {
    '*': ['nothing-lost', 'committed-stays', 'never-offline', 'log-history'],
  },
  notices: logNotices({ 'slow-disk': WRITES_BACK, 'fsync-off': WRITES_BACK }),
};
