/** What the tests hold of consensus/partial-connectivity. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, staleReads } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    // The far end of the chain is elected without what was written since the cut.
    safety: {
      params: { shape: 'chained', system: 'raft' },
      ablations: ['raft.election-restriction'],
    },
    linearizable: staleReads,
    'links-cut': nothingHappens,
    served: { variant: 'default' },
    'leader-stays': { variant: 'clique-plain-raft' },
    'served-after': crashAt(10_500, 'n'),
    // Nobody leads when the links come back.
    'one-leader': { variant: 'star-paxos-heartbeat', ...crashAt(10_001, 'n') },
  },
  lessons: {
    // The star with PreVote alone is a deadlock, and with a failure detector it is another.
    'system=paxos-heartbeat': ['served'],
  },
  notices: RAFT_NOTICES,
};
