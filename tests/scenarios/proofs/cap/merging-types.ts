/** What the tests hold of cap/merging-types. */
import { crashAt, nothingHappens } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PERIODIC, STAMPED_ELSEWHERE, quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'network-was-cut': nothingHappens,
    'both-sides-write': crashAt(3_500, 'n1'),
    'merged-as-computed': { variant: 'counted-twice' },
    'nothing-is-lost': { variant: 'title' },
    'replicas-agree': crashAt(6_000, 'n3'),
  },
  lessons: {
    // Room for one: the later one.
    'type=lww-register': ['nothing-is-lost'],
    'type=plain-number': ['nothing-is-lost'],
  },
  notices: quorumNotices(PERIODIC, STAMPED_ELSEWHERE),
};
