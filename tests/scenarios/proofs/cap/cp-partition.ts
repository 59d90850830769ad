/** What the tests hold of cap/cp-partition. */
import { crashAt, inject, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk, leader } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    'raft-safety': answersBeforeDisk,
    linearizable: { variant: 'local-reads' },
    'leader-was-cut-off': nothingHappens,
    'majority-elects': nothingHappens,
    'minority-stalls': { variant: 'local-reads' },
    // The large side loses all servers but one.
    'majority-serves': {
      interventions: [
        inject(4_500, { type: 'crash', target: { except: leader, from: 'n' } }),
        inject(4_600, { type: 'partition', groups: [['b', 'n5']] }),
      ],
    },
    'logs-agree': crashAt(7_500, 'n3'),
  },
  lessons: {
    // A deposed leader that does not ask anybody answers with old values.
    'readMode=local': ['linearizable'],
  },
  notices: RAFT_NOTICES,
};
