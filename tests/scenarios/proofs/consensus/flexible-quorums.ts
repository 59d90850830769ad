/** What the tests hold of consensus/flexible-quorums. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PAXOS_NOTICES } from '../paxos.ts';

export const proof: Proof = {
  breaks: {
    'paxos-safety': { variant: 'no-overlap' },
    'raft-safety': { variant: 'raft-no-overlap' },
    linearizable: { variant: 'no-overlap' },
    'servers-failed': nothingHappens,
    'writes-go-on': { variant: 'majorities' },
    'new-leader': { variant: 'default' },
    'served-again': crashAt(9_500, 'n1', 'n2', 'n3', 'n4'),
    'logs-agree': crashAt(9_001, 'n3'),
  },
  lessons: {
    // Nobody leads while four promises are due and three servers are there.
    '*': ['new-leader'],
    'phase2Quorum=5': ['writes-go-on'],
  },
  notices: PAXOS_NOTICES,
};
