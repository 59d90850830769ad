/** What the tests hold of consensus/split-vote. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk, staleReads } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    'raft-safety': answersBeforeDisk,
    linearizable: { params: { timeoutSpreadMs: 150 }, ...staleReads },
    'a-leader-is-chosen': { variant: 'no-randomness' },
    'soon-settled': { variant: 'default' },
    'clients-are-served': { variant: 'no-randomness' },
    // One server alone has nobody to split a vote with.
    'votes-split': {
      params: { nodes: 3 },
      planOverride: { healAtMs: 20_000 },
      ...crashAt(1, 'n2', 'n3'),
    },
  },
  lessons: {
    // The default range is narrow, and so are these.
    '*': ['soon-settled'],
    // Without any luck in the draws nobody wins.
    'timeoutSpreadMs=1': ['clients-are-served', 'a-leader-is-chosen'],
  },
  notices: RAFT_NOTICES,
};
