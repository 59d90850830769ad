/** What the tests hold of consensus/raft-storm. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    'raft-safety': { variant: 'forgetful-of-terms' },
    linearizable: { ablations: ['raft.quorum-intersection'] },
    'nothing-is-lost': { ablations: ['raft.quorum-intersection'] },
    'servers-crash': nothingHappens,
    'leaders-come-and-go': nothingHappens,
    'leaders-are-cut-off': nothingHappens,
    'logs-agree': { seed: 3, ablations: ['raft.step-down-on-higher-term'] },
    'members-change': { params: { members: 'changing' }, ...crashAt(100, 'swaps1', 'third1') },
  },
  notices: RAFT_NOTICES,
};
