/** What the tests hold of messaging/truncation. */
import { logNotices } from '../log.ts';
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

const IDLE = 'Nothing is written before the first batch has come, after two seconds.';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'high-watermark' },
    'lost-as-reckoned': { variant: 'high-watermark', ...nothingHappens },
    'dropped-as-reckoned': nothingHappens,
    'logs-agree': { variant: 'diverged' },
    'committed-stays': { variant: 'high-watermark' },
    'leaders-change': nothingHappens,
  },
  lessons: {
    'happens=disk-lies': ['nothing-lost', 'committed-stays', 'log-history'],
  },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
