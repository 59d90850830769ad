/** What the tests hold of messaging/hot-partition. */
import { logNotices } from '../log.ts';
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';

const IDLE = 'Nothing is written before the first record has come, after two seconds.';

export const proof: Proof = {
  breaks: {
    'keeps-up': { variant: 'default' },
    'backlog-as-reckoned': crashAt(5_000, 'c2'),
  },
  lessons: { '*': ['keeps-up'] },
  notices: logNotices({ 'slow-disk': IDLE, 'fsync-off': IDLE }),
};
