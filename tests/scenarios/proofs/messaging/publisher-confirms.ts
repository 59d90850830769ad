/** What the tests hold of messaging/publisher-confirms. */
import type { Proof } from '../proof.ts';
import { queueNotices } from '../queue.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'default' },
    'done-once': { variant: 'confirms-lost' },
  },
  lessons: { '*': ['nothing-lost', 'done-once'] },
  notices: queueNotices(),
};
