/** What the tests hold of consensus/election-time. */
import { nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    'raft-safety': answersBeforeDisk,
    'leaders-follow': nothingHappens,
    'soon-led': { variant: 'five' },
    'as-the-form-says': nothingHappens,
  },
  lessons: {
    // Nobody is apart from anybody.
    'timeoutSpreadMs=1': ['soon-led', 'leaders-follow'],
  },
  notices: {
    ...RAFT_NOTICES,
    clients: false,
    unnoticed: {
      ...RAFT_NOTICES.unnoticed,
      'slow-disk': 'Nobody writes between two elections, and the strike is over by the next.',
      'fsync-off': 'Nobody writes between two elections, and the strike is over by the next.',
    },
  },
};
