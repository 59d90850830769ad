/** What the tests hold of messaging/quick-elections. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

const IDLE = 'Brokers answer by what they hold in memory, and no machine loses power.';

export const proof: Proof = {
  breaks: {
    'logs-agree': { variant: 'kip-101' },
    'lost-as-reckoned': nothingHappens,
    'nothing-lost': { variant: 'default' },
    'leaders-change': nothingHappens,
  },
  lessons: { '*': ['nothing-lost'] },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
