/** What the tests hold of messaging/stale-watermark. */
import { logNotices } from '../log.ts';
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';

const IDLE = 'Nothing is written before the first batch has come, after two seconds.';

export const proof: Proof = {
  breaks: {
    'new-only': { variant: 'answers-at-once' },
    'read-as-reckoned': nothingHappens,
    'was-read': crashAt(5_000, 'c1'),
  },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
