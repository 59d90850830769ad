/** What the tests hold of messaging/quorum-queue. */
import type { Proof } from '../proof.ts';
import { queueNotices } from '../queue.ts';

export const proof: Proof = {
  breaks: {
    'nothing-lost': { variant: 'transient' },
    'goes-on': { variant: 'default' },
    'all-done': { variant: 'never-back' },
  },
  lessons: { '*': ['nothing-lost', 'goes-on', 'all-done'] },
  notices: queueNotices(),
};
