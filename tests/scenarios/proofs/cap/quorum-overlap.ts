/** What the tests hold of cap/quorum-overlap. */
import { crashAt } from '../proof.ts';
import type { Proof } from '../proof.ts';
import { PERIODIC, quorumNotices } from '../quorum.ts';

export const proof: Proof = {
  breaks: {
    'never-stale': { variant: 'no-overlap' },
    'no-going-back': { variant: 'default' },
    linearizable: { variant: 'default' },
    'writes-overlap-reads': crashAt(500, 'n1', 'n2', 'n3'),
    'all-is-answered': crashAt(500, 'n1', 'n2', 'n3'),
  },
  lessons: {
    '*': ['no-going-back', 'linearizable'],
    'r=1': ['never-stale'],
    'w=1': ['never-stale'],
  },
  notices: quorumNotices(PERIODIC),
};
