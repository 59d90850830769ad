/** What the tests hold of consensus/flapping-link. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { RAFT_NOTICES, answersBeforeDisk, staleReads } from '../raft.ts';

export const proof: Proof = {
  breaks: {
    'raft-safety': answersBeforeDisk,
    linearizable: staleReads,
    'link-flapped': nothingHappens,
    'term-stays': { variant: 'no-pre-vote' },
    'leader-stays': { variant: 'no-pre-vote' },
    'clients-unhurt': { variant: 'no-pre-vote' },
    'logs-agree': crashAt(12_000, 'n3'),
  },
  lessons: {
    'link=deaf-leader': ['term-stays', 'leader-stays', 'clients-unhurt'],
    'preVote=false': ['term-stays', 'leader-stays', 'clients-unhurt'],
  },
  notices: RAFT_NOTICES,
};
