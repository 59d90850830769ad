/** What the tests hold of consensus/lost-fsync. */
import { inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    'rack-was-lost': nothingHappens,
    // Nobody loses power, and nothing is lost.
    'lost-as-computed': nothingHappens,
    'nothing-acknowledged-is-lost': { variant: 'default' },
    'raft-safety': { variant: 'default' },
    'another-leads': { interventions: [inject(4_400, { type: 'crash', target: 'n' })] },
    'logs-agree': { variant: 'default' },
  },
  lessons: {
    '*': ['nothing-acknowledged-is-lost', 'raft-safety', 'logs-agree'],
  },
  notices: {
    ...RAFT_NOTICES,
    unnoticed: {
      ...RAFT_NOTICES.unnoticed,
      'slow-disk': 'Its disks do not flush: they answer at once, however slow they are.',
      'fsync-off': 'Its disks do not flush: fsync is off from the start.',
    },
  },
};
